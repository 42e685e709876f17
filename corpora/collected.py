"""What was collected of one source before, beside the draft: which file, which validators, when seen.

    DRAFT/collected/SOURCE.json     the record of every address; written down in docs/formats.md
    DRAFT/collected/SOURCE/         the files, each with its metadata beside it, from where they are ingested
    DRAFT/collected/SOURCE.lock     held while a collection of the source runs

Every file is whole or absent, and a file is there before the record that names it.  Nothing is fetched here.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from corpora.durable import PART, canonical, make_folder, sync_folder, write_whole
from corpora.errors import DraftLockedError, FormatError
from corpora.records import DocumentId
from corpora.sources import Page, Source
from corpora.visit import Validators

FORMAT, VERSION = "rohnamo-collected", 1
FOLDER = "collected"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one address; days are ISO, `last_seen` is a moment with its zone."""

    url: str
    document_id: DocumentId
    file: str
    sha256: str
    fetched: str                       # the day its bytes came
    last_seen: str                     # the moment its server last said that it stands
    licence: str
    etag: str = ""
    last_modified: str = ""
    gone: str = ""                     # the day it was first missed
    text: str = ""                     # SHA-256 of the text that was last reported

    @property
    def validators(self) -> Validators:
        """What the server gave to ask for changes."""
        return Validators(self.etag, self.last_modified)


class CollectedPages:
    """The records and files of one source in the folder of its draft."""

    def __init__(self, draft: Path, source: str) -> None:
        self._root, self._source = draft / FOLDER, source
        self._record = self._root / f"{source}.json"
        self.folder = self._root / source
        self._pages = _read(self._record)

    def pages(self) -> tuple[Kept, ...]:
        """Return all records by address."""
        return tuple(self._pages[url] for url in sorted(self._pages))

    def get(self, url: str) -> Kept | None:
        """Return the record of an address, or None."""
        return self._pages.get(url)

    def path(self, kept: Kept) -> Path:
        """Return where the file of a record lies."""
        return self.folder / kept.file

    def is_whole(self, kept: Kept) -> bool:
        """Return whether the file of a record is there as it came."""
        path = self.path(kept)
        return path.is_file() and sha256(path.read_bytes()).hexdigest() == kept.sha256

    def put(self, kept: Kept, data: bytes | None = None) -> None:
        """Keep a record and, where they are given, the bytes of its file; a file of another name makes way.

        Raises:
            NoSpaceError: the disk is full; what was kept before is as it was.
        """
        before = self._pages.get(kept.url)
        make_folder(self.folder)
        if data is not None:
            write_whole(self.path(kept), data)
        self._save(self._pages | {kept.url: kept})
        if before and before.file != kept.file:
            self._unlink(before)

    def drop(self, kept: Kept) -> None:
        """Forget an address and its file."""
        self._save({url: one for url, one in self._pages.items() if url != kept.url})
        self._unlink(kept)

    def describe(self, kept: Kept, page: Page, source: Source) -> None:
        """Write the metadata beside a file where it says something else."""
        path, text = self._beside(kept), metadata_text(kept, page, source).encode()
        if not path.is_file() or path.read_bytes() != text:
            write_whole(path, text)

    def _beside(self, kept: Kept) -> Path:
        return self.folder / f"{kept.file}.toml"

    def _unlink(self, kept: Kept) -> None:
        self.path(kept).unlink(missing_ok=True)
        self._beside(kept).unlink(missing_ok=True)
        sync_folder(self.folder)

    def _save(self, pages: dict[str, Kept]) -> None:
        plain = {"format": FORMAT, "version": VERSION, "source": self._source,
                 "pages": [asdict(pages[url]) for url in sorted(pages)]}
        write_whole(self._record, canonical(plain) + b"\n")
        self._pages = pages


@contextmanager
def collecting(draft: Path, source: str) -> Iterator[CollectedPages]:
    """Hold one source for a collection; what an earlier one left half written is cleaned first.

    Raises:
        DraftLockedError: another process collects this source.
        FormatError: its record was written by another version.
    """
    make_folder(draft / FOLDER / source)
    with (draft / FOLDER / f"{source}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DraftLockedError(f"another process is collecting {source}",
                                   hint="Wait until it ends; what it collects is then here too.") from error
        for part in (draft / FOLDER / source).glob("*" + PART):
            part.unlink()
        yield CollectedPages(draft, source)


def record_of(draft: Path, document_id: DocumentId) -> dict[str, str] | None:
    """Return where a document was collected from, with its source's name; None where it was not collected.

    Raises:
        FormatError: the record was written by another version.
    """
    for path in sorted((draft / FOLDER).glob("*.json")):
        for kept in _read(path).values():
            if kept.document_id == document_id:
                return {"source": path.stem, **asdict(kept)}
    return None


def metadata_text(kept: Kept, page: Page, source: Source) -> str:
    """Return the metadata of a collected file: what its table says wins over what its source says."""
    usual = {"publisher": source.publisher, "language": source.language, "kind": source.kind,
             "service": source.service, "as_of": kept.fetched}
    said = usual | dict(page.said) | {"id": kept.document_id, "source_url": page.url}
    act = said.pop("act", None)
    lines = [f"# licence: {source.licence}", *(_line(key, value) for key, value in said.items() if value != "")]
    if isinstance(act, dict):
        lines += ["[act]", *(_line(key, value) for key, value in act.items())]
    return "\n".join([*lines, ""])


def _line(key: str, value: object) -> str:
    plain = value.isoformat() if isinstance(value, date) else str(value)
    # JSON's quoting is TOML's, but for one character that TOML wants to be written out.
    return f"{key} = {json.dumps(plain, ensure_ascii=False)}".replace("\x7f", "\\u007f")


def _read(path: Path) -> dict[str, Kept]:
    if not path.is_file():
        return {}
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        if (found["format"], found["version"]) != (FORMAT, VERSION):
            raise FormatError(f"{path.name} is {found['format']} {found['version']}, not {FORMAT} {VERSION}")
        return {one["url"]: Kept(**one) for one in found["pages"]}
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path.name} in {path.parent} cannot be read: {error}",
                          hint=f"Move {path.name} away and collect again; the documents stay in the draft.") from error
