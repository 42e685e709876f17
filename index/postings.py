"""Which passages hold a token, and how often: two tables of a snapshot, read as arrays.

Passages are numbered from 1 and lie in blocks of 65,536, so that a place within a block takes two bytes.  A row holds
the passages of one token of one column in one block, ascending, and how often it stands in each.  What that is worth
is decided in `lexical`.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from index.rows import Connection

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from index.earlier import Column, Earlier

    Numbers: TypeAlias = NDArray[numpy.int64]
    Tokens: TypeAlias = NDArray[numpy.uint32]
    Times: TypeAlias = NDArray[numpy.uint8]
    Floats: TypeAlias = NDArray[numpy.float32]

TABLES = """
CREATE TABLE postings (col TEXT NOT NULL, term TEXT NOT NULL, block INTEGER NOT NULL, doc INTEGER NOT NULL,
    places BLOB NOT NULL, times BLOB NOT NULL, PRIMARY KEY (col, term, block)) WITHOUT ROWID;
CREATE TABLE lengths (block INTEGER PRIMARY KEY, tokens BLOB NOT NULL);
"""
Phrase: TypeAlias = tuple[str, str]    # a column and a token of it

BLOCK_BITS = 16
_BLOCK = 1 << BLOCK_BITS
MOST_TIMES, _MOST_TOKENS = 0xFF, 0xFFFF


class PostingsWriter:
    """Takes passages in order of their numbers; holds the tokens of one block in memory at a time."""

    def __init__(self, connection: sqlite3.Connection, earlier: Earlier | None = None) -> None:
        self._connection, self._earlier = connection, earlier
        self._block = 0
        self._start_block()

    def add(self, number: int, columns: Mapping[str, Sequence[str]]) -> None:
        """Take the tokens of a passage by column."""
        place = self._place(number, sum(map(len, columns.values())))
        for column, tokens in columns.items():
            self._held[column].add(place, tokens)

    def keep(self, number: int, same: int) -> None:
        """Take the tokens that a passage of the earlier snapshot has, by its number there."""
        if self._earlier:
            place = self._place(number, self._earlier.lengths[same])
            self._kept.append((same, place))

    def _place(self, number: int, tokens: int) -> int:
        block, place = divmod(number, _BLOCK)
        if block != self._block:
            self.finish()
            self._block = block
            self._start_block()
        self._lengths.extend([0] * (place - len(self._lengths)))
        self._lengths.append(min(tokens, _MOST_TOKENS))
        return place

    def finish(self) -> None:
        """Write what is held; to be called after the last passage."""
        import numpy

        tokens = numpy.array(self._lengths, dtype="<u2").tobytes()
        self._connection.execute("INSERT INTO lengths VALUES (?, ?)", (self._block, tokens))
        same = self._earlier.columns if self._earlier and self._kept else {}
        for column in sorted({*self._held, *same}):
            held = self._held.pop(column, _Column())
            if column in same:
                held.keep(same[column], self._kept)
            rows = ((column, token, self._block, *row) for token, *row in held.rows())
            self._connection.executemany("INSERT INTO postings VALUES (?, ?, ?, ?, ?, ?)", rows)

    def _start_block(self) -> None:
        self._lengths: list[int] = []
        self._kept: list[tuple[int, int]] = []
        self._held: defaultdict[str, _Column] = defaultdict(_Column)


class _Column:
    """The tokens of one column in one block as they come: numbers of tokens, and how many there are in each place."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self._tokens = array("I")
        self._places, self._sizes = array("I"), array("I")
        self._kept: tuple[Tokens, Tokens, Times] | None = None

    def add(self, place: int, tokens: Sequence[str]) -> None:
        self._tokens.extend(map(self._numbers.__getitem__, tokens))
        self._places.append(place)
        self._sizes.append(len(tokens))

    def keep(self, earlier: Column, passages: Sequence[tuple[int, int]]) -> None:
        """Take what passages have in an earlier snapshot: pairs of a number there and a place here."""
        import numpy

        which, at, times = earlier.of([same for same, _ in passages])
        used = numpy.flatnonzero(numpy.bincount(which, minlength=len(earlier.tokens)))
        numbers = numpy.zeros(len(earlier.tokens), dtype=numpy.uint32)
        numbers[used] = [self._numbers[earlier.tokens[token]] for token in used.tolist()]
        self._kept = numbers[which], numpy.array([place for _, place in passages], dtype=numpy.uint32)[at], times

    def rows(self) -> Iterator[tuple[str, int, bytes, bytes]]:
        """Yield for each token, in order, in how many places it is, which ones, and how often in each."""
        import numpy

        tokens = sorted(self._numbers)
        pairs, times = self._pairs(tokens)
        ends = numpy.searchsorted(pairs, numpy.arange(1, len(tokens) + 1) << BLOCK_BITS)
        places, often = (pairs & (_BLOCK - 1)).astype("<u2").tobytes(), times.astype("u1").tobytes()
        several = numpy.maximum.reduceat(times, [0, *ends[:-1]]) > 1 if tokens else ()
        start = 0
        for token, end, more in zip(tokens, ends.tolist(), several, strict=True):
            yield token, end - start, places[2 * start:2 * end], often[start:end] if more else b""
            start = end

    def _pairs(self, tokens: Sequence[str]) -> tuple[Numbers, Numbers]:
        """Return the pairs of a token's rank and a place, ascending, and how often each was given, up to 255."""
        import numpy

        ranks = numpy.empty(len(tokens), dtype=numpy.int64)
        ranks[[self._numbers[token] for token in tokens]] = numpy.arange(len(tokens)) << BLOCK_BITS
        pairs = ranks[numpy.asarray(self._tokens)]
        pairs |= numpy.repeat(numpy.asarray(self._places), numpy.asarray(self._sizes))
        pairs, times = numpy.unique(pairs, return_counts=True)
        times = numpy.minimum(times, MOST_TIMES)
        if self._kept:
            numbers, places, kept = self._kept
            pairs, times = numpy.concatenate([pairs, ranks[numbers] | places]), numpy.concatenate([times, kept])
            order = numpy.argsort(pairs, kind="stable")        # both ascend already, but for passages that moved
            pairs, times = pairs[order], times[order]
        return pairs, times


class Postings:
    """Reads the tables over a connection to a snapshot's."""

    def __init__(self, connection: Connection) -> None:
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
        numbers = [numpy.frombuffer(places, dtype="<u2").astype(numpy.int64) + (block << BLOCK_BITS)
                   for block, places, _ in rows]
        if any(times for _, _, times in rows):
            times = [numpy.frombuffer(times or b"\1" * (len(places) // 2), dtype="u1") for _, places, times in rows]
        else:
            times = [numpy.ones(1, dtype="u1")]
        return numpy.concatenate(numbers or [numpy.empty(0, numpy.int64)]), numpy.concatenate(times)
