"""A document that is withdrawn while somebody reads an answer from it: nothing of it is shown or printed any more."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from assistant.printer import PrinterState
from assistant.texts import text
from assistant.web import screens, source, take
from assistant.web.withdrawal import is_withdrawn
from tests.desk import desk, visit, visitor
from tests.receiving import ASKED, Receiver, bees, fishing

OTHER = "Хоҷагии занбӯрпарварӣ дар куҷо ба қайд гирифта мешавад?"
QUOTE = "40 сомонӣ"
SAID = text("tg", "withdrawn", "said")


@pytest.fixture
def machine(tmp_path):
    machine = Receiver(tmp_path)
    machine.release(1, fishing(40), bees())
    yield machine
    machine.close()


@pytest.fixture
def person(machine):
    here = desk(machine.config, printer="office", downloads=True)
    with here.current, visitor(here, *screens.routes(), *source.routes(), *take.routes()) as client:
        yield client


@pytest.fixture
def printed(monkeypatch):
    """A printer that is always ready; gives what it printed."""
    taken = []
    monkeypatch.setattr(take.printer, "send", lambda _queue, pdf, **_more: taken.append(pdf) or PrinterState.SENT)
    monkeypatch.setattr(take.printer, "state_of", lambda _queue: PrinterState.READY)
    return taken


def asked(person, question=ASKED):
    """Ask, and return the address of the answer."""
    return person.post("/ask", data={"question": question}).url.path


def withdraw(machine, document):
    machine.repository.revoke(document, "the fee was wrong")
    machine.receive()


def every_page(person, address):
    return [person.get(address), person.get(f"{address}/take"), person.get(f"{address}/source/1"),
            person.get(f"{address}/source/1?page=1&zoom=150"), person.get(f"{address}/source/1/page/1.webp"),
            person.post(f"{address}/take/pdf"), person.post(f"{address}/take/print", data={"size": "a4"}),
            person.post(f"{address}/take/print", data={"size": "a4", "question": "yes"})]


def test_before_it_is_withdrawn_it_is_shown_and_printed(person, printed):
    address = asked(person)
    assert QUOTE in person.get(address).text
    assert QUOTE in person.get(f"{address}/take").text
    assert person.post(f"{address}/take/print", data={"size": "a4"}).status_code == 200
    assert len(printed) == 1


def test_between_the_answer_and_the_print_a_withdrawal_leaves_no_page_paper_file_or_code(person, machine, printed):
    address = asked(person)
    assert "<svg" in person.get(f"{address}/take").text
    withdraw(machine, "fishing")
    pages = every_page(person, address)
    assert printed == []
    assert {page.status_code for page in pages} == {404, 410}
    for page in pages:
        assert QUOTE not in page.text
        assert "%PDF" not in page.text
        assert 'class="qr"' not in page.text
    assert [SAID in page.text for page in pages] == [page.status_code == 410 for page in pages]
    assert [page.status_code for page in pages].count(404) == 1


def test_whoever_reads_it_may_ask_again_and_is_answered_without_it(person, machine):
    address = asked(person)
    withdraw(machine, "fishing")
    page = person.get(address).text
    assert text("tg", "withdrawn", "ask_again") in page
    [question] = re.findall(r'name="question" value="([^"]+)"', page)
    again = person.post("/ask", data={"question": question})
    assert again.status_code == 200
    assert QUOTE not in again.text


def test_other_answers_of_the_visit_stay_and_are_printed(person, machine, printed):
    withdrawn, stays = asked(person), asked(person, OTHER)
    before = person.get(stays).text
    withdraw(machine, "fishing")
    assert person.get(withdrawn).status_code == 410
    assert person.get(stays).text == before
    person.post(f"{stays}/take/print", data={"size": "a4"})
    assert len(printed) == 1


def test_an_abstention_does_not_go_on_naming_a_document_that_is_withdrawn(person, machine):
    here = person.app.state.desk
    asked(person)
    answer = next(iter(visit(here, person).answers.values())).account.answer
    abstention = replace(answer, claims=(), conflicts=(), office=None)
    assert "fishing" in [document.id for _, document in abstention.hits]
    assert not is_withdrawn(here.current, abstention)
    withdraw(machine, "fishing")
    assert is_withdrawn(here.current, abstention)
    assert not is_withdrawn(here.current, replace(abstention, hits=()))
