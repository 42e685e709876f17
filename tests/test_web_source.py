"""The page of a source in a browser: whose visit it is sees the quote marked, nobody else sees anything."""

from __future__ import annotations

import re

import pytest

from assistant import config as settings
from assistant.cited import cited
from assistant.texts import text
from assistant.web import source
from assistant.web.asked import kept_of
from tests.desk import visitor

PRINTED, WRITTEN = "Ҷаримаи маъмурӣ чанд аст?", "Барои шиносномаи хориҷӣ чӣ қадар пул додан лозим аст?"


@pytest.fixture(scope="module")
def client(here):
    with visitor(here, *source.routes()) as client:
        yield client
        if drawing := getattr(client.app.state, "pictures", None):
            drawing.close()


@pytest.fixture
def asked(here, client):
    """Ask in a new visit; give the client, the answer's address and its sources."""
    def ask(question):
        session = here.sessions.begin()
        client.cookies.set("rohnamo", session.id)
        with here.current.assistant() as assistant:
            kept = kept_of(assistant, assistant.account(question))
        return client, f"/answer/{session.keep(kept)}", cited(kept.account.answer)

    yield ask
    client.cookies.clear()


def number_of(sources, media_type):
    return next(one.number for one in sources if one.document.media_type == media_type)


def test_a_printed_page_is_a_picture_with_boxes_over_the_quote(asked):
    client, address, sources = asked(PRINTED)
    number = number_of(sources, "application/pdf")
    page = client.get(f"{address}/source/{number}")
    assert page.status_code == 200
    assert page.text.count("<rect") >= 1
    assert 'id="mark"' in page.text
    picture = client.get(re.search(r'src="(/answer/[^"]+webp[^"]*)"', page.text)[1])
    assert picture.headers["content-type"] == "image/webp"
    assert picture.headers["cache-control"] == "no-store"
    assert picture.content[8:12] == b"WEBP"


def test_a_page_carries_no_style_and_no_script_of_its_own(asked):
    client, address, sources = asked(PRINTED)
    page = client.get(f"{address}/source/{number_of(sources, 'application/pdf')}").text
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=", page)


def test_no_address_says_what_was_asked(asked):
    client, address, _ = asked(PRINTED)
    page = client.get(f"{address}/source/1").text
    addresses = re.findall(r'(?:href|src|action)="([^"]+)"', page)
    assert addresses
    assert not [one for one in addresses if re.search("[а-яӣқғҳҷӯ%]", one.split("?")[0].lower())]


def test_the_next_page_has_no_mark_and_a_way_back_to_it(asked):
    client, address, sources = asked(PRINTED)
    number = number_of(sources, "application/pdf")
    page = client.get(f"{address}/source/{number}?page=2&zoom=150").text
    assert "<rect" not in page
    assert f'{address}/source/{number}?page=1&amp;zoom=150#mark' in page
    assert text("tg", "source", "page", page=2, pages=2) in page


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=٣", "page=9999999999999", "zoom=7", "zoom=1e9",
                                   "page=99&zoom=200"])
def test_a_page_or_zoom_that_is_not_there_is_taken_for_the_nearest(query, asked):
    client, address, sources = asked(PRINTED)
    page = client.get(f"{address}/source/{number_of(sources, 'application/pdf')}?{query}")
    assert page.status_code == 200
    assert "<img" in page.text


def test_a_written_source_is_its_text_with_the_quote_marked(asked):
    client, address, sources = asked(WRITTEN)
    number = number_of(sources, "text/html")
    page = client.get(f"{address}/source/{number}").text
    quote = next(one for one in sources if one.number == number).quotes[0]
    assert quote in page
    assert "<mark" in page
    assert "<img class=\"sheet" not in page
    assert client.get(f"{address}/source/{number}/page/1.webp").status_code == 404


def test_every_source_of_an_answer_can_be_opened_and_no_other(asked):
    client, address, sources = asked(WRITTEN)
    assert all(client.get(f"{address}/source/{one.number}").status_code == 200 for one in sources)
    assert client.get(f"{address}/source/{len(sources) + 1}/page/1.webp").status_code == 404


def test_another_visit_sees_neither_page_nor_picture(asked, here):
    client, address, sources = asked(PRINTED)
    number = number_of(sources, "application/pdf")
    client.cookies.set("rohnamo", here.sessions.begin().id)
    assert client.get(f"{address}/source/{number}").status_code == 404
    assert client.get(f"{address}/source/{number}/page/1.webp").status_code == 404


def test_when_the_visit_is_over_the_way_is_the_first_page(asked, here):
    client, address, _ = asked(PRINTED)
    here.sessions.end(client.cookies["rohnamo"])
    client.cookies.clear()
    page = client.get(f"{address}/source/1", follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/")


def test_a_document_that_is_no_longer_used_is_not_shown(asked, here, monkeypatch):
    client, address, _ = asked(PRINTED)
    with here.current.assistant() as assistant:
        monkeypatch.setattr(type(assistant.snapshot), "document", lambda _snapshot, _name: None)
    page = client.get(f"{address}/source/1").text
    assert text("tg", "withdrawn", "said") in page
    assert "<rect" not in page
    assert "<mark" not in page
    assert client.get(f"{address}/source/1/page/1.webp").status_code == 404


def test_a_machine_with_texts_only_says_so_in_the_language_of_the_visit(asked, here, monkeypatch, tmp_path):
    client, address, sources = asked(PRINTED)
    here.sessions.find(client.cookies["rohnamo"]).language = "ru"
    monkeypatch.setattr(source, "page_of", _without_files(settings.load(tmp_path), source.page_of))
    page = client.get(f"{address}/source/{number_of(sources, 'application/pdf')}").text
    assert text("ru", "source", "no_file") in page
    assert "<mark" in page


def _without_files(config, page_of):
    return lambda _config, *values: page_of(config, *values)
