"""What holds for every page: headers, who may ask, how much, and that what breaks tells nothing."""

from __future__ import annotations

import logging
import re

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from assistant.texts import text
from assistant.web.guard import HEADERS, MOST_BYTES
from tests.desk import ADDRESS, visitor

CANARY = "Канарейкаи 5513"


@pytest.fixture
def person(app):
    with TestClient(app, base_url=ADDRESS, headers={"origin": ADDRESS}, follow_redirects=False) as client:
        client.post("/language", data={"language": "ru"})
        yield client


def paths(app):
    """Every address of the application, each with something in the place of what varies."""
    for route in app.routes:
        if isinstance(route, Route):
            filled = re.sub(r"\{\w+(:int)?\}", lambda part: "1" if part[1] else "birth", route.path)
            yield from ((method, filled) for method in sorted(route.methods - {"HEAD"}))
        else:
            assert isinstance(route, Mount)
            yield "GET", f"{route.path}/style.css"


def test_every_route_has_every_header_and_is_not_kept(person, here):
    asked = list(paths(person.app))
    assert len(asked) > 20
    for method, path in asked:
        answer = person.request(method, path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
        assert answer.headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store"), path
        assert answer.status_code < 500, path


@pytest.mark.parametrize("path", ["/none", "/answer/none", "/topic/none", "/static/none.css", "/static/../guard.py"])
def test_what_is_not_there_is_a_page_in_the_language_of_the_visit(person, path):
    answer = person.get(path)
    assert answer.status_code == 404
    assert text("ru", "kiosk", "problem_gone") in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080", "localhost.", ""])
def test_only_this_machine_is_answered_under_its_own_names(person, host):
    answer = person.get("/home", headers={"host": host})
    assert answer.status_code == 421
    assert "Роҳнамо" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:9", "localhost", "[::1]:8080", "127.0.0.1"])
def test_this_machine_has_several_names(person, host):
    assert person.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"origin": "null"},
                                     {"origin": "http://127.0.0.1:9999"}, {"sec-fetch-site": "cross-site"},
                                     {"sec-fetch-site": "same-site"}, {"origin": f"{ADDRESS}.evil.example"}])
def test_a_form_of_another_place_is_not_taken(person, here, headers):
    answer = person.post("/end", headers=headers)
    assert answer.status_code == 403
    assert text("ru", "kiosk", "problem_not_ours") in answer.text
    assert person.get("/home").status_code == 200


def test_a_form_that_comes_from_nowhere_is_not_taken(app):
    with TestClient(app, base_url=ADDRESS) as client:
        assert client.post("/language", data={"language": "tg"}).status_code == 403
        assert "rohnamo" not in client.cookies


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_reading_and_sending_is_done(person, method):
    assert person.request(method, "/home").status_code == 405


def test_what_is_too_long_is_not_read_whether_it_says_its_length_or_not(person):
    long = b"question=" + b"a" * MOST_BYTES
    form = {"content-type": "application/x-www-form-urlencoded"}

    def pieces():
        yield from (long[at:at + 8_192] for at in range(0, len(long), 8_192))

    for content in (long, pieces()):
        answer = person.post("/ask", content=content, headers=form)
        assert answer.status_code == 413
        assert text("ru", "kiosk", "problem_too_long") in answer.text
    assert person.get("/home").status_code == 200


def test_a_length_that_is_no_number_is_not_believed(person):
    assert person.post("/ask", content=b"x", headers={"content-length": "-1"}).status_code == 413


def test_what_breaks_is_a_page_without_details_and_a_line_without_what_was_asked(here, caplog):
    async def broken(request):
        raise RuntimeError(CANARY)

    with visitor(here, Route("/broken", broken)) as client:
        answer = client.get("/broken")
    assert answer.status_code == 500
    assert text("tg", "kiosk", "problem_ours") in answer.text
    assert CANARY not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_question_is_in_no_log(person, caplog):
    with caplog.at_level(logging.DEBUG):
        person.post("/ask", data={"question": f"{CANARY} чанд пул аст?"}, follow_redirects=True)
        person.post("/ask", data={"question": f"{CANARY} чанд пул аст?"}, headers={"accept": "text/event-stream"})
        person.post("/suggest", content=CANARY.encode())
    assert CANARY not in "".join(record.getMessage() for record in caplog.records)


def test_a_refusal_begins_no_visit(here, app):
    before = len(here.sessions)
    with TestClient(app, base_url=ADDRESS) as client:
        for path in ("/none", "/home", "/", "/look.css"):
            client.get(path)
        client.post("/ask", data={"question": CANARY})
    assert len(here.sessions) == before
