"""A sentence may stand on its quotes, or it is dropped with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.verify import Fault, covered, fault, numbers

QUOTE = "Барои шиносномаи нав 10 доллари ИМА пардохт мешавад; ба ятимон ройгон дода мешавад."
SERVICE = "Тибқи тағйироти соли 2015 собиқаи зарурӣ барои мардон 20 сол ва барои занон 15 сол аст."
ONLY = "SIM-корт танҳо бо шиносномаи шаҳрванди Тоҷикистон ба қайд гирифта мешавад."
IF = "Агар кӯдакистон пули нақд талаб кунад, ба телефони +992 (37) 227-76-86 шикоят кардан мумкин аст."
EXCEPT = "Собиқадорон аз пардохти хизматҳои коммуналӣ, ба ғайр аз барқ ва гази моеъ, озод мебошанд."
FORBIDDEN = "Бе ташхиси тиббии пешакӣ бастани никоҳ иҷозат дода намешавад."
DECREE = "Қоидаҳоро қарори Ҳукумат аз 15 марти соли 2026 № 406 муқаррар мекунад."
RUSSIAN = "Пособие платят в течение 10 рабочих дней, размер – не менее 250 сомони."


@pytest.mark.parametrize("sentence", [
    "10 доллари ИМА пардохт мешавад", "Барои шиносномаи нав даҳ доллари ИМА пардохт мешавад.",
    "Ба ятимон шиноснома бепул дода мешавад.", "Шиносномаи нав 10 доллари ИМА пардохт мешавад.", QUOTE])
def test_a_faithful_wording_stands(sentence):
    assert fault(sentence, [QUOTE], language="tg") is None


@pytest.mark.parametrize("date", ["15.03.2026", "15 марти соли 2026", "15 марти 2026"])
def test_a_date_may_be_written_in_any_way(date):
    assert fault(f"Қоидаҳо бо қарори Ҳукумат № 406 аз {date} муқаррар шудаанд.", [DECREE]) is None


def test_a_sentence_of_another_language_is_judged_by_figures_names_and_the_lexicon():
    decree = "Правила устанавливает постановление Правительства от 15 марта 2026 года № 406."
    assert fault(decree, [DECREE]) is None
    assert fault(decree.replace("марта", "мая"), [DECREE]) is Fault.NUMBER
    assert fault("Правила устанавливает Министерство финансов.", [DECREE]) is Fault.NAME
    assert fault("Летом здесь очень жарко и поют птицы.", [DECREE]) is Fault.WORDS


@pytest.mark.parametrize(("sentence", "quote", "reason"), [
    ("Барои шиносномаи нав 15 доллари ИМА пардохт мешавад.", QUOTE, Fault.NUMBER),
    ("Барои шиносномаи нав 100 доллари ИМА пардохт мешавад.", QUOTE, Fault.NUMBER),
    ("0 доллари ИМА пардохт мешавад", QUOTE, Fault.NUMBER),
    ("Барои шиносномаи нав 10,5 доллари ИМА пардохт мешавад.", QUOTE, Fault.NUMBER),
    ("Барои шиносномаи нав 10 сомонӣ пардохт мешавад.", QUOTE, Fault.UNIT),
    ("Ариза дар як моҳ баррасӣ мешавад.", "Тибқи хабари соли 2021 ариза дар як моҳ баррасӣ мешавад.", Fault.CONDITION),
    ("Телефони маълумот 10 рӯз аст.", "Телефон бояд дар давоми 10 рӯз ба система ворид шавад.", Fault.UNIT),
    ("Барои шиносномаи нав на бештар аз 10 доллари ИМА пардохт мешавад.", QUOTE, Fault.BOUND),
    ("Размер пособия – не более 250 сомони.", RUSSIAN, Fault.BOUND),
    ("Пособие платят в течение 10 дней.", RUSSIAN, Fault.UNIT),
    ("Собиқаи зарурӣ барои занон 20 сол аст.", SERVICE, Fault.PAIRING),
    ("Собиқаи зарурӣ барои мардон 15 сол ва барои занон 20 сол аст.", SERVICE, Fault.PAIRING),
    ("Қоидаҳоро қарори Ҳукумат аз 15 марти соли 2026 № 604 муқаррар мекунад.", DECREE, Fault.NUMBER),
    ("Барои шиносномаи нав дар Вазорати молия 10 доллари ИМА пардохт мешавад.", QUOTE, Fault.NAME),
    ("Ба маъюбон шиноснома ройгон дода мешавад.", QUOTE, Fault.AUDIENCE),
    ("Барои шиносномаи нав 10 доллари ИМА пардохт намешавад.", QUOTE, Fault.NEGATION),
    ("Ба ятимон шиноснома дода намешавад.", QUOTE, Fault.NEGATION),
    ("Бо ташхиси тиббии пешакӣ бастани никоҳ иҷозат дода намешавад.", FORBIDDEN, Fault.NEGATION),
    ("SIM-корт бо шиносномаи шаҳрванди Тоҷикистон ба қайд гирифта мешавад.", ONLY, Fault.CONDITION),
    ("Ба телефони +992 (37) 227-76-86 шикоят кардан мумкин аст.", IF, Fault.CONDITION),
    ("Собиқадорон аз пардохти хизматҳои коммуналӣ озод мебошанд.", EXCEPT, Fault.CONDITION),
    ("Агар кӯдакистон пули нақд талаб кунад, ба телефони +992 (37) 227-76-86 шикоят кардан лозим аст.", IF,
     Fault.MODALITY),
    ("Шиноснома дар мағозаҳои шаҳр зуд фурӯхта мешавад.", QUOTE, Fault.WORDS),
    ("Барои шиносномаи нав 10 доллари ИМА пардохт мешавад: shinosnoma-24.com.", QUOTE, Fault.LINK),
    ("Барои шиносномаи нав 10 доллари ИМА пардохт мешавад?", QUOTE, Fault.QUESTION),
    ("Барои шиносномаи нав 10 доллари ИМА пардохт кунед.", QUOTE, Fault.INSTRUCTION),
    ("Нав.", QUOTE, Fault.LENGTH), ("Барои шиносномаи нав " * 30, QUOTE, Fault.LENGTH)])
def test_a_lie_is_dropped_with_its_reason(sentence, quote, reason):
    assert fault(sentence, [quote]) is reason
    assert fault(quote, [quote]) is None


def test_a_sentence_in_another_language_than_asked_for_is_a_fault():
    assert fault("Барои шиносномаи нав 10 доллари ИМА пардохт мешавад.", [QUOTE], language="ru") is Fault.LANGUAGE
    assert fault("За новый паспорт платят 10 долларов США.", [QUOTE], language="tg") is Fault.LANGUAGE


def test_the_year_of_another_quote_is_not_lent_to_a_sum():
    quotes = ["Дар соли 2026 нишондиҳанда барои ҳисобҳо 78 сомонӣ аст.", "Дар соли 2025 нишондиҳанда 75 сомонӣ буд."]
    assert fault("Дар соли 2026 нишондиҳанда барои ҳисобҳо 78 сомонӣ мебошад.", quotes) is None
    assert fault("Дар соли 2025 нишондиҳанда барои ҳисобҳо 78 сомонӣ буд.", quotes) is Fault.PAIRING


def test_what_a_source_does_not_vouch_for_is_not_told_as_certain():
    quote = "Тасдиқнашуда: Хабар мегуфт, ки нишондиҳанда дар соли 2020 ҳамон 55 сомонӣ мемонад."
    assert fault("Нишондиҳанда дар соли 2020 ҳамон 55 сомонӣ мемонад.", [quote]) is Fault.CONDITION
    assert fault("Тасдиқнашуда: нишондиҳанда дар соли 2020 ҳамон 55 сомонӣ мемонад.", [quote]) is None


def test_a_sentence_without_a_quote_never_stands():
    assert fault("Шиноснома 10 доллар аст.", []) is Fault.NO_QUOTE
    assert fault("Шиноснома 10 доллар аст.", [" "]) is Fault.NO_QUOTE


def test_grouped_and_decimal_numbers_and_words_are_compared_by_value():
    assert numbers("58 500 сомонӣ, 35,36 дирам, 35.36, дусаду панҷоҳ") == ["58500", "35,36", "35,36", "250"]
    assert fault("Маблағ 58600 сомонӣ аст.", ["Маблағ 58 500 сомонӣ аст."]) is Fault.NUMBER
    assert fault("Маблағ 58500 сомонӣ аст.", ["Маблағ 58 500 сомонӣ аст."]) is None


def test_coverage_is_the_share_of_words_that_say_something():
    assert covered("Шиносномаи нав", QUOTE) == 1.0
    assert covered("Шиносномаи куҳна", QUOTE) == 0.5
    assert covered("", QUOTE) == 0.0


@given(st.text(alphabet="абвгдғқӯҳҷ 0123456789,.", min_size=1, max_size=80))
def test_no_sentence_with_a_number_of_its_own_stands(text):
    assert fault(f"{text} 987654 ҷои", [QUOTE]) is not None
    assert fault("Барои шиносномаи нав 987654 доллари ИМА", [QUOTE, text.replace("9", "")]) is Fault.NUMBER


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_gets_a_verdict(sentence, quote):
    assert fault(sentence, [quote]) is None or isinstance(fault(sentence, [quote]), Fault)


POOR = ("Кумакпулӣ ба оилаҳои камбизоат дода мешавад.", "Пособие выплачивается малообеспеченным семьям.",
        "The allowance is paid to poor families.")


@pytest.mark.parametrize(("text", "quote", "language"), [
    ("Кумакпулӣ ба ҳама дода мешавад.", POOR[0], "tg"), ("Кумакпулӣ ба ҳар оила дода мешавад.", POOR[0], "tg"),
    ("Кумакпулӣ ба ҳамаи шаҳрвандон дода мешавад.", POOR[0], "tg"), ("Пособие выплачивается всем.", POOR[1], "ru"),
    ("Пособие выплачивается каждой семье.", POOR[1], "ru"), ("The allowance is paid to everybody.", POOR[2], "en"),
    ("The allowance is paid to all families.", POOR[2], "en")])
def test_what_some_are_given_is_not_promised_to_all(text, quote, language):
    assert fault(text, [quote], language=language) is Fault.AUDIENCE


@pytest.mark.parametrize(("text", "quote"), [
    ("Кумакпулӣ ба ҳама дода мешавад.", "Кумакпулӣ ба ҳама дода мешавад."),
    ("Ҳар моҳ кумакпулӣ дода мешавад.", "Кумакпулӣ ҳар моҳ дода мешавад.")])
def test_all_and_every_month_are_told_where_a_quote_tells_them(text, quote):
    assert fault(text, [quote], language="tg") is None
