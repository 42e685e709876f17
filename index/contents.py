"""What a snapshot holds: its documents and passages, read from its SQLite file.

Rows come out as they went in (`tables`).  Nothing is searched here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from corpora.records import Document, DocumentStatus, Passage
from index.rows import Connection, marks

# Asked of a document's id and its release whether it is withdrawn.
Withdrawn = Callable[[str, str], bool]
# Documents kept ready; a kiosk's questions go to few of them.
_REMEMBERED = 2048


@dataclass(frozen=True, slots=True)
class Place:
    """A passage by number, with what decides how far it is pushed down."""

    number: int
    id: str
    face: bool                         # the document's own imprint
    status: DocumentStatus             # of its document, with the dates it holds; ISO
    valid_from: str | None
    valid_until: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage with its document and the stems of its words and titles."""

    passage: Passage
    document: Document
    stems: frozenset[str]
    face: bool                         # the document's own imprint


def connected(path: Path) -> sqlite3.Connection:
    """Return a connection to a file that never changes; any thread may use it, one at a time."""
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, check_same_thread=False)


class Contents:
    """The documents and passages of a snapshot, over a connection to its tables.

    What is withdrawn, as `withdrawn` says of a document's id and its release, is as if it were not there.
    """

    def __init__(self, connection: Connection, withdrawn: Withdrawn | None = None) -> None:
        self._connection = connection
        self._withdrawn = withdrawn
        self._numbered = lru_cache(_REMEMBERED)(self._read_document)

    def document(self, document_id: str) -> Document | None:
        """Return a document, None where there is none of this id."""
        number = self._number(document_id)
        return self._numbered(number) if number else None

    def hides(self, document_id: str) -> bool:
        """Return whether a document is there and withdrawn."""
        row = self._connection.execute("SELECT number FROM documents WHERE id = ?", (document_id,)).fetchone()
        return bool(row) and row[0] in self._hidden

    def release(self, document_id: str) -> str:
        """Return the release that a document came with, as `min-health/12`; empty where that is not known."""
        row = self._connection.execute("SELECT release FROM documents WHERE number = ?", (self._number(document_id),))
        return str((row.fetchone() or ("",))[0])

    def releases(self) -> tuple[str, ...]:
        """Return the releases that documents came with, as `min-health/12`, sorted."""
        rows = self._connection.execute("SELECT DISTINCT release FROM documents WHERE release != '' ORDER BY 1")
        return tuple(release for (release,) in rows)

    def documents(self) -> Iterator[Document]:
        """Yield the documents, sorted by id."""
        for (number,) in self._connection.execute("SELECT number FROM documents ORDER BY number").fetchall():
            if number not in self._hidden:
                yield self._numbered(number)

    def passages(self, document_id: str) -> tuple[Passage, ...]:
        """Return the passages of a document in order; none where there is no such document."""
        rows = self._connection.execute(
            "SELECT json FROM passages WHERE document = ? ORDER BY number", (self._number(document_id),))
        return tuple(Passage.from_json(json.loads(row[0])) for row in rows)

    def places(self, numbers: Iterable[int]) -> list[Place]:
        """Return the places of passages, by number, but for those of documents that are withdrawn."""
        wanted = sorted(numbers)
        rows = self._connection.execute(
            "SELECT passages.number, passages.id, face, status, valid_from, valid_until, document "
            "FROM passages JOIN documents ON documents.number = document "
            f"WHERE passages.number IN ({marks(wanted)}) ORDER BY 1", wanted)
        return [Place(number, name, bool(face), DocumentStatus(status), first, last)
                for number, name, face, status, first, last, document in rows if document not in self._hidden]

    def stored(self, number: int) -> Stored:
        """Return a passage by its number."""
        row = self._connection.execute("SELECT json, stems, document, face FROM passages WHERE number = ?", (number,))
        text, stems, document, face = row.fetchone()
        return Stored(Passage.from_json(json.loads(text)), self._numbered(document), frozenset(stems.split()),
                      bool(face))

    def _number(self, document_id: str) -> int | None:
        row = self._connection.execute("SELECT number FROM documents WHERE id = ?", (document_id,)).fetchone()
        return int(row[0]) if row and row[0] not in self._hidden else None

    @cached_property
    def _hidden(self) -> frozenset[int]:
        """The numbers of the documents that are withdrawn."""
        if not self._withdrawn:
            return frozenset()
        rows = self._connection.execute("SELECT number, id, release FROM documents")
        return frozenset(number for number, name, release in rows if self._withdrawn(name, release))

    def _read_document(self, number: int) -> Document:
        row = self._connection.execute("SELECT json FROM documents WHERE number = ?", (number,)).fetchone()
        return Document.from_json(json.loads(row[0]))
