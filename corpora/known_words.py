"""Which words are words: the Tajik and Russian forms of our own texts, and what their letters look like.

A word is known by its form, or in Tajik by a form without its endings.  The list is small (about eleven
thousand forms), so a share says "this reads like our language" and never "this word is wrong".
Read once, at the first question; nothing here changes a text.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST_COUNTED = 3
_SHORTEST_STEM = 3
_ENDINGS = (
    "кунанда", "ҳояшон",
    "ншуда", "ҳояш", "ҳоям", "тарин", "атон", "ашон", "амон",
    "онро", "шуда", "ҳоро", "гони", "вони",
    "ҳои", "ҳое", "они", "оне", "ёни", "гон", "вон", "анд", "аст", "ест", "гии", "ияш", "иро", "тар", "мон", "шон",
    "ро", "ҳо", "ву", "ам", "ат", "аш", "он", "ён", "ем", "ед", "гӣ", "вӣ", "ии", "ию", "да", "ва", "ку",
    "и", "ю", "у", "е", "ӣ",
)
_BEGINNINGS = ("наме", "ме", "бе", "на", "би", "но", "ҳам")


@cache
def _lists() -> tuple[frozenset[str], frozenset[str]]:
    """Return the Tajik and the Russian forms."""
    fields = (files("corpora") / "known_words.txt").read_text(encoding="utf-8").split()
    marked = list(zip(fields[::2], fields[1::2], strict=True))
    return (frozenset(word for word, language in marked if language != "ru"),
            frozenset(word for word, language in marked if language != "tg"))


@cache
def _threes() -> frozenset[str]:
    """Return every three letters in a row of the Tajik forms, with a space for the edge of a word."""
    padded = (f" {word} " for word in _lists()[0])
    return frozenset(word[at:at + 3] for word in padded for at in range(len(word) - 2))


@cache
def _folded() -> frozenset[str]:
    """Return the Tajik forms with у for ӯ: the spelling rules of 2021 write many words so, older texts do not."""
    return frozenset(word.replace("ӯ", "у") for word in _lists()[0])


@lru_cache(maxsize=65_536)
def is_tajik(word: str) -> bool:
    """Return whether a lower-case word is a known Tajik form, endings and both spellings of ӯ allowed."""
    word = word.replace("ӯ", "у")
    if word in _folded() or _with_ending(word):
        return True
    return any(word.startswith(begin) and len(word) - len(begin) >= _SHORTEST_STEM
               and (word[len(begin):] in _folded() or _with_ending(word[len(begin):])) for begin in _BEGINNINGS)


def _with_ending(word: str) -> bool:
    tajik = _folded()
    for ending in _ENDINGS:
        stem = word[:-len(ending)]
        if len(stem) >= _SHORTEST_STEM and word.endswith(ending) and (stem in tajik or stem + "ӣ" in tajik):
            return True
    return False


def is_known(word: str) -> bool:
    """Return whether a lower-case word is a known form of Tajik or Russian."""
    return is_tajik(word) or word in _lists()[1]


def is_listed(word: str) -> bool:
    """Return whether a lower-case word stands in the list itself, no ending taken off."""
    return word in _lists()[0] or word in _lists()[1]


def looks_tajik(word: str) -> bool:
    """Return whether a lower-case word is built of letters that follow each other in known Tajik words."""
    padded = f" {word} "
    return all(padded[at:at + 3] in _threes() for at in range(len(padded) - 2))


def known_share(text: str) -> float:
    """Return which share in [0, 1] of the words of three letters or more is known, 0.0 where there are none."""
    words = [word for word in _WORD.findall(text.lower()) if len(word) >= _SHORTEST_COUNTED]
    return sum(map(is_known, words)) / len(words) if words else 0.0
