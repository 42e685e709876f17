"""Cues: short runs of words that tell what a question asks, for whom, and why it is declined.

The table is `cues.toml`, where each cue is written once in proper letters.  Words are compared folded, so that every
usual spelling meets them.  What a cue means is decided where it is asked for; nothing is decided here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from index.scripts import latin_to_folded, script_of
from index.tokens import fold, words

# Stands in a cue for any words, up to so many; and parts the words of which one must stand there.
_GAP, _GAP_WORDS, _OR = "*", 6, "|"


@dataclass(frozen=True, slots=True)
class _Part:
    """One word of a cue: how it may begin, or what it may be as a whole; neither is a gap."""

    beginnings: tuple[str, ...]
    wholes: frozenset[str]

    @property
    def is_gap(self) -> bool:
        return not self.beginnings and not self.wholes

    def fits(self, key: str) -> bool:
        return key in self.wholes or key.startswith(self.beginnings)


Cue = tuple[_Part, ...]
# The cues of a row by the letter that their first word begins with.
Cues = dict[str, tuple[Cue, ...]]


def folded_words(text: str, language: str) -> list[str]:
    """Return the folded words of a question; Latin ones read as Tajik, unless it is English."""
    found = words(text)
    if language == "en":
        return [fold(word) for word in found]
    return [(latin_to_folded(word) or [fold(word)])[0] if script_of(word) == "Latn" and word.isalpha() else fold(word)
            for word in found]


@cache
def table(name: str) -> dict[str, dict[str, list[str]]]:
    """Return a table of `cues.toml` as it stands there."""
    rows: dict[str, dict[str, list[str]]] = _file()[name]
    return rows


@cache
def cues(name: str, kinds: tuple[str, ...] = ("tg", "ru", "en")) -> tuple[tuple[str, Cues], ...]:
    """Return each row of a table with its cues, in the order of the table."""
    return tuple((row, _by_letter(_cue(text) for kind in kinds for text in columns.get(kind, ())))
                 for row, columns in table(name).items())


def cued(keys: Sequence[str], some: Cues) -> set[int]:
    """Return the places of the words that stand in a cue."""
    return {place for start, key in enumerate(keys) for cue in some.get(key[:1], ()) if cue[0].fits(key)
            for place in _stands(keys, start, cue)}


def said(keys: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the rows of a table of which some cue stands in the words and no cue of its column "unless"."""
    unless = dict(cues(name, ("unless",)))
    return tuple(row for row, some in cues(name) if cued(keys, some) and not cued(keys, unless[row]))


@cache
def _file() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads((files("assistant") / "cues.toml").read_text(encoding="utf-8"))


def _cue(text: str) -> Cue:
    return tuple(_part(word) for word in text.split())


def _by_letter(some: Iterable[Cue]) -> Cues:
    grouped: dict[str, list[Cue]] = {}
    for cue in some:
        for letter in {text[0] for text in (*cue[0].beginnings, *cue[0].wholes)}:
            grouped.setdefault(letter, []).append(cue)
    return {letter: tuple(group) for letter, group in grouped.items()}


def _part(word: str) -> _Part:
    if word == _GAP:
        return _Part((), frozenset())
    choices = [choice.casefold() for choice in word.split(_OR)]
    return _Part(tuple(fold(choice) for choice in choices if not choice.endswith(".")),
                 frozenset(fold(choice[:-1]) for choice in choices if choice.endswith(".")))


def _stands(keys: Sequence[str], start: int, cue: Cue) -> list[int]:
    """Return the places of the words of a cue that begins at `start`, none where it does not stand there."""
    found: list[int] = []
    for number, part in enumerate(cue):
        if part.is_gap:
            continue
        reach = _GAP_WORDS if number and cue[number - 1].is_gap else 0
        near = range(start, min(start + reach + 1, len(keys)))
        here = next((place for place in near if part.fits(keys[place])), None)
        if here is None:
            return []
        found.append(here)
        start = here + 1
    return found
