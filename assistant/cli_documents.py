"""The verb `documents`: what lies in the drafts and what came with releases, one in full, and taking one out.

Parse, call, print.  Released documents are shown as they answer, from the snapshot in use; that is not touched here: it
changes with the next build or sync.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json
from assistant.errors import AssistantError, NoSnapshotError
from corpora import Draft, Entry
from corpora.suspicion import visible
from index import SnapshotError
from sync.counted import counted

documents = typer.Typer(no_args_is_help=True, help="The documents of this machine: list, show, remove.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The document's id, as documents list gives it.")]
Corpus = Annotated[str | None, typer.Option("--corpus", metavar="NAME", help="Only the draft of this corpus.",
                                            show_default=False)]
LISTED = "Run: rohnamo documents list, to see the documents of this machine."
NEXT = "Next: rohnamo build --wait; until then questions are answered with it."


class UnknownDocumentError(AssistantError):
    """No draft has a document of this id, or more than one has."""

    code = "unknown_document"


@documents.command("list", epilog="Example: rohnamo documents list --corpus seed")
def list_documents(corpus: Corpus = None, as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the documents of the drafts, by corpus and id, then those of the releases that answer."""
    with edge(as_json=as_json):
        rows = [_row(draft, entry) for draft in _drafts(data_dir, corpus) for entry in draft.documents()]
        rows += [_row(None, entry) for entry in _answering(data_dir)] if corpus is None else []
        if as_json:
            put_json({"documents": rows})
            return
        for row in rows:
            put(f"{row['corpus'] or row['release']}  {row['id']}  {row['status']}\n    {visible(row['title'])}")
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
