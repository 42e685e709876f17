"""From what was found to an answer: conflicts, sums, the day asked about, whom to ask; each by its own documents."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.page import answer_lines
from assistant.records import AnswerStatus, Computation
from assistant.texts import text
from tests.office import BEES, BOATS, FISHING, HUNTING

NEAREST_TO = (AnswerStatus.ABSTAINED_NO_EVIDENCE, AnswerStatus.ABSTAINED_NEEDS_CLERK,
              AnswerStatus.ABSTAINED_SUPERSEDED, AnswerStatus.ABSTAINED_UNCLEAR)


def documents(citations):
    return [citation.document.id for citation in citations]


def cited(answer):
    return [citation for claim in answer.claims for citation in claim.citations]


def found(answer):
    return {hit.passage.id for hit, _ in answer.hits}


# Sources that disagree


def test_two_papers_with_other_fees_are_both_shown_the_later_act_first(office):
    answer = office.ask(FISHING)
    assert answer.status == AnswerStatus.ANSWERED
    assert [claim.text for claim in answer.claims] == ["Нархи иҷозатномаи моҳигирӣ 60 сомонӣ аст.",
                                                       "Барои иҷозатномаи моҳигирӣ 40 сомонӣ гирифта мешавад."]
    conflict, = answer.conflicts
    assert documents(conflict.citations) == documents(cited(answer)) == ["fishing-2025", "fishing-2024"]
    assert {citation.passage.id for citation in conflict.citations} <= found(answer)
    assert all(words in conflict.why for words in ("60 сомонӣ", "40 сомонӣ", "20 майи соли 2025"))
    assert any(conflict.why[:40] in line for line in answer_lines(answer))


def test_on_a_day_before_the_later_act_they_do_not_disagree(office):
    answer = office.ask(FISHING, at=date(2024, 6, 1))
    assert answer.conflicts == ()
    assert documents(cited(answer)) == ["fishing-2024"]


def test_an_edition_and_the_one_after_it_do_not_disagree(office):
    assert office.ask(HUNTING).conflicts == ()


# Sums in calculation indicators


def test_a_sum_is_worked_out_from_both_quotes_and_both_are_among_the_hits(office):
    answer = office.ask(BEES)
    quote, worked_out = answer.claims
    assert worked_out.computation == Computation("3 × 78", "234", "сомонӣ")
    assert answer.to_json()["claims"][1]["computation"] == {"expression": "3 × 78", "value": "234", "unit": "сомонӣ"}
    assert "computation" not in answer.to_json()["claims"][0]
    assert documents(worked_out.citations) == ["bees", "indicator-2026"]
    assert quote.text == worked_out.citations[0].quote
    assert {citation.passage.id for citation in worked_out.citations} <= found(answer)
    assert (answer.missing, answer.status) == ((), AnswerStatus.ANSWERED)


def test_what_only_a_sum_or_a_conflict_cites_stands_behind_the_hits(office):
    for question, lacking in ((BEES, "indicator-2026"), (FISHING, "fishing-2024")):
        account = office.account(question)
        first = account.hits[:1]
        answer = account.work.answered(account.query, first, account.evidence, account.answer.claims).answer
        (kept, _), (added, document) = answer.hits
        assert (kept, document.id, added.rank, added.scores) == (first[0], lacking, 2, {})


def test_a_year_without_a_value_is_named_as_missing_and_no_sum_is_shown(office):
    answer = office.ask(BEES, at=date(2027, 5, 1))
    assert answer.status == AnswerStatus.ANSWERED_PARTLY
    assert answer.missing == (text("tg", "computation", "no_value", year=2027),)
    assert [claim.computation for claim in answer.claims] == [None]
    assert not any("234" in line or "78" in line for line in answer_lines(answer))


# The day asked about


def test_a_past_day_is_answered_by_the_edition_of_that_day_and_said_to_be_past(office):
    answer = office.ask(HUNTING, at=date(2018, 5, 1))
    assert (answer.status, answer.as_of) == (AnswerStatus.ANSWERED_SUPERSEDED, date(2018, 5, 1))
    assert documents(cited(answer)) == ["hunting-2015"]
    assert any("соли 2021" in warning for warning in answer.warnings)


def test_today_is_answered_by_the_edition_in_force_without_a_warning(office):
    answer = office.ask(HUNTING)
    assert (answer.status, answer.warnings) == (AnswerStatus.ANSWERED, ())
    assert documents(cited(answer)) == ["hunting-2022"]


def test_a_rule_with_no_successor_here_is_said_to_have_lapsed_and_leads_what_is_nearest(office):
    answer = office.ask(BOATS)
    assert (answer.status, answer.claims) == (AnswerStatus.ABSTAINED_SUPERSEDED, ())
    assert answer.hits[0][1].id == "boats"
    assert len(answer.warnings) == 1
    assert [hit.rank for hit, _ in answer.hits] == list(range(1, len(answer.hits) + 1))


# What every answer keeps


def test_an_answer_is_partly_one_just_where_it_names_what_is_missing(answers):
    partly = [answer for answer in answers if answer.status == AnswerStatus.ANSWERED_PARTLY]
    assert partly
    assert all(answer.missing for answer in partly)
    assert not [answer.question for answer in answers if answer.status == AnswerStatus.ANSWERED and answer.missing]


def test_an_abstention_names_the_nearest_documents_just_where_they_may_help(answers):
    declined = [answer for answer in answers if not answer.claims]
    assert len(declined) > 50
    assert [answer.question for answer in declined if bool(answer.hits) != (answer.status in NEAREST_TO)] == []
    assert not [answer.question for answer in declined if answer.missing or answer.conflicts]


def test_an_office_is_named_to_some_who_got_no_answer_and_stands_on_a_document_of_the_first_service(answers):
    named = [answer for answer in answers if not answer.claims and answer.office]
    assert named
    assert all(answer.office.citation.quote for answer in named)
    assert {answer.status for answer in named} <= set(NEAREST_TO)


@pytest.mark.parametrize("question", [FISHING, HUNTING, BEES])
def test_every_stage_of_an_answer_has_its_time(office, question):
    times = office.ask(question).timings_ms
    assert list(times)[:4] == ["query", "retrieve", "evidence", "compose"]
    assert all(value >= 0 for value in times.values())
