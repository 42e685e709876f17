"""What an earlier snapshot says of passages that are the same now, so that their words are not read again.

A passage is the same where its title, heading, text and language are; the lexicon is where its mark is.  A snapshot
that cannot be read, is not the file that was built or was made by another normaliser gives nothing.  What is written
with its help has the bytes of what is written without; how is not known here (`tables`, `postings`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from corpora.records import Document, Passage
from index.contents import connected
from index.errors import SnapshotError
from index.lexicon_file import Row
from index.manifest import TABLES, check_files, read_manifest
from index.postings import BLOCK_BITS, MOST_TIMES

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

_COLUMNS = ("title", "exact", "folded", "stemmed")


@dataclass(frozen=True, slots=True)
class Column:
    """The tokens of a column, ascending; then, token after token, which passages hold it and how often.

    which: (n,) uint32, the token; numbers: (n,) uint32, of the passages, ascending for a token; times: (n,) uint8.
    """

    tokens: list[str]
    which: NDArray[numpy.uint32]
    numbers: NDArray[numpy.uint32]
    times: NDArray[numpy.uint8]

    def of(self, passages: Sequence[int]) -> tuple[NDArray[numpy.uint32], NDArray[numpy.int64], NDArray[numpy.uint8]]:
        """Return what some passages hold: which token, which of the passages, by its place among them, and how often.

        passages: numbers, each once.  It comes token after token.
        """
        import numpy

        place = numpy.full(max([*passages, int(self.numbers.max(initial=0))]) + 1, -1, dtype=numpy.int64)
        place[numpy.array(passages)] = numpy.arange(len(passages))
        places = place[self.numbers]
        held = places >= 0
        return self.which[held], places[held], self.times[held]

    def full(self) -> list[int]:
        """Return the numbers of passages that hold a token as often as can be counted, or more often."""
        numbers: list[int] = self.numbers[self.times == MOST_TIMES].tolist()
        return numbers

    def counts(self, passages: Sequence[int]) -> dict[str, int]:
        """Return how often each token stands in some passages, without those that do not."""
        import numpy

        if not passages:
            return {}
        which, _, times = self.of(passages)
        counts = numpy.bincount(which, weights=times, minlength=len(self.tokens)).astype(numpy.int64)
        return {token: count for token, count in zip(self.tokens, counts.tolist(), strict=True) if count}


@dataclass(frozen=True, slots=True)
class Earlier:
    """The words of a snapshot's passages: in memory, some 5 bytes for each word of each column."""

    path: Path                         # of the SQLite file
    lexicon_mark: str
    numbers: dict[bytes, int]          # of a passage, by its key
    stems: dict[int, str]              # by number
    lengths: list[int]                 # tokens of all columns, by number
    columns: dict[str, Column]
    folded: dict[str, str]             # words as they are spelled most often, folded
    skeletons: dict[str, str]          # consonants of folded words

    def lexicon(self) -> Iterator[Row]:
        """Yield the rows of the lexicon, sorted."""
        with closing(connected(self.path)) as connection:
            yield from connection.execute("SELECT * FROM lexicon ORDER BY source_language, key, target")

    def number(self, document: Document, passage: Passage) -> int | None:
        """Return the number the same passage has there, each number once; None where there is none."""
        heading = passage.locator.heading or ""
        return self.numbers.pop(_key(document.title, heading, passage.text, document.language), None)


def earlier(folder: Path | None) -> Earlier | None:
    """Return what the snapshot in a folder says, None where there is none that can be used."""
    try:
        if folder is None:
            return None
        check_files(folder, read_manifest(folder), verify=True)
        with closing(connected(folder / TABLES)) as connection:
            return _read(folder / TABLES, connection)
    except (SnapshotError, sqlite3.Error):
        return None


def _read(path: Path, connection: sqlite3.Connection) -> Earlier:
    lengths = _lengths(connection)
    columns = {name: _column(connection, name) for name in _COLUMNS}
    unsure = {number for column in columns.values() for number in column.full()}
    documents = dict(connection.execute("SELECT number, json FROM documents"))
    documents = {number: json.loads(plain) for number, plain in documents.items()}
    numbers, stems = {}, {}
    for number, document, its_stems, plain in connection.execute("SELECT number, document, stems, json FROM passages"):
        about, passage = documents[document], json.loads(plain)
        heading = passage["locator"]["heading"] or ""
        if number not in unsure:
            numbers[_key(about["title"], heading, passage["text"], about["language"])] = number
            stems[number] = its_stems
    mark = str(connection.execute("SELECT sha256 FROM lexicon_mark").fetchone()[0])
    words = connection.execute("SELECT spelling, folded, consonants FROM vocabulary").fetchall()
    return Earlier(path, mark, numbers, stems, lengths, columns, {spelling: folded for spelling, folded, _ in words},
                   {folded: consonants for _, folded, consonants in words})


def _column(connection: sqlite3.Connection, name: str) -> Column:
    import numpy

    query = "SELECT term, block, doc, places, times FROM postings WHERE col = ? ORDER BY term, block"
    rows = connection.execute(query, (name,)).fetchall()
    place_of = {token: place for place, token in enumerate(dict.fromkeys(row[0] for row in rows))}
    sizes = numpy.array([row[2] for row in rows], dtype=numpy.int64)
    which = numpy.array([place_of[row[0]] for row in rows], dtype=numpy.uint32).repeat(sizes)
    numbers = (numpy.array([row[1] for row in rows], dtype=numpy.uint32) << numpy.uint32(BLOCK_BITS)).repeat(sizes)
    numbers += numpy.frombuffer(b"".join(row[3] for row in rows), dtype="<u2")
    times = numpy.frombuffer(b"".join(row[4] or b"\1" * row[2] for row in rows), dtype="u1")
    return Column(list(place_of), which, numbers, times)


def _lengths(connection: sqlite3.Connection) -> list[int]:
    import numpy

    rows = [row[0] for row in connection.execute("SELECT tokens FROM lengths ORDER BY block")]
    lengths: list[int] = numpy.frombuffer(b"".join(rows), dtype="<u2").tolist()
    return lengths


def _key(*parts: str) -> bytes:
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    return sha256(whole.encode(errors="surrogatepass")).digest()
