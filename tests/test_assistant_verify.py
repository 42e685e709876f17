"""A sentence may stand on its quotes, or it is dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.verify import Fault, fault, numbers

QUOTE = "Барои шиносномаи нав 10 доллари ИМА пардохт мешавад; ба ятимон ройгон дода мешавад."


def test_a_part_of_a_quote_always_stands():
    assert fault("10 доллари ИМА пардохт мешавад", [QUOTE]) is None


@pytest.mark.parametrize("sentence", [
    "Барои шиносномаи нав 15 доллари ИМА пардохт мешавад.",
    "Барои шиносномаи нав 100 доллари ИМА пардохт мешавад.",
    "Барои шиносномаи нав 10,5 доллари ИМА пардохт мешавад.",
])
def test_a_number_that_no_quote_has_is_a_fault(sentence):
    assert fault(sentence, [QUOTE]) is Fault.NUMBER


def test_a_turned_negation_is_a_fault():
    assert fault("Барои шиносномаи нав 10 доллари ИМА пардохт намешавад.", [QUOTE]) is Fault.NEGATION
    assert fault("Ба ятимон шиноснома дода намешавад.", [QUOTE]) is Fault.NEGATION


def test_words_from_elsewhere_are_a_fault():
    assert fault("Шиноснома дар мағозаҳои шаҳр зуд фурӯхта мешавад.", [QUOTE]) is Fault.WORDS


def test_a_rewording_with_the_same_words_and_numbers_stands():
    assert fault("Шиносномаи нав 10 доллари ИМА пардохт мешавад.", [QUOTE]) is None


def test_a_sentence_without_a_quote_never_stands():
    assert fault("Шиноснома 10 доллар аст.", []) is Fault.NO_QUOTE


def test_grouped_and_decimal_numbers_are_compared_by_value():
    assert numbers("58 500 сомонӣ, 35,36 дирам, 35.36") == ["58500", "35,36", "35,36"]
    assert fault("Маблағ 58500 сомонӣ аст.", ["Маблағ 58 500 сомонӣ аст."]) is None


@given(st.text(alphabet="абвгдғқӯҳҷ 0123456789,.", min_size=1, max_size=80))
def test_no_sentence_with_a_number_of_its_own_stands(text):
    assert fault(f"{text} 987654", [QUOTE]) in (Fault.NUMBER, None)
    assert fault("Барои шиносномаи нав 987654 доллари ИМА", [QUOTE, text.replace("9", "")]) is Fault.NUMBER
