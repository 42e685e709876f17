"""Numbers in digits and in Tajik, Russian and English words."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.dates import fold
from corpora.numerals import read_numbers

TAJIK_UNITS = ["", "як", "ду", "се", "чор", "панҷ", "шаш", "ҳафт", "ҳашт", "нӯҳ", "даҳ", "ёздаҳ", "дувоздаҳ", "сездаҳ",
               "чордаҳ", "понздаҳ", "шонздаҳ", "ҳабдаҳ", "ҳаждаҳ", "нуздаҳ"]
TAJIK_TENS = ["", "", "бист", "сӣ", "чил", "панҷоҳ", "шаст", "ҳафтод", "ҳаштод", "навад"]
TAJIK_HUNDREDS = ["", "сад", "дусад", "сесад", "чорсад", "панҷсад", "шашсад", "ҳафтсад", "ҳаштсад", "нӯҳсад"]
RUSSIAN_UNITS = ["", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять",
                 "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
                 "семнадцать", "восемнадцать", "девятнадцать"]
RUSSIAN_TENS = ["", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят",
                "девяносто"]
RUSSIAN_HUNDREDS = ["", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот",
                    "девятьсот"]


def tajik(number: int) -> str:
    """Return a number from 1 to 999 999 999 as Tajik says it, its parts joined by -у or -ю."""
    parts = []
    for scale, name in ((1_000_000, "миллион"), (1000, "ҳазор")):
        if number >= scale:
            parts.append(f"{tajik(number // scale)} {name}")
            number %= scale
    parts += [TAJIK_HUNDREDS[number // 100]] if number >= 100 else []
    number %= 100
    parts += [TAJIK_TENS[number // 10]] if number >= 20 else []
    number = number % 10 if number >= 20 else number
    parts += [TAJIK_UNITS[number]] if number else []
    return " ".join([part + ("ю" if part[-1] in "ӣе" else "у") for part in parts[:-1]] + parts[-1:])


def russian(number: int) -> str:
    parts = []
    for scale, name in ((1_000_000, "миллионов"), (1000, "тысяч")):
        if number >= scale:
            parts.append(f"{russian(number // scale)} {name}")
            number %= scale
    parts += [RUSSIAN_HUNDREDS[number // 100]] if number >= 100 else []
    number %= 100
    parts += [RUSSIAN_TENS[number // 10]] if number >= 20 else []
    number = number % 10 if number >= 20 else number
    parts += [RUSSIAN_UNITS[number]] if number else []
    return " ".join(parts)


def read(text: str) -> list[str]:
    return [f"{number.value:f}" for number in read_numbers(text)]


@given(st.integers(1, 999_999_999))
def test_every_number_is_read_back_from_its_words(number):
    for words in (tajik(number), fold(tajik(number)), tajik(number).upper(), russian(number)):
        found = read_numbers(f"маблағи {words} сомонӣ")
        assert [one.value for one in found] == [number], words
        assert found[0].in_words


@given(st.integers(1, 999_999_999), st.integers(1, 99))
def test_every_number_is_read_back_from_its_digits(number, hundredths):
    parted = f"{number:,}"
    for digits in (str(number), parted.replace(",", " "), parted.replace(",", "\u00a0")):
        assert read(f"аз {digits} сомонӣ") == [str(number)]
    value = number + Decimal(hundredths) / 100
    for digits in (f"{value:f}", f"{value:f}".replace(".", ",")):
        assert [one.value for one in read_numbers(f"аз {digits} сомонӣ")] == [value]


@pytest.mark.parametrize(("text", "numbers"), [
    ("250 (дусаду панҷоҳ) сомонӣ", ["250", "250"]),
    ("як миллиону дусад", ["1000200"]),
    ("ним нишондиҳанда", ["0.5"]),
    ("якуним моҳ, яку ним сол", ["1.5", "1.5"]),
    ("панҷ ва ним", ["5.5"]),
    ("ду сад сомонӣ", ["200"]),
    ("нухсаду навад", ["990"]),
    ("дуюм, якуми, сеюм", ["2", "1", "3"]),
    ("шонздаҳсола ва ҳафтсолагӣ", ["16", "7"]),
    ("полтора месяца, два с половиной", ["1.5", "2.5"]),
    ("двухсот пятидесяти", ["250"]),
    ("шестнадцатилетний, двадцатипятилетия", ["16", "25"]),
    ("третьего, второй, сороковые", ["3", "2", "40"]),
    ("twenty-five, one hundred and fifty, two and a half", ["25", "150", "2.5"]),
    ("1,300 somoni", ["1300"]),
    ("5 миллиону 200 ҳазор, 2 ҳазору 500, 1,2 млн", ["5200000", "2500", "1200000.0"]),
    ("5-уми", ["5"]),
])
def test_words_and_digits_say_these_numbers(text, numbers):
    assert read(text) == numbers


@pytest.mark.parametrize(("text", "numbers"), [
    ("соли 2023 2 500 сомонӣ", ["2023", "2500"]),
    ("2026 78 сомонӣ", ["2026", "78"]),
    ("13.11.2023", ["13", "11", "2023"]),
    ("(+992 37) 221-21-21", ["992", "37", "221", "21", "21"]),
    ("37 221-21-21", ["37", "221", "21", "21"]),
    ("8:30–11:00", ["8", "30", "11", "0"]),
    ("3×4", ["3", "4"]),
    ("даҳ панҷ", ["10", "5"]),
    ("як ду", ["1", "2"]),
    ("25 200 сомонӣ 420 нишондиҳанда", ["25200", "420"]),
    ("2 500-3 000", ["2500", "3000"]),
])
def test_numbers_side_by_side_stay_apart(text, numbers):
    assert read(text) == numbers


@pytest.mark.parametrize("text", ["детский сад", "приехал к ним", "якчанд сомонӣ", "на семью", "ҳазорон нафар",
                                  "нимрӯз", "м³ ва СИМ"])
def test_words_that_only_look_like_numbers_are_none(text):
    assert read(text) == []


@given(st.text(st.sampled_from("0123456789 .,-:/()садҳзорнимупяткю\n"), max_size=60))
def test_numbers_lie_in_order_without_overlap(text):
    found = read_numbers(text)
    places = [(one.start, one.end) for one in found]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(first[1] <= second[0] for first, second in pairwise(places))
