"""The walk of a citizen through the pages, without scripts, and how an answer is turned into what a page shows."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assistant.cited import cited
from assistant.evaluate import read_questions
from assistant.records import AnswerStatus
from assistant.source_words import act_words, place_words
from assistant.texts import LANGUAGES, text
from assistant.topics import topics
from assistant.web.session import Kept
from assistant.web.shown import Block, Verdict, said, shown, verdict
from tests.desk import ADDRESS, visit
from tests.office import FISHING

PRICE = "Шиносномаи хориҷӣ чанд пул аст?"
PAST = "Нишондиҳанда барои ҳисобҳо соли 2023 чанд буд?"
UNKNOWN = "Қурби доллар имрӯз чанд аст?"
NEAR = "Маълумотномаи доғи судӣ дар Қазоқистон чанд танга аст?"
PAPERS = "Барои шиносномаи шаҳрванд чӣ ҳуҷҷатҳо лозиманд?"
VAGUE = "шиноснома"
# Of the set of questions one in so many is asked here: the whole set takes minutes.
EVERY = 8


@pytest.fixture
def person(app):
    with TestClient(app, base_url=ADDRESS, headers={"origin": ADDRESS}) as client:
        client.post("/language", data={"language": "tg"})
        yield client


@pytest.fixture(scope="module")
def kept(assistant):
    """The answers to some questions of the set, as a visit keeps them."""
    asked = read_questions(Path(__file__).parent / "golden" / "questions.jsonl")[::EVERY]
    return [Kept(assistant.account(one.question), {}) for one in asked]


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def asked(person, question, **more):
    return person.post("/ask", data={"question": question, **more})


def test_the_first_page_names_each_language_in_itself_and_tajik_first(app):
    with TestClient(app, base_url=ADDRESS) as client:
        page = client.get("/")
    assert re.findall(r'<button class="tile" name="language" value="(\w\w)" lang="(\w\w)"', page.text) == [
        (one, one) for one in LANGUAGES]
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_touch_on_a_language_leads_to_the_life_events_in_it(language, app):
    with TestClient(app, base_url=ADDRESS, headers={"origin": ADDRESS}) as client:
        page = client.post("/language", data={"language": language})
    assert page.url.path == "/home"
    assert f'<html lang="{language}"' in page.text
    assert all(topic.title(language) in words(page) for topic in topics())
    assert text(language, "kiosk", "private") in words(page)


def test_whoever_has_not_begun_is_shown_the_languages_first(app):
    with TestClient(app, base_url=ADDRESS) as client:
        assert {client.get(path).url.path for path in ("/home", "/topic/birth", "/answer/none", "/ask")} == {"/"}


def test_a_life_event_offers_its_questions_and_its_forms(person):
    page = person.get("/topic/birth")
    assert all(question in words(page) for question in topics()[0].questions("tg"))
    assert "/form/" in page.text
    assert person.get("/topic/nothing").status_code == 404


def test_an_answer_stands_at_an_address_that_does_not_say_what_was_asked(person, here):
    page = asked(person, PRICE)
    [(name, answer)] = visit(here, person).answers.items()
    assert page.url.path == f"/answer/{name}"
    assert len(name) >= 12
    assert page.url.query == b""
    for claim in answer.account.answer.claims:
        assert " ".join(claim.text.split()) in words(page)


def test_every_number_in_an_answer_leads_to_a_source_with_its_quote_place_and_date(person, here):
    page = asked(person, PRICE)
    kept = next(iter(visit(here, person).answers.values()))
    sources = shown(kept, stale_days=90).sources
    assert set(re.findall(r'href="#(source-\d+)"', page.text)) == {f"source-{one.number}" for one in sources}
    for source in sources:
        assert f'id="source-{source.number}"' in page.text
        assert all(f"«{' '.join(quote.split())}»" in words(page) for quote in source.quotes)
        assert act_words(source.document, "tg") in words(page)
        assert place_words(source.citation, "tg") in words(page)
        assert text("tg", "document_status", source.document.status) in words(page)


def test_what_warns_stands_before_what_is_said(person, here):
    page = words(asked(person, PRICE))
    answer = next(iter(visit(here, person).answers.values())).account.answer
    claim = page.index(" ".join(answer.claims[0].text.split()))
    assert answer.warnings
    assert all(page.index(warning) < claim for warning in answer.warnings)


def test_an_earlier_rule_says_so_in_the_verdict(person):
    assert text("tg", "kiosk", "verdict_past") in words(asked(person, PAST))


def test_a_question_without_an_answer_gets_the_nearest_documents_as_no_answer(person, here):
    page = words(asked(person, NEAR))
    answer = next(iter(visit(here, person).answers.values())).account.answer
    assert text("tg", "status", AnswerStatus.ABSTAINED_NO_EVIDENCE) in page
    assert text("tg", "kiosk", "not_an_answer") in page
    assert answer.hits[0][1].title in page
    assert answer.office.name in page
    assert topics()[0].title("tg") not in page


def test_where_nothing_is_near_the_life_events_are_shown_and_no_document_or_office_of_something_else(person, here):
    page = asked(person, UNKNOWN)
    answer = next(iter(visit(here, person).answers.values())).account.answer
    assert text("tg", "status", AnswerStatus.ABSTAINED_NO_EVIDENCE) in words(page)
    assert (answer.hits, answer.office) == ((), None)
    assert text("tg", "kiosk", "not_an_answer") not in words(page)
    assert all(f'href="/topic/{topic.id}"' in page.text for topic in topics())
    assert "/take" not in page.text


@pytest.mark.parametrize(("language", "back"), [("tg", "tg"), ("ru", "ru")])
def test_a_word_of_two_languages_is_asked_back_in_the_language_of_the_pages(language, back, person, here):
    person.post("/language", data={"language": language})
    asked(person, "паспорт")
    answer = next(iter(visit(here, person).answers.values())).account.answer
    assert answer.language == back
    assert answer.clarify.question == text(back, "clarify", "which_aspect")


def test_an_answer_leads_to_the_forms_of_its_service_and_they_lead_back(person, here):
    page = asked(person, PAPERS)
    [(name, kept)] = visit(here, person).answers.items()
    assert kept.form_service == "citizen-passport"
    assert f'href="/forms?service=citizen-passport&amp;answer={name}"' in page.text
    forms = person.get(f"/forms?service=citizen-passport&answer={name}")
    assert f'href="/answer/{name}"' in forms.text
    assert 'href="/answer/' not in person.get("/forms?service=citizen-passport&answer=other").text
    assert "/forms?" not in asked(person, PAST).text


def test_a_vague_question_gets_choices_that_can_be_asked_as_they_stand(person, here):
    page = asked(person, VAGUE)
    clarify = next(iter(visit(here, person).answers.values())).account.answer.clarify
    assert re.findall(r'<button name="question" value="([^"]+)"', page.text) == list(clarify.options)
    assert 'role="listbox"' in page.text
    assert asked(person, clarify.options[0]).status_code == 200


def test_a_further_question_leans_on_the_answer_it_follows(person, here):
    asked(person, "Шиносномаи хориҷӣ чанд сол эътибор дорад?")
    [first] = visit(here, person).answers
    asked(person, "Ва барои кӯдак?", after=first)
    last = list(visit(here, person).answers.values())[-1]
    assert "хориҷӣ" in last.account.query.text
    assert last.account.answer.question == "Ва барои кӯдак?"


def test_a_question_is_answered_in_its_own_language_on_pages_of_the_visit(person, here):
    page = asked(person, "Сколько стоит загранпаспорт?")
    assert next(iter(visit(here, person).answers.values())).account.answer.language == "ru"
    assert '<html lang="tg"' in page.text
    assert 'lang="ru"' in page.text


@pytest.mark.parametrize("question", ["", "   ", "?!", "а" * 5_000, "\x00\x01\x02"])
def test_what_cannot_be_read_as_a_question_says_so_and_leads_back_to_the_box(person, here, question):
    page = asked(person, question)
    assert page.status_code == 400
    assert text("tg", "kiosk", "problem_unreadable") in words(page)
    assert 'name="question"' in page.text
    assert not visit(here, person).answers


def test_markup_in_a_question_is_shown_as_it_was_typed(person):
    page = asked(person, '<img src=x onerror=alert(1)> "шиноснома" чанд пул аст?')
    assert "<img src=x" not in page.text
    assert "onerror" in words(page)


def test_an_answer_of_somebody_else_is_not_found(person, app):
    address = asked(person, PRICE).url.path
    with TestClient(app, base_url=ADDRESS, headers={"origin": ADDRESS}) as other:
        other.post("/language", data={"language": "ru"})
        page = other.get(address)
    assert page.status_code == 404
    assert PRICE not in page.text
    assert text("ru", "kiosk", "problem_gone") in words(page)


def test_no_page_has_styles_or_scripts_of_its_own(person):
    pages = [person.get("/home"), person.get("/topic/work"), asked(person, PRICE), asked(person, UNKNOWN)]
    for page in pages:
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*src=)", page.text)


def test_an_answer_is_only_called_whole_where_nothing_is_missing_or_disputed(kept):
    for one in kept:
        answer, found = one.account.answer, verdict(one.account.answer)
        assert (found is Verdict.NONE) == (not answer.claims)
        if found is Verdict.WHOLE:
            assert not answer.missing
            assert not answer.conflicts


def test_every_word_of_every_claim_is_shown_with_the_numbers_of_its_sources(kept):
    shown_claims = 0
    for one in kept:
        page = shown(one, stale_days=90)
        numbers = {source.number for source in page.sources}
        for claim, seen in zip(one.account.answer.claims, page.said, strict=True):
            lines = [line for block in seen.blocks for line in block.lines]
            bare = re.sub(r"(?m)^\s*[–—•*-]\s+", "", claim.text)
            assert " ".join(" ".join(lines).split()) == " ".join(bare.split())
            assert seen.marks
            assert set(seen.marks) <= numbers
            shown_claims += 1
    assert shown_claims > 80


def test_lines_that_begin_with_a_dash_become_a_list_between_paragraphs(kept):
    claim = next(claim for one in kept for claim in one.account.answer.claims)
    numbers = {citation.passage.id: 3 for citation in claim.citations}
    seen = said(replace(claim, text="Лозим аст:\n– ариза\n– акс\nТамом."), numbers)
    assert seen.blocks == (Block(("Лозим аст:",)), Block(("ариза", "акс"), is_list=True), Block(("Тамом.",)))
    assert seen.marks == (3,)


def test_a_dispute_names_the_later_act_first(office):
    account = office.account(FISHING)
    page = shown(Kept(account, {}), stale_days=10_000)
    numbers = {source.passage.id: source.number for source in cited(account.answer)}
    [one] = page.disagreements
    assert one.marks == tuple(numbers[citation.passage.id] for citation in account.answer.conflicts[0].citations)
    assert page.verdict is Verdict.PARTLY


def test_old_information_says_so_once_and_new_information_does_not(kept):
    told = 0
    for one in kept:
        answer = one.account.answer
        fresh, old = shown(one, stale_days=100_000), shown(one, stale_days=0)
        assert fresh.warnings == answer.warnings
        assert old.warnings[:len(answer.warnings)] == answer.warnings
        assert len(old.warnings) - len(answer.warnings) <= 1
        told += len(old.warnings) - len(answer.warnings)
    assert told


def test_what_only_staff_can_mend_is_not_told_to_a_citizen(kept):
    one = next(one for one in kept if one.account.answer.claims)
    answer = one.account.answer
    warning = text(answer.language, "warning", "model_missing", model="soro")
    one.account.work.lacking_model = "soro"
    try:
        lacking = replace(one, account=replace(one.account, answer=replace(answer, warnings=(warning, "Дигар."))))
        assert shown(lacking, stale_days=100_000).warnings == ("Дигар.",)
    finally:
        one.account.work.lacking_model = None
