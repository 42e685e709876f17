"""Sentences of free prose fill their fields by what they do, in any order of words, and fill no other."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.notices import FieldName, cards_of
from assistant.notices.plain import plain_text
from assistant.texts import LANGUAGES
from corpora.ingest import read_entry
from corpora.metadata import Metadata
from corpora.records import DocumentId

F = FieldName
TODAY = date(2026, 1, 20)


def card_of(sentence):
    """Return the card of a notice that says one sentence besides its name."""
    text = f"# Эълон дар бораи кумак\n\n{sentence}\n"
    return cards_of(read_entry("notice.md", text.encode(), Metadata(DocumentId("notice.md")))[0], TODAY)[0]


def filled(card):
    """Return the fields that a card found."""
    return {name for name in F if card.field(name).citations}


@pytest.mark.parametrize("sentence", [
    "Ҳуҷҷатҳоро котиботи коллеҷ мегирад.",
    "Аризаро мудири боғча қабул менамояд.",
    "Барои ин ба филиали наздики бонк ташриф оред.",
    "Қабули аризаҳо ба зиммаи шуъбаи замини ноҳия гузошта шавад.",
    "Заявления собирает отдел строительства района.",
    "Приём заявлений возложить на отдел образования района.",
])
def test_who_takes_the_papers_is_where_one_goes(sentence):
    assert filled(card_of(sentence)) == {F.WHERE}


def test_an_office_that_only_gave_a_paper_is_not_where_one_goes():
    card = card_of("Аризадиҳанда шиноснома ва хулосаи комиссияи тиббиро пешниҳод менамояд.")
    assert filled(card) == {F.PAPERS}


@pytest.mark.parametrize(("sentence", "day"), [
    ("Кортро то 20 майи соли 2026 гирифтан лозим аст.", "2026-05-20"),
    ("Рӯйхат 25 феврали соли 2026 баста мешавад.", "2026-02-25"),
    ("Списки утвердить в срок до 25 августа 2026 года.", "2026-08-25"),
    ("Баъди 5 ноябри соли 2026 касеро ба рӯйхат намегиранд.", "2026-11-05"),
])
def test_what_has_to_be_done_by_a_day_has_it_as_its_last(sentence, day):
    card = card_of(sentence)
    assert card.field(F.DEADLINE).values == (day,)
    assert not card.field(F.VALID_UNTIL).citations
    assert not card.field(F.REFUSAL_AND_APPEAL).citations


def test_what_holds_no_more_from_a_day_is_valid_until_it():
    card = card_of("Старая карта перестанет действовать 1 августа 2026 года.")
    assert card.field(F.VALID_UNTIL).values == ("2026-08-01",)
    assert not card.field(F.DEADLINE).citations


def test_a_sum_for_a_kind_of_people_tells_who_too_and_one_for_each_of_them_does_not():
    both = "Оилаҳои камбизоат ба кумак ҳуқуқ доранд. {} 150 сомонӣ ҷудо мекунанд."
    told = card_of(both.format("Ба духтарони ятим"))
    each = card_of(both.format("Ба ҳар ятим"))
    assert [len(card.field(F.ELIGIBILITY).citations) for card in (told, each)] == [2, 1]
    assert [card.field(F.AMOUNT).values for card in (told, each)] == [("150 сомонӣ",)] * 2


@pytest.mark.parametrize(("sentence", "worth"), [
    ("Ба ҳар оила 50 килограмм гандум дода мешавад.", "50 килограмм"),
    ("Каждой семье выделят 5 соток земли.", "5 сотих"),
])
def test_goods_are_an_amount_that_is_said_in_the_words_of_the_notice(sentence, worth):
    card = card_of(sentence)
    assert card.field(F.AMOUNT).values == (worth,)
    for language in LANGUAGES:
        assert sentence.rstrip(".") in plain_text(card, language).sentences[1].text


@pytest.mark.parametrize(("sentence", "day"), [
    ("Пас аз 31 марти соли 2027 аризаҳо қабул карда намешаванд.", ("2027-03-31",)),
    ("Пас аз 1 марти соли 2027 аризаҳо қабул карда мешаванд.", ()),
    ("После 1 марта 2027 года заявления не принимаются.", ("2027-03-01",)),
    ("После 1 марта 2027 года заявления принимаются.", ())])
def test_a_day_after_which_something_begins_is_no_last_day(sentence, day):
    assert card_of(sentence).field(F.DEADLINE).values == day


def test_a_month_from_which_something_is_paid_is_read():
    sentence = "Аз моҳи январи соли 2027 ба оилаҳои серфарзанд кумак дода мешавад."
    assert card_of(sentence).field(F.VALID_FROM).values == ("2027-01",)
