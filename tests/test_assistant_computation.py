"""Sums from calculation indicators: right to the diram, both quotes cited, never with another year's value."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.amounts import decimal_words
from assistant.compose import altered_numbers, compose
from assistant.computation import uncomputed
from assistant.evidence import Unit
from assistant.query import understand
from assistant.records import Computation
from corpora.records import Document, DocumentStatus, Fact, FactType, Locator, Passage
from index import Hit
from tests.seed_facts import seed_facts

TODAY = date(2026, 11, 25)
HOW_MUCH = "Боҷи бақайдгирӣ чанд пул аст?"


class Values:
    """A snapshot that holds the yearly values of the indicator and nothing else."""

    def __init__(self, *documents):
        self._held = {document.id: (document, passage) for document, passage in documents}

    def documents(self):
        return tuple(document for document, _ in self._held.values())

    def passages(self, document):
        return (self._held[document][1],)


def value_of(year, somoni, *, language="tg", status=DocumentStatus.IN_FORCE, name=""):
    """Return a document that says the value of a year, and its passage."""
    quote = (f"Дар соли {year} нишондиҳанда барои ҳисобҳо {somoni} сомонӣ аст." if language == "tg" else
             f"В {year} году показатель для расчётов составляет {somoni} сомони.")
    fact = Fact(f"i{year}", FactType.FEE, quote, str(somoni), "сомонӣ", "", f"{year}-01-01", f"{year}-12-31", status)
    key = f"calculation-indicator-{year}{name}"
    document = Document(key, "Нишондиҳанда", language, "i.txt", "0" * 64, "text/plain", "text/1", status=status,
                        facts=(fact,))
    return document, Passage(key, key, quote, 0, len(quote), Locator())


SNAPSHOT = Values(value_of(2024, 72, status=DocumentStatus.SUPERSEDED),
                  value_of(2025, 75, status=DocumentStatus.SUPERSEDED),
                  value_of(2026, 78), value_of(2026, 78, language="ru", name="-ru"))


def unit(quote, *, kind=FactType.FEE, language="tg", status=DocumentStatus.IN_FORCE, since=None):
    document = Document("paper", "Варақа", language, "paper.txt", "0" * 64, "text/plain", "text/1", status=status)
    passage = Passage("p", "paper", quote, 0, len(quote), Locator())
    fact = Fact("f", kind, quote, valid_from=since)
    return Unit(Hit(passage, document, {}, 1), document, ((0, len(quote)),), fact, (), 1.0)


def sums(quote, question=HOW_MUCH, *, kind=FactType.FEE, at=None, snapshot=SNAPSHOT, since=None):
    """Return the computed claims of an answer that has one sentence."""
    claims = compose(understand(question, at=at, today=TODAY), [unit(quote, kind=kind, since=since)], snapshot, TODAY)
    assert not [altered for claim in claims for altered in altered_numbers(claim)]
    return [claim for claim in claims if claim.computation]


@pytest.mark.parametrize(("amount", "said", "expression", "value"), [
    ("2 нишондиҳанда", "2 × 78 = 156 сомонӣ", "2 × 78", "156"),
    ("1,5 нишондиҳанда", "1,5 × 78 = 117 сомонӣ", "1,5 × 78", "117"),
    ("ним нишондиҳанда", "0,5 × 78 = 39 сомонӣ", "0,5 × 78", "39"),
    ("750 нишондиҳанда", "750 × 78 = 58 500 сомонӣ", "750 × 78", "58500"),
    ("5 фоизи нишондиҳанда", "5 % × 78 = 3,9 сомонӣ", "5 % × 78", "3,9"),
    ("аз 10 то 1000 нишондиҳанда", "аз 10 × 78 = 780 то 1000 × 78 = 78 000 сомонӣ", "10 × 78; 1000 × 78", "780–78000"),
    ("то 1000 нишондиҳанда", "то 1000 × 78 = 78 000 сомонӣ", "1000 × 78", "78000"),
    ("на камтар аз 3 нишондиҳанда", "на камтар аз 3 × 78 = 234 сомонӣ", "3 × 78", "234")])
def test_a_number_of_indicators_is_worked_out_for_today(amount, said, expression, value):
    claim, = sums(f"Боҷи бақайдгирӣ {amount} аст.")
    assert claim.text == f"Бо нишондиҳандаи соли 2026: {said}."
    assert claim.computation == Computation(expression, value, "сомонӣ")
    quoted, told = claim.citations
    assert amount in quoted.quote
    assert told.quote == "Дар соли 2026 нишондиҳанда барои ҳисобҳо 78 сомонӣ аст."


RULE = "Боҷи бақайдгирӣ 6 нишондиҳанда аст."


@pytest.mark.parametrize(("question", "said", "value_in"), [
    ("Сколько стоит регистрация?", "По показателю 2026 года: 6 × 78 = 468 сомони.", "В 2026 году"),
    ("How much does registration cost?", "With the indicator of 2026: 6 × 78 = 468 somoni.", "Дар соли 2026")])
def test_the_sum_is_said_in_the_language_asked_and_cites_a_value_in_it_where_there_is_one(question, said, value_in):
    claim, = sums(RULE, question)
    assert claim.text == said
    assert claim.citations[1].quote.startswith(value_in)


def test_the_year_asked_about_is_the_year_worked_out():
    claim, = sums(RULE, at=date(2024, 7, 1), since="2020-01-01")
    assert claim.text == "Бо нишондиҳандаи соли 2024: 6 × 72 = 432 сомонӣ."
    assert "2024" in claim.citations[1].quote


@pytest.mark.parametrize("since", [None, "2025-10-01"])
def test_no_sum_is_worked_out_for_a_past_day_on_which_the_rule_may_not_have_held(since):
    assert sums(RULE, at=date(2024, 7, 1), since=since) == []
    assert len(sums(RULE, since=since)) == 1


def test_no_sum_is_worked_out_for_a_day_on_which_an_earlier_edition_held():
    was = Fact("e", FactType.FEE, "Боҷи бақайдгирӣ 3 нишондиҳанда буд.", valid_until="2025-09-30")
    old = Document("old", "Пештара", "tg", "o.txt", "0" * 64, "text/plain", "text/1", superseded_by="paper",
                   status=DocumentStatus.SUPERSEDED, facts=(was,))
    earlier = (old, Passage("o", "old", was.quote, 0, len(was.quote), Locator()))
    snapshot = Values(value_of(2024, 72), value_of(2026, 78), earlier)
    assert sums(RULE, at=date(2024, 7, 1), since="2020-01-01", snapshot=snapshot) == []
    assert [claim.computation.value for claim in sums(RULE, since="2020-01-01", snapshot=snapshot)] == ["468"]


@pytest.mark.parametrize(("language", "said"), [("tg", "соли 2027"), ("ru", "на 2027 год"), ("en", "of 2027")])
def test_a_year_without_a_value_is_said_and_never_worked_out_with_another(language, said):
    query = understand("Боҷ чанд пул аст?", language=language, at=date(2027, 1, 1), today=TODAY)
    claims = compose(query, [unit(RULE)], SNAPSHOT, TODAY)
    assert not any(claim.computation for claim in claims)
    assert not any("78" in claim.text for claim in claims)
    line, = uncomputed(query, [unit(RULE)], SNAPSHOT, TODAY)
    assert said in line


def test_nothing_is_missing_where_the_sum_was_worked_out_or_no_indicator_is_counted():
    query = understand(HOW_MUCH, today=TODAY)
    assert uncomputed(query, [unit(RULE)], SNAPSHOT, TODAY) == ()
    assert uncomputed(query, [unit("Боҷ 20 сомонӣ аст.")], Values(), TODAY) == ()


def test_a_quote_that_says_the_same_sum_needs_none():
    assert sums("Боҷи бақайдгирӣ 6 нишондиҳанда (468 сомонӣ) аст.") == []


def test_a_sum_of_another_year_in_the_quote_is_told_with_its_year():
    claim, = sums("Боҷи бақайдгирӣ 6 нишондиҳанда аст; бо нишондиҳандаи 75 ин 450 сомонӣ мешавад.")
    assert claim.text == ("Бо нишондиҳандаи соли 2026: 6 × 78 = 468 сомонӣ. "
                          "450 сомонӣ бо нишондиҳандаи соли 2025 ҳисоб шудааст.")
    assert [citation.quote.split()[2] for citation in claim.citations[1:]] == ["2026", "2025"]


def test_a_sum_that_no_year_explains_leaves_the_quote_alone():
    assert sums("Боҷи бақайдгирӣ 6 нишондиҳанда аст ва бланк 451 сомонӣ мешавад.") == []


@pytest.mark.parametrize("quote", [
    "Лоиҳаи соли 2025 барои бақайдгирӣ 6 нишондиҳанда пешбинӣ мекунад.",
    "Хабари соли 2021 пардохтро иштибоҳан 460 нишондиҳанда навишт.",
    "То соли 2023 боҷи бақайдгирӣ 6 нишондиҳанда буд.",
    "Боҷи бақайдгирӣ аз 300 нишондиҳанда зиёд буда наметавонад.",
    "Боҷи бақайдгирӣ аз 2 ба 4 нишондиҳанда бардошта мешавад.",
    "Боҷи бақайдгирӣ 6 (ҳафт) нишондиҳанда барои ҳисобҳо аст.",
    "Боҷи мошин 2 нишондиҳанда ва бо ҳуқуқи фурӯш 15 нишондиҳанда аст.",
    "Боҷи бақайдгирӣ 20 сомонӣ аст."])
def test_what_is_no_plain_number_of_indicators_is_not_worked_out(quote):
    assert sums(quote) == []


def test_both_bounds_of_a_sentence_are_worked_out_or_none():
    found = sums("Ҷарима барои шахси ҳуқуқӣ на кам аз 10 ва на зиёда аз 1000 нишондиҳанда аст.", kind=FactType.PENALTY)
    assert [claim.computation.value for claim in found] in ([], ["780–78000"])


def test_only_money_that_was_asked_about_is_worked_out():
    assert sums(RULE, kind=FactType.DURATION) == []
    assert sums(RULE, "Барои бақайдгирӣ кадом ҳуҷҷатҳо лозиманд?") == []
    assert len(sums(RULE, "боҷи бақайдгирӣ мошин")) == 1


def test_a_condition_outside_the_place_of_a_quote_counts_too():
    text = "Агар мошин нав бошад, боҷи бақайдгирӣ 6 нишондиҳанда аст."
    part = replace(unit(text), spans=((text.index("боҷи"), len(text)),))
    claims = compose(understand(HOW_MUCH, today=TODAY), [part], SNAPSHOT, TODAY)
    assert [claim.text for claim in claims] == [text]


def test_two_sentences_with_the_same_number_each_have_their_sum():
    units = [unit("Барои додани иҷозатнома 2 нишондиҳанда аст."), unit("Барои нигоҳ доштани он 2 нишондиҳанда аст.")]
    claims = compose(understand(HOW_MUCH, today=TODAY), units, SNAPSHOT, TODAY)
    assert [bool(claim.computation) for claim in claims] == [False, True, False, True]


@pytest.mark.parametrize("status", [DocumentStatus.SUPERSEDED, DocumentStatus.VOID])
def test_what_no_longer_holds_is_not_worked_out_with_the_value_of_today(status):
    claims = compose(understand(HOW_MUCH, today=TODAY), [unit(RULE, status=status)], SNAPSHOT, TODAY)
    assert [claim.text for claim in claims] == [RULE]


def test_two_values_of_one_year_give_no_sum():
    assert sums(RULE, snapshot=Values(value_of(2026, 78), value_of(2026, 80, name="-b"))) == []


def test_a_value_that_is_in_force_is_taken_before_a_superseded_one():
    snapshot = Values(value_of(2026, 77, status=DocumentStatus.SUPERSEDED, name="-b"), value_of(2026, 78))
    claim, = sums(RULE, snapshot=snapshot)
    assert claim.computation.value == "468"


def test_an_unconfirmed_number_of_indicators_gives_an_unconfirmed_sum():
    claim, = sums("Тасдиқнашуда: Боҷи бақайдгирӣ 3 нишондиҳанда барои ҳисобҳо аст.")
    assert claim.text == "Тасдиқнашуда: Бо нишондиҳандаи соли 2026: 3 × 78 = 234 сомонӣ."


COUNTED = [fact for fact in seed_facts() if "нишондиҳанда" in fact[2] or "показател" in fact[2]]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(COUNTED), st.sampled_from([HOW_MUCH, "Сколько стоит?", "How much is it?", "боҷ"]),
       st.sampled_from([None, date(2024, 7, 1), date(2025, 7, 1), date(2027, 1, 1)]))
def test_every_number_of_a_sum_over_the_seed_is_quoted_or_worked_out(fact, question, at):
    language, kind, quote, _ = fact
    query = understand(question, at=at, today=TODAY)
    for claim in compose(query, [unit(quote, kind=kind, language=language)], SNAPSHOT, TODAY):
        assert altered_numbers(claim) == ()
        if claim.computation:
            year = str((at or TODAY).year)
            assert year in claim.text
            assert any(year in citation.quote for citation in claim.citations[1:])


@given(st.decimals(min_value=0, max_value=10**7, places=2, allow_nan=False))
def test_a_number_in_words_reads_back_as_itself(value):
    said = decimal_words(value)
    assert Decimal(said.replace(" ", "").replace(",", ".")) == value
    assert "," not in said or not said.endswith("0")
