"""Whether a text is about the case a question tells of: ended or not, at home or abroad, lost, which of several.

The fee of a divorce answers nobody who wants to marry; what is done abroad, nobody at home; what the first group gets,
nobody of the second.  Words only (`cues.toml`); which text answers is decided in `evidence`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.cues import cued, cues, folded_words, said
from assistant.query import Query
from corpora.records import Document
from index.tokens import fold, stem, words

_HEAD = re.compile(r"[:(]")


class Case:
    """The case that one question tells of, ready to be compared with many texts."""

    def __init__(self, query: Query) -> None:
        keys = folded_words(query.text, query.language)
        self._readable = query.script != "Arab"
        self._stems = frozenset(stem(key, "tg") for key in keys)
        self._told = {*said(keys, "circumstance"), *("abroad" for place in query.places if place.abroad)}
        self._tells = frozenset(said(keys, "told_of"))
        self._rank, self._passport = frozenset(said(keys, "rank")), frozenset(said(keys, "passport"))

    def differs(self, document: Document, text: str) -> bool:
        """Return whether a text of a document is about another case."""
        return self._readable and (self._takes_for_granted(document.title, text) or
                                   self._lacks(f"{document.title} {text}") or
                                   _apart(self._rank, text, "rank") or
                                   _apart(self._passport, f"{document.title} {text}", "passport"))

    def _takes_for_granted(self, title: str, text: str) -> bool:
        """Return whether a title or text speaks of a circumstance that the question does not tell.

        That of a title is told as well where its subject is named.
        """
        return not _taken(text, "text") <= self._told or (
            not _taken(title, "title") <= self._told and not self._names(title))

    def _names(self, title: str) -> bool:
        """Return whether the question has all words that stand before the colon or bracket of a title."""
        return self._stems.issuperset(stem(fold(word), "tg") for word in words(_HEAD.split(title)[0]))

    def _lacks(self, text: str) -> bool:
        """Return whether a text does not speak of what the question tells: a loss, a group."""
        return bool(self._tells) and not self._tells <= _rows(text, "told_of")


def _apart(mine: frozenset[str], text: str, family: str) -> bool:
    """Return whether question and text each say which of a family they mean, and have none in common."""
    theirs = _rows(text, family) if mine else frozenset()
    return bool(theirs) and mine.isdisjoint(theirs)


@lru_cache(maxsize=8192)
def _taken(text: str, column: str) -> frozenset[str]:
    """Return the circumstances that a text takes for granted; column: title or text of `cues.toml`."""
    keys = folded_words(text, "unknown")
    return frozenset(name for name, some in cues("circumstance", (column,)) if cued(keys, some))


@lru_cache(maxsize=8192)
def _rows(text: str, name: str) -> frozenset[str]:
    return frozenset(said(folded_words(text, "unknown"), name))
