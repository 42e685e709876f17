"""Sample notices with their true cards, as marked texts: `=== id | manner | language | format | conflict: FIELD`.

`[d=2026-03-31 w: words]` marks words that belong to the fields of those letters, with their values.  The words are
ours; a notice says of itself that it is a sample.  Nothing here draws a file or measures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FIELDS = {"e": "eligibility", "a": "amount", "f": "valid_from", "u": "valid_until", "d": "deadline", "p": "papers",
          "w": "where", "h": "how", "r": "refusal_and_appeal", "l": "legal_basis", "c": "contacts"}
_MARK = re.compile(r"\[((?:[a-z](?:=\S+)?\s?)+): ([^\[\]]+)\]")


@dataclass(frozen=True, slots=True)
class Truth:
    """Words of a notice with the field they belong to and the values they give it."""

    field: str
    text: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A notice as lines of text, what is true of it, and in which kind of file it comes."""

    id: str
    split: str
    manner: str
    language: str
    format: str
    conflicts: frozenset[str]
    lines: tuple[str, ...]
    truth: tuple[Truth, ...]

    @property
    def is_scan(self) -> bool:
        """Whether it is read by text recognition."""
        return self.format == "scan"


def samples(split: str = "all") -> tuple[Sample, ...]:
    """Return the samples of a split, or all, in order."""
    return tuple(one for name in ("dev", "test") if split in (name, "all") for one in _read(name))


def _read(split: str) -> Iterator[Sample]:
    for part in (HERE / f"{split}.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, body = part.partition("\n")
        name, manner, language, kind, *rest = (cell.strip() for cell in head.split("|"))
        conflicts = frozenset(cell.removeprefix("conflict: ") for cell in rest)
        lines = tuple(_MARK.sub(lambda match: match[2], line) for line in body.strip("\n").split("\n"))
        yield Sample(name, split, manner, language, kind, conflicts, lines, tuple(_truth(body)))


def _truth(body: str) -> Iterator[Truth]:
    for match in _MARK.finditer(body):
        for code in match[1].split():
            letter, _, said = code.partition("=")
            values = tuple(value.replace("_", " ") for value in said.split(";") if value)
            yield Truth(FIELDS[letter], match[2], values)
