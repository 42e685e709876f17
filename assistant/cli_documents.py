"""The verb `documents`: what lies in the drafts and what came with releases, one in full, and taking one out.

Parse, call, print.  Released documents are shown as they answer, from the snapshot in use; that is not touched here: it
changes with the next build or sync.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant import config as settings
from assistant.act_history import Standing, history, standing_on
from assistant.edge import DataDir, Json, edge, put, put_json
from assistant.errors import AssistantError, NoSnapshotError
from corpora import Draft, Entry
from corpora.suspicion import visible
from index import SnapshotError
from sync.counted import counted

documents = typer.Typer(no_args_is_help=True, help="The documents of this machine: list, show, history, remove.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The document's id, as documents list gives it.")]
Corpus = Annotated[str | None, typer.Option("--corpus", metavar="NAME", help="Only the draft of this corpus.",
                                            show_default=False)]
Service = Annotated[str | None, typer.Option("--service", metavar="NAME", help="Only the documents of this service.",
                                             show_default=False)]
At = Annotated[str | None, typer.Option("--at", help="Say which held on this day, like 2024-07-01.",
                                        show_default=False)]
_ON = {Standing.HELD: "in force on", Standing.UNKNOWN: "not known for", Standing.NOT: "not in force on"}
_EDITION = ("id", "title", "status", "valid_from", "valid_until", "superseded_by", "as_of", "review_by")
LISTED = "Run: rohnamo documents list, to see the documents of this machine."
NEXT = "Next: rohnamo build --wait; until then questions are answered with it."


class UnknownDocumentError(AssistantError):
    """No draft has a document of this id, or more than one has."""

    code = "unknown_document"


@documents.command("list", epilog="Example: rohnamo documents list --corpus seed")
def list_documents(corpus: Corpus = None, service: Service = None, at: At = None, as_json: Json = False,
                   data_dir: DataDir = None) -> None:
    """List the documents of the drafts, by corpus and id, then those of the releases that answer."""
    day = _day(at) if at else None
    with edge(as_json=as_json):
        entries: list[tuple[Draft | None, Entry]] = []
        entries += [(draft, entry) for draft in _drafts(data_dir, corpus) for entry in draft.documents()]
        entries += [(None, entry) for entry in _answering(data_dir)] if corpus is None else []
        rows = [_row(draft, entry) | _on(entry, day) for draft, entry in entries
                if service in (None, entry.document.service)]
        if as_json:
            put_json({"documents": rows})
            return
        for row in rows:
            on = f"  {_ON[row['on']]} {at}" if day else ""
            put(f"{row['corpus'] or row['release']}  {row['id']}  {row['status']}{on}\n    {visible(row['title'])}")
        put(counted(len(rows), "document") if rows else
            "There are none yet.  Next: rohnamo ingest FOLDER, or rohnamo sync now")


@documents.command(epilog="Example: rohnamo documents show шиноснома-2014")
def show(document: Id, corpus: Corpus = None, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show what is known of one document, where it came from, and what was noted when it was read."""
    from corpora.collected import record_of
    with edge(as_json=as_json):
        draft, entry = _shown(document, data_dir, corpus)
        plain = {"corpus": draft.root.name if draft else None, "release": entry.release or None,
                 "document": entry.document.to_json(), "passages": len(entry.passages),
                 "path": entry.origin.path if entry.origin else None,
                 "collected": record_of(draft.root, entry.document.id) if draft else None}
        if as_json:
            put_json(plain)
        else:
            put("\n".join(_lines(entry, plain)))


