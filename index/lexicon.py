"""The words of one language that stand for those of another: Russian and English to Tajik, Tajik to Russian.

Rows come from `lexicon.tsv` (ours; admins may add to it) and live stemmed in a table of the snapshot,
so that a question touches a few rows and nothing is loaded.  A row is a hint for finding passages,
not a translation to show.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.errors import LexiconError
from index.tokens import fold, stem, words

SHIPPED = Path(__file__).with_name("lexicon.tsv")
TABLE = """CREATE TABLE lexicon (source_language TEXT, key TEXT, target TEXT, weight REAL,
    PRIMARY KEY (source_language, key, target)) WITHOUT ROWID"""
# Which language the targets of a source language are in.
TARGET = {"ru": "tg", "en": "tg", "tg": "ru"}

_COLUMNS = ["ru", "tg", "en", "domain", "weight", "evidence", "note"]
_LONGEST = 6
_MOST_TARGETS = 8
# A word within a longer phrase that was found keeps this share (measured in GLOSSARY: proof).
_CONTAINED = 0.6
_ARTICLES = frozenset(("to", "the", "a", "an"))


@dataclass(frozen=True, slots=True)
class Expansion:
    """Words of the other language for a span of a question's words.

    `target` is folded and stemmed, its words joined by spaces; `weight` in (0, 1].
    """

    source: str
    target: str
    weight: float
    start: int                         # of the first word of the span in the question
    end: int                           # exclusive


@dataclass(frozen=True, slots=True)
class _Row:
    """One way of one line of the file, stemmed."""

    language: str
    key: str
    target: str
    weight: float


class Lexicon:
    """Looks up spans in a `lexicon` table; make one with `load`, or over a snapshot's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def load(cls, path: Path | None = None) -> Lexicon:
        """Return the lexicon of a .tsv file (ours where none is given), stemmed in memory.

        Raises:
            LexiconError: a line of the file cannot be read.
        """
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.execute(TABLE)
        connection.executemany("INSERT INTO lexicon VALUES (?, ?, ?, ?)", lexicon_rows(path))
        return cls(connection)

    def expand(self, words: Sequence[str], language: str) -> list[Expansion]:
        """Return what clean words may be in the other language, by place, the heaviest first.

        Longest spans first; spans within a longer one found weigh 0.6; up to 8 targets a span.
        """
        if language not in TARGET:
            return []
        stems = [stem(fold(word), language) for word in words]
        spans = {(start, end): " ".join(stems[start:end]) for start in range(len(stems))
                 for end in range(start + 1, min(start + _LONGEST, len(stems)) + 1)}
        found = self._look_up(language, sorted(set(spans.values())))
        longest: list[tuple[int, int]] = []
        expansions = []
        for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            if rows := found.get(spans[start, end]):
                inside = any(first <= start and end <= last for first, last in longest)
                longest.append((start, end))
                share, source = _CONTAINED if inside else 1.0, " ".join(words[start:end])
                expansions += [Expansion(source, target, weight * share, start, end)
                               for target, weight in rows]
        return sorted(expansions, key=lambda one: (one.start, one.start - one.end, -one.weight, one.target))

    def _look_up(self, language: str, keys: Sequence[str]) -> dict[str, list[tuple[str, float]]]:
        """Return the targets of each key that has some, the heaviest first."""
        found: dict[str, list[tuple[str, float]]] = {}
        for key in keys:
            rows = self._connection.execute(
                "SELECT target, weight FROM lexicon WHERE source_language = ? AND key = ? "
                "ORDER BY weight DESC, target LIMIT ?", (language, key, _MOST_TARGETS)).fetchall()
            if rows:
                found[key] = rows
        return found


def lexicon_rows(path: Path | None = None) -> list[tuple[str, str, str, float]]:
    """Return the rows of the `lexicon` table for a .tsv file, sorted, each key and target once.

    Raises:
        LexiconError: a line of the file cannot be read.
    """
    return _sorted_rows(path) if path else list(_shipped_rows())


@cache
def _shipped_rows() -> tuple[tuple[str, str, str, float], ...]:
    """Return the rows of our own file, stemmed once a process (0.3 s)."""
    return tuple(_sorted_rows(SHIPPED))


def _sorted_rows(path: Path) -> list[tuple[str, str, str, float]]:
    heaviest: dict[tuple[str, str, str], float] = {}
    for row in _read(path):
        at = (row.language, row.key, row.target)
        heaviest[at] = max(heaviest.get(at, 0.0), row.weight)
    return [(*at, weight) for at, weight in sorted(heaviest.items())]


def _read(path: Path) -> Iterator[_Row]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise LexiconError(f"the lexicon {path.name} cannot be read: {error}") from error
    if not lines or lines[0].split("\t") != _COLUMNS:
        raise LexiconError(f"the first line of {path.name} does not name the columns {', '.join(_COLUMNS)}")
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            yield from _rows_of(path.name, number, line)


def _rows_of(name: str, number: int, line: str) -> Iterator[_Row]:
    """Yield each way a line can be read, without those that would expand a lone function word."""
    try:
        ru, tg, en, _, weight_text, _, note = line.split("\t")
        weight = float(weight_text)
    except ValueError as error:
        raise LexiconError(f"line {number} of {name} does not have seven columns with a weight") from error
    if not 0.0 < weight <= 1.0:
        raise LexiconError(f"line {number} of {name} has the weight {weight_text}, not one above 0, up to 1")
    sides = [("ru", ru, tg), ("tg", tg, ru)] + [("en", term, tg) for term in en.split(",")]
    for language, source, target in sides:
        row = _Row(language, _stems(source, language), _stems(target, TARGET[language]), weight)
        lone_function_word = note == "function word" and " " not in row.key
        if row.key and row.target and not lone_function_word:
            yield row


def _stems(term: str, language: str) -> str:
    found = words(term)
    if language == "en":
        found = [word for word in found if word not in _ARTICLES] or found
    return " ".join(stem(fold(word), language) for word in found)
