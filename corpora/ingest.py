"""Files and folders go into a draft: read, cut, checked, kept; each with its own report.

One bad file never stops the batch; a full disk does, and leaves the draft whole.  A file is read
again only when it, its metadata or our way of reading changed, and always in the sandbox: here its bytes
are hashed and kept, never parsed.  What is no plain file is not opened.  Nothing here is fetched.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from corpora import extract as reading
from corpora import facts as stating
from corpora import normalise as normalising
from corpora import passages as chunking
from corpora import standing, suspicion
from corpora.draft import Draft, Entry, Origin
from corpora.errors import (
    CorpusError,
    DraftLockedError,
    DuplicateDocumentError,
    EmptyFileError,
    HostileFileError,
    MetadataError,
    NoSpaceError,
    UnreadableFileError,
    UnsupportedFileError,
)
from corpora.extract import Extracted
from corpora.extract.progress import unseen
from corpora.language import guess_language
from corpora.metadata import Metadata, read_metadata
from corpora.quotes import place
from corpora.records import Document, DocumentId, Fact, Passage
from corpora.sandbox import USUAL, Caps, Sandbox, oversized

RECIPE = (f"extract {reading.VERSION}, normalise {normalising.VERSION}, passages {chunking.VERSION}, "
          f"standing {standing.VERSION}, facts {stating.VERSION}")
_TITLE_LETTERS = 200
_DEEPEST = 50                          # folders within folders
_METADATA_BYTES = 1024 * 1024          # of one .toml file


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


def ingest(paths: Sequence[Path], draft: Draft, *, progress: Progress | None = None,
           pages: reading.Progress = unseen, caps: Caps = USUAL) -> list[FileReport]:
    """Read files and folders into the draft and return a report for each file, in the order read.

    `progress` is called after each file with how many are done, how many there are, and its report;
    `pages` during a long file, with its pages read and its pages in all.  A batch that was interrupted
    goes on where it stopped when it is given again.

    Raises:
        NoSpaceError: the disk is full; the files before this one are in the draft.
        DraftLockedError, FormatError: the draft cannot be written.
    """
    files = [found for path in paths for found in _walk(path)]
    reports: list[FileReport] = []
    with draft.writing(), Sandbox(caps, pages=pages) as sandbox:
        batch = _Batch(draft, sandbox, caps)
        for path, fault in files:
            reports.append(_refused(path, fault) if fault else batch.report(path))
            if progress:
                progress(len(reports), len(files), reports[-1])
    return reports


def _walk(path: Path, depth: int = 0) -> Iterator[tuple[Path, CorpusError | None]]:
    """Yield the files under a path, sorted, or the path itself; with each what already speaks against it."""
    name = suspicion.visible(path.name)
    try:
        # A link named by a person is followed, one found in a folder is not.
        mode = path.lstat().st_mode if depth else path.stat().st_mode
    except (OSError, ValueError) as error:
        yield path, _unreadable(path, error)
        return
    if not stat.S_ISDIR(mode):
        yield path, _fault(name, mode, path)
    elif depth > _DEEPEST or not suspicion.is_plain(path.name):
        yield path, UnreadableFileError(f"the folder {name} lies too deep or has a name that cannot be shown",
                                        hint="Move or rename the folder.")
    else:
        yield from _walk_folder(path, name, depth)


def _walk_folder(path: Path, name: str, depth: int) -> Iterator[tuple[Path, CorpusError | None]]:
    try:
        children = sorted(child for child in path.iterdir()
                          if not child.name.startswith(".") and child.suffix != ".toml")
    except OSError as error:
        yield path, _unreadable(path, error)
        return
    if not children:
        yield path, EmptyFileError(f"the folder {name} holds no documents")
    for child in children:
        yield from _walk(child, depth + 1)


def _fault(name: str, mode: int, path: Path) -> CorpusError | None:
    """Return what speaks against a path that is no folder before it is opened."""
    if path.suffix == ".toml":
        return UnsupportedFileError(f"{name} is metadata, no document", hint="Name the document beside it.")
    if stat.S_ISLNK(mode):
        return UnreadableFileError(f"{name} is a link and is not followed",
                                   hint="Copy the file itself into the folder.")
    if not stat.S_ISREG(mode):
        return UnsupportedFileError(f"{name} is a pipe, socket or device and is not opened",
                                    hint="Remove it from the folder.")
    if not suspicion.is_plain(path.name):
        return HostileFileError(f"{name} has characters in its name that hide or cannot be shown",
                                hint="Rename the file with letters, digits and hyphens.")
    return None


def _unreadable(path: Path, error: OSError | ValueError) -> UnreadableFileError:
    what = error.strerror if isinstance(error, OSError) else None
    return UnreadableFileError(f"{suspicion.visible(str(path))}: {what or error}")


def _refused(path: Path, error: CorpusError) -> FileReport:
    return FileReport(path, Outcome.REFUSED, error_code=error.code, message=str(error), next_step=error.hint)


@dataclass(frozen=True, slots=True)
class _Known:
    """A document that is in the draft, and what is said when its file has not changed."""

    id: DocumentId
    sha256: str
    origin: Origin
    passages: int
    notes: tuple[str, ...]


class _Batch:
    """The documents of a draft by the place of their file, while a batch runs."""

    def __init__(self, draft: Draft, sandbox: Sandbox, caps: Caps) -> None:
        self._draft, self._sandbox, self._caps = draft, sandbox, caps
        self._by_path: dict[str, _Known] = {}
        self._owners: dict[DocumentId, str] = {}
        self._seen: set[str] = set()       # of this batch
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
            return _refused(path, _unreadable(path, error))
        except Exception as error:  # a fault of ours must not cost the other files
            fault = f"{type(error).__name__}: {error}"
            return _refused(path, UnreadableFileError(f"{path.name} cannot be read: {fault}"))

    def _one(self, path: Path) -> FileReport:
        found = path.stat()
        _check_metadata(path)
        metadata = read_metadata(path)
        origin = Origin(str(path.resolve()), found.st_size, found.st_mtime_ns, metadata.sha256, RECIPE)
        self._seen.add(origin.path)
        known = self._by_path.get(origin.path)
        if known and known.origin == origin:
            return _unchanged(path, known)
        data = _bytes(path, self._caps)
        if known and known.sha256 == sha256(data).hexdigest() and _same_but_time(known.origin, origin):
            return self._touched(path, known, origin, data)
        if copied := self._copied(metadata.id, origin, data):
            return self._touched(path, copied, origin, data)
        self._claim(metadata.id, origin.path)
        entry = replace(self._sandbox.read(path.name, data, metadata), origin=origin)
        self._keep(entry, data, known.id if known else None)
        return FileReport(path, Outcome.READ, entry.document.id, len(entry.passages), entry.document.notes)

    def _copied(self, document_id: DocumentId, origin: Origin, data: bytes) -> _Known | None:
        """Return a document whose whole folder was copied: the same bytes in another place, not read in this batch."""
        known = self._by_path.get(self._owners.get(document_id, ""))
        if not known or known.origin.path in self._seen or known.sha256 != sha256(data).hexdigest():
            return None
        if not Path(known.origin.path).exists():
            return None                # it moved, and is read again
        return known if _same_but_time(replace(known.origin, path=origin.path), origin) else None

    def _touched(self, path: Path, known: _Known, origin: Origin, data: bytes) -> FileReport:
        """Note the new time of a file whose bytes are the same."""
        if entry := self._draft.entry(known.id):
            self._keep(replace(entry, origin=origin), data, known.id)
        return _unchanged(path, known)

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
            document = entry.document
            self._by_path.pop(self._owners.get(document.id, ""), None)
            self._by_path[entry.origin.path] = _Known(document.id, document.sha256, entry.origin,
                                                      len(entry.passages), document.notes)
            self._owners[document.id] = entry.origin.path


def _unchanged(path: Path, known: _Known) -> FileReport:
    return FileReport(path, Outcome.UNCHANGED, known.id, known.passages, known.notes)


def _same_but_time(before: Origin, now: Origin) -> bool:
    return replace(before, mtime_ns=now.mtime_ns) == now


def _check_metadata(path: Path) -> None:
    """Refuse metadata that no person wrote: it is read here, outside of the sandbox."""
    for beside in (path.with_name(path.name + ".toml"), path.with_suffix(".toml")):
        try:
            size = beside.stat().st_size
        except OSError:
            continue
        if size > _METADATA_BYTES:
            raise MetadataError(f"{beside.name} is larger than {_METADATA_BYTES} bytes")


def _bytes(path: Path, caps: Caps) -> bytes:
    """Return the bytes of a plain file that stood still while it was read."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with open(number, "rb") as file:  # noqa: PTH123 - of a descriptor, which is what was checked
        before = os.fstat(number)
        if fault := _fault(path.name, before.st_mode, path):
            raise fault
        if before.st_size > caps.file_bytes:
            raise oversized(path.name, caps)
        data = file.read(before.st_size + 1)
        after = os.fstat(number)
    if (len(data), before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != before.st_size:
        raise UnreadableFileError(f"{path.name} changed while it was read", hint="Wait until it is written, then "
                                                                                 "run the same command again.")
    return data


def read_entry(name: str, data: bytes, metadata: Metadata, origin: Origin | None = None, *,
               progress: reading.Progress = unseen) -> tuple[Entry, tuple[str, ...]]:
    """Return a file's bytes as an entry, and the notes of its extraction and its facts.

    `progress` is told how many pages are read, of how many.

    Raises:
        CorpusError: the file cannot be read.
    """
    extracted = reading.extract_bytes(data, name, progress)
    quotes = [place(fact.quote, extracted.text) for fact in metadata.facts]
    passages = chunking.chunk(metadata.id, extracted, [span for span in quotes if span])
    facts, refused = _facts(metadata.facts, quotes, extracted.text, passages)
    notes = (*extracted.notes, *suspicion.warnings(data, extracted.text, extracted.media_type), *refused)
    document = _document(name, sha256(data).hexdigest(), metadata, extracted)
    document, said = standing.read_standing(document, extracted.text)
    facts = (*facts, *_read_facts(document, extracted.text, passages, [span for span in quotes if span]))
    notes = (*notes, *said, *stating.read_notes(extracted.text), *metadata.approval_note(document.sha256))
    return Entry(replace(document, facts=facts, notes=notes), tuple(passages), origin, boxes=extracted.boxes), notes


def _read_facts(document: Document, text: str, passages: Sequence[Passage],
                given: Sequence[tuple[int, int]]) -> Iterator[Fact]:
    """Yield the facts read from a text that stand in one passage and touch no quote that a person gave."""
    for fact in stating.read_facts(text, document):
        start = text.find(fact.quote)
        end = start + len(fact.quote)
        if any(passage.start <= start and end <= passage.end for passage in passages) \
                and not any(first < end and start < last for first, last in given):
            yield fact


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
