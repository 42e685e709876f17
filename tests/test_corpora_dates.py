"""Dates in Tajik and Russian words, and from when until when a text says it holds."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.dates import Validity, first_day, fold, iso_of, last_day, read_dates, read_validity
from corpora.records import DocumentStatus

TAJIK = ["январи", "феврали", "марти", "апрели", "майи", "июни", "июли", "августи", "сентябри", "октябри", "ноябри",
         "декабри"]
RUSSIAN = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
           "декабря"]
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_every_day_is_read_back_however_it_is_written(day):
    tajik, russian = TAJIK[day.month - 1], RUSSIAN[day.month - 1]
    for words in (f"аз {day.day} {tajik} соли {day.year}", f"{day.day}-уми {tajik} {day.year}",
                  f"«{day.day:02}» {russian} {day.year} года", f"от {day.day} {russian} {day.year} г.",
                  f"{day.day}.{day.month}.{day.year}", f"{day:%d/%m/%Y}", day.isoformat()):
        assert iso_of(words) == day.isoformat(), words


@given(st.text(st.sampled_from("0123456789.-/ №«»соли г.майянваргуҷҳ\n"), max_size=60))
def test_a_reading_is_always_in_its_place_and_a_date_of_the_calendar(text):
    found = read_dates(text)
    assert [one.start for one in found] == sorted(one.start for one in found)
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        assert date.fromisoformat(first_day(one.iso)) <= date.fromisoformat(last_day(one.iso))


@given(st.text(max_size=80))
def test_folding_keeps_every_letter_in_its_place(text):
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(("words", "iso"), [
    ("с. 2009", "2009"), ("соли 2020-ум", "2020"), ("дар соли 2024", "2024"), ("в 2009 году", "2009"),
    ("майи соли 2020", "2020-05"), ("в мае 2020 года", "2020-05"), ("моҳи сентябри соли 2023", "2023-09"),
    ("27 май 2020", "2020-05-27"), ("1-го января 2026 года", "2026-01-01"), ("13.11.2023 с.", "2023-11-13"),
    ("1 марти соли 2021", "2021-03-01"), ("30\u00a0июни\u00a0соли\u00a02021", "2021-06-30"),
])
def test_what_is_known_of_a_date_is_returned_and_no_more(words, iso):
    assert iso_of(words) == iso


@pytest.mark.parametrize("words", [
    "31.02.2020", "45 майи соли 2020", "30 феврали соли 2020", "27.05.20", "3 мая", "№ 2020", "солҳои 2020–2024",
    "соли 2024-2025", "2020-2024 годы", "27.05-2020", "+992 37 2212019", "20202972", "1.2.2020.5", "дар ҳуҷҷат"])
def test_what_has_more_than_one_reading_or_none_gives_nothing(words):
    assert iso_of(words) == ""
    assert read_dates(words) == ()


def test_two_dates_in_one_phrase_are_both_found_and_neither_is_chosen():
    words = "аз 1 январи соли 2022 то 31.12.2023"
    assert [words[one.start:one.end] for one in read_dates(words)] == ["1 январи соли 2022", "31.12.2023"]
    assert iso_of(words) == ""


@pytest.mark.parametrize(("text", "first", "last"), [
    ("Қарори мазкур аз 1 январи соли 2026 мавриди амал қарор дода шавад.", "2026-01-01", None),
    ("5. Карори мазкур аз 1 январи соли 2026 мавриди амал карор дода шавад.", "2026-01-01", None),
    ("Қонуни мазкур аз 1 июли соли 2026 эътибор пайдо мекунад.", "2026-07-01", None),
    ("Настоящий Закон вступает в силу с 1 января 2026 года.", "2026-01-01", None),
    ("Настоящее постановление вступает в силу с 1 января 2026 года и действует до 31 декабря 2026 года.",
     "2026-01-01", "2026-12-31"),
    ("Қарори мазкур то 31 декабри соли 2026 эътибор дорад.", None, "2026-12-31"),
    ("Санаи амалкунӣ: 01.01.2022", "2022-01-01", None),
    ("Амал мекунад аз 1 январи соли 2022.\nАмал мекунад то декабри соли 2024.", "2022-01-01", "2024-12-31"),
    ("Срок действия до: 31.12.2026", None, "2026-12-31"),
    ("Санаи нашр: 5.5.2020\nҚонуни мазкур аз рӯзи нашри расмӣ мавриди амал қарор дода шавад.", "2020-05-05", None),
])
def test_a_text_says_from_when_until_when_it_holds(text, first, last):
    assert read_validity(text) == Validity(first, last, DocumentStatus.UNKNOWN)


@pytest.mark.parametrize("text", [
    "Қонуни мазкур аз рӯзи нашри расмӣ мавриди амал қарор дода шавад.",
    "Шиноснома то 31 декабри соли 2026 эътибор дорад.",
    "Тарофаҳои нав аз 1 апрели соли 2025 амал мекунанд.",
    "Кодекси андоз аз 1 январи соли 2022 мавриди амал қарор дода шуд.",
    "Қарори мазкур банди 3 аз 1 январи соли 2026 мавриди амал қарор дода шавад.",
    "Санаи амалкунӣ: 01.01.2022\nСанаи амалкунӣ: 01.01.2023",
    "Вазъият: маълум нест, пеш аз муроҷиат пурсед.",
    "Он утратил силу давно, говорят люди.",
    "",
])
def test_validity_that_is_another_things_or_not_clear_is_left_unsaid(text):
    assert read_validity(text) == Validity()


@pytest.mark.parametrize(("line", "status"), [
    ("Ҳолати ҳуҷҷат: эътибор надорад", DocumentStatus.VOID),
    ("Ҳолати ҳуҷҷат: Бе эътибор", DocumentStatus.VOID),
    ("Холати хуччат: Амалкунанда", DocumentStatus.IN_FORCE),
    ("| Ҳолати ҳуҷҷат | Амалкунанда |", DocumentStatus.IN_FORCE),
    ("Вазъият: бо санади нав иваз шудааст.", DocumentStatus.SUPERSEDED),
    ("Вазъият: ҳанӯз ба амал надаромадааст.", DocumentStatus.NOT_YET_IN_FORCE),
    ("Статус документа: утратил силу", DocumentStatus.VOID),
    ("Статус: не действует", DocumentStatus.VOID),
    ("Статус: действующий", DocumentStatus.IN_FORCE),
    ("Статус: ещё не вступил в силу", DocumentStatus.NOT_YET_IN_FORCE),
    ("Қарор\n(Аз эътибор соқит дониста шудааст)\nматн", DocumentStatus.VOID),
    ("Статус: действует\nСтатус: утратил силу", DocumentStatus.UNKNOWN),
])
def test_the_status_is_what_a_card_line_or_a_stamp_says(line, status):
    assert read_validity(line) == Validity(status=status)
