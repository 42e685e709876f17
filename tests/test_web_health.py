"""How the machine is: the object for programs, the page for the staff, and the door to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from assistant.staff_pin import set_pin
from assistant.sync_settings import SyncSettings
from assistant.texts import text
from assistant.web import form, health
from assistant.web.staff import INSIDE_S, SHUT_S, TRIES, Door
from tests.desk import Clock, desk, visit, visitor
from tests.receiving import Receiver, fishing

PIN = "481516"
INSIDE = "Ҷойи холии диск"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def machine(machine):
    """A machine whose staff have a PIN."""
    set_pin(machine, PIN)
    return machine


@pytest.fixture
def here(machine):
    found = desk(machine, printer="")
    with found.current:
        yield found


@pytest.fixture
def person(here, clock):
    with visitor(here, *health.routes(clock), *form.routes()) as client:
        yield client


def enter(client, pin=PIN):
    client.get("/staff")
    return client.post("/staff", data={"pin": pin})


def test_a_program_is_told_that_the_machine_answers_and_nothing_private(person, here):
    told = person.get("/health")
    assert told.status_code == 200
    assert told.json() == {"ok": True, "generation": 1, "releases": [], "problems": []}
    assert "set-cookie" not in told.headers
    assert len(here.sessions) == 0


def test_a_kiosk_tells_its_releases_with_their_ages(tmp_path):
    receiver = Receiver(tmp_path)
    try:
        receiver.release(1, fishing(25))
        found = desk(receiver.config)
        with found.current:
            late = replace(found, now=lambda: receiver.now + timedelta(days=40))
            with visitor(late, *health.routes()) as client:
                told = client.get("/health").json()
    finally:
        receiver.close()
    assert told["ok"]
    assert [(one["publisher"], one["number"]) for one in told["releases"]] == [("min-health", 1)]
    assert told["releases"][0]["age_days"] >= 39
    assert any("nothing was heard for" in one for one in told["problems"])


def test_a_machine_without_documents_is_told_in_words(tmp_path, machine):
    bare = desk(replace(machine, data_dir=tmp_path / "bare"))
    with visitor(bare, *health.routes()) as client:
        told = client.get("/health")
    assert told.status_code == 503
    assert told.json()["ok"] is False
    assert "no documents" in told.json()["problems"][0]


def test_a_machine_that_shall_sync_and_cannot_says_so(here):
    shall = replace(here, config=replace(here.config, sync=SyncSettings(source="https://releases.example.tj/r")))
    with visitor(shall, *health.routes()) as client:
        told = client.get("/health").json()
    assert told["ok"]
    assert any("root of trust" in one for one in told["problems"])


def test_it_is_not_looked_at_again_for_some_seconds(person, clock, monkeypatch):
    looks = []
    seen = health.look
    monkeypatch.setattr(health, "look", lambda desk: looks.append(desk) or seen(desk))
    for _ in range(5):
        person.get("/health")
    assert len(looks) == 1
    clock.now += health.FRESH_S
    person.get("/health")
    assert len(looks) == 2


def test_a_damaged_state_is_a_problem_and_not_a_fault(person, here):
    state = here.config.data_dir / "sync" / "state.db"
    state.parent.mkdir()
    state.write_bytes(b"no database" * 500)
    told = person.get("/health")
    assert told.status_code == 200
    assert any("state.db" in one for one in told.json()["problems"])


def test_the_staff_see_how_the_machine_is_after_the_code(person):
    assert INSIDE not in person.get("/staff").text
    page = enter(person)
    assert str(page.url).endswith("/staff")
    assert INSIDE in page.text
    assert "342 ҳуҷҷат" in page.text
    assert "нашр нест" in page.text


def test_a_wrong_code_opens_nothing_and_is_not_repeated_in_the_page(person):
    page = enter(person, "000123")
    assert page.status_code == 403
    assert "нодуруст" in page.text
    assert "000123" not in page.text
    assert INSIDE not in person.get("/staff").text


def test_after_five_wrong_codes_even_the_right_one_waits_five_minutes(person, clock):
    for _ in range(TRIES):
        assert enter(person, "000123").status_code == 403
    page = enter(person)
    assert page.status_code == 429
    assert "Баъд аз 5 дақиқа" in page.text
    clock.now += SHUT_S - 1
    assert enter(person).status_code == 429
    clock.now += 1
    assert INSIDE in enter(person).text


def test_without_a_code_nobody_comes_in(tmp_path, machine, clock):
    bare = desk(replace(machine, data_dir=tmp_path / "bare"))
    with visitor(bare, *health.routes(clock)) as client:
        page = client.get("/staff").text
        assert text("tg", "health", "no_pin") in page
        assert "--set-pin" not in page
        assert INSIDE not in enter(client, "").text


def test_the_door_is_open_to_one_visit_and_not_for_long(person, here, clock):
    enter(person)
    with visitor(here, *health.routes(clock)) as other:
        assert INSIDE not in other.get("/staff").text
        assert other.post("/staff/end-visits").status_code == 403
    assert INSIDE in person.get("/staff").text
    clock.now += INSIDE_S
    assert INSIDE not in person.get("/staff").text


def test_leaving_shuts_the_door(person):
    enter(person)
    person.post("/staff/leave", follow_redirects=False)
    assert INSIDE not in person.get("/staff").text


def test_all_visits_are_ended_and_what_they_wrote_is_gone(person, here, clock):
    with visitor(here, *form.routes()) as citizen:
        citizen.post("/form/form-power-of-attorney/1", data={"q1": "Ситора Канарейкина"})
        assert visit(here, citizen).forms
        enter(person)
        page = person.post("/staff/end-visits")
        assert "Анҷом дода шуд: 2" in page.text
        assert visit(here, citizen) is None
        assert "Канарейкина" not in citizen.get("/form/form-power-of-attorney/1").text


def test_who_is_not_inside_ends_nobodys_visit(person, here):
    person.get("/staff")
    assert person.post("/staff/end-visits").status_code == 403
    assert len(here.sessions) == 1


def test_a_door_counts_a_try_before_it_is_known_how_it_went():
    clock = Clock()
    door = Door(clock)
    assert [door.knock() for _ in range(TRIES + 1)] == [True] * TRIES + [False]
    assert door.shut_s == SHUT_S
    clock.now += SHUT_S
    assert door.knock()
    door.enter("a")
    assert [door.admits(visit) for visit in ("a", "", "b", "a")] == [True, False, False, True]
    clock.now += INSIDE_S - 1
    assert door.admits("a")                  # that somebody is at it keeps it open
    clock.now += INSIDE_S - 1
    assert door.admits("a")
    door.leave()
    assert not door.admits("a")
