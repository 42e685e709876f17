"""What a snapshot holds: its documents and passages, read from its SQLite file.

Rows come out as they went in (`tables`).  Nothing is searched here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpora.records import Document, DocumentStatus, Passage

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
    """The documents and passages of a snapshot, over a connection to its SQLite file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbered = lru_cache(_REMEMBERED)(self._read_document)

    def document(self, document_id: str) -> Document | None:
        """Return a document, None where there is none of this id."""
        row = self._connection.execute("SELECT number FROM documents WHERE id = ?", (document_id,)).fetchone()
        return self._numbered(row[0]) if row else None

    def documents(self) -> Iterator[Document]:
        """Yield the documents, sorted by id."""
        for (number,) in self._connection.execute("SELECT number FROM documents ORDER BY number").fetchall():
            yield self._numbered(number)

    def passages(self, document_id: str) -> tuple[Passage, ...]:
        """Return the passages of a document in order; none where there is no such document."""
        rows = self._connection.execute(
            "SELECT passages.json FROM passages JOIN documents ON documents.number = document "
            "WHERE documents.id = ? ORDER BY passages.number", (document_id,))
        return tuple(Passage.from_json(json.loads(row[0])) for row in rows)

    def places(self, numbers: Iterable[int]) -> list[Place]:
        """Return the places of passages, by number."""
        rows = self._connection.execute(
            "SELECT passages.number, passages.id, face, status, valid_from, valid_until "
            "FROM json_each(?) JOIN passages ON passages.number = value JOIN documents ON documents.number = document "
            "ORDER BY 1", (json.dumps(sorted(numbers)),))
        return [Place(number, name, bool(face), DocumentStatus(status), first, last)
                for number, name, face, status, first, last in rows]

    def stored(self, number: int) -> Stored:
        """Return a passage by its number."""
        row = self._connection.execute("SELECT json, stems, document, face FROM passages WHERE number = ?", (number,))
        text, stems, document, face = row.fetchone()
        return Stored(Passage.from_json(json.loads(text)), self._numbered(document), frozenset(stems.split()),
                      bool(face))

    def _read_document(self, number: int) -> Document:
        row = self._connection.execute("SELECT json FROM documents WHERE number = ?", (number,)).fetchone()
        return Document.from_json(json.loads(row[0]))
