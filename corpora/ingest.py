"""Files and folders go into a draft: read, cut, checked, kept; each with its own report.

One bad file never stops the batch; a full disk does, and leaves the draft whole.  A file is read
again only when it, its metadata or our way of reading changed.  Nothing here is fetched.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from corpora import extract as reading
from corpora import normalise as normalising
from corpora import passages as chunking
from corpora.draft import Draft, Entry, Origin
from corpora.errors import (
    CorpusError,
    DraftLockedError,
    DuplicateDocumentError,
    EmptyFileError,
    NoSpaceError,
    UnreadableFileError,
    UnsupportedFileError,
)
from corpora.extract import Extracted
from corpora.language import guess_language
from corpora.metadata import Metadata, read_metadata
from corpora.quotes import place
from corpora.records import Document, DocumentId, Fact, Passage

RECIPE = f"extract {reading.VERSION}, normalise {normalising.VERSION}, passages {chunking.VERSION}"
_TITLE_LETTERS = 200


class Outcome(StrEnum):
    """What became of a file."""

    READ = "read"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file; the last three say why it was refused and what to do."""

    path: Path
    outcome: Outcome
    document_id: DocumentId | None = None
    passages: int = 0
    notes: tuple[str, ...] = ()
    error_code: str | None = None
    message: str | None = None
    next_step: str | None = None


Progress = Callable[[int, int, FileReport], None]


def ingest(paths: Sequence[Path], draft: Draft, *, progress: Progress | None = None) -> list[FileReport]:
    """Read files and folders into the draft and return a report for each file, in the order read.

    `progress` is called after each file with how many are done, how many there are, and its report.

    Raises:
        NoSpaceError: the disk is full; the files before this one are in the draft.
        DraftLockedError, FormatError: the draft cannot be written.
    """
    files = [found for path in paths for found in _walk(path)]
    reports: list[FileReport] = []
    with draft.writing():
        batch = _Batch(draft)
        for path, fault in files:
            reports.append(_refused(path, fault) if fault else batch.report(path))
            if progress:
                progress(len(reports), len(files), reports[-1])
    return reports


def _walk(path: Path) -> Iterator[tuple[Path, CorpusError | None]]:
    """Yield the files under a path, sorted, or the path itself; with each what already speaks against it."""
    if not path.is_dir():
        is_metadata = path.suffix == ".toml"
        yield path, UnsupportedFileError(f"{path.name} is metadata, no document",
                                         hint="Name the document beside it.") if is_metadata else None
        return
    found = False
    try:
        for child in sorted(path.iterdir()):
            if child.name.startswith(".") or child.suffix == ".toml":
                continue
            found = True
            if child.is_symlink():
                yield child, UnreadableFileError(f"{child.name} is a link and is not followed",
                                                 hint="Copy the file itself into the folder.")
            else:
                yield from _walk(child)
    except OSError as error:
        yield path, UnreadableFileError(f"{path}: {error.strerror or error}")
        return
    if not found:
        yield path, EmptyFileError(f"the folder {path.name} holds no documents")


def _refused(path: Path, error: CorpusError) -> FileReport:
    return FileReport(path, Outcome.REFUSED, error_code=error.code, message=str(error), next_step=error.hint)