@documents.command("history", epilog="Example: rohnamo documents history шиноснома-2014")
def show_history(document: Id, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show the editions of a document's act, the first one first: which took whose place, and when each held."""
    with edge(as_json=as_json):
        _, entry = _shown(document, data_dir, None)
        every = [one for draft in _drafts(data_dir, None) for one in draft.documents()] + _answering(data_dir)
        editions = history(entry.document, {one.document.id: one.document for one in every})
        if as_json:
            put_json({"editions": [{name: getattr(one, name) for name in _EDITION} for one in editions]})
            return
        for one in editions:
            put(f"{'*' if one.id == document else ' '} {one.id}  {one.status}  from {one.valid_from or 'not known'}, "
                f"until {one.valid_until or 'not known'}\n    {visible(one.title)}")


@documents.command(epilog="Example: rohnamo documents remove шиноснома-2014")
def remove(document: Id, corpus: Corpus = None, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Take a document out of its draft; the file it was read from stays where it is."""
    with edge(as_json=as_json):
        draft, entry = _shown(document, data_dir, corpus)
        if draft is None:
            raise UnknownDocumentError(f"{document} lies in no draft here: it came with release {entry.release}",
                                       "Only its publisher can take it out of the next release, or withdraw it.")
        again = _again(draft, entry)
        draft.remove(entry.document.id)
        if as_json:
            put_json({"corpus": draft.root.name, "removed": entry.document.id, "note": again})
        else:
            put("\n".join([f"{entry.document.id} is out of {draft.root.name}.", *([again] if again else []), NEXT]))


def _drafts(data_dir: Path | None, corpus: str | None) -> list[Draft]:
    """Return the drafts, or the one that is named.

    Raises:
        AssistantError: there is no draft of that name.
    """
    from assistant.update import drafts
    every = drafts(settings.load(data_dir))
    if corpus is None:
        return every
    if not (named := [draft for draft in every if draft.root.name == corpus]):
        known = ", ".join(draft.root.name for draft in every)
        raise AssistantError(f"there is no draft of a corpus {corpus}", f"Known are: {known or 'none'}.")
    return named


def _answering(data_dir: Path | None) -> list[Entry]:
    """Return the documents of the snapshot in use that came with a release."""
    from assistant.update import current_snapshot
    found: list[Entry] = []
    # Where nothing answers, or what answers is damaged, the drafts are listed all the same; the doctor tells of it.
    with suppress(NoSnapshotError, SnapshotError):
        snapshot, _ = current_snapshot(settings.load(data_dir), encoder=None)
        with snapshot:
            found = [Entry(document, snapshot.passages(document.id), release=release)
                     for document in snapshot.documents() if (release := snapshot.release(document.id))]
    return found


def _shown(document: str, data_dir: Path | None, corpus: str | None) -> tuple[Draft | None, Entry]:
    """Return the one document of an id with its draft; where no draft has it, that of a release that answers.

    Raises:
        UnknownDocumentError: there is none, or there are several.
    """
    from corpora.records import DocumentId
    drafts = _drafts(data_dir, corpus)
    found = [(draft, entry) for draft in drafts if (entry := draft.entry(DocumentId(document)))]
    if len(found) > 1:
        names = ", ".join(draft.root.name for draft, _ in found)
        raise UnknownDocumentError(f"{document} is in several corpora: {names}", "Say which with --corpus.")
    if found:
        return found[0]
    released = _answering(data_dir) if corpus is None else []
    if named := [entry for entry in released if entry.document.id == document]:
        return None, named[0]
    known = [entry.document.id for draft in drafts for entry in draft.documents()]
    near = get_close_matches(document, known + [entry.document.id for entry in released], 1, 0.5)
    raise UnknownDocumentError(f"there is no document {document}",
                               (f"Is {near[0]} meant?  " if near else "") + LISTED)


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise typer.BadParameter(f"{value!r} is no date like 2026-01-31") from error


def _on(entry: Entry, day: date | None) -> dict[str, Any]:
    """Return whether a document held on the day asked about; nothing where none was."""
    return {"at": day.isoformat(), "on": standing_on(entry.document, day)} if day else {}


def _row(draft: Draft | None, entry: Entry) -> dict[str, Any]:
    document = entry.document
    plain = {name: getattr(document, name) for name in
             ("id", "title", "language", "kind", "status", "publisher", "source_url", "file", "sha256")}
    return {"corpus": draft.root.name if draft else None, "release": entry.release or None, **plain,
            "passages": len(entry.passages), "facts": len(document.facts)}


def _lines(entry: Entry, plain: dict[str, Any]) -> Iterator[str]:
    document, collected = entry.document, plain["collected"] or {}
    act = " ".join(part for part in (document.act.type, document.act.number and f"№ {document.act.number}",
                                     document.act.date) if part) if document.act else ""
    said = {"corpus": plain["corpus"], "release": plain["release"], "id": document.id, "status": document.status,
            "act": act, "publisher": document.publisher, "language": document.language, "kind": document.kind,
            "valid from": document.valid_from, "valid until": document.valid_until, "as of": document.as_of,
            "review by": document.review_by, "source": document.source_url, "licence": collected.get("licence"),
            "last seen": collected.get("last_seen"), "gone since": collected.get("gone"),
            "file": plain["path"] or document.file, "SHA-256": document.sha256,
            "read": f"{plain['passages']} passages, {len(document.facts)} facts, by {document.extractor}"}
    yield visible(document.title)
    yield from (f"  {name + ':':13}{visible(str(value))}" for name, value in said.items() if value)
    yield from (f"  note: {visible(note)}" for note in document.notes)


def _again(draft: Draft, entry: Entry) -> str:
    """Return how the document would come back, empty where it would not by itself."""
    from corpora.collected import record_of
    if (collected := record_of(draft.root, entry.document.id)) and not collected["gone"]:
        return f"It comes back with the next collect unless {collected['url']} is taken out of sources.toml."
    if not collected and entry.origin and Path(entry.origin.path).exists():
        return f"It comes back when {visible(entry.origin.path)} is ingested again."
    return ""
