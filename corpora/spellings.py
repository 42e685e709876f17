"""What a word may have meant: each way its characters can be read as letters of a scheme.

Knows one word at a time and decides nothing; the paragraph decides.  Every reading is as long as the word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from corpora.known_words import is_known, is_listed
from corpora.schemes import BRACKET, CYRILLIC, LOOK_ALIKE, NEIGHBOURS, ONLY_BRACKET, ROMAN, Scheme

_FONT_LETTERS = frozenset().union(*CYRILLIC.values()) - frozenset("Ўў")
_TABLES = {scheme: str.maketrans(table) for scheme, table in CYRILLIC.items()}
_SHORT_U = str.maketrans("Ўў", "Ӯӯ")
_NEIGHBOURS = str.maketrans(NEIGHBOURS)
_ROMAN_LETTERS = str.maketrans(ROMAN)
_ROMAN = re.compile("(?=.)X{0,3}(?:IX|IV|V?I{0,3})")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_ODD = re.compile("[A-Za-z\\[{]")
# Two readings for each of so many Latin letters are tried one with another; beyond, all one way or all the other.
_MOST_LETTERS = 5


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word as one scheme reads it."""

    text: str
    scheme: Scheme
    known: bool


@lru_cache(maxsize=65_536)
def spellings(word: str) -> tuple[Spelling, ...]:
    """Return the readings of a word that has a Cyrillic letter, font encodings before look-alikes; none if it is well.

    A word whose characters no scheme covers has none.
    """
    if not _CYRILLIC.search(word):
        return ()
    read = []
    for base, scheme in _cyrillic_readings(word):
        for text, latin in _latin_readings(base):
            if kind := scheme or latin:
                read.append(Spelling(text, kind, is_known(text.lower())))
    return tuple(read) or _short_i(word)


def _cyrillic_readings(word: str) -> list[tuple[str, Scheme | None]]:
    letters = _FONT_LETTERS.intersection(word)
    if letters:
        return [(word.translate(_TABLES[scheme]), scheme) for scheme, table in CYRILLIC.items()
                if letters <= table.keys()]
    if "ў" in word or "Ў" in word:
        return [(word.translate(_SHORT_U), Scheme.U_SHORT)]
    evened = word.translate(_NEIGHBOURS)
    return [(evened, Scheme.HOMOGLYPH if evened != word else None)]


def _latin_readings(word: str) -> list[tuple[str, Scheme | None]]:
    places = [match.start() for match in _ODD.finditer(word)]
    if not places:
        return [(word, None)]
    choices = [_choices(word, at) for at in places]
    ways = list(product(*choices)) if len(places) <= _MOST_LETTERS else _one_way(choices)
    return [(_filled(word, places, way), _latin_scheme(word, places, way)) for way in ways]


def _choices(word: str, at: int) -> list[str]:
    """Return what an odd character may mean, the font's letter first."""
    letter = word[at]
    meant = [_cased(word, at)] if letter in BRACKET else []
    return meant + ([LOOK_ALIKE[letter]] if letter in LOOK_ALIKE else [])


def _one_way(choices: list[list[str]]) -> list[tuple[str, ...]]:
    if not all(choices):
        return []
    return [tuple(choice[0] for choice in choices), tuple(choice[-1] for choice in choices)]


def _cased(word: str, at: int) -> str:
    """Return the font's letter; brackets have no case of their own and take that of their neighbours."""
    letter = BRACKET[word[at]]
    beside = [other for other in word[max(at - 1, 0):at] + word[at + 1:at + 2] if other.isalpha()]
    if word[at] == "{" and at and word[at - 1].islower():
        return letter.lower()
    if word[at] == "[" and beside and all(other.isupper() for other in beside):
        return letter.upper()
    return letter


def _filled(word: str, places: list[int], way: tuple[str, ...]) -> str:
    letters = list(word)
    for at, letter in zip(places, way, strict=True):
        letters[at] = letter
    return "".join(letters)


def _latin_scheme(word: str, places: list[int], way: tuple[str, ...]) -> Scheme:
    font = {word[at] for at, letter in zip(places, way, strict=True) if LOOK_ALIKE.get(word[at]) != letter}
    if not font:
        return Scheme.HOMOGLYPH
    return Scheme.BRACKET if font & ONLY_BRACKET else Scheme.XPART


def _short_i(word: str) -> tuple[Spelling, ...]:
    """Return the word with ӣ for a final й where that alone makes it known."""
    if word[-1] not in "йЙ" or len(word) < 3 or is_known(word.lower()):
        return ()
    text = word[:-1] + ("ӣ" if word[-1] == "й" else "Ӣ")
    known = is_listed if word[-2].lower() in "аеёиоуӯыэюя" else is_known
    return (Spelling(text, Scheme.I_SHORT, known=True),) if known(text.lower()) else ()


def roman(word: str) -> str:
    """Return a Roman numeral in Latin letters, or "" for any other word; X alone in another alphabet is none."""
    numeral = word.translate(_ROMAN_LETTERS)
    if numeral == word or not _ROMAN.fullmatch(numeral) or set(word) <= {"Х"}:
        return ""
    return numeral
