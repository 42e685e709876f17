"""What one answer is worth: strictly, by its documents and values; a quote supports its sentence or does not."""

from __future__ import annotations

from datetime import date

import pytest

from assistant import grading
from assistant.grading import SCORES, Grade, expected, grade
from assistant.records import Answer, AnswerStatus, Citation, Claim, ClaimKind, Computation
from corpora.records import Fact, FactType
from tests.entries import entry

FEE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст."
TERM = "Шиноснома дар муҳлати 10 рӯзи корӣ дода мешавад."
RUSSIAN = "Пошлина за заграничный паспорт составляет двести пятьдесят сомони."


def paper(name, *texts, facts=(), **fields):
    return entry(name, *texts, facts=tuple(Fact(key, FactType.FEE, quote) for key, quote in facts), **fields)


TAJIK = paper("шиноснома", FEE, TERM, facts=[("F1", FEE)], heading="Маблағ")
IN_RUSSIAN = paper("паспорт", RUSSIAN, facts=[("F1", RUSSIAN)], language="ru", heading="Пошлина")
OTHER = paper("никоҳ", "Боҷи ақди никоҳ 250 сомонӣ аст.", heading="Боҷ")


def cited(one, at=0):
    passage = one.passages[at]
    return Citation(passage, one.document, (0, len(passage.text)))


def quoted(*citations, said=None, kind=ClaimKind.FACT, computation=None):
    return Claim(said or citations[0].quote, kind, citations, computation)


def answer(*claims):
    status = AnswerStatus.ANSWERED if claims else AnswerStatus.ABSTAINED_NO_EVIDENCE
    return Answer("Чанд пул?", "tg", "Cyrl", status, date(2026, 11, 25), "1", "extractive", tuple(claims))


WANTED = expected([TAJIK.document, IN_RUSSIAN.document], ["250 сомонӣ"])


def test_an_answer_from_an_expected_document_with_every_value_is_right():
    assert grade(answer(quoted(cited(TAJIK))), WANTED) == Grade.RIGHT


@pytest.mark.parametrize("claims", [(quoted(cited(TAJIK, 1)),), (quoted(cited(OTHER)),)])
def test_an_answer_that_lacks_a_value_or_is_from_another_document_is_wrong(claims):
    assert grade(answer(*claims), WANTED) == Grade.WRONG


def test_one_value_of_two_is_wrong():
    both = expected([TAJIK.document], ["250 сомонӣ", "10 рӯзи корӣ"])
    assert grade(answer(quoted(cited(TAJIK))), both) == Grade.WRONG
    assert grade(answer(quoted(cited(TAJIK)), quoted(cited(TAJIK, 1))), both) == Grade.RIGHT


def test_the_same_fact_in_the_other_language_states_the_value():
    assert grade(answer(quoted(cited(IN_RUSSIAN))), WANTED) == Grade.RIGHT
    assert grade(answer(quoted(cited(IN_RUSSIAN))), expected([TAJIK.document], ["250 сомонӣ"])) == Grade.WRONG


def test_to_decline_is_right_just_where_nothing_answers():
    assert grade(answer(), None) == Grade.RIGHTLY_DECLINED
    assert grade(answer(), WANTED) == Grade.DECLINED
    assert grade(answer(quoted(cited(TAJIK))), None) == Grade.WRONG
    assert [SCORES[one] for one in (Grade.RIGHTLY_DECLINED, Grade.DECLINED, Grade.WRONG)] == [1, 0, -1]


def test_a_number_that_is_in_no_quote_is_counted_and_supports_nothing():
    altered = answer(quoted(cited(TAJIK), said="Маблағ: 999 сомонӣ."), quoted(cited(TAJIK, 1)))
    assert grading.altered(altered) == 1
    assert grading.supported(altered) == 0.5
    assert grading.supporting(altered) == 0.5


def test_a_generated_sentence_must_stand_on_its_quotes_in_all_its_words():
    free = quoted(cited(TAJIK), said="Шиноснома барои ҳама ройгон аст.", kind=ClaimKind.GENERATED)
    assert (grading.altered(answer(free)), grading.supported(answer(free))) == (1, 0)
    true = quoted(cited(TAJIK), kind=ClaimKind.GENERATED)
    assert (grading.altered(answer(true)), grading.supported(answer(true))) == (0, 1)


def test_a_sum_is_supported_by_both_of_its_quotes():
    value = paper("нишондиҳанда", "Соли 2026 нишондиҳанда 78 сомонӣ аст.")
    rule = paper("қоида", "Боҷ 3 нишондиҳанда аст.")
    worked_out = quoted(cited(rule), cited(value), said="Бо нишондиҳандаи соли 2026: 3 × 78 = 234 сомонӣ.",
                        computation=Computation("3 × 78", "234", "сомонӣ"))
    assert (grading.altered(answer(worked_out)), grading.supporting(answer(worked_out))) == (0, 1)
    wrong = quoted(cited(rule), cited(value), said="3 × 78 = 235 сомонӣ.",
                   computation=Computation("3 × 78", "234", "сомонӣ"))
    assert grading.altered(answer(wrong)) == 1


def test_a_quote_beside_the_one_a_sentence_stands_on_supports_nothing():
    said = quoted(cited(TAJIK), cited(OTHER), said=TAJIK.passages[0].text, kind=ClaimKind.GENERATED)
    unneeded = Claim(TERM, ClaimKind.GENERATED, (cited(TAJIK, 1), cited(OTHER)))
    assert grading.supporting(answer(said)) == grading.supporting(answer(unneeded)) == 0.5


def test_the_right_place_is_a_page_an_article_or_a_heading():
    placeless = paper("шиноснома", FEE)
    assert grading.in_place(answer(quoted(cited(TAJIK))), WANTED) == 1
    assert grading.in_place(answer(quoted(cited(placeless))), WANTED) == 0
    assert grading.in_place(answer(quoted(cited(OTHER))), WANTED) is None
    assert grading.in_place(answer(), WANTED) is None
