"""The working draft of one corpus: a directory of documents with their passages and files.

One process writes, any number read; a document is there whole or not at all.  The format is written
down in docs/formats.md.  Reading files and cutting them is not done here.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from corpora.durable import PART, canonical, make_folder, sync_folder, write_whole
from corpora.errors import DraftLockedError, FormatError
from corpora.extract.blocks import WordBox
from corpora.records import Document, DocumentId, Passage

FORMAT, VERSION = "rohnamo-draft", 2
_READ = (1, VERSION)                   # a document of version 1 has no boxes
_NAME_BYTES, _KEPT_BYTES = 150, 110


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document's file was when it was read; times in nanoseconds, sizes in bytes."""

    path: str
    size: int
    mtime_ns: int
    metadata_sha256: str
    recipe: str

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Entry:
    """One document with its passages in order.

    `origin` is None outside a draft; `file` is where the ingested bytes lie, None where they are not kept.
    `boxes` are the places of the words on the pages that were read by text recognition.
    `release` names the release it came with, as in `min-health/12`; empty for a draft.
    """

    document: Document
    passages: tuple[Passage, ...]
    origin: Origin | None = None
    file: Path | None = None
    boxes: tuple[WordBox, ...] = ()
    release: str = ""


class Draft:
    """The draft in a directory, which is made when something is first written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._documents, self._files = root / "documents", root / "files"
        self._writing = False
        self._unswept = False

    def documents(self) -> Iterator[Entry]:
        """Yield every document, sorted by id.

        Raises:
            FormatError: the draft was written by another version.
        """
        self._check_format()
        paths = self._documents.glob("*.json") if self._documents.is_dir() else ()
        for _, path in sorted((_id_of(path), path) for path in paths):
            yield self._read(path)

    def entry(self, document_id: DocumentId) -> Entry | None:
        """Return one document, or None where there is none of this id.

        Raises:
            FormatError: the draft was written by another version.
        """
        self._check_format()
        path = self._documents / file_name(document_id)
        return self._read(path) if path.is_file() else None

    def put(self, entry: Entry, data: bytes) -> None:
        """Keep a document, its passages and its file's bytes in place of what had its id.

        Raises:
            DraftLockedError: another process writes this draft.
            NoSpaceError: the disk is full; the draft is as it was.
        """
        with self.writing():
            kept = self._files / entry.document.sha256
            if not kept.is_file():
                write_whole(kept, data)
            plain = {"version": VERSION, "document": entry.document.to_json(),
                     "passages": [passage.to_json() for passage in entry.passages],
                     "origin": entry.origin.to_json() if entry.origin else None,
                     "boxes": [box.to_json() for box in entry.boxes]}
            path = self._documents / file_name(entry.document.id)
            self._unswept = self._unswept or path.exists()
            write_whole(path, canonical(plain))

    def remove(self, document_id: DocumentId) -> bool:
        """Remove a document; return whether there was one.

        Raises:
            DraftLockedError: another process writes this draft.
        """
        with self.writing():
            path = self._documents / file_name(document_id)
            if not path.exists():
                return False
            path.unlink()
            sync_folder(self._documents)
            self._unswept = True
            return True

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the draft for writing; what an earlier writer left half done is cleaned first.

        Raises:
            DraftLockedError: another process, or another Draft of this one, holds it.
            FormatError: the draft was written by another version.
        """
        if self._writing:
            yield
            return
        for folder in (self._documents, self._files):
            make_folder(folder)
        with self.unchanged():
            yield from self._held()

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Keep others from writing while the block runs; the draft may be of any version.

        Raises:
            DraftLockedError: another process, or another Draft of this one, holds it.
        """
        with (self.root / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise DraftLockedError(f"another process is writing the draft {self.root.name}") from error
            yield

    def _held(self) -> Iterator[None]:
        self._check_format()
        self._clean()
        named = canonical({"format": FORMAT, "version": VERSION})
        if not (self.root / "draft.json").exists() or (self.root / "draft.json").read_bytes() != named:
            write_whole(self.root / "draft.json", named)     # before the first document that an older program misreads
        self._writing = True
        try:
            yield
        finally:
            self._writing = False
            if self._unswept:
                self._sweep()

    def _clean(self) -> None:
        for folder in (self.root, self._documents, self._files):
            for part in folder.glob("*" + PART):
                part.unlink()

    def _sweep(self) -> None:
        """Remove the files no document names any more."""
        named = {entry.document.sha256 for entry in self.documents()}
        for file in self._files.iterdir():
            if file.name not in named:
                file.unlink()
        self._unswept = False

    def _check_format(self) -> None:
        manifest = self.root / "draft.json"
        if not manifest.exists():
            return
        try:
            found = json.loads(manifest.read_bytes())
            known = found["format"] == FORMAT and found["version"] in _READ
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(f"{manifest.name} of the draft {self.root.name} cannot be read") from error
        if not known:
            raise FormatError(f"the draft {self.root.name} is {found['format']} {found['version']}, "
                              f"not {FORMAT} {VERSION}")

    def _read(self, path: Path) -> Entry:
        try:
            found = json.loads(path.read_bytes())
            if found["version"] not in _READ:
                raise FormatError(f"{path.name} has version {found['version']}, not {VERSION}")
            origin = Origin(**found["origin"]) if found["origin"] else None
            document = Document.from_json(found["document"])
            passages = tuple(Passage.from_json(passage) for passage in found["passages"])
            boxes = tuple(WordBox.from_json(box) for box in found.get("boxes", ()))
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(f"{path.name} in the draft {self.root.name} cannot be read: {error}",
                              hint="Update the program, if a newer one wrote it (docs/upgrade-a-machine.md); else "
                                   f"remove {path.name} and ingest its file again.") from error
        file = self._files / document.sha256
        return Entry(document, passages, origin, file if file.is_file() else None, boxes)


def file_name(document_id: DocumentId) -> str:
    """Return the file name that stands for a document id: safe on any file system, never over 160 bytes."""
    quoted = re.sub(r"[^\w.-]|^\.", _quoted, document_id)
    if len(quoted.encode()) > _NAME_BYTES:
        digest = sha256(document_id.encode()).hexdigest()[:16]
        quoted = quoted.encode()[:_KEPT_BYTES].decode(errors="ignore") + "~" + digest
    return quoted + ".json"


def _quoted(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _id_of(path: Path) -> str:
    """Return the document id of a file: from its name, or from within where the name was cut."""
    if "~" in path.stem:
        return str(json.loads(path.read_bytes())["document"]["id"])
    return unquote(path.name.removesuffix(".json"))
