"""An opinion of an answer: seen before it is sent, sent with a tick alone, and never the end of a page."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from assistant.config import Config
from assistant.feedback import Opinion, Verdict, keep_opinion
from assistant.sync_settings import SyncSettings, home_of
from assistant.waiting import opened_outbox, said
from assistant.web import feedback_page, screens
from sync.batch import Kind
from sync.client import STATE
from tests.desk import NOW, desk, visit, visitor
from tests.disk import everything

QUESTION = "Номам Канарейкина Ситора, телефонам 918 12 34 56. Барои шиноснома чӣ лозим?"
UNKNOWN = "Чӣ тавр киштии кайҳонӣ ба қайд гирифта мешавад?"
TOLD = "Танҳо ҳамин фиристода мешавад"


@pytest.fixture
def here(machine):
    found = desk(machine)
    with found.current:
        yield found


@pytest.fixture
def person(here):
    with visitor(here, *feedback_page.routes(), *screens.routes()) as client:
        client.post("/visit", data={"language": "tg"})
        yield client


def asked(person, here, question=QUESTION):
    """Ask, and return the address of the answer."""
    person.post("/ask", data={"question": question})
    return f"/answer/{next(reversed(visit(here, person).answers))}"


def waiting(config):
    if not (home_of(config) / STATE).is_file():
        return {}
    with opened_outbox(config) as outbox:
        says = said(outbox)
        return {one.kind: json.loads(says[one.id]) for one in outbox.waiting()}


def test_what_is_sent_is_shown_first_and_nothing_is_kept_without_the_tick(person, here, machine):
    answer = asked(person, here)
    page = person.get(f"{answer}/feedback/no")
    assert TOLD in page.text
    assert "***" in page.text
    assert "Канарейкина" not in page.text
    page = person.post(f"{answer}/feedback/no")
    assert "аввал қайд гузоред" in page.text
    assert waiting(machine) == {}


def test_with_the_tick_exactly_that_is_kept(person, here, machine):
    answer = asked(person, here)
    shown = person.get(f"{answer}/feedback/no").text
    assert "<dt>Саволи шумо" in shown
    page = person.post(f"{answer}/feedback/no", data={"consent": "yes"})
    assert "Раҳмат!" in page.text
    told = waiting(machine)
    assert list(told) == [Kind.FEEDBACK]
    assert set(told[Kind.FEEDBACK]) == {"documents", "language", "question", "status", "verdict"}
    assert told[Kind.FEEDBACK]["question"] in shown
    assert told[Kind.FEEDBACK]["verdict"] == "no"
    assert "Канарейкина" not in json.dumps(told, ensure_ascii=False)
    assert "918" not in json.dumps(told)


def test_of_an_answer_that_helped_the_question_is_not_told(person, here, machine):
    answer = asked(person, here)
    assert "<dt>Саволи шумо" not in person.get(f"{answer}/feedback/yes").text
    person.post(f"{answer}/feedback/yes", data={"consent": "yes"})
    assert "question" not in waiting(machine)[Kind.FEEDBACK]


def test_one_answer_is_told_of_once(person, here, machine):
    answer = asked(person, here)
    person.post(f"{answer}/feedback/no", data={"consent": "yes"})
    page = person.post(f"{answer}/feedback/yes", data={"consent": "yes"})
    assert "аллакай" in page.text
    with opened_outbox(machine) as outbox:
        assert len(outbox.waiting()) == 1


def test_a_question_without_an_answer_is_told_as_one_where_the_office_wishes_it(here, machine):
    wishing = replace(here, config=replace(machine, sync=SyncSettings(unanswered=True)))
    with visitor(wishing, *feedback_page.routes(), *screens.routes()) as person:
        person.post("/visit", data={"language": "tg"})
        answer = asked(person, wishing, UNKNOWN)
        assert waiting(machine) == {}
        person.post(f"{answer}/feedback/not_found", data={"consent": "yes"})
    assert list(waiting(machine)) == [Kind.QUESTION]
    assert waiting(machine)[Kind.QUESTION]["question"] == UNKNOWN


def test_elsewhere_it_is_an_opinion_like_others(person, here, machine):
    answer = asked(person, here, UNKNOWN)
    person.post(f"{answer}/feedback/not_found", data={"consent": "yes"})
    assert list(waiting(machine)) == [Kind.FEEDBACK]


@pytest.mark.parametrize("address", ["/answer/nothing/feedback/no", "{answer}/feedback/perhaps"])
def test_what_is_not_there_leads_back_and_keeps_nothing(person, here, machine, address):
    page = person.post(address.format(answer=asked(person, here)), data={"consent": "yes"}, follow_redirects=False)
    assert page.status_code == 303
    assert waiting(machine) == {}


def test_where_no_opinion_is_wished_none_is_taken(machine):
    here = desk(machine, feedback=False)
    with here.current, visitor(here, *feedback_page.routes(), *screens.routes()) as person:
        person.post("/visit", data={"language": "tg"})
        answer = asked(person, here)
        assert f"{answer}/feedback" not in person.get(answer).text
        person.post(f"{answer}/feedback/no", data={"consent": "yes"})
    assert waiting(machine) == {}


def test_nobody_tells_of_the_answer_of_another(person, here, machine):
    answer = asked(person, here)
    with visitor(here, *feedback_page.routes(), *screens.routes()) as other:
        other.post("/visit", data={"language": "tg"})
        page = other.get(f"{answer}/feedback/no", follow_redirects=False)
    assert page.status_code == 303
    assert "шиноснома" not in page.text


def test_a_locked_database_costs_the_opinion_and_not_the_page(person, here, machine, monkeypatch):
    answer = asked(person, here)
    with opened_outbox(machine):
        pass
    monkeypatch.setattr(feedback_page, "WAIT_S", 0.05)
    with closing(sqlite3.connect(home_of(machine) / STATE)) as other:
        other.execute("BEGIN EXCLUSIVE")
        page = person.post(f"{answer}/feedback/no", data={"consent": "yes"})
        other.rollback()
    assert page.status_code == 200
    assert "нигоҳ дошта нашуд" in page.text
    assert not visit(here, person).told


def test_a_database_that_is_none_costs_the_opinion_and_not_the_page(person, here, machine):
    answer = asked(person, here)
    path = home_of(machine) / STATE
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    before = everything(path.parent)
    page = person.post(f"{answer}/feedback/no", data={"consent": "yes"})
    assert "нигоҳ дошта нашуд" in page.text
    assert everything(path.parent) == before
    assert person.get(answer).status_code == 200


def test_what_came_too_late_is_not_kept_afterwards(machine):
    late = feedback_page.Event()
    late.set()
    opinion = Opinion(Verdict.NO, "answered", "tg", "?", (), date(2026, 11, 25))
    assert not feedback_page._keep(machine, opinion, late)
    assert waiting(machine) == {}


def test_an_opinion_names_the_documents_that_were_quoted(assistant, tmp_path):
    answer = assistant.ask("Шиноснома чанд пул аст?")
    opinion = Opinion.of(answer, Verdict.NO, NOW.date())
    quoted = {citation.document.id for claim in answer.claims for citation in claim.citations}
    assert opinion.documents
    assert set(opinion.documents) <= quoted
    config = Config(tmp_path)
    with opened_outbox(config) as outbox:
        keep_opinion(config, outbox, opinion)
    assert waiting(config)[Kind.FEEDBACK]["documents"] == list(opinion.documents)
