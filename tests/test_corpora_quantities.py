"""Amounts with their units and bounds, and what is no amount."""

from __future__ import annotations

import pytest

from corpora.quantities import quantities, unit_text, value_text
from corpora.quantity_words import Bound, Unit


def said(text: str) -> list[tuple[str, str]]:
    return [(value_text(one), unit_text(one)) for one in quantities(text)]


@pytest.mark.parametrize(("text", "value", "unit"), [
    ("боҷ 250 сомонӣ аст", "250", "сомонӣ"),
    ("3 сомонию 50 дирам", "3.5", "сомонӣ"),
    ("300 (триста) сомони 50 (пятьдесят) дирамов", "300.5", "сомонӣ"),
    ("100 (сто) тысяч сомони", "100000", "сомонӣ"),
    ("2 млн. сомонӣ", "2000000", "сомонӣ"),
    ("11 нишондиҳанда барои ҳисобҳо", "11", "нишондиҳанда"),
    ("ним нишондиҳанда", "0.5", "нишондиҳанда"),
    ("дучанди нишондиҳанда", "2", "нишондиҳанда"),
    ("5 фоизи нишондиҳанда", "5", "фоиз/нишондиҳанда"),
    ("10 доллари ИМА", "10", "USD"),
    ("USD 75", "75", "USD"),
    ("6 000 рублей", "6000", "RUB"),
    ("35,36 дирам барои 1 кВт·соат", "35.36", "дирам/кВт·соат"),
    ("2,60 сомони за 1 м³", "2.6", "сомонӣ/м³"),
    ("аз як нафар дар як моҳ 28,07 сомонӣ", "28.07", "сомонӣ/нафар·моҳ"),
    ("моҳона 90 сомонӣ", "90", "сомонӣ/моҳ"),
    ("13 %", "13", "фоиз"),
    ("15 рӯзи корӣ", "15", "рӯзи корӣ"),
    ("5 рабочих дней", "5", "рӯзи корӣ"),
    ("30 рӯзи тақвимӣ", "30", "рӯзи тақвимӣ"),
    ("дар муддати ду моҳ", "2", "моҳ"),
    ("шиноснома 10 сол эътибор дорад", "10", "сол"),
])
def test_an_amount_has_its_unit(text, value, unit):
    assert said(text) == [(value, unit)]


@pytest.mark.parametrize(("text", "bound", "value"), [
    ("на камтар аз 25 сол", Bound.AT_LEAST, "≥25"),
    ("не менее 500 сомони", Bound.AT_LEAST, "≥500"),
    ("аз 300 сомонӣ зиёд", Bound.AT_LEAST, "≥300"),
    ("5 ва зиёда сол", Bound.EXACT, None),
    ("то 15 рӯз", Bound.AT_MOST, "≤15"),
    ("на зиёда аз 30 рӯз", Bound.AT_MOST, "≤30"),
    ("не более 5 показателей", Bound.AT_MOST, "≤5"),
    ("аз 200 нишондиҳанда зиёд буда наметавонад", Bound.AT_MOST, "≤200"),
    ("аз 1 то 100 нишондиҳанда", Bound.RANGE, "1–100"),
    ("3–5 нишондиҳанда", Bound.RANGE, "3–5"),
    ("от 27 000 до 90 000 сомони", Bound.RANGE, "27000–90000"),
    ("на кам аз 10 ва на зиёда аз 50 нишондиҳанда", Bound.RANGE, "10–50"),
    ("не менее 10 и не более 50 показателей", Bound.RANGE, "10–50"),
    ("20 фоиз зиёд карда мешавад", Bound.EXACT, "20"),
])
def test_an_amount_keeps_its_bound(text, bound, value):
    found = quantities(text)
    assert [(one.bound, value_text(one)) for one in found] == ([(bound, value)] if value else [])


@pytest.mark.parametrize(("text", "agrees"), [
    ("250 (дусаду панҷоҳ) сомонӣ", True), ("250 (двести пятьдесят) сомони", True), ("250 (дусаду панҷоҳ сомонӣ)", None),
    ("12 (понздаҳ) сомонӣ", False), ("250 сомонӣ", None), ("3,5 (сею ним) нишондиҳанда", True),
    ("5 (ба истиснои маъюбон) сомонӣ", None),
])
def test_the_words_in_brackets_are_held_against_the_digits(text, agrees):
    found = quantities(text)
    assert [one.agrees for one in found] == ([agrees] if found else [])


@pytest.mark.parametrize(("text", "unit", "value"), [
    ("аз 16-солагӣ", Unit.AGE, "≥16"), ("ҷавонони 18-27-сола", Unit.AGE, "18–27"),
    ("граждане от 18 до 27 лет", Unit.AGE, "18–27"),
    ("достигший 16 лет", Unit.AGE, "16"), ("дети до 14 лет", Unit.AGE, "≤14"), ("Мард дар 63-солагӣ", Unit.AGE, "63"),
    ("иҷозати дусола", Unit.YEAR, "2"), ("лишение свободы на срок от 3 до 5 лет", Unit.YEAR, "3–5"),
    ("хизмати дусола", Unit.YEAR, "2"),
])
def test_an_age_is_told_from_a_span_of_years(text, unit, value):
    assert [(one.unit, value_text(one)) for one in quantities(text)] == [(unit, value)]


@pytest.mark.parametrize("text", [
    "қарори аз 27 майи соли 2020, № 294", "соли 2026", "2026 год", "моддаи 14, қисми 2", "№ 250 рӯз", "13.11.2023",
    "(+992 37) 221-21-21", "рӯзи 5-уми корӣ", "банди 3 сол", "соати 8:30", "фарзанди дуюм моҳ", "12 нафар"])
def test_a_date_an_act_and_a_telephone_are_no_amount(text):
    assert quantities(text) == ()


def test_the_place_of_an_amount_is_exact():
    text = "Боҷи давлатӣ 250 (дусаду панҷоҳ) сомонӣ аст."
    one, = quantities(text)
    assert text[one.start:one.end] == "250 (дусаду панҷоҳ) сомонӣ"
