"""Text typed in an old Tajik font, or with wrong letters, gets the letters its publisher meant.

Every repair puts one character for one, so places in the text never move.  A paragraph (a line) is repaired
only where that makes more of its words known; where it reads like another language it stays as it is, and so
do addresses of pages and mail, code, and words beside digits.  Bytes are not decoded here, and letters that
were dropped or folded (х for ҳ) are not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from corpora import reading as paragraph
from corpora.known_words import known_share
from corpora.reading import Reading
from corpora.schemes import Scheme

__all__ = ["Repair", "Repaired", "Scheme", "describe", "known_share", "repair"]

# So many words of one encoding in the rest of the document allow a paragraph whose words are not known.
_SURE = 3


@dataclass(frozen=True, slots=True)
class Repair:
    """A paragraph that was repaired: its place in characters, end exclusive, and what was wrong there."""

    start: int
    end: int
    scheme: Scheme


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text as its publisher meant it, as long as it was, and the repaired paragraphs in order."""

    text: str
    repairs: tuple[Repair, ...] = ()


def repair(text: str) -> Repaired:
    """Return the text with its paragraphs repaired; the text itself where nothing was wrong.

    A paragraph with two kinds of fault has two repairs, in the order of `Scheme`.
    """
    lines = text.split("\n")
    readings = {at: paragraph.read(line) for at, line in enumerate(lines) if paragraph.suspicious(line)}
    if not readings:
        return Repaired(text)
    lean = _lean(readings.values())
    if len(lean) == 1:
        (usual,) = lean
        readings = {at: reading if reading.scheme in (usual, None) else paragraph.read(lines[at], usual)
                    for at, reading in readings.items()}
    tajik = _reads_tajik(lines, readings)
    repairs: list[Repair] = []
    start = 0
    for at, line in enumerate(lines):
        if at in readings:
            lines[at], schemes = readings[at].settle(lean, tajik=tajik)
            repairs += [Repair(start, start + len(line), scheme) for scheme in schemes]
        start += len(line) + 1
    return Repaired("\n".join(lines), tuple(repairs)) if repairs else Repaired(text)


def _lean(readings: Iterable[Reading]) -> frozenset[Scheme]:
    """Return the font encodings that are certain from the paragraphs that show them by themselves."""
    words: Counter[Scheme] = Counter()
    for reading in readings:
        if reading.convinces and reading.gained.total() > 1:
            words.update(reading.gained)
    return frozenset(scheme for scheme, count in words.items() if count >= _SURE)


def _reads_tajik(lines: list[str], readings: dict[int, Reading]) -> bool:
    """Return whether the document as a whole is Tajik, for the paragraphs too short to tell."""
    tajik = foreign = 0
    for at, line in enumerate(lines):
        reading = readings[at] if at in readings else paragraph.read(line)
        tajik += reading.tajik_words
        foreign += reading.foreign_words
    return tajik > foreign


def describe(repairs: Iterable[Repair]) -> tuple[str, ...]:
    """Return one English sentence for each kind of fault, in the order of `Scheme`."""
    counts = Counter(repair.scheme for repair in repairs)
    return tuple(_NOTE[scheme].format(f"{count} paragraph{'s' * (count > 1)}", "were" if count > 1 else "was")
                 for scheme in Scheme if (count := counts[scheme]))


_NOTE = {
    Scheme.ADLIA: "{} in the adlia font encoding {} repaired",
    Scheme.LJ: "{} in the lj font encoding {} repaired",
    Scheme.BRACKET: "{} in the bracket font encoding {} repaired",
    Scheme.XPART: "{} in the xpart font encoding {} repaired",
    Scheme.U_SHORT: "{} with ў in place of ӯ {} repaired",
    Scheme.I_SHORT: "{} with й in place of ӣ {} repaired",
    Scheme.HOMOGLYPH: "{} with look-alike letters of another alphabet {} repaired",
    Scheme.ROMAN: "{} with Roman numerals in other letters {} repaired",
}
