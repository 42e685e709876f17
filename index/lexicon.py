"""The words of one language that stand for those of another: Russian and English to Tajik, Tajik to Russian.

Rows come from `lexicon_file` and live stemmed in a table of the snapshot, so that a question touches a few rows and
nothing is loaded.  A row is a hint for finding passages, not a translation to show; each says who made it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.lexicon_file import ARTICLES, SHIPPED, TARGET, Origin, Target, key_of, lexicon_mark, lexicon_rows, rows_of
from index.rows import Connection
from index.tokens import fold

__all__ = ["SHIPPED", "TABLE", "TARGET", "Expansion", "Lexicon", "Origin", "lexicon_mark",
           "lexicon_rows"]

TABLE = """CREATE TABLE lexicon (source_language TEXT, key TEXT, target TEXT, detail TEXT,
    PRIMARY KEY (source_language, key, target)) WITHOUT ROWID"""

_LONGEST = 6
_MOST_TARGETS = 8
# A word within a longer phrase that was found keeps this share (measured in GLOSSARY: proof).
_CONTAINED = 0.6
# Of an ambiguous word: a meaning whose company is not there, and any other where one's company is (train and dev).
_ALONE, _OUTDONE = 0.3, 0.5
# What another word of the same stem may be (правила, where права was said and is a row).
_OTHER_FORM = 0.5
# The spans of a question are looked up several times.
_KEYS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Expansion:
    """Words of the other language for a span of a question's words.

    `target` is folded and stemmed, its words joined by spaces; `weight` in (0, 1].  `source` and `readable` are for
    showing: справка -> маълумотнома.
    """

    source: str
    target: str
    weight: float
    start: int                         # of the first word of the span in the question
    end: int                           # exclusive
    readable: str = ""
    origin: Origin = Origin.HAND


@dataclass(frozen=True, slots=True)
class _Span:
    """A key that was found, with the place of its words."""

    start: int
    end: int
    targets: tuple[Target, ...]

    @property
    def written(self) -> bool:
        """Whether a person wrote one of its rows."""
        return any(target.origin is not Origin.LEARNT for target in self.targets)


class Lexicon:
    """Looks up spans in a `lexicon` table; make one with `load`, or over a snapshot's connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._of_key = lru_cache(maxsize=_KEYS_KEPT)(self._read)

    @classmethod
    def load(cls, path: Path | None = None) -> Lexicon:
        """Return the lexicon of a .tsv file alone (all of ours where none is given), stemmed in memory.

        Raises:
            LexiconError: a line of the file cannot be read.
        """
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.execute(TABLE)
        rows = rows_of([(path, Origin.HAND)]) if path else lexicon_rows()
        connection.executemany("INSERT INTO lexicon VALUES (?, ?, ?, ?)", rows)
        return cls(connection)

    def expand(self, words: Sequence[str], language: str) -> list[Expansion]:
        """Return what clean words may be in the other language, by place, the heaviest first.

        Longest spans first; spans within a longer one found weigh 0.6; up to 8 targets a span.  Of an ambiguous word
        the meaning whose company stands elsewhere in the question comes first.
        """
        if language not in TARGET:
            return []
        keys = [key_of(word, language) for word in words]
        longer: list[_Span] = []
        expansions = []
        for span in self._spans(words, keys, language):
            inside = any(other.start <= span.start and span.end <= other.end and (other.written or not span.written)
                         for other in longer)
            longer.append(span)
            share, source = _CONTAINED if inside else 1.0, " ".join(words[span.start:span.end])
            company = frozenset(keys[:span.start] + keys[span.end:])
            expansions += [Expansion(source, target.target, share * weight, span.start, span.end, target.readable,
                                     target.origin)
                           for weight, target in _weighed(span.targets, company, fold(source))]
        return sorted(expansions, key=lambda one: (one.start, one.start - one.end, -one.weight, one.target))

    def _spans(self, words: Sequence[str], keys: Sequence[str], language: str) -> Iterator[_Span]:
        """Yield the spans that have targets, the longest first; English articles within them are passed over."""
        places = [place for place, word in enumerate(words) if language != "en" or word not in ARTICLES]
        runs = [places[start:end] for start in range(len(places))
                for end in range(start + 1, min(start + _LONGEST, len(places)) + 1)]
        said = {(run[0], run[-1] + 1): " ".join(keys[place] for place in run) for run in runs}
        found = self._look_up(language, sorted(set(said.values())))
        for start, end in sorted(said, key=lambda span: (span[0] - span[1], span[0])):
            if targets := found.get(said[start, end]):
                yield _Span(start, end, targets)

    def targets(self, language: str, key: str) -> tuple[Target, ...]:
        """Return what a key of folded stems may be in the other language."""
        return self._look_up(language, [key]).get(key, ())

    def _look_up(self, language: str, keys: Sequence[str]) -> dict[str, tuple[Target, ...]]:
        """Return the targets of each key that has some."""
        found = {key: self._of_key(language, key) for key in keys}
        return {key: targets for key, targets in found.items() if targets}

    def _read(self, language: str, key: str) -> tuple[Target, ...]:
        query = "SELECT target, detail FROM lexicon WHERE source_language = ? AND key = ? ORDER BY 1"
        return tuple(Target.from_detail(*row) for row in self._connection.execute(query, (language, key)))

    def forget(self) -> None:
        """Let go of the words that were looked up."""
        self._of_key.cache_clear()


def _weighed(targets: Iterable[Target], company: frozenset[str], said: str) -> list[tuple[float, Target]]:
    """Return up to 8 targets with what they weigh in this company for these folded words, the heaviest first."""
    met = [(max((weight for weight, choices in target.beside if _stands(choices, company)), default=0.0), target)
           for target in targets]
    share = _OUTDONE if any(weight for weight, _ in met) else 1.0
    exact = any(said in target.forms for _, target in met)
    weighed = [((weight or share * _otherwise(target)) * (1.0 if said in target.forms or not exact else _OTHER_FORM),
                target) for weight, target in met]
    return sorted(weighed, key=lambda one: (-one[0], one[1].target.count(" "), one[1].target))[:_MOST_TARGETS]


def _stands(choices: Iterable[str], company: frozenset[str]) -> bool:
    return any(company.issuperset(choice.split()) for choice in choices)


def _otherwise(target: Target) -> float:
    """Return what a target weighs where none of its company stands in the question."""
    return target.weight or _ALONE * max(weight for weight, _ in target.beside)
