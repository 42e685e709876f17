"""The SQLite file of a snapshot: its tables, written once and never changed.

Documents and passages as JSON, the words of passages in four columns (`postings`), the vocabulary, the lexicon.
The same entries in the same order give the same bytes.  Reading is not done here (`lexical`, `snapshot`).
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from corpora.durable import canonical
from corpora.records import Document, Passage
from index import lexicon, postings
from index.earlier import Earlier
from index.errors import DuplicateDocumentError
from index.persian import skeleton
from index.tokens import fold, grouped_numbers, stem, words

# A document's own imprint: what the text is, its publisher and sources; seldom what was asked for.
FACE_HEADINGS = frozenset(("дар бораи ин матн", "об этом тексте", "about this text"))

_TABLES = f"""
CREATE TABLE documents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL,
    valid_from TEXT, valid_until TEXT, release TEXT NOT NULL, json TEXT NOT NULL);
CREATE TABLE passages (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document INTEGER NOT NULL,
    face INTEGER NOT NULL, stems TEXT NOT NULL, json TEXT NOT NULL);
CREATE INDEX passages_of_document ON passages (document);
CREATE TABLE vector_keys (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL);
CREATE TABLE vocabulary (folded TEXT PRIMARY KEY, spelling TEXT NOT NULL, frequency INTEGER NOT NULL,
    consonants TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX words_of_consonants ON vocabulary (consonants);
{lexicon.TABLE};
CREATE TABLE lexicon_mark (sha256 TEXT NOT NULL);
{postings.TABLES}
"""


class Entry(Protocol):
    """One document with its passages in order, as `corpora.draft.Entry`."""

    @property
    def document(self) -> Document: ...  # noqa: D102

    @property
    def passages(self) -> Iterable[Passage]: ...  # noqa: D102

    @property
    def release(self) -> str: ...  # noqa: D102


class Forms(dict[str, str]):
    """What each word becomes, worked out when it is first asked for."""

    def __init__(self, form: Callable[[str], str]) -> None:
        super().__init__()
        self._form = form

    def __missing__(self, word: str) -> str:
        self[word] = form = self._form(word)
        return form


class Encoded(Sequence[str]):
    """What is encoded of passages, in order; put together when it is read, for together it is as large as they are."""

    def __init__(self) -> None:
        self._passages: list[tuple[Document, Passage]] = []

    def add(self, document: Document, passage: Passage) -> str:
        """Take the next passage and return what is encoded of it."""
        self._passages.append((document, passage))
        return encoded_text(document, passage)

    def __len__(self) -> int:
        return len(self._passages)

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 - a slice is a list, as for any sequence
        if isinstance(place, slice):
            return [encoded_text(*one) for one in self._passages[place]]
        return encoded_text(*self._passages[place])


@dataclass(slots=True)
class Written:
    """What a file of tables holds: what is encoded of each passage, in order of their numbers, which begin at 1."""

    documents: int = 0
    texts: Encoded = field(default_factory=Encoded)

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


def write_tables(path: Path, entries: Iterable[Entry], lexicon_file: Path | None = None,
                 earlier: Earlier | None = None) -> Written:
    """Write the file and return what it holds.

    earlier: an earlier snapshot, whose words are taken for the passages that are the same; the bytes are the same.

    Raises:
        DuplicateDocumentError: two documents or two passages share an id.
        LexiconError: a line of the lexicon cannot be read.
    """
    from sqlite_utils import Database

    connection = sqlite3.connect(path, isolation_level=None)
    try:
        database = Database(connection)
        for pragma in ("page_size = 4096", "journal_mode = OFF", "synchronous = OFF"):
            database.execute(f"PRAGMA {pragma}").fetchall()
        database.executescript(_TABLES)
        connection.execute("BEGIN")
        written = _Writer(connection, earlier).write(entries)
        _write_lexicon(connection, lexicon_file, earlier)
        connection.execute("COMMIT")
        database.vacuum()
    finally:
        connection.close()
    return written


def _write_lexicon(connection: sqlite3.Connection, file: Path | None, earlier: Earlier | None) -> None:
    mark = lexicon.lexicon_mark(file)
    same = earlier if earlier and earlier.lexicon_mark == mark else None
    rows = same.lexicon() if same else lexicon.lexicon_rows(file)
    connection.execute("INSERT INTO lexicon_mark VALUES (?)", (mark,))
    connection.executemany("INSERT INTO lexicon VALUES (?, ?, ?, ?)", rows)


class _Writer:
    """Fills the tables row by row, counting spellings on the way."""

    def __init__(self, connection: sqlite3.Connection, earlier: Earlier | None) -> None:
        self._connection, self._earlier = connection, earlier
        self._kept: list[int] = []
        self._spellings: Counter[str] = Counter()
        self._folded = Forms(fold)
        self._skeletons = Forms(skeleton)
        if earlier:
            self._folded |= earlier.folded
            self._skeletons |= earlier.skeletons
        self._stemmed = cache(lambda language: Forms(lambda word: stem(fold(word), language)))
        self._title = lru_cache(1)(self._stems_of_title)
        self._postings = postings.PostingsWriter(connection, earlier)
        self._written = Written()

    def write(self, entries: Iterable[Entry]) -> Written:
        for entry in entries:
            try:
                self._entry(entry.document, entry.passages, entry.release)
            except sqlite3.IntegrityError as error:
                raise DuplicateDocumentError(
                    f"{entry.document.id}, or a passage of it, is given twice") from error
        self._postings.finish()
        self._vocabulary()
        return self._written

    def _entry(self, document: Document, passages: Iterable[Passage], release: str) -> None:
        self._written.documents += 1
        row = (self._written.documents, document.id, document.status, document.valid_from, document.valid_until,
               release, _json(document.to_json()))
        self._connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        for passage in passages:
            self._passage(document, passage)

    def _passage(self, document: Document, passage: Passage) -> None:
        text = self._written.texts.add(document, passage)
        number = len(self._written.texts)
        face = (passage.locator.heading or "").casefold().strip(" .:") in FACE_HEADINGS
        same = self._earlier.number(document, passage) if self._earlier else None
        stems = self._words(number, document, passage) if same is None else self._same_words(number, same)
        self._connection.execute("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
                                 (number, passage.id, self._written.documents, face, stems, _json(passage.to_json())))
        self._connection.execute("INSERT INTO vector_keys VALUES (?, ?)", (number, text_key(text)))

    def _words(self, number: int, document: Document, passage: Passage) -> str:
        """Write the words of a passage and return its stems."""
        exact = words(passage.text) + grouped_numbers(passage.text)
        folded = list(map(self._folded.__getitem__, exact))
        stemmed = list(map(self._stemmed(document.language).__getitem__, exact))
        title = self._title(document.title, passage.locator.heading or "", document.language)
        self._postings.add(number, {"title": title, "exact": exact, "folded": folded, "stemmed": stemmed})
        self._spellings.update(exact)
        return " ".join(sorted({*title, *stemmed}))

    def _same_words(self, number: int, same: int) -> str:
        """Write the words that the earlier snapshot has for a passage, and return its stems."""
        self._postings.keep(number, same)
        self._kept.append(same)
        return self._earlier.stems[same] if self._earlier else ""

    def _stems_of_title(self, title: str, heading: str, language: str) -> list[str]:
        return [self._stemmed(language)[word] for word in words(f"{title}\n{heading}")]

    def _vocabulary(self) -> None:
        """Keep the most frequent spelling of each folded word; of equals, the one with more Tajik letters."""
        if self._earlier:
            self._spellings.update(self._earlier.columns["exact"].counts(self._kept))
        spelled: defaultdict[str, list[str]] = defaultdict(list)
        for spelling in self._spellings:
            spelled[self._folded[spelling]].append(spelling)
        rows = ((folded, max(one, key=self._rank), sum(map(self._spellings.__getitem__, one)), self._skeletons[folded])
                for folded, one in sorted(spelled.items()))
        self._connection.executemany("INSERT INTO vocabulary VALUES (?, ?, ?, ?)", rows)

    def _rank(self, spelling: str) -> tuple[int, int, str]:
        return self._spellings[spelling], sum(letter in "ғӣқӯҳҷ" for letter in spelling), spelling


def _json(plain: dict[str, Any]) -> str:
    return canonical(plain).decode()


def batches(items: list[int], size: int) -> Iterator[list[int]]:
    """Yield the items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start:start + size]
