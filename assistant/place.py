"""Places that a question names, in their usual spellings.

A rule of this country does not answer a question about another; an address in one town does not serve another.
A table only (`cues.toml`); no map is known.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from index.tokens import fold, words


@dataclass(frozen=True, slots=True)
class Place:
    """A country abroad or a town of ours, by the folded beginnings of its spellings."""

    spellings: tuple[str, ...]
    abroad: bool

    def named_in(self, keys: Iterable[str]) -> bool:
        """Return whether some folded word of a text names it."""
        return any(key.startswith(self.spellings) for key in keys)


def places_in(keys: Iterable[str]) -> tuple[Place, ...]:
    """Return the places that folded words name, in the order of the table."""
    keys = list(keys)
    return tuple(place for place in _places() if place.named_in(keys))


def names(text: str, place: Place) -> bool:
    """Return whether a text names a place."""
    return place.named_in(fold(word) for word in words(text))


@cache
def _places() -> tuple[Place, ...]:
    table = tomllib.loads((files("assistant") / "cues.toml").read_text(encoding="utf-8"))["places"]
    return tuple(Place(tuple(fold(name) for name in row), kind == "abroad")
                 for kind in ("abroad", "home") for row in table[kind])
