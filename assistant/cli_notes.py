"""The verbs about notes: `notes list`, `show`, `corrections`, and `export`, which writes approved ones for `ingest`.

Cards are looked through, corrected and approved on the pages of clerks; nothing is approved here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json
from corpora.suspicion import visible
from sync.counted import counted

if TYPE_CHECKING:
    from assistant.review.records import Change, Review, Summary

notes = typer.Typer(no_args_is_help=True, help="Cards of notices that clerks work on, and the approved ones as "
                                               "notes for the next release.")
Number = Annotated[int, typer.Argument(metavar="N", min=1, help="The number of the card.")]


@notes.command("list", epilog="Example: rohnamo notes list")
def list_notes(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the cards, the newest first: what became of each, and which notes were written out."""
    from assistant.access.store import opened_store
    with edge(as_json=as_json):
        with opened_store(settings.load(data_dir)) as store:
            known = store.reviews.all()
        if as_json:
            put_json({"notes": [one.to_json() for one in known]})
            return
        for one in known:
            put(visible(_line(one)))
        if not known:
            put("There is no card.  Cards are made on the pages of clerks: rohnamo serve --role clerk")


@notes.command(epilog="Example: rohnamo notes show 7")
def show(number: Number, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show a card with its corrections and their reasons, and what is missing before it may be approved."""
    from assistant.access.store import opened_store
    from assistant.notices.page import card_lines
    from assistant.review.object import review_object
    with edge(as_json=as_json):
        with opened_store(settings.load(data_dir)) as store:
            review = store.reviews.get(number)
        if as_json:
            put_json(review_object(review))
            return
        put("\n".join([*card_lines(review.card, "tg"), "", *(visible(line) for line in _history(review))]))


@notes.command(epilog="Example: rohnamo notes corrections --json")
def corrections(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List every correction with its reason, in the order in which they were made: what the reader has to learn."""
    from assistant.access.store import opened_store
    with edge(as_json=as_json):
        with opened_store(settings.load(data_dir)) as store:
            known = store.reviews.corrections()
        if as_json:
            put_json({"corrections": [{"card": number} | change.to_json() for number, change in known]})
            return
        for number, change in known:
            put(visible(f"card {number}: {_change(change)}"))
        if not known:
            put("Nothing was corrected.")


@notes.command(epilog='Example: rohnamo notes export /srv/notes --publisher "Шуъбаи ҳифзи иҷтимоӣ"')
def export(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where documents/ and questions.jsonl go: a "
                                                  "new folder, or one with earlier notes.")],
           publisher: Annotated[str, typer.Option("--publisher", help="The office that publishes the notes; else the "
                                                  "one that the notice names.", show_default=False)] = "",
           everything: Annotated[bool, typer.Option("--all", help="Also those that were written out before.")] = False,
           with_notice: Annotated[bool, typer.Option("--with-notice/--without-notice",
                                                     help="The notice itself goes along.")] = True,
           questions: Annotated[Path | None, typer.Option("--questions", help="The file that the questions are added "
                                                          "to; else FOLDER/questions.jsonl.",
                                                          show_default=False)] = None,
           as_json: Json = False, data_dir: DataDir = None) -> None:
    """Write the approved notes that were not written out yet, for ingest and the questions of the next release."""
    from assistant.access.store import opened_store
    from assistant.release import QUESTIONS
    from assistant.review.export import DOCUMENTS, Export
    from assistant.review.records import Standing
    with edge(as_json=as_json):
        target, written = Export(folder, publisher.strip(), with_notice, questions), list[str]()
        with opened_store(settings.load(data_dir)) as store:
            approved = store.reviews.all(Standing.APPROVED)
            chosen = [one.number for one in reversed(approved) if everything or not one.exported]
            for number in chosen:
                written += target.write(store.reviews.note(number), store.reviews.file(number))
                store.reviews.exported(number, f"uid {os.getuid()}", datetime.now(UTC))
        if as_json:
            put_json({"folder": str(folder), "notes": chosen, "documents": written})
        elif not chosen:
            put("There is no approved note that was not written out; --all writes all of them again.")
        else:
            put(f"{counted(len(chosen), 'note')} in {folder}.  Next: rohnamo ingest {folder / DOCUMENTS}, then "
                f"rohnamo release build with --questions {questions or folder / QUESTIONS}")


def _line(one: Summary) -> str:
    said = f"{one.number}  {one.standing}  {one.title}  ({one.file}, {one.begun:%Y-%m-%d}, {one.begun_by})"
    if one.approval:
        said += f"; approved by {one.approval.name} on {one.approval.at:%Y-%m-%d}"
    return said + (f"; written out on {one.exported:%Y-%m-%d}" if one.exported else "")


def _history(review: Review) -> Iterator[str]:
    """Yield what people did to a card."""
    from assistant.review.rules import missing
    yield f"Card {review.number}: {review.standing}"
    if review.question:
        yield f"  answers: {review.question}"
    yield from (f"  {_change(change)}" for change in review.changes)
    if review.approval:
        yield (f"  approved by {review.approval.name} ({review.approval.by}) on "
               f"{review.approval.at:%Y-%m-%d %H:%M} UTC")
    elif not review.dropped:
        for one in missing(review):
            where = ", ".join([*(f"quote {number}" for number in one.quotes), *([one.field] if one.field else [])])
            yield f"  missing: {one.lack.replace('_', ' ')}{f' ({where})' if where else ''}"
    if review.dropped:
        yield f"  dropped: {review.dropped}"


def _change(change: Change) -> str:
    before, after = ("; ".join(values) or "nothing" for values in (change.before, change.after))
    why = f"edited by {change.who} on {change.at:%Y-%m-%d}: {change.reason}" if change.reason else \
        f"undone by {change.who} on {change.at:%Y-%m-%d}"
    return f"{change.field}: {before} → {after}; {why}"
