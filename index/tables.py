"""The SQLite file of a snapshot: its tables, written once and never changed.

Documents and passages as JSON, the words of passages in four columns (`postings`), the vocabulary, the lexicon.
The same entries in the same order give the same bytes.  Reading is not done here (`lexical`, `snapshot`).
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from corpora.durable import canonical
from corpora.records import Document, Passage
from index import lexicon, postings
from index.errors import DuplicateDocumentError
from index.persian import skeleton
from index.tokens import fold, grouped_numbers, stem, words

# A document's own imprint: what the text is, its publisher and sources; seldom what was asked for.
FACE_HEADINGS = frozenset(("дар бораи ин матн", "об этом тексте", "about this text"))

_TABLES = f"""
CREATE TABLE documents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL,
    valid_from TEXT, valid_until TEXT, json TEXT NOT NULL);
CREATE TABLE passages (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document INTEGER NOT NULL,
    face INTEGER NOT NULL, stems TEXT NOT NULL, json TEXT NOT NULL);
CREATE INDEX passages_of_document ON passages (document);
CREATE TABLE vector_keys (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL);
CREATE TABLE vocabulary (folded TEXT PRIMARY KEY, spelling TEXT NOT NULL, frequency INTEGER NOT NULL,
    consonants TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX words_of_consonants ON vocabulary (consonants);
{lexicon.TABLE};
{postings.TABLES}
"""


class Entry(Protocol):
    """One document with its passages in order, as `corpora.draft.Entry`."""

    @property
    def document(self) -> Document: ...  # noqa: D102

    @property
    def passages(self) -> Iterable[Passage]: ...  # noqa: D102


@dataclass(slots=True)
class Written:
    """What a file of tables holds: what is encoded of each passage, in order of their numbers, which begin at 1."""

    documents: int = 0
    texts: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """The SHA-256 of each text, under which its vector is known."""
        return [text_key(text) for text in self.texts]


def encoded_text(document: Document, passage: Passage) -> str:
    """Return what an encoder reads of a passage: the title and the heading it stands under, and its text.

    What the text begins with is not said twice.
    """
    over = (line for line in (document.title, passage.locator.heading) if line and not passage.text.startswith(line))
    return "\n".join((*over, passage.text))


def text_key(text: str) -> str:
    """Return the key a passage's vector is known by: the SHA-256 of what was encoded, in hex."""
    return sha256(text.encode(errors="replace")).hexdigest()


def write_tables(path: Path, entries: Iterable[Entry], lexicon_file: Path | None = None) -> Written:
    """Write the file and return what it holds.

    Raises:
        DuplicateDocumentError: two documents or two passages share an id.
        LexiconError: a line of the lexicon cannot be read.
    """
    from sqlite_utils import Database

    connection = sqlite3.connect(path, isolation_level=None)
    try:
        database = Database(connection)
        database.execute("PRAGMA page_size = 4096")
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            database.execute(f"PRAGMA {pragma}").fetchall()
        connection.executescript(_TABLES)
        connection.execute("BEGIN")
        written = _Writer(connection).write(entries)
        connection.executemany("INSERT INTO lexicon VALUES (?, ?, ?, ?)", lexicon.lexicon_rows(lexicon_file))
        connection.execute("COMMIT")
        database.vacuum()
    finally:
        connection.close()
    return written


class _Writer:
    """Fills the tables row by row, counting spellings on the way."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._postings = postings.PostingsWriter(connection)
        self._written = Written()

    def write(self, entries: Iterable[Entry]) -> Written:
        for entry in entries:
            try:
                self._entry(entry.document, entry.passages)
            except sqlite3.IntegrityError as error:
                raise DuplicateDocumentError(
                    f"{entry.document.id}, or a passage of it, is given twice") from error
        self._postings.finish()
        self._vocabulary()
        return self._written

    def _entry(self, document: Document, passages: Iterable[Passage]) -> None:
        self._written.documents += 1
        row = (self._written.documents, document.id, document.status, document.valid_from, document.valid_until,
               _json(document.to_json()))
        self._connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)", row)
        for passage in passages:
            self._passage(document, passage)

    def _passage(self, document: Document, passage: Passage) -> None:
        heading = passage.locator.heading or ""
        exact = words(passage.text) + grouped_numbers(passage.text)
        folded = [fold(word) for word in exact]
        stemmed = [stem(word, document.language) for word in folded]
        title = [stem(fold(word), document.language) for word in words(f"{document.title}\n{heading}")]
        text = encoded_text(document, passage)
        self._written.texts.append(text)
        number = len(self._written.texts)
        face = heading.casefold().strip(" .:") in FACE_HEADINGS
        self._connection.execute(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
            (number, passage.id, self._written.documents, face, " ".join(sorted({*title, *stemmed})),
             _json(passage.to_json())))
        self._connection.execute("INSERT INTO vector_keys VALUES (?, ?)", (number, text_key(text)))
        self._postings.add(number, {"title": title, "exact": exact, "folded": folded, "stemmed": stemmed})
        for word, key in zip(exact, folded, strict=True):
            self._spellings[key][word] += 1

    def _vocabulary(self) -> None:
        """Keep the most frequent spelling of each folded word; of equals, the one with more Tajik letters."""
        rows = ((folded, *_best(spellings), skeleton(folded)) for folded, spellings in sorted(self._spellings.items()))
        self._connection.executemany("INSERT INTO vocabulary VALUES (?, ?, ?, ?)", rows)


def _best(spellings: Counter[str]) -> tuple[str, int]:
    def rank(spelling: str) -> tuple[int, int, str]:
        return (spellings[spelling], sum(letter in "ғӣқӯҳҷ" for letter in spelling), spelling)

    return max(spellings, key=rank), spellings.total()


def _json(plain: dict[str, Any]) -> str:
    return canonical(plain).decode()


def batches(items: list[int], size: int) -> Iterator[list[int]]:
    """Yield the items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start:start + size]
