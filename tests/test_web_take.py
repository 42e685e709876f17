"""Taking an answer home from a browser: the question only with a tick, and never in an address."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest

from assistant.printer import PrinterState
from assistant.qr import essentials
from assistant.texts import text
from assistant.web import take
from assistant.web.asked import kept_of
from assistant.web.settings import KioskSettings
from tests.desk import visitor

QUESTION = "Барои шиносномаи хориҷӣ чӣ қадар пул додан лозим аст?"
PERSONAL = "Нафақаи ман чанд сомонӣ мешавад?"


@pytest.fixture
def at(here):
    """Give somebody at a kiosk with these settings, and the address of an answer to a question."""
    def stand(question=QUESTION, release="", **settings):
        opened = replace(here, settings=KioskSettings(**settings))
        client = visitor(opened, *take.routes())
        session = opened.sessions.begin()
        client.cookies.set("rohnamo", session.id)
        with here.current.assistant() as assistant:
            kept = kept_of(assistant, assistant.account(question))
        if release:
            kept = replace(kept, releases=dict.fromkeys(kept.releases, release))
        return client, f"/answer/{session.keep(kept)}", kept

    return stand


@pytest.fixture
def printed(monkeypatch):
    """A printer that is always ready; gives what it printed."""
    taken = []

    def send(queue, pdf, *, media=""):
        taken.append((queue, pdf, media))
        return PrinterState.SENT

    monkeypatch.setattr(take.printer, "send", send)
    monkeypatch.setattr(take.printer, "state_of", lambda _queue: PrinterState.READY)
    return taken


def words_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    words = " ".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
    document.close()
    return " ".join(words.split())


def test_without_a_printer_the_page_says_so_and_offers_the_code(at):
    client, address, kept = at()
    page = client.get(f"{address}/take").text
    assert text("tg", "take", "no_printer") in page
    assert "<button class=\"button button--primary\" name=\"size\"" not in page
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    assert essentials(kept.account.answer).split("\n")[0][:60] in page
    assert " style=" not in page


def test_a_released_answer_has_a_second_code_to_check_its_quotes_by(at):
    client, address, _ = at(release="min-foreign/7")
    page = client.get(f"{address}/take").text
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg"') == 2
    assert "rohnamo:min-foreign/7/" in page
    client, address, _ = at()
    assert client.get(f"{address}/take").text.count('<svg xmlns="http://www.w3.org/2000/svg"') == 1


def test_the_page_shows_what_will_be_printed_without_the_question(at):
    client, address, kept = at()
    page = client.get(f"{address}/take").text
    assert kept.account.answer.claims[0].text in page
    assert QUESTION not in page


def test_a_sheet_is_printed_on_the_queue_of_its_paper(at, printed):
    client, address, kept = at(printer="office", receipt_printer="slip")
    client.get(f"{address}/take")
    page = client.post(f"{address}/take/print", data={"size": "receipt"})
    assert text("tg", "take", "sent") in page.text
    assert page.url.path == f"{address}/take"
    assert str(page.url).isascii()
    (queue, pdf, media), = printed
    assert queue == "slip"
    assert re.fullmatch(r"Custom\.226\.77x\d+\.\d+", media)
    assert " ".join(kept.account.answer.claims[0].text.split())[:40] in words_of(pdf)
    assert QUESTION not in words_of(pdf)


def test_the_question_is_printed_where_it_was_ticked(at, printed):
    client, address, _ = at(printer="office")
    client.post(f"{address}/take/print", data={"size": "a4", "question": "yes"})
    (_, pdf, media), = printed
    assert media == "A4"
    assert QUESTION in words_of(pdf)


def test_an_abstention_can_be_printed_too(at, printed):
    client, address, kept = at(PERSONAL, printer="office")
    assert text("tg", "take", "sent") in client.post(f"{address}/take/print", data={"size": "a4"}).text
    words = words_of(printed[0][1])
    assert kept.account.answer.office.name in words
    assert PERSONAL not in words


def test_a_sheet_says_which_of_its_sources_are_no_official_text(at, printed):
    client, address, _ = at(printer="office")
    client.post(f"{address}/take/print", data={"size": "a4"})
    assert text("tg", "take", "unofficial") in words_of(printed[0][1])


@pytest.mark.parametrize("state", [PrinterState.OFF, PrinterState.PAPER_OUT, PrinterState.FAILED,
                                   PrinterState.UNKNOWN])
def test_what_is_wrong_with_a_printer_is_said_in_words(state, at, monkeypatch):
    monkeypatch.setattr(take.printer, "send", lambda *_values, **_more: state)
    monkeypatch.setattr(take.printer, "state_of", lambda _queue: PrinterState.READY)
    client, address, _ = at(printer="office")
    assert text("tg", "take", state) in client.post(f"{address}/take/print", data={"size": "a4"}).text


def test_a_visit_prints_a_few_sheets_and_no_more(at, printed):
    client, address, _ = at(printer="office")
    pages = [client.post(f"{address}/take/print", data={"size": "a4"}).text for _ in range(take.MOST_SHEETS + 2)]
    assert len(printed) == take.MOST_SHEETS
    assert text("tg", "take", "enough", most=take.MOST_SHEETS) in pages[-1]


@pytest.mark.parametrize("data", [{}, {"size": "a3"}, {"size": "receipt"}])
def test_a_paper_that_is_not_there_prints_nothing(data, at, printed):
    client, address, _ = at(printer="office")
    assert client.post(f"{address}/take/print", data=data).status_code == 200
    assert printed == []


def test_a_file_is_given_at_a_desk_only(at):
    client, address, _ = at()
    assert client.post(f"{address}/take/pdf").status_code == 404
    client, address, _ = at(downloads=True)
    file = client.post(f"{address}/take/pdf", data={"question": "yes"})
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"] == 'attachment; filename="rohnamo.pdf"'
    assert file.headers["cache-control"] == "no-store"
    assert QUESTION in words_of(file.content)


def test_another_visit_can_take_nothing(at, printed):
    client, address, _ = at(printer="office", downloads=True)
    client.cookies.set("rohnamo", client.app.state.desk.sessions.begin().id)
    assert client.get(f"{address}/take").status_code == 404
    assert client.post(f"{address}/take/print", data={"size": "a4"}).status_code == 404
    assert client.post(f"{address}/take/pdf").status_code == 404
    assert printed == []


def test_a_form_from_elsewhere_prints_nothing(at, printed):
    client, address, _ = at(printer="office")
    client.post(f"{address}/take/print", data={"size": "a4"}, headers={"origin": "http://elsewhere.example"})
    assert printed == []


def test_an_address_cannot_put_words_on_the_page(at):
    client, address, _ = at(printer="office")
    page = client.get(f"{address}/take?told=%3Cb%3Eпул%3C/b%3E").text
    assert "пул</b>" not in page
    assert "take-told" not in page
