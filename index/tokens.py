"""How a text becomes the words that are searched: cleaned, split, folded, stemmed.

The same functions run over passages and questions; `VERSION` stands in every snapshot and another
version is refused.  Folded and stemmed forms are keys, never shown.  No word is ever dropped here:
negation (на, не, наме-) and numerals change what a sentence says.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

VERSION = "3"

_CYRILLIC = "\u0400-\u052f"
# Stress marks, soft hyphens, zero-width characters; what NFC could not join to a letter is no part of a word.
_UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_APOSTROPHE = re.compile(f"(?<=[{_CYRILLIC}])['’ʼ`ʹ‘](?=[{_CYRILLIC}])")
_MIXED = re.compile(
    rf"(?<![^\W\d_])(?:[{_CYRILLIC}]++[A-Za-z]|[A-Za-z]++[{_CYRILLIC}])[^\W\d_]*")
# Letters of neighbours' alphabets and of broken fonts that can only stand for one Tajik letter.
_NEIGHBOURS = str.maketrans("ќҡҝԛѓӷҕўӳїӥһӽҹӌҗ", "ққққғғғӯӯӣӣҳҳҷҷҷ")
_LOOK_ALIKES = str.maketrans("ABCEHKMOPTXYaceopxyk", "АВСЕНКМОРТХУасеорхук")
_LOOK_ALIKE_LETTERS = frozenset("ABCEHKMOPTXYaceopxyk")

_WORD = re.compile(r"[^\W_]+")
# Signs at either end of what stands between two spaces that no rule looks at.
_SIGNS = ".,;:!?(«"
# What is clean as it stands: nearly all words, which is quicker told than cleaned.
_CLEAN = re.compile("[а-яёғӣқӯҳҷ]+|[a-z]+|[0-9]+")
_DASH = "[-\u2010\u2011]"
# Endings glued with a hyphen to a number, an abbreviation, a quote or a bracket: 5-уми, ҶТ-ро, 1-го.
_AFTER_NUMBER = re.compile(
    r"(\d)\s?[-\u2010-\u2013]\s?"
    r"(?:умин|уми?|юми?|ями?|юм|ум|и|у|ю|ро|го|му|м|й|я|е|ой|ая|ое|ые|ый|ых|х|ми|umi?|um|i|ro)(?![^\W_])")
_AFTER_WORD = re.compile(rf"(?<=[^\W\d_»”\"')\]]){_DASH}(?:ро|и|у|ю|ro|i)(?![^\W_])")
_AFTER_QUOTE = re.compile(
    rf"(?<=[»”\"')\]]){_DASH}(?:ҳоро|ҳои|ҳо|ро|и|у|ю|ам|ат|аш)(?![^\W_])")
_AFTER_CAPITALS = re.compile(rf"(?<=[A-ZА-ЯЁҒӢҚӮҲҶ]){_DASH}(?:ҳоро|ҳои|ҳо|ам|ат|аш|ум|уми)(?![^\W_])")

# Letters that citizens, old rules and Russian keyboards write differently (research: domain 2.2, 2.3).
_FOLD = str.maketrans("қғҳҷӯўӣёэщыц", "кгхчууиеешис", "ъь")
_ROUGH = _FOLD | _NEIGHBOURS
_DZH = re.compile("дж")
# Ц was written тс after 1998; the ending -тся is Russian and keeps its т.
_TS = re.compile("т+с(?!я$)")
_THOUSANDS = re.compile("\\d(?<![\\d,.]\\d)\\d{0,2}(?:[ \u00a0\u202f]\\d{3})+(?![\\d])")
_FINAL_SHORT_I = re.compile("(?<=[бвгджзклмнпрстфхчш])й$")

# A word keeps four letters, or three before the commonest endings (соли, пулҳо, года).
_LEAST_STEM, _LEAST_SHORT_STEM, _PASSES = 4, 3, 2
_ENDINGS = {
    "tg": "хоямон хоятон хояшон хоям хоят хояш хоро хою хои хо гонро гони гон вонро вони вон онро они он "
          "енро ени ен амон атон ашон ам ат аш ро аст ест ии и у ю е",
    "ru": "ениями ениях ением ения ению ении ение ени аниями аниях анием ания анию ании ание "
          "остями остях остью ости ост иями иях ием иям ями ого его ому ему ими ией иею ую юю ая яя ое ее "
          "ие ий ей ой им ом ем их ами ах ях ам ям ов ев ия ию ии ует уют ают яют ает яет ит ат "
          "ят ет ют ут ил ал ла ло ли ся я а о е и у ю",
    "en": "ations ation ings ing ies ied ed es s y",
}
_COMMONEST = {"tg": "хои хо хоро и ро", "ru": "а я е и у ю ом ов", "en": "s"}
_SUFFIXES = {language: frozenset(endings.split()) for language, endings in _ENDINGS.items()}
_LONGEST_SUFFIX = {language: max(map(len, suffixes)) for language, suffixes in _SUFFIXES.items()}
_SHORT_STEMMED = {language: frozenset(endings.split()) for language, endings in _COMMONEST.items()}


# Short words whose plural is as long as a stem.
_IRREGULAR = {"занон": "зан", "занҳо": "зан", "духтарон": "духтар", "додарон": "додар"}


def clean(text: str) -> str:
    """Return the text in NFC and lower case, look-alike and neighbours' letters as Tajik ones.

    What cannot be seen is gone; an apostrophe within a Cyrillic word is ъ.  Nothing else changes.
    """
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    text = _MIXED.sub(_repaired, _APOSTROPHE.sub("ъ", text))
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text.casefold().translate(_NEIGHBOURS)))


def words(text: str) -> list[str]:
    """Return the clean words of a text in order; endings glued with a hyphen (5-уми, ҶТ-ро) are left off."""
    text = _AFTER_NUMBER.sub(_number, unicodedata.normalize("NFC", text))
    return [word for stretch in text.split() for word in _words_of(stretch.strip(_SIGNS))]


def _number(match: re.Match[str]) -> str:
    return match[1] + " "


@lru_cache(maxsize=1 << 15)
def _words_of(stretch: str) -> tuple[str, ...]:
    """Return the words of what stands between two spaces; but for numbers, no rule looks beyond a space."""
    if _CLEAN.fullmatch(lower := stretch.casefold()):
        return (lower,)
    for clitic in (_AFTER_QUOTE, _AFTER_CAPITALS, _AFTER_WORD):
        stretch = clitic.sub(" ", stretch)
    return tuple(_WORD.findall(clean(stretch)))


def grouped_numbers(text: str) -> list[str]:
    """Return numbers that a space divides into thousands, as one word each: "58 500" gives "58500"."""
    return ["".join(filter(str.isdigit, match)) for match in _THOUSANDS.findall(text)]


@lru_cache(maxsize=1 << 15)
def fold(word: str) -> str:
    """Return the key that the usual spellings of a clean word share; `fold(fold(x)) == fold(x)`."""
    word = _TS.sub("с", _DZH.sub("ч", word.translate(_FOLD)))
    return _FINAL_SHORT_I.sub("и", word)


@lru_cache(maxsize=1 << 15)
def stem(folded: str, language: str) -> str:
    """Return a folded word without its endings; longest ending first, at most two.

    A word of an unknown language is taken for Tajik.  Prefixes stay: намедиҳад is not медиҳад.
    """
    language = language if language in _SUFFIXES else "tg"
    if not folded.isalpha():
        return folded
    for _ in range(_PASSES):
        shorter = _without_ending(folded, language)
        if shorter == folded:
            break
        folded = shorter
    return _IRREGULAR.get(folded, folded)


def roughly_folded(text: str) -> str:
    """Return a text in one pass with the letters of folded words, spaces and signs as they are: to look words up in."""
    return text.casefold().translate(_ROUGH)


def _without_ending(word: str, language: str) -> str:
    for size in range(min(_LONGEST_SUFFIX[language], len(word) - _LEAST_SHORT_STEM), 0, -1):
        suffix = word[-size:]
        least = _LEAST_SHORT_STEM if suffix in _SHORT_STEMMED[language] else _LEAST_STEM
        if suffix in _SUFFIXES[language] and len(word) - size >= least:
            return word[:-size]
    return word


def _repaired(match: re.Match[str]) -> str:
    """Return a word of mixed letters in Cyrillic, if all its Latin letters look like Cyrillic ones."""
    latin = {letter for letter in match[0] if letter.isascii()}
    return match[0].translate(_LOOK_ALIKES) if latin <= _LOOK_ALIKE_LETTERS else match[0]
