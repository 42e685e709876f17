"""Which passages hold a token, and how often: two tables of a snapshot, read as arrays.

Passages are numbered from 1 and lie in blocks of 65,536, so that a place within a block takes two bytes.  A row holds
the passages of one token of one column in one block, ascending, and how often it stands in each.  What that is worth
is decided in `lexical`.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[numpy.int64]
    Times: TypeAlias = NDArray[numpy.uint8]
    Floats: TypeAlias = NDArray[numpy.float32]

TABLES = """
CREATE TABLE postings (col TEXT NOT NULL, term TEXT NOT NULL, block INTEGER NOT NULL, doc INTEGER NOT NULL,
    places BLOB NOT NULL, times BLOB NOT NULL, PRIMARY KEY (col, term, block)) WITHOUT ROWID;
CREATE TABLE lengths (block INTEGER PRIMARY KEY, tokens BLOB NOT NULL);
"""
Phrase: TypeAlias = tuple[str, str]    # a column and a token of it

_BLOCK_BITS = 16
_BLOCK = 1 << _BLOCK_BITS
_MOST_TIMES, _MOST_TOKENS = 0xFF, 0xFFFF


class PostingsWriter:
    """Takes passages in order of their numbers; holds the tokens of one block in memory at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._block = 0
        self._start_block()

    def add(self, number: int, columns: Mapping[str, Sequence[str]]) -> None:
        """Take the tokens of a passage by column."""
        block, place = divmod(number, _BLOCK)
        if block != self._block:
            self.finish()
            self._block = block
            self._start_block()
        self._lengths.extend([0] * (place - len(self._lengths)))
        self._lengths.append(min(sum(map(len, columns.values())), _MOST_TOKENS))
        for column, tokens in columns.items():
            held = self._held[column]
            for token, times in Counter(tokens).items():
                held[token].append(place << 8 | min(times, _MOST_TIMES))

    def finish(self) -> None:
        """Write what is held; to be called after the last passage."""
        import numpy

        tokens = numpy.array(self._lengths, dtype="<u2").tobytes()
        self._connection.execute("INSERT INTO lengths VALUES (?, ?)", (self._block, tokens))
        self._connection.executemany("INSERT INTO postings VALUES (?, ?, ?, ?, ?, ?)", self._rows())

    def _start_block(self) -> None:
        self._lengths: list[int] = []
        self._held: defaultdict[str, defaultdict[str, array[int]]] = defaultdict(
            partial(defaultdict, partial(array, "I")))

    def _rows(self) -> Iterator[tuple[str, str, int, int, bytes, bytes]]:
        import numpy

        for column, held in sorted(self._held.items()):
            for token in sorted(held):
                packed = numpy.frombuffer(held[token], dtype=numpy.uint32)
                times = packed & _MOST_TIMES
                often = times.astype("u1").tobytes() if (times != 1).any() else b""
                yield column, token, self._block, len(packed), (packed >> 8).astype("<u2").tobytes(), often


class Postings:
    """Reads the tables over a connection to a snapshot's SQLite file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @cached_property
    def lengths(self) -> Floats:
        """How many tokens a passage has in all columns, by its number, float32; 0 for number 0, which is no passage."""
        import numpy

        rows = [row[0] for row in self._connection.execute("SELECT tokens FROM lengths ORDER BY block")]
        return numpy.frombuffer(b"".join(rows) or b"\0\0", dtype="<u2").astype(numpy.float32)

    def count(self, phrase: Phrase) -> int:
        """Return how many passages hold a token in a column."""
        query = "SELECT coalesce(sum(doc), 0) FROM postings WHERE col = ? AND term = ?"
        return int(self._connection.execute(query, phrase).fetchone()[0])

    def read(self, phrase: Phrase) -> tuple[Numbers, Times]:
        """Return the numbers of the passages that hold a token in a column, ascending, and how often each does.

        numbers: (n,) int64, each once; times: (n,) uint8, or (1,) where each passage holds it once.
        """
        import numpy

        query = "SELECT block, places, times FROM postings WHERE col = ? AND term = ? ORDER BY block"
        rows = self._connection.execute(query, phrase).fetchall()
        numbers = [numpy.frombuffer(places, dtype="<u2").astype(numpy.int64) + (block << _BLOCK_BITS)
                   for block, places, _ in rows]
        if any(times for _, _, times in rows):
            times = [numpy.frombuffer(times or b"\1" * (len(places) // 2), dtype="u1") for _, places, times in rows]
        else:
            times = [numpy.ones(1, dtype="u1")]
        return numpy.concatenate(numbers or [numpy.empty(0, numpy.int64)]), numpy.concatenate(times)