class _Batch:
    """The documents of a draft by the place of their file, while a batch runs."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._by_path: dict[str, tuple[DocumentId, str, Origin]] = {}
        self._owners: dict[DocumentId, str] = {}
        for entry in draft.documents():
            self._remember(entry)

    def report(self, path: Path) -> FileReport:
        """Read one file into the draft; any fault of the file becomes its report."""
        try:
            return self._one(path)
        except (NoSpaceError, DraftLockedError):
            raise
        except CorpusError as error:
            return _refused(path, error)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoSpaceError(f"no space left while reading {path.name} into the draft") from error
            return _refused(path, UnreadableFileError(f"{path}: {error.strerror or error}"))
        except Exception as error:  # a fault of a reader must not cost the other files
            fault = f"{type(error).__name__}: {error}"
            return _refused(path, UnreadableFileError(f"{path.name} cannot be read: {fault}"))

    def _one(self, path: Path) -> FileReport:
        stat = path.stat()
        metadata = read_metadata(path)
        origin = Origin(str(path.resolve()), stat.st_size, stat.st_mtime_ns, metadata.sha256, RECIPE)
        known = self._by_path.get(origin.path)
        if known and known[2] == origin:
            return self._unchanged(path, known[0])
        data = path.read_bytes()
        digest = sha256(data).hexdigest()
        if known and known[1] == digest and replace(known[2], mtime_ns=origin.mtime_ns) == origin:
            return self._touched(path, known[0], origin, data)
        self._claim(metadata.id, origin.path)
        entry, notes = read_entry(path.name, data, metadata, origin)
        self._keep(entry, data, known[0] if known else None)
        return FileReport(path, Outcome.READ, entry.document.id, len(entry.passages), notes)

    def _unchanged(self, path: Path, document_id: DocumentId) -> FileReport:
        entry = self._draft.entry(document_id)
        passages, notes = (len(entry.passages), entry.document.notes) if entry else (0, ())
        return FileReport(path, Outcome.UNCHANGED, document_id, passages, notes)

    def _touched(self, path: Path, document_id: DocumentId, origin: Origin, data: bytes) -> FileReport:
        """Note the new time of a file whose bytes are the same."""
        if entry := self._draft.entry(document_id):
            self._keep(replace(entry, origin=origin), data, document_id)
        return self._unchanged(path, document_id)

    def _claim(self, document_id: DocumentId, path: str) -> None:
        """Refuse an id that another file holds, unless that file is gone."""
        owner = self._owners.get(document_id, path)
        if owner != path and Path(owner).exists():
            raise DuplicateDocumentError(f"the id {document_id!r} belongs to {Path(owner).name} already "
                                         f"(in {Path(owner).parent})")

    def _keep(self, entry: Entry, data: bytes, replaced: DocumentId | None) -> None:
        self._draft.put(entry, data)
        if replaced and replaced != entry.document.id:
            self._draft.remove(replaced)
            self._owners.pop(replaced, None)
        self._remember(entry)

    def _remember(self, entry: Entry) -> None:
        if entry.origin:
            self._by_path.pop(self._owners.get(entry.document.id, ""), None)
            self._by_path[entry.origin.path] = (entry.document.id, entry.document.sha256, entry.origin)
            self._owners[entry.document.id] = entry.origin.path


def read_entry(name: str, data: bytes, metadata: Metadata,
               origin: Origin | None = None) -> tuple[Entry, tuple[str, ...]]:
    """Return a file's bytes as an entry, and the notes of its extraction and its facts.

    Raises:
        CorpusError: the file cannot be read.
    """
    extracted = reading.extract_bytes(data, name)
    quotes = [place(fact.quote, extracted.text) for fact in metadata.facts]
    passages = chunking.chunk(metadata.id, extracted, [span for span in quotes if span])
    facts, refused = _facts(metadata.facts, quotes, extracted.text, passages)
    notes = (*extracted.notes, *refused)
    document = _document(name, sha256(data).hexdigest(), metadata, extracted)
    return Entry(replace(document, facts=facts, notes=notes), tuple(passages), origin), notes


def _facts(facts: Sequence[Fact], places: Sequence[tuple[int, int] | None], text: str,
           passages: Sequence[Passage]) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """Return the facts whose quote stands in one passage, as it stands there, and notes on the rest."""
    kept, notes = [], []
    for fact, span in zip(facts, places, strict=True):
        if span is None:
            notes.append(f"fact {fact.id} dropped: its quote does not stand in the document")
        elif not any(passage.start <= span[0] and span[1] <= passage.end for passage in passages):
            notes.append(f"fact {fact.id} dropped: its quote runs over the end of a section")
        else:
            kept.append(replace(fact, quote=text[span[0]:span[1]]))
    return tuple(kept), tuple(notes)


def _document(name: str, digest: str, metadata: Metadata, extracted: Extracted) -> Document:
    first = extracted.headings[0].text if extracted.headings else extracted.text.split("\n", 1)[0]
    plain = {key: getattr(metadata, key) for key in
             ("publisher", "kind", "service", "source_url", "act", "status", "valid_from", "valid_until",
              "as_of", "review_by", "confidence", "superseded_by")}
    return Document(metadata.id, metadata.title or first[:_TITLE_LETTERS],
                    metadata.language or guess_language(extracted.text), name, digest, extracted.media_type,
                    extracted.extractor, **plain)
