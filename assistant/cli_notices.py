"""The verbs of the clerk: `summarise`, cards of benefit notices, and `compare`, what changed between two editions.

Parse, call, print: what a card says is decided in `notices`, what a change is in `revision`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assistant import config as settings
from assistant.answer import EXTRACTIVE
from assistant.edge import DataDir, Json, counter, edge, error_object, put, put_json, today
from assistant.errors import AssistantError, NoSnapshotError
from assistant.notices.notice import cards_of, read_notice
from assistant.notices.object import card_object
from assistant.notices.outcomes import Desk, Outcomes, bytes_of, files_of
from assistant.notices.page import card_lines
from assistant.notices.plain import Say, plain_text
from assistant.records import Citation
from assistant.source_words import place_words
from assistant.texts import text
from corpora.errors import CorpusError
from corpora.sandbox import Sandbox
from corpora.suspicion import visible
from index import Snapshot, SnapshotError
from sync.counted import counted

EXAMPLE = "Example: rohnamo summarise огоҳинома.pdf"
COMPARE_EXAMPLE = "Example: rohnamo compare тартиб-2025.pdf тартиб-2026.pdf"
_COUNTED = ("cards", "kept", "failed")


class Spoken(StrEnum):
    """The languages a card is shown in."""

    TG, RU, EN = "tg", "ru", "en"


Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Notices: PDF, scan, DOCX, HTML, text; folders.")]
Edition = Annotated[Path, typer.Argument(metavar="FILE", help="An edition: PDF, scan, DOCX, HTML, text.")]
Batch = Annotated[Path | None, typer.Option("--batch", metavar="FOLDER", show_default=False,
                                            help="Keep each file's outcome in this folder, one JSON file each.")]
Worded = Annotated[str, typer.Option("--generator", help="Who words the plain text: extractive | auto | a model.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a batch: files with an outcome are not read again.")]
Language = Annotated[Spoken, typer.Option("--language", help="The language the card is shown in.")]
Export = Annotated[Path | None, typer.Option("--export", metavar="FILE", show_default=False,
                                             help="Write the card of one notice to FILE.docx, .pdf or .json instead.")]


def summarise(files: Files, batch: Batch = None, resume: Resume = False, language: Language = Spoken.TG,
              export: Export = None, generator: Worded = EXTRACTIVE, as_json: Json = False,
              data_dir: DataDir = None) -> None:
    """Make a card of a benefit notice, each field with its quote: who, how much, by when, papers, where, appeal."""
    if resume and batch is None:
        raise typer.BadParameter("--resume goes on with a batch; name its folder with --batch")
    with edge(as_json=as_json), ExitStack() as stack:
        paths = list(files_of(files))
        if not paths:
            raise AssistantError("there is no file in what was given", "Name a notice, or a folder with notices in it.")
        desk = Desk(stack.enter_context(Sandbox()), today(), _snapshot(stack, data_dir),
                    _say(stack, data_dir, generator))
        if export:
            _export(desk, paths, export, language, as_json=as_json)
        elif batch:
            _batch(desk, paths, Outcomes(batch, resume=resume), as_json=as_json)
        else:
            _each(desk, paths, language, as_json=as_json)


def compare(old: Edition, new: Edition, language: Language = Spoken.TG, as_json: Json = False) -> None:
    """Say what changed between two editions of a text: amounts, dates, conditions and denials first, both quoted."""
    from assistant.redline import redline
    from assistant.revision import changes
    with edge(as_json=as_json), Sandbox() as sandbox:
        before, after = (read_notice(path.name, bytes_of(path), sandbox) for path in (old, new))
        found = changes(before, after)
        if as_json:
            put_json({"changes": [change.to_json() for change in found]})
            return
        put(text(language, "compare", "title" if found else "none"))
        for change in found:
            put(visible(f"  {change.article + ': ' if change.article else ''}{change.plain(language)}"))
            quotes = [citation.quote for citation in change.citations]
            for pieces in redline(*quotes) if len(quotes) > 1 else ():
                put(visible("      " + " ".join(f"{piece.mark}[{piece.text}]" if piece.mark != "=" else piece.text
                                                for piece in pieces)))
            for side, sentence in (("old", change.pair.old), ("new", change.pair.new)):
                if sentence:
                    put(visible(f"      {_side(side, sentence.citation, language)}"))


def _side(side: str, citation: Citation, language: str) -> str:
    """Return the words of one edition that a change stands on, and where they are."""
    place, name = place_words(citation, language), text(language, "clerk_questions", f"side_{side}")
    return f"{name}{f' ({place})' if place else ''}: «{' '.join(citation.quote.split())}»"


def _each(desk: Desk, paths: Sequence[Path], language: str, *, as_json: bool) -> None:
    """Print the cards of each file; one that cannot be read does not stop the others, and exits 1 where it is alone."""
    unread = 0
    for path in paths:
        try:
            cards = desk.cards(path)
        except CorpusError as error:
            if len(paths) == 1:
                raise
            unread += 1
            _put_error(path, error, as_json=as_json)
            continue
        for card in cards:
            if as_json:
                put_json(card_object(card, desk.say))
            else:
                put("\n".join([*card_lines(card, language, desk.say), ""]))
    if unread == len(paths):
        raise typer.Exit(1)


def _export(desk: Desk, paths: Sequence[Path], target: Path, language: str, *, as_json: bool) -> None:
    """Write the cards of one notice as files, and print where they are."""
    from assistant.notices.export import write_cards
    if len(paths) > 1:
        raise AssistantError("--export writes the card of one notice", "For many: --batch FOLDER.")
    read = read_notice(paths[0].name, bytes_of(paths[0]), desk.sandbox)
    written = write_cards(cards_of(read, desk.today, desk.snapshot), read.passages, target, language, desk.say)
    if as_json:
        put_json({"files": [str(name) for name in written]})
    else:
        put("\n".join(map(str, written)))


def _put_error(path: Path, error: CorpusError, *, as_json: bool) -> None:
    if as_json:
        put_json({"file": path.name, **error_object(error.code, str(error), error.hint)})
    else:
        typer.echo(f"rohnamo: {error}\n  → {error.hint}", err=True)


def _batch(desk: Desk, paths: Sequence[Path], outcomes: Outcomes, *, as_json: bool) -> None:
    """Keep the outcome of each file that has none yet, and print how many there are of each kind."""
    progress, found = counter("cards"), Counter[str]()
    for done, path in enumerate(paths, 1):
        outcome = outcomes.made(path)
        found["kept"] += outcome is not None
        if outcome is None:
            outcome = desk.outcome(path)
            outcomes.keep(path, outcome)
        found["failed" if "error" in outcome else "cards"] += len(outcome["cards"]) or 1
        progress(done, len(paths))
    if as_json:
        put_json({"folder": str(outcomes.folder), "files": len(paths), **{name: found[name] for name in _COUNTED}})
    else:
        put(f"{counted(found['cards'], 'card')} of {counted(len(paths), 'file')} in {outcomes.folder}; "
            f"{found['kept']} were there before, {found['failed']} could not be read.")


def _say(stack: ExitStack, data_dir: Path | None, named: str) -> Say:
    """Return how cards are put in plain sentences; a model that cannot be used is a notice, as for `ask`."""
    if named == EXTRACTIVE:
        return plain_text
    from assistant.drafting import Drafting
    from assistant.generate import open_generators
    from assistant.models import Models
    from assistant.notices.wording import Wording
    config = settings.load(data_dir)
    opened = open_generators(named, config.server, Models(config.data_dir))
    if opened.problem:
        typer.echo(f"  {opened.problem.message} {opened.problem.hint}".rstrip(), err=True)
    drafting = Drafting(opened.generators)
    stack.callback(drafting.close)
    return Wording(drafting).plain_text if opened.generators else plain_text


def _snapshot(stack: ExitStack, data_dir: Path | None) -> Snapshot | None:
    """Return the documents of this machine, for the value of the indicator; None where there are none to be used."""
    from assistant.update import current_snapshot
    with suppress(NoSnapshotError, SnapshotError):
        snapshot, _ = current_snapshot(settings.load(data_dir), encoder=None)
        return stack.enter_context(snapshot)
    return None
