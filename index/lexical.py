"""Search by words: BM25 over the four columns of a snapshot's postings.

Every token adds what it is worth to the passages that hold it, whole arrays at a time.  What a word may be in
another language scores as the best of its targets.  Words are understood in `terms`, postings read in
`postings`; vectors are not known here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from index.lexicon import Expansion
from index.postings import Phrase, Postings
from index.rows import Connection
from index.terms import Question, Term

if TYPE_CHECKING:
    from index.postings import Floats, Numbers

# BM25 weights: a word as typed is found in all but the title at once.
_COLUMNS = {"title": 3.0, "exact": 0.6, "folded": 0.7, "stemmed": 1.0}
# As in SQLite's FTS5, with the length of a passage counted in the tokens of all its columns.
_SATURATION, _LENGTH_SHARE, _LEAST_IDF = 1.2, 0.75, 1e-6
# A word that only holds the question together says little about what it is about.
_FUNCTION_WORD = 0.3
# Tokens in more than this share of passages are left out (research: retrieval 7).
_FREQUENT_SHARE = 0.2


class LexicalSearch:
    """Scores passages by the words of a question, over a connection to a snapshot's tables."""

    def __init__(self, connection: Connection) -> None:
        self._postings = Postings(connection)

    def search(self, question: Question, k: int) -> dict[int, float]:
        """Return the BM25 scores (above 0) of the k best passages by number, best first, equals by number.

        Tokens in more than a fifth of the passages are left out, unless there are no others.
        """
        counts = {phrase: self._postings.count(phrase) for phrase in _phrases(question)}
        most = max(_FREQUENT_SHARE * self._passages, 1)
        telling = {phrase: count for phrase, count in counts.items() if 0 < count <= most}
        return _best(self._scores(question, telling or {phrase: count for phrase, count in counts.items() if count}), k)

    @property
    def _passages(self) -> int:
        return len(self._postings.lengths) - 1

    @cached_property
    def _norms(self) -> Floats:
        """What the length of each passage adds to the divisor of BM25."""
        lengths = self._postings.lengths
        share = _LENGTH_SHARE * self._passages / max(float(lengths.sum(dtype="f8")), 1.0)
        return ((1 - _LENGTH_SHARE) + share * lengths) * _SATURATION

    def _scores(self, question: Question, counts: dict[Phrase, int]) -> Floats:
        """Return the score of every passage by number, from the tokens that are counted; 0 where it has none."""
        totals = self._zeros()
        for phrase, weight in _weights(question).items():
            if phrase in counts:
                numbers, scores = self._scored(phrase, counts[phrase])
                totals[numbers] += weight * scores
        best, sums = self._zeros(), self._zeros()
        for _, targets in groupby(question.expansions, key=lambda item: (item.start, item.end)):
            for numbers in self._raise(best, sums, targets, counts):
                totals[numbers] += best[numbers]
                best[numbers] = 0
        return totals

    def _raise(self, best: Floats, sums: Floats, targets: Iterable[Expansion],
               counts: dict[Phrase, int]) -> list[Numbers]:
        """Raise the best scores to those of each target, summed in `sums`; return the passages touched."""
        import numpy

        touched = []
        for item in targets:
            share, places = numpy.float32(item.weight / len(item.target.split())), []
            for phrase in filter(counts.__contains__, target_phrases(item)):
                numbers, scores = self._scored(phrase, counts[phrase])
                sums[numbers] += share * scores
                places.append(numbers)
            for numbers in places:
                best[numbers] = numpy.maximum(best[numbers], sums[numbers])
                sums[numbers] = 0
            touched += places
        return touched

    def _scored(self, phrase: Phrase, count: int) -> tuple[Numbers, Floats]:
        """Return the passages that hold a token of a column, and what it is worth in each."""
        import numpy

        numbers, times = self._postings.read(phrase)
        found = times * numpy.float32(_COLUMNS[phrase[0]])
        rare = max(math.log((self._passages - count + 0.5) / (count + 0.5)), _LEAST_IDF)
        return numbers, found / (found + self._norms[numbers]) * numpy.float32(rare * (1 + _SATURATION))

    def _zeros(self) -> Floats:
        import numpy

        return numpy.zeros(self._passages + 1, dtype=numpy.float32)


def _best(scores: Floats, k: int) -> dict[int, float]:
    """Return the k best scores above 0 by number, best first, equals by number."""
    import numpy

    found = numpy.flatnonzero(scores)
    if len(found) > k > 0:
        found = found[scores[found] >= numpy.partition(scores[found], -k)[-k]]
    order = numpy.lexsort((found, -scores[found]))[:max(k, 0)]
    return {int(number): float(scores[number]) for number in found[order]}


def _weights(question: Question) -> dict[Phrase, float]:
    """Return what each token of the terms counts, all in all."""
    weights: defaultdict[Phrase, float] = defaultdict(float)
    for term in dict.fromkeys(question.terms):
        for phrase in phrases_of(term):
            weights[phrase] += 1.0 if term.content else _FUNCTION_WORD
    return weights


def _phrases(question: Question) -> set[Phrase]:
    found = {phrase for term in question.terms for phrase in phrases_of(term)}
    return found.union(*map(target_phrases, question.expansions))


def phrases_of(term: Term) -> list[Phrase]:
    """Return where a term may stand: as typed, folded, stemmed, and in a title."""
    return [("exact", term.word), *(("folded", key) for key in term.folded),
            *((column, key) for column in ("stemmed", "title") for key in term.stems)]


def target_phrases(expansion: Expansion) -> list[Phrase]:
    """Return where the words of an expansion may stand: stemmed, and in a title."""
    return [(column, key) for column in ("stemmed", "title") for key in expansion.target.split()]
