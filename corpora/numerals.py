"""Which numbers a text says, in digits and in Tajik, Russian and English words.

A number is read as it is said: nothing is rounded, two numbers that stand side by side stay two.  Letters are
compared without their Tajik marks, so that "панчох" is read as "панҷоҳ".  Years and numbers of acts are numbers
too; what a number counts is not told here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from corpora.dates import fold
from corpora.number_words import SCALES, WORDS, word_value

# Thousands are parted by single spaces; what goes on with a hyphen is a telephone, with a second stop a date.
_GROUP = r"\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d|-\d\d-\d\d|[.,/]\d+[./])(?:[.,]\d+)?(?!\d)"
_ENGLISH_GROUP = r"\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?(?!\d)"
_PLAIN = r"\d+(?:[.,]\d+)?(?!\d*[./:]\d)"
_DIGITS = re.compile(rf"(?<![^\W\d_])(?<!\d)(?<!\d[.,])(?:{_GROUP}|{_PLAIN}|\d+)|(?<=\d[.,])\d+|½")
_LATIN_DIGITS = re.compile(rf"(?<![^\W\d_])(?<!\d)(?<!\d[.,])(?:{_ENGLISH_GROUP}|{_GROUP}|{_PLAIN}|\d+)"
                           r"|(?<=\d[.,])\d+|½")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
# Words that are numbers in Tajik and something else in Russian: a garden, "to them".
_TWO_FACED = frozenset({"сад", "ним", "си"})
_RUSSIAN = re.compile(r"[ыщ]|ск(?:ии|ая|ое|ого|ои|ому)\b|\b(?:в|к|что|для|или|это|от|из|при|по|детскии)\b")
_NEAR = 200                        # letters on each side in which the language of a word is looked for
_GAPS = re.compile(r"[ \u00a0\u2009\u202f\n]{1,2}|-|[ \u00a0](?:ва|and) ")
_AND_A_HALF = re.compile(r"\s(?:ва|and a|с)\s")
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Number:
    """A number and its place in the text; `end` is exclusive.  `in_words` where no digit stands in it."""

    value: Decimal
    start: int
    end: int
    in_words: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of digits or a word that says a number; `linked` where its ending (-у, -ю) leads on to the next."""

    value: Decimal
    start: int
    end: int
    in_words: bool
    linked: bool = False
    scale: bool = False
    closed: bool = False               # an ordinal or a prefix of a longer word: nothing is added to it


def read_numbers(text: str) -> tuple[Number, ...]:
    """Return the numbers of a text, in order, without overlaps; "5 миллион" and "бисту панҷ" are one each."""
    parts = sorted((*_digits(text), *_words(lowered(text))), key=lambda part: part.start)
    numbers, at = [], 0
    while at < len(parts):
        size = 1
        while at + size < len(parts) and _joins(parts[at:at + size], parts[at + size], text):
            size += 1
        numbers.append(_number(parts[at:at + size]))
        at += size
    return tuple(numbers)


@lru_cache(maxsize=64)
def lowered(text: str) -> str:
    """Return the text folded and in small letters, letter for letter."""
    small = fold(text).lower()
    if len(small) == len(text):
        return small
    return "".join(one if len(one := letter.lower()) == 1 else letter for letter in fold(text))


def _digits(text: str) -> Iterator[_Part]:
    latin = not _CYRILLIC.search(text)
    for match in (_LATIN_DIGITS if latin else _DIGITS).finditer(text):
        plain = re.sub(r"[ \u00a0\u2009\u202f]", "", match[0])
        if latin and re.fullmatch(_ENGLISH_GROUP, plain):
            plain = plain.replace(",", "")
        value = _HALF if plain == "½" else Decimal(plain.replace(",", "."))
        yield _Part(value, match.start(), match.end(), in_words=False)


def _words(folded: str) -> Iterator[_Part]:
    for match in _WORD.finditer(folded):
        if match[0] in _TWO_FACED and _RUSSIAN.search(_around(folded, match.start())):
            continue
        if part := _part(match[0], match.start()):
            yield part


def _around(text: str, at: int) -> str:
    """Return the line a place stands in, or what of it lies near."""
    first = text.rfind("\n", max(0, at - _NEAR), at) + 1 or max(0, at - _NEAR)
    last = text.find("\n", at, at + _NEAR)
    return text[first:last if last >= 0 else at + _NEAR]


def _part(word: str, start: int) -> _Part | None:
    if (value := SCALES.get(word)) is not None:
        return _Part(value, start, start + len(word), in_words=True, linked=word[-1] in "ую", scale=True)
    if (value := WORDS.get(word)) is not None:
        return _Part(value, start, start + len(word), in_words=True)
    if found := word_value(word):
        value, length, linked, closed = found
        return _Part(value, start, start + length, in_words=True, linked=linked, closed=closed)
    return None


def _joins(parts: Sequence[_Part], part: _Part, text: str) -> bool:
    last, gap = parts[-1], text[parts[-1].end:part.start]
    if part.value == _HALF and part.in_words:
        return last.value % 1 == 0 and ((last.linked and gap == " ") or bool(_AND_A_HALF.fullmatch(gap)))
    if last.closed or not (_GAPS.fullmatch(gap) or (part.scale and gap == "")):
        return False
    if part.scale:
        return last.value != _HALF and _below(parts, part.value)
    if not part.in_words:
        # "2 ҳазору 500" is one number, "соли 2 ҳазор 20" is not told apart and stays two.
        return last.scale and last.linked and part.value < last.value
    if gap == "-" and not text[last.start].isascii():
        return False
    return last.in_words and _adds(last, part, gap.strip())


def _below(parts: Sequence[_Part], scale: Decimal) -> bool:
    """Return whether what was said since the last greater scale can be multiplied by this one."""
    last = parts[-1]
    if scale == 100:
        return last.in_words and (last.value > 100 if last.scale else last.value < 10)
    if last.scale:
        return last.value == 100
    return all(part.value > scale for part in parts if part.scale and part.value > 100)


def _adds(last: _Part, part: _Part, between: str) -> bool:
    """Return whether a word is added to the one before: twenty and five, two hundred and fifty, never ten and five."""
    if between in ("ва", "and"):
        return last.value >= 100 and part.value < 100
    if last.scale:
        return part.value < last.value
    return part.value < _room(last.value)


def _room(value: Decimal) -> Decimal:
    """Return the power of ten below which a value leaves its places free: 100 for 200, 10 for 20, 0 for 15."""
    for power in (Decimal(1000), Decimal(100), Decimal(10)):
        if value >= 2 * power - (power if power >= 100 else 0) and value % power == 0:
            return power
    return Decimal(0)


def _number(parts: Sequence[_Part]) -> Number:
    whole, group = Decimal(0), Decimal(0)
    for part in parts:
        if not part.scale:
            group += part.value
        elif part.value == 100:
            group = (group or Decimal(1)) * 100
        else:
            whole += (group or Decimal(1)) * part.value
            group = Decimal(0)
    return Number(whole + group, parts[0].start, parts[-1].end, all(part.in_words for part in parts))
