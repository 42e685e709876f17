"""Between citizens: what a visit remembers, when it ends, and that nothing of it stays."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assistant.llama import LlamaGenerator
from assistant.models import Models
from assistant.profile import profiles
from assistant.web import screens, suggest
from assistant.web.events import TYPE
from assistant.web.session import COOKIE, MOST_ANSWERS, MOST_SESSIONS, Kept, Sessions
from tests.desk import ADDRESS, Clock, Scripted, desk, visitor
from tests.disk import everything

IDLE_S = 120
CANARY, REAL = "Канарейкаи 7741", "gemma-270m"
SPENDING = "Нишондиҳанда барои ҳисобҳо соли 2023 чанд буд?"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(clock):
    return Sessions(clock, IDLE_S)


@pytest.fixture
def person(here, app):
    with TestClient(app, base_url=ADDRESS, headers={"origin": ADDRESS}) as client:
        client.post("/language", data={"language": "ru"})
        yield client
    here.sessions.end_all()


def test_a_visit_is_found_until_nothing_was_done_for_too_long(sessions, clock):
    session = sessions.begin()
    clock.now += IDLE_S
    assert sessions.find(session.id) is session
    clock.now += IDLE_S
    assert sessions.find(session.id) is session
    clock.now += IDLE_S + 1
    assert sessions.find(session.id) is None
    assert len(sessions) == 0


@pytest.mark.parametrize(("module", "name", "sent"), [
    (screens, "answered", lambda person: person.post("/ask", data={"question": f"{CANARY} чанд пул аст?"},
                                                      follow_redirects=False)),
    (suggest.Suggestions, "like", lambda person: person.post("/suggest", content="шинос".encode()))])
def test_a_request_that_outlives_its_visit_leaves_nothing(here, person, monkeypatch, module, name, sent):
    forgotten, honest = [], getattr(module, name)
    monkeypatch.setattr(here.current, "forget", lambda: forgotten.append(len(here.sessions)))
    assert sent(person).status_code in (200, 303)
    assert forgotten == []
    monkeypatch.setattr(module, name, lambda *given: (here.sessions.end_all(), honest(*given))[1])
    assert sent(person).status_code in (200, 303)
    assert forgotten == [0]


def test_a_sweep_drops_what_was_asked_also_where_nobody_comes_any_more(sessions, clock):
    sessions.begin().keep(Kept(CANARY, {}))
    clock.now += IDLE_S + 1
    sessions.sweep()
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is Kept and one.account == CANARY]


def test_visits_know_nothing_of_each_other(sessions):
    one, other = sessions.begin(), sessions.begin()
    name = one.keep(Kept("", {}))
    one.show(contrast="high", size=200)
    assert name not in other.answers
    assert (other.mode.contrast, other.mode.size) == ("normal", 100)
    assert one.id != other.id


def test_the_oldest_answers_and_visits_give_way(sessions):
    first = sessions.begin()
    names = [first.keep(Kept("", {})) for _ in range(MOST_ANSWERS + 3)]
    assert list(first.answers) == names[3:]
    for _ in range(MOST_SESSIONS):
        sessions.begin()
    assert sessions.find(first.id) is None
    assert len(sessions) == MOST_SESSIONS


def test_every_visit_can_be_ended_at_once(sessions):
    opened = [sessions.begin() for _ in range(3)]
    assert sessions.end_all() == 3
    assert [sessions.find(one.id) for one in opened] == [None] * 3


def test_finishing_drops_the_visit_and_what_the_browser_holds(person, here):
    person.post("/ask", data={"question": CANARY})
    cookie = person.cookies[COOKIE]
    end = person.post("/end", follow_redirects=False)
    assert (end.status_code, end.headers["location"]) == (303, "/")
    assert end.headers["clear-site-data"] == '"cookies", "storage"'
    assert 'Max-Age=0' in end.headers["set-cookie"]
    assert here.sessions.find(cookie) is None
    assert COOKIE not in person.cookies
    assert person.get("/home").url.path == "/"


def test_the_next_citizen_sees_nothing_of_the_one_before(person, here):
    address = person.post("/ask", data={"question": f"{CANARY} чанд пул аст?"}).url.path
    person.post("/look", data={"contrast": "high"})
    person.post("/end")
    person.post("/language", data={"language": "tg"})
    pages = [person.get("/home"), person.get(address), person.get("/topic/work")]
    assert pages[1].status_code == 404
    assert all(CANARY not in page.text and 'data-contrast="normal"' in page.text for page in pages)


# What a model was asked.


@pytest.fixture
def writing(machine, clock):
    """A kiosk with a model, and the model."""
    model = Scripted("Соли 2023 нишондиҳанда барои ҳисобҳо 68 сомонӣ буд. [1]")
    opened = desk(machine, model, clock=clock)
    with opened.current:
        yield opened, model


def ask(client, question):
    """Ask as a page does that shows an answer while it is written; a model takes part in that alone."""
    return client.post("/ask", data={"question": question}, headers={"accept": TYPE})


def finishes(client, _desk, _clock):
    client.post("/end")


def goes_away(_client, desk, clock):
    clock.now += IDLE_S
    desk.sessions.sweep()


def is_sent_away(_client, desk, _clock):
    desk.sessions.end_all()


def gives_way(_client, desk, _clock):
    for _ in range(MOST_SESSIONS):
        desk.sessions.begin()


@pytest.mark.parametrize("leaves", [finishes, goes_away, is_sent_away, gives_way])
def test_a_model_forgets_what_it_was_asked_when_somebody_leaves_and_not_before(leaves, writing, clock):
    here, model = writing
    with bare(here) as client:
        ask(client, f"{SPENDING} {CANARY}")
        ask(client, f"{SPENDING} {CANARY}?")
        assert [CANARY in str(one) for one in model.knows] == [True, True]
        leaves(client, here, clock)
    assert model.knows == []


@pytest.mark.model
@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="memory is searched as Linux shows it")
def test_the_next_citizen_the_disk_and_the_real_model_know_nothing_of_the_one_before(machine, tmp_path_factory):
    path = Models(tmp_path_factory.mktemp("models")).resolve(REAL)
    model = LlamaGenerator(REAL, path, replace(profiles()[REAL], max_tokens=2))
    here, before = desk(machine, model), everything(machine.data_dir)
    with model, here.current, bare(here) as client:
        ask(client, f"{SPENDING} {CANARY}")
        process = model.pid
        assert knows(process, CANARY)
        client.post("/end")
        assert (model.pid, Path(f"/proc/{process}").exists()) == (None, False)
        page = ask(client, SPENDING)
        assert model.pid not in (None, process)
        assert not knows(model.pid, CANARY)
        assert CANARY not in page.text + client.get("/home").text
        assert everything(machine.data_dir) == before


def bare(desk):
    """Return somebody at the screen of a kiosk; what it may suggest is not gathered."""
    desk.sessions.over = desk.current.forget
    return visitor(desk, *screens.routes())


def knows(process, words):
    """Return whether words are in the memory of a process that it may write to."""
    regions = [line.split()[0].split("-") for line in Path(f"/proc/{process}/maps").read_text().splitlines()
               if line.split()[1].startswith("rw")]
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        return any(words.encode() in piece or json.dumps(words).strip('"').encode() in piece
                   for piece in (_piece(memory, *(int(end, 16) for end in ends)) for ends in regions))


def _piece(memory, start, end):
    memory.seek(start)
    try:
        return memory.read(end - start)
    except OSError:
        return b""


# Who somebody is to the browser.


def test_a_cookie_is_for_this_server_and_this_window_only(person):
    cookie = person.post("/language", data={"language": "tg"}, follow_redirects=False).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "expires" not in cookie.lower()
    assert "max-age" not in cookie.lower()


def test_a_cookie_that_somebody_made_up_begins_nothing(app):
    with TestClient(app, base_url=ADDRESS, cookies={COOKIE: "made-up"}) as client:
        assert client.get("/home").url.path == "/"
        assert client.post("/stay", headers={"origin": ADDRESS}).status_code == 410


def test_whoever_stays_is_kept_and_is_told_when_it_is_over(person, here):
    assert person.post("/stay").status_code == 204
    here.sessions.end_all()
    assert person.post("/stay").status_code == 410


@pytest.mark.parametrize(("sent", "seen"), [({"size": "200"}, 'data-size="200"'),
                                            ({"contrast": "high"}, 'data-contrast="high"'),
                                            ({"reach": "low"}, 'data-reach="low"'),
                                            ({"size": "9999"}, 'data-size="100"'),
                                            ({"contrast": '"><b>'}, 'data-contrast="normal"')])
def test_the_look_is_what_was_chosen_among_what_there_is(person, sent, seen):
    page = person.post("/look", data=sent | {"here": "/topic/health"})
    assert page.url.path == "/topic/health"
    assert seen in page.text


@pytest.mark.parametrize("here_", ["//evil.example/", "https://evil.example/", "/\\evil.example", "", "javascript:1"])
def test_nobody_is_sent_to_another_place(person, here_):
    answer = person.post("/language", data={"language": "en", "here": here_}, follow_redirects=False)
    assert answer.headers["location"] == "/home"


def test_an_unknown_language_changes_nothing(person):
    assert '<html lang="ru"' in person.post("/language", data={"language": "de"}).text
