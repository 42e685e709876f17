"""The answer as a whole: its promises, asked of the seed corpus."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.answer import Assistant
from assistant.compose import altered_numbers
from assistant.drafting import Drafting
from assistant.errors import UnusableQuestionError
from assistant.generate import Draft, Finish
from assistant.records import AnswerStatus, ClaimKind

ITEM = re.compile(r"^[–—•*-]\s+")
PAPERS = "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"


class Scripted:
    """A generator that writes what it is told to."""

    name = "scripted"

    waiting = 0

    def __init__(self, text, *, shows_text=True):
        self.text, self.shows_text, self.prompts = text, shows_text, []

    def stream(self, prompt, *, deadline_s, cancelled):
        self.prompts.append(prompt)
        yield self.text
        return Draft(self.text, self.name, Finish.STOP, 9, 0.1)


def worded_by(assistant, text, **options):
    generator = Scripted(text, **options)
    return Assistant(assistant.snapshot, assistant.snapshot_id, assistant.today, Drafting([generator])), generator


def test_no_claim_of_any_question_has_a_number_that_is_not_in_its_quotes_or_its_sum(answers):
    claims = [claim for answer in answers for claim in answer.claims]
    assert [claim.text for claim in claims if altered_numbers(claim)] == []
    assert len(claims) > 800


def test_every_claim_is_a_quote_a_line_over_its_quote_or_stands_beside_it(answers):
    """Lines of ours (an amount in short, a sum) never stand without the words of the document they were read from."""
    for answer in answers:
        shown = "\n".join(claim.text for claim in answer.claims)
        for claim in answer.claims:
            quotes = "\n".join(citation.quote for citation in claim.citations)
            framed = claim.text.split("\n", 1)[-1]
            beside = ITEM.sub("", claim.citations[0].quote) in shown
            assert claim.text in quotes or framed in quotes or beside, (answer.question, claim.text)


def test_every_cited_passage_is_among_the_hits_with_the_quote_at_its_place(answers):
    cited = 0
    for answer in answers:
        plain = answer.to_json()
        texts = {hit["passage_id"]: hit["text"] for hit in plain["hits"]}
        for citation in [one for row in (*plain["claims"], *plain["conflicts"]) for one in row["citations"]]:
            start, end = citation["span"]
            assert texts[citation["passage_id"]][start:end] == citation["quote"] != ""
            cited += 1
    assert cited > 1_000


def test_a_lapsed_document_never_answers_as_if_it_were_in_force(answers):
    for answer in answers:
        lapsed = [citation.document for claim in answer.claims if not claim.computation
                  for citation in claim.citations if citation.document.status in ("superseded", "void")]
        assert not lapsed or (answer.status == AnswerStatus.ANSWERED_SUPERSEDED and answer.warnings)


def test_an_abstention_shows_no_claim_and_says_so_in_the_question_s_language(assistant):
    answer = assistant.ask("Фардо дар Душанбе борон меборад?")
    assert answer.status.startswith("abstained_")
    assert answer.claims == ()
    assert answer.language == "tg"


def test_a_personal_case_goes_to_a_clerk(assistant):
    assert assistant.ask("нафакаи модарам кам омад чаро").status == AnswerStatus.ABSTAINED_NEEDS_CLERK


def test_a_verified_sentence_of_a_model_is_shown_with_its_citations(assistant):
    extract = assistant.ask(PAPERS).claims[0].text
    wording, generator = worded_by(assistant, f"{extract.rstrip('.:;')}. [1]")
    answer = wording.ask(PAPERS)
    assert answer.generator == "scripted"
    assert answer.claims[0].kind == ClaimKind.GENERATED
    assert answer.claims[0].citations[0].quote == extract or extract in answer.claims[0].citations[0].quote
    assert PAPERS in generator.prompts[0].text


@pytest.mark.parametrize("draft", ["Барои шиноснома 999 сомонӣ диҳед. [1]", "Ҳеҷ чиз лозим нест. [1]", "", "Бе далел.",
                                   "Шиноснома лозим. [5]"])
def test_a_draft_that_fails_leaves_the_extracts_as_they_were(assistant, draft):
    before = assistant.ask(PAPERS)
    wording, _ = worded_by(assistant, draft)
    after = wording.ask(PAPERS)
    assert after.claims == before.claims
    assert after.generator == "extractive"
    assert len(after.warnings) == len(before.warnings) + 1


def test_the_text_of_an_engine_check_is_never_shown(assistant):
    extract = assistant.ask(PAPERS).claims[0].text
    wording, _ = worded_by(assistant, f"{extract.rstrip('.:;')}. [1]", shows_text=False)
    answer = wording.ask(PAPERS)
    assert answer.claims == assistant.ask(PAPERS).claims
    assert any("scripted" in warning for warning in answer.warnings)


def test_the_day_asked_about_is_the_day_answered_for(assistant):
    answer = assistant.ask(PAPERS, at=date(2026, 1, 1))
    assert answer.as_of == date(2026, 1, 1)


def test_the_same_question_gets_the_same_answer(assistant):
    first, second = (assistant.ask(PAPERS).to_json() for _ in range(2))
    for answer in (first, second):
        del answer["timings_ms"]
    assert first == second


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=120))
def test_any_readable_text_gets_an_answer_object(assistant, question):
    with suppress(UnusableQuestionError):
        check(assistant.ask(question))


def check(answer):
    assert bool(answer.claims) == answer.status.startswith("answered")
    assert answer.claims or answer.status.startswith("abstained_")
    assert not [claim.text for claim in answer.claims if altered_numbers(claim)]
