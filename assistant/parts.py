"""The parts of a question that asks several things: "чанд пул ва чанд рӯз?".

A part is a clause with what it asks for; they stand in the order of asking, so that each can be answered or named
as missing.  Which words ask for what is read in `cues`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_CLAUSE = re.compile(r"[?!;…]+\s*|,\s+|\.\s+|\s+(?:ва|и|а также|ҳамчунин|инчунин|and|боз|ё ки)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """What one clause of a question asks for, and its words."""

    intents: tuple[str, ...]
    text: str


def parts_of(text: str, intents_of: Callable[[str], tuple[str, ...]]) -> tuple[Part, ...]:
    """Return the clauses that ask, in order; neighbours that ask the same are one part.

    A clause that asks for nothing belongs to the one before it, at the beginning to the one after.
    """
    parts: list[Part] = []
    waiting = ""
    for clause in filter(None, (piece.strip(" .") for piece in _CLAUSE.split(text))):
        asked = intents_of(clause)
        if asked and (not parts or not set(asked) & set(parts[-1].intents)):
            parts.append(Part(asked, _joined(waiting, clause)))
            waiting = ""
        elif parts:
            merged = tuple(dict.fromkeys((*parts[-1].intents, *asked)))
            parts[-1] = Part(merged, _joined(parts[-1].text, clause))
        else:
            waiting = _joined(waiting, clause)
    return tuple(parts)


def _joined(one: str, other: str) -> str:
    return f"{one}, {other}" if one else other
