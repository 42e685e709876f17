"""Which script a text is written in, and what a Tajik word in Latin letters may be in Cyrillic ones.

Latin Tajik has no single habit (BGN/PCGN, ISO 9, chat), so a word has several readings, the likeliest
first.  They are folded keys for searching, not correct Tajik.  Persian script is only recognised.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import product

from index.tokens import fold

# Below this share of letters the other script is a name or an abbreviation, not the script of the text.
_MAIN_SHARE = 0.8
_MOST_READINGS = 8

# Longest first.  Each Latin spelling with its readings, the likeliest first; from research: domain 2.6.
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "shch": ("ш",), "sch": ("ш",), "sh": ("ш", "сх"), "ch": ("ч",), "zh": ("ж",), "kh": ("х", "кх"),
    "gh": ("г", "гх"), "dj": ("ч",), "dzh": ("ч",), "ts": ("с",), "yo": ("е",), "yu": ("ю",), "ya": ("я",),
    "ye": ("е",), "iy": ("и",), "ij": ("ич",), "ee": ("и",), "oo": ("у",), "ph": ("ф",),
    "a": ("а",), "b": ("б",), "c": ("с", "ч"), "d": ("д",), "e": ("е",), "f": ("ф",), "g": ("г",),
    "h": ("х",), "i": ("и",), "j": ("ч", "ж"), "k": ("к",), "l": ("л",), "m": ("м",), "n": ("н",), "o": ("о",),
    "p": ("п",), "q": ("к",), "r": ("р",), "s": ("с",), "t": ("т",), "u": ("у",), "v": ("в",),
    "w": ("в", "ш"), "x": ("х",), "y": ("й", "и"), "z": ("з",),
    "í": ("и",), "ī": ("и",), "î": ("и",), "ì": ("и",), "ŭ": ("у",), "ū": ("у",), "ú": ("у",), "ù": ("у",),
    "ü": ("у",), "ö": ("у",), "ġ": ("г",), "ğ": ("г",), "ž": ("ж",), "ķ": ("к",), "č": ("ч",), "ç": ("ч",),
    "š": ("ш",), "ş": ("ш",), "ḩ": ("х",), "ḥ": ("х",), "è": ("е",), "ė": ("е",), "ë": ("е",),
    "û": ("ю", "у"), "â": ("я",), "ı": ("и",), "ñ": ("н",),
}
_PIECE = re.compile("|".join(sorted(_SPELLINGS, key=len, reverse=True)))
_SILENT = re.compile("['’ʼ`ʹ‘·]")


@lru_cache(maxsize=4096)
def script_of(text: str) -> str:
    """Return "Cyrl", "Latn", "Arab" or "mixed" by the letters of a text; "Cyrl" where there are none."""
    counts = {"Cyrl": 0, "Latn": 0, "Arab": 0}
    for letter in filter(str.isalpha, text):
        if script := _script(letter):
            counts[script] += 1
    script = max(counts, key=lambda name: counts[name])
    whole = sum(counts.values())
    return script if counts[script] >= _MAIN_SHARE * whole else "mixed"


def _script(letter: str) -> str:
    if letter.isascii() or letter < "\u0250" or "\u1e00" <= letter <= "\u1eff":
        return "Latn"
    if "\u0400" <= letter <= "\u052f":
        return "Cyrl"
    if "\u0600" <= letter <= "\u06ff" or "\u0750" <= letter <= "\u077f" or "\ufb50" <= letter <= "\ufeff":
        return "Arab"
    return ""


@lru_cache(maxsize=4096)
def _readings(word: str) -> tuple[str, ...]:
    word = _SILENT.sub("", unicodedata.normalize("NFC", word.casefold()))
    pieces = _PIECE.findall(word)
    if not pieces or sum(map(len, pieces)) != len(word):
        return ()
    ranked = product(*(enumerate(_SPELLINGS[piece]) for piece in pieces[:24]))
    # Few unlikely pieces first: the sum of ranks orders the readings.
    some = [next(ranked)] + [row for row, _ in zip(ranked, range(255), strict=False)]
    some.sort(key=lambda row: sum(rank for rank, _ in row))
    return tuple(dict.fromkeys(fold("".join(text for _, text in row)) for row in some))[:_MOST_READINGS]


def latin_to_folded(word: str) -> list[str]:
    """Return up to eight folded Cyrillic readings of a word in Latin letters, the likeliest first.

    Empty where the word holds anything but Latin letters and apostrophes.
    """
    return list(_readings(word))
