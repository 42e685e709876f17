"""The clauses of a text, and which clause of a quote a clause of a draft words anew.

What a clause affirms, allows or binds to a condition is read elsewhere; here texts are only cut and laid side by side.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.wording import Wording, wording
from corpora.dates import pattern


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause, with the language of the text it is of."""

    text: str
    language: str


# Where sentences of a quote end; semicolons part statements as well.
SENTENCES = re.compile(r"(?<=[^\W\d]{2}[.!?;])\s+|\n")
# Stops within numbers and abbreviations cut nothing.
_CUT = re.compile(r",\s(?!№)|[;:\n]|\s[—–-]\s|(?<=[^\W\d]{3}[.!?])\s")
_JOINTS = pattern(r"\s(?=(?:вале|аммо|лекин|ки|агар|но|а|если|который|которая|которое|которые|but|if|who|which)\s)")
_AND = pattern(r"\s(?:ва|и|and)\s")
PREDICATE = pattern(
    r"(?<!\w)(?:на)?ме\w{3,}|(?<!\w)(?:нест|аст|ҳаст|буд|набуд|шуд|нашуд)\w{0,5}(?!\w)|\w{3,}(?:ет|ут|ют|ит|ят)(?:ся)?(?!\w)|"
    r"(?<!\w)(?:is|are|was|must|may|can|cannot)(?!\w)|манъ|нельзя|можно|запрещ\w+")
# The share of the best likeness that makes another clause a likely one too.
_LIKELY = 0.999
_SAME_WORD = 0.01                      # what a word that only carries others adds to the likeness


@lru_cache(maxsize=1024)
def clauses(text: str) -> tuple[Clause, ...]:
    """Return the clauses of a text, in order; a list joined by "and" is one clause, two statements are two."""
    found = [piece for part in _CUT.split(text) for piece in _split(part, _JOINTS.finditer(part))]
    pieces = [piece.strip() for clause in found for piece in _statements(clause)]
    language = wording(text).language
    return tuple(Clause(piece, language) for piece in pieces if any(map(str.isalnum, piece)))


def _statements(clause: str) -> list[str]:
    for match in _AND.finditer(clause):
        if PREDICATE.search(clause[:match.start()]) and PREDICATE.search(clause[match.end():]):
            return [clause[:match.start()], *_statements(clause[match.end():])]
    return [clause]


def _split(text: str, cuts: Iterable[re.Match[str]]) -> list[str]:
    places = [0, *(cut.start() for cut in cuts), len(text)]
    return [text[first:last] for first, last in itertools.pairwise(places)]


def nearest(clause: Clause, quotes: Sequence[str]) -> tuple[Clause, ...]:
    """Return the clauses of the quotes that hold most of a clause's words; none where none holds any."""
    mine = wording(clause.text)
    shares = [(_likeness(mine, wording(other.text)), other) for quote in quotes for other in clauses(quote)]
    best = max((share for share, _ in shares), default=0.0)
    least = 1 if mine.content else _SAME_WORD
    return tuple(other for share, other in shares if best >= least and share >= _LIKELY * best)


def held(mine: Wording, theirs: Wording) -> int:
    """Return how many of a text's words another holds, across languages too."""
    return len(mine.content) - len(mine.lacking(theirs))


def _likeness(mine: Wording, theirs: Wording) -> float:
    return held(mine, theirs) + _SAME_WORD * len(set(mine.words) & set(theirs.words))
