"""The folded words of a snapshot's passages: how they are spelled, how rare they are, which are near a mistyped one.

Read from its tables.  What a question means is decided in `terms`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

from index.rows import Connection, marks

# Shorter words are too near to each other to be corrected; longer ones may have two slips.
_LEAST_CORRECTED, _TWO_SLIPS = 5, 8
# In fewer passages nothing can be told of how common a word is.
_FEW_PASSAGES = 100
# Words that begin with a letter are kept once they were read: some thousand for each.
_LETTERS_KEPT = 48
_LETTERS = "абвгдежзийклмнопрстуфхчшьюя"


class Vocabulary:
    """The folded words of the passages, in a snapshot's `vocabulary` table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._beginning = lru_cache(_LETTERS_KEPT)(self._read_beginning)
        self._count = connection.execute("SELECT max(number) FROM passages").fetchone()[0] or 1

    def spelling(self, folded: str) -> str | None:
        """Return the most frequent spelling of a folded word, None where no passage has it."""
        query = "SELECT spelling FROM vocabulary WHERE folded = ?"
        row = self._connection.execute(query, (folded,)).fetchone()
        return str(row[0]) if row else None

    def of_consonants(self, consonants: str) -> list[tuple[str, int]]:
        """Return the folded words of these consonants, and how often each stands in the passages."""
        query = "SELECT folded, frequency FROM vocabulary WHERE consonants = ? ORDER BY 1"
        return list(self._connection.execute(query, (consonants,)))

    def has_stem(self, stemmed: str) -> bool:
        """Return whether some passage has a word of this stem."""
        query = "SELECT 1 FROM postings WHERE col = 'stemmed' AND term = ? LIMIT 1"
        return self._connection.execute(query, (stemmed,)).fetchone() is not None

    def rarity(self, stems: Iterable[str]) -> float:
        """Return how much it says that a word of these stems is in a passage: 0 in all of them .. 1 in none."""
        query = "SELECT sum(doc) FROM postings WHERE col = 'stemmed' AND term = ? HAVING count(*) > 0"
        counts = [row[0] for stemmed in stems for row in self._connection.execute(query, (stemmed,))]
        return 1 - math.log1p(max(counts, default=0)) / math.log1p(max(self._count, _FEW_PASSAGES))

    def nearest(self, folded: str) -> str | None:
        """Return the nearest word of the passages: one slip away, two in words of 8 letters; None where none is.

        Of equals the most frequent; one with the same first letter first.  Under five letters nothing is near.
        """
        if len(folded) < _LEAST_CORRECTED or not folded.isalpha():
            return None
        slips = 2 if len(folded) >= _TWO_SLIPS else 1
        return self._near(folded, slips) or self._begun_otherwise(folded)

    def _near(self, folded: str, slips: int) -> str | None:
        """Return the nearest word with the same first letter."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        words, frequencies = self._beginning(folded[0])
        found = process.extract(folded, words, scorer=OSA.distance, score_cutoff=slips, limit=None)
        return min(((score, -frequencies[place], word) for word, score, place in found), default=(0, 0, None))[2]

    def _begun_otherwise(self, folded: str) -> str | None:
        """Return the most frequent word that differs in the first letter, or in the first two changed about."""
        rest = folded[1:]
        others = [rest, rest[0] + folded[0] + rest[1:], *(letter + rest for letter in _LETTERS),
                  *(letter + folded for letter in _LETTERS)]
        query = f"SELECT folded FROM vocabulary WHERE folded IN ({marks(others)}) ORDER BY frequency DESC, 1 LIMIT 1"
        row = self._connection.execute(query, others).fetchone()
        return str(row[0]) if row else None

    def _read_beginning(self, letter: str) -> tuple[list[str], list[int]]:
        query = "SELECT folded, frequency FROM vocabulary WHERE folded >= ? AND folded < ? ORDER BY 1"
        rows = self._connection.execute(query, (letter, chr(ord(letter) + 1))).fetchall()
        return [row[0] for row in rows], [row[1] for row in rows]
