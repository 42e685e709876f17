"""Whether extracted text is readable text or noise.

Rules over characters and words, the same for every language: a page in good Russian, English or Uzbek
letters is good.  Noise is what no person could read: characters without a letter behind them, symbols or
single letters all over, words of two scripts, wrong bytes shown as letters, words that nobody can
pronounce.  Nothing is repaired here, and whether a text is true is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from unicodedata import normalize


class Verdict(StrEnum):
    """What a page is: to be kept, to be read another way, or without letters."""

    GOOD = "good"
    NOISE = "noise"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Quality:
    """The measures of one text.  Shares are in [0, 1]; `reason` is empty for good text."""

    letters: int
    cyrillic_share: float              # of letters
    known_share: float                 # of words of three letters or more, in a Tajik and Russian word list
    mixed_words: int                   # Cyrillic and Latin or Greek letters within one word
    broken_letters: int                # controls, private-use and replacement characters
    verdict: Verdict
    reason: str = ""


_BROKEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_WORD = re.compile(r"[^\W\d_]+")
# Dot leaders and lines to write on are one mark each; \ufffe is the mark of a word broken at a line end.
_SYMBOL = re.compile(r"([^\w\s\ufffe]|_)\1*")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_SEAM = re.compile("[\u0400-\u052f][A-Za-z\u0370-\u03ff]|[A-Za-z\u0370-\u03ff][\u0400-\u052f]")
# A foreign name with an ending of the language around it: Facebookро, PDF-и.
_INFLECTED = re.compile("[A-Za-z]{3,}[\u0400-\u052f]{1,4}")
_WRONG_BYTES = re.compile("[\u00a1-\u00bf\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]")
_SWAPPED = re.compile(r"\b(?:[a-z][A-Z]{2,}|[а-яё][А-ЯЁ]{2,})\b")
_DIGIT_WITHIN = re.compile(r"[^\W\d_]\d+[^\W\d_]")
_VOWELS = frozenset("аеёиоуыэюяӣӯіїєөүұәўѣӑӗӱaeiouyæøœıə")
_MARKS = re.compile("[\u0300-\u036f]")
_SPOKEN_LETTERS = 4

# Shares below were set between the worst good page and the best noise of tests/test_corpora_quality.py.
_BROKEN_SHARE = 0.1
_SYMBOL_SHARE = 0.45
_SINGLE_SHARE = 0.6
_MIXED_SHARE = 0.3
_WRONG_BYTES_SHARE = 0.4
_SWAPPED_SHARE = 0.3
_DUMB_SHARE = 0.25
_DIGITS_WITHIN_SHARE = 0.15
# With the least share of neighbouring letters of which one is a vowel and one not: Russian has 0.70 and more,
# German 0.61.
_ALPHABETS = ((re.compile("[\u0400-\u052f]+"), 0.64), (re.compile("[a-zß-ÿıəłđøæœ]+"), 0.5))
_KNOWN_SHARE = 0.1
_FEW_WORDS = 10                        # a page with fewer words is judged by its characters only
_SAMPLE = 6_000                        # code points; a page has about 3 000
_FRAUD_WORDS, _FRAUD_SHARE = 5, 0.02


def judge(text: str, known_share: Callable[[str], float] | None = None) -> Quality:
    """Return the measures of a page's text and the verdict on it.

    A text in a legacy font encoding is to be repaired before.  `known_share` gives the share of known
    words of a text, by default that of `corpora.encodings`.
    """
    text = text[:_SAMPLE]
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    broken = len(_BROKEN.findall(text))
    mixed = len(mixed_words(text))
    known = (known_share or _known_share)(text) if words else 0.0
    reason = _noise(text, words, broken, mixed, known)
    verdict = Verdict.NOISE if reason else Verdict.GOOD if letters else Verdict.EMPTY
    cyrillic = len(_CYRILLIC.findall(text)) / letters if letters else 0.0
    return Quality(letters, cyrillic, known, mixed, broken, verdict,
                   "no letters" if verdict is Verdict.EMPTY else reason)


def mixed_words(text: str) -> list[str]:
    """Return the words that mix Cyrillic with Latin or Greek letters, in order, endings of names excepted."""
    if not _SEAM.search(text):         # nearly every text: the slower search is not needed
        return []
    return [word for word in _WORD.findall(text) if _SEAM.search(word) and not _INFLECTED.fullmatch(word)]


def fraud_warning(text: str) -> str | None:
    """Return a warning where many words hide letters of another script, as forged notices do.

    Text in a legacy font encoding has such words too and is to be repaired before.
    """
    found = mixed_words(text)
    if len(found) < _FRAUD_WORDS or len(found) < _FRAUD_SHARE * len(_WORD.findall(text)):
        return None
    examples = ", ".join(dict.fromkeys(found[:3]))
    return (f"{len(found)} words mix letters of two scripts ({examples}), as forged notices do: "
            "check that the publisher is genuine")


def _noise(text: str, words: list[str], broken: int, mixed: int, known: float) -> str:
    """Return why a text is noise, or nothing."""
    letters = sum(map(len, words))
    if broken > _BROKEN_SHARE * (broken + letters):
        return f"{broken} of {broken + letters} characters have no letter behind them"
    symbols, digits = len(_SYMBOL.findall(text)), sum(map(str.isdigit, text))
    if symbols > _SYMBOL_SHARE * (symbols + digits + letters) and symbols > _FEW_WORDS:
        return "more symbols than letters"
    if len(words) < _FEW_WORDS:
        return ""
    if sum(len(word) == 1 for word in words) > _SINGLE_SHARE * len(words):
        return "most words are single letters"
    if mixed > _MIXED_SHARE * len(words):
        return f"{mixed} of {len(words)} words mix two scripts"
    if len(_WRONG_BYTES.findall(text)) > _WRONG_BYTES_SHARE * letters:
        return "bytes of another encoding shown as letters"
    if len(_SWAPPED.findall(text)) > _SWAPPED_SHARE * len(words):
        return "small and capital letters swapped"
    if len(_DIGIT_WITHIN.findall(text)) > _DIGITS_WITHIN_SHARE * len(words):
        return "digits within words"
    return "" if known > _KNOWN_SHARE else _soup(words)


def _soup(words: list[str]) -> str:
    """Return that the words cannot be spoken, or nothing.  Only Latin and Cyrillic words are looked at."""
    spoken = [_plain(word) for word in words if len(word) >= _SPOKEN_LETTERS]
    sides = [([word for word in spoken if alphabet.fullmatch(word)], least) for alphabet, least in _ALPHABETS]
    spoken, least = max(sides, key=lambda side: len(side[0]))
    if len(spoken) < _FEW_WORDS:
        return ""
    dumb = sum(_VOWELS.isdisjoint(word) for word in spoken)
    if dumb > _DUMB_SHARE * len(spoken):
        return f"{dumb} of {len(spoken)} words have no vowel"
    return "words that cannot be spoken" if alternation(spoken) < least else ""


def _plain(word: str) -> str:
    """Return a word in small letters, those of Latin without their marks."""
    word = word.lower()
    return word if _CYRILLIC.match(word) else _MARKS.sub("", normalize("NFD", word))


def alternation(words: list[str]) -> float:
    """Return the share of neighbouring letters of which one is a vowel and one is not, in [0, 1]."""
    changes = [(first in _VOWELS) != (second in _VOWELS) for word in words for first, second in pairwise(word)]
    return sum(changes) / len(changes) if changes else 0.0


def _known_share(text: str) -> float:
    from corpora.encodings import known_share
    return known_share(text)
