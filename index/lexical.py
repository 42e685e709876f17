"""Search by words: BM25 over the four columns of a snapshot's full text.

Each term of a question is one question to SQLite, built of quoted tokens only, so that nothing a citizen
types can be read as its syntax.  What a word may be in another language scores as the best of its targets.
Words are understood in `terms`, tables written in `tables`; vectors are not known here.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import groupby

from index.lexicon import Expansion
from index.terms import Question, Term

# BM25 weights of title, exact, folded, stemmed: a word as typed is found in all but the title at once.
_COLUMNS = (3.0, 0.6, 0.7, 1.0)
# A word that only holds the question together says little about what it is about.
_FUNCTION_WORD = 0.3
_SCORE = (f"SELECT rowid, -bm25(passages_fts, {', '.join(map(str, _COLUMNS))}) FROM passages_fts "
          "WHERE passages_fts MATCH ?")

Phrase = tuple[str, str]               # a column and a token of it


class LexicalSearch:
    """Scores passages by the words of a question, over a connection of a snapshot's SQLite file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def search(self, question: Question, k: int) -> dict[int, float]:
        """Return the BM25 scores (above 0) of the k best passages by number, best first.

        Tokens in more than a fifth of the passages are left out, unless there are no others.
        """
        frequent = self._frequent(question)
        scores = self._scores(question, frequent) or (self._scores(question, frozenset()) if frequent else {})
        best = nsmallest(k, ((-score, number) for number, score in scores.items()))
        return {number: -score for score, number in best}

    def _scores(self, question: Question, left_out: frozenset[Phrase]) -> dict[int, float]:
        totals: defaultdict[int, float] = defaultdict(float)
        for term in dict.fromkeys(question.terms):
            weight = 1.0 if term.content else _FUNCTION_WORD
            for number, score in self._matching(phrases_of(term), left_out).items():
                totals[number] += weight * score
        for _, targets in groupby(question.expansions, key=lambda item: (item.start, item.end)):
            for number, score in self._best_of(targets, left_out).items():
                totals[number] += score
        return totals

    def _best_of(self, targets: Iterable[Expansion], left_out: frozenset[Phrase]) -> dict[int, float]:
        best: dict[int, float] = {}
        for item in targets:
            found = self._matching(target_phrases(item), left_out)
            share = item.weight / len(item.target.split())
            for number, score in found.items():
                best[number] = max(best.get(number, 0.0), share * score)
        return best

    def _matching(self, phrases: Sequence[Phrase], left_out: frozenset[Phrase]) -> dict[int, float]:
        wanted = [f'{column} : "{token}"' for column, token in phrases if (column, token) not in left_out]
        return dict(self._connection.execute(_SCORE, (" OR ".join(wanted),))) if wanted else {}

    def _frequent(self, question: Question) -> frozenset[Phrase]:
        phrases = {phrase for term in question.terms for phrase in phrases_of(term)}
        phrases.update(phrase for item in question.expansions for phrase in target_phrases(item))
        query = "SELECT 1 FROM frequent WHERE col = ? AND token = ?"
        return frozenset(phrase for phrase in phrases if self._connection.execute(query, phrase).fetchone())


def phrases_of(term: Term) -> list[Phrase]:
    """Return where a term may stand: as typed, folded, stemmed, and in a title."""
    return [("exact", term.word), *(("folded", key) for key in term.folded),
            *((column, key) for column in ("stemmed", "title") for key in term.stems)]


def target_phrases(expansion: Expansion) -> list[Phrase]:
    """Return where the words of an expansion may stand: stemmed, and in a title."""
    return [(column, key) for column in ("stemmed", "title") for key in expansion.target.split()]
