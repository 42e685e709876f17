"""Tajik typed in Persian letters, read as the words that the passages have.

Persian script leaves short vowels out and writes several letters for one Tajik sound, so a word is looked up by
its consonants among the words of the passages, and the nearest by its long vowels comes first.  These are keys
for searching, not a transliteration to show (research: domain 2.6).
"""

from __future__ import annotations

import re

_CONSONANTS = {"ب": "б", "پ": "п", "ت": "т", "ط": "т", "ث": "с", "س": "с", "ص": "с", "ج": "ч", "چ": "ч", "ح": "х",
               "خ": "х", "ه": "х", "ھ": "х", "ة": "т", "د": "д", "ذ": "з", "ز": "з", "ض": "з", "ظ": "з", "ژ": "ж",
               "ر": "р", "ش": "ш", "غ": "г", "گ": "г", "ف": "ф", "ق": "к", "ک": "к", "ك": "к", "ل": "л", "م": "м",
               "ن": "н"}
_VOWELS = {"ا": "о", "آ": "о", "أ": "о", "و": "у", "ی": "и", "ي": "и", "ى": "и", "ې": "и", "ئ": "и", "ؤ": "у"}
_TO_LETTERS = str.maketrans(_CONSONANTS | _VOWELS | {"ع": "", "ء": "", "ـ": ""})
_FINAL_H = re.compile("[هة]$")
_NOT_CONSONANT = re.compile("[^бпткчхдзжршгфлмнс]")
_DOUBLED = re.compile(r"(.)\1+")
_ENDING = re.compile("(?:هایی|های|ها|ان|ی)$")
_LEAST = 2
MOST_READINGS = 4


def skeleton(folded: str) -> str:
    """Return the consonants of a folded Cyrillic word that Persian script always writes; в and й may be vowels."""
    word = folded.removesuffix("х") if folded.endswith("ах") else folded
    return _consonants(word)


def _consonants(letters: str) -> str:
    """Return the consonants alone; Persian script does not write one twice."""
    return _DOUBLED.sub(r"\1", _NOT_CONSONANT.sub("", letters))


def persian_letters(word: str) -> str:
    """Return a word in Persian letters as folded Cyrillic ones, long vowels kept, a silent final he as а."""
    return _FINAL_H.sub("а", word).translate(_TO_LETTERS)


def skeletons(word: str) -> list[str]:
    """Return the consonants of a word in Persian letters: as it is, then without a plural's ending."""
    shorter = _ENDING.sub("", word)
    found = [_consonants(persian_letters(form)) for form in dict.fromkeys((word, shorter))]
    return [consonants for consonants in found if len(consonants) >= _LEAST]


def nearest(word: str, candidates: list[tuple[str, int]]) -> list[str]:
    """Return the folded words of the same consonants, the nearest by their vowels first, then the most frequent.

    candidates: folded words and how often each stands in the passages.
    """
    from rapidfuzz.distance import Levenshtein

    wanted = persian_letters(word)
    ranked = sorted((Levenshtein.distance(wanted, folded.replace("а", "")), -frequency, folded)
                    for folded, frequency in candidates)
    return [folded for _, _, folded in ranked[:MOST_READINGS]]
