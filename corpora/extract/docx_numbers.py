"""The numbers Word writes before the paragraphs of its lists.

A Word file holds only which list and level a paragraph belongs to; the number is counted here from
`numbering.xml`, in document order, with restarts and "1.2.3" levels.  Pictures as bullets are dashes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BULLET = "–"
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшщэюя"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: how its number is written, where it starts, the pattern around it ("%1.%2.")."""

    form: str
    start: int
    pattern: str


@dataclass(slots=True)
class Numbers:
    """Counts the lists of one document; paragraphs are given in document order."""

    abstracts: dict[str, dict[int, Level]] = field(default_factory=dict)
    lists: dict[str, tuple[str, dict[int, int]]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def label(self, list_id: str, level: int) -> str:
        """Return what stands before the next paragraph of a list at a level from 0: "2.1.", "б)", "–" or nothing."""
        if list_id not in self.lists:
            return ""
        abstract, starts = self.lists[list_id]
        levels = self.abstracts.get(abstract, {})
        if level not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        if list_id not in self._begun:
            self._begun.add(list_id)
            counts.update({at: start - 1 for at, start in starts.items()})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        if levels[level].form == "bullet":
            return _BULLET
        return re.sub(r"%(\d)", lambda match: _written(levels, counts, int(match[1]) - 1), levels[level].pattern)


def _written(levels: dict[int, Level], counts: dict[int, int], at: int) -> str:
    level = levels.get(at)
    return written(counts.get(at, level.start), level.form) if level else ""


def written(number: int, form: str) -> str:
    """Return a number in a form of Word's: decimal, lowerRoman, russianLower and the like."""
    letters = {"russian": _CYRILLIC, "lowerLetter": _LATIN, "upperLetter": _LATIN}.get(
        "russian" if form.startswith("russian") else form)
    if form == "none":
        return ""
    if letters and number > 0:
        text = letters[(number - 1) % len(letters)] * ((number - 1) // len(letters) + 1)
    elif form.endswith("Roman"):
        text = _roman(number)
    else:
        text = f"{number:02}" if form == "decimalZero" else str(number)
    return text.upper() if "pper" in form else text


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        while 0 < value <= number:
            text, number = text + letters, number - value
    return text


def read_numbers(root: Any) -> Numbers:  # noqa: ANN401 - an lxml element
    """Return the lists that `numbering.xml` describes; `root` is its element, or None for a file without."""
    numbers = Numbers()
    if root is None:
        return numbers
    for abstract in root.iter(f"{W}abstractNum"):
        levels = {int(level.get(f"{W}ilvl", "0")): _level(level) for level in abstract.iter(f"{W}lvl")}
        numbers.abstracts[abstract.get(f"{W}abstractNumId", "")] = levels
    for entry in root.iter(f"{W}num"):
        starts = {int(over.get(f"{W}ilvl", "0")): int(_value(over, "startOverride", "1"))
                  for over in entry.iter(f"{W}lvlOverride") if over.find(f"{W}startOverride") is not None}
        numbers.lists[entry.get(f"{W}numId", "")] = (_value(entry, "abstractNumId", ""), starts)
    return numbers


def _level(element: Any) -> Level:  # noqa: ANN401 - an lxml element
    start = _value(element, "start", "1")
    return Level(_value(element, "numFmt", "decimal"), int(start) if start.isdecimal() else 1,
                 _value(element, "lvlText", ""))


def _value(element: Any, name: str, missing: str) -> str:  # noqa: ANN401 - an lxml element
    found = element.find(f"{W}{name}")
    return str(found.get(f"{W}val", missing)) if found is not None else missing
