"""What a machine tells of itself in numbers: to whom, of what, and how finely."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from assistant.access.roles import Role
from assistant.llama import LlamaGenerator
from assistant.metrics import Machine, metrics
from assistant.profile import profiles
from assistant.records import AnswerStatus
from assistant.tally import Tally
from assistant.web import screens
from assistant.web.guard import Guard
from assistant.web.metrics_page import routes
from assistant.web.office import application
from tests.desk import ADDRESS, Clock, Scripted, desk
from tests.receiving import Receiver, fishing

CANARY = "Канарейкина"
QUESTION = f"Номам {CANARY}, шиноснома чанд пул аст?"
HERE, THERE = ("127.0.0.1", 40_000), ("192.168.7.9", 40_000)
WRITTEN = Path(__file__).parents[1] / "docs" / "watch-machines.md"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def here(machine):
    opened = desk(machine)
    with opened.current:
        yield opened


def asker(here, clock, *, client=HERE):
    """Return a program on this machine or another, at a kiosk."""
    app = Starlette(routes=[*screens.routes(), *routes(here.sessions.__len__, clock)], middleware=[Middleware(Guard)])
    app.state.desk = here
    return TestClient(app, base_url=ADDRESS, headers={"origin": ADDRESS}, client=client, follow_redirects=False)


def read(text):
    """Return every number by its name and the values of its labels, in the order of their names."""
    families = text_string_to_metric_families(text)
    return {(one.name, *(value for _, value in sorted(one.labels.items()))): one.value
            for family in families for one in family.samples}


def test_a_kiosk_tells_what_was_asked_what_came_of_it_and_how_long_it_took(here, clock):
    with asker(here, clock) as program:
        program.post("/ask", data={"question": "Шиноснома чанд пул аст?"})
        program.post("/ask", data={"question": "Сколько стоит паспорт?"}, headers={"accept": "text/event-stream"})
        program.post("/ask", data={"question": "\x00"})
        told = program.get("/metrics")
    assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "set-cookie" not in told.headers
    found = read(told.text)
    assert {name: found["rohnamo_questions_total", name] for name in ("tg", "ru", "en", "unknown")} \
        == {"tg": 1, "ru": 1, "en": 0, "unknown": 0}
    assert sum(found["rohnamo_answers_total", status] for status in AnswerStatus) == 3
    assert found["rohnamo_answers_total", "failed_input"] == 1
    assert found["rohnamo_stage_seconds_count", "retrieve"] == 2
    assert found["rohnamo_stage_seconds_bucket", "60.0", "retrieve"] == 2
    assert found["rohnamo_stage_seconds_sum", "retrieve"] > 0
    assert found["rohnamo_up",] == 1
    assert found["rohnamo_snapshot_passages",] > 1000
    assert found["process_resident_memory_bytes",] > 1_000_000
    assert found["rohnamo_free_bytes",] > 0
    assert here.tally._counts["asked"] == 2


def test_no_word_of_a_question_is_among_the_numbers_whatever_became_of_it(here, clock, monkeypatch):
    with asker(here, clock) as program:
        program.post("/ask", data={"question": QUESTION})

        def fault(*_given):
            raise RuntimeError(QUESTION)

        monkeypatch.setattr("assistant.answer.retrieve", fault)
        assert program.post("/ask", data={"question": QUESTION}).status_code == 500
        program.post("/ask", data={"question": QUESTION}, headers={"accept": "text/event-stream"})
        told = program.get("/metrics").text
    assert read(told)["rohnamo_answers_total", "failed_internal"] == 2
    assert CANARY not in told
    assert told.isascii()


def test_labels_are_closed_sets_and_never_two_together(here, clock):
    with asker(here, clock) as program:
        families = list(text_string_to_metric_families(program.get("/metrics").text))
    labels = [set(one.labels) - {"le", "version"} for family in families for one in family.samples]
    assert all(len(one) <= 1 for one in labels)
    assert set().union(*labels) <= {"language", "status", "stage", "outcome", "publisher"}


def test_it_is_looked_at_once_a_minute_so_that_nobody_sees_when_one_person_asked(here, clock):
    with asker(here, clock) as program:
        before = program.get("/metrics").text
        program.post("/ask", data={"question": "Шиноснома чанд пул аст?"})
        clock.now += 59
        assert program.get("/metrics").text == before
        clock.now += 1
        assert read(program.get("/metrics").text)["rohnamo_questions_total", "tg"] == 1


@pytest.mark.parametrize(("client", "headers"), [(THERE, {}), (HERE, {"x-forwarded-for": "192.168.7.9"}),
                                                 (HERE, {"forwarded": "for=192.168.7.9"}), (HERE, {"via": "1.1 front"}),
                                                 (("testclient", 1), {})])
def test_other_machines_are_told_that_there_is_no_such_page(client, headers, here, clock):
    with asker(here, clock, client=client) as program:
        told = program.get("/metrics", headers=headers)
    assert told.status_code == 404
    assert "rohnamo_" not in told.text


@pytest.mark.parametrize("role", list(Role))
def test_at_a_desk_only_this_machine_reads_them_without_an_account(role, here):
    app = application(role, here)
    with TestClient(app, base_url=ADDRESS, client=HERE) as program:
        assert read(program.get("/metrics").text)["rohnamo_visits_open",] == 0
    for path in ("/metrics", "/metrics/"):
        stranger = TestClient(app, base_url=ADDRESS, client=THERE, follow_redirects=False)
        assert "rohnamo_" not in stranger.get(path).text


def test_what_models_did_is_counted(here, clock):
    writer = Scripted("Ин дурӯғ аст. [1]")
    opened = desk(here.config, writer)
    with opened.current, asker(opened, clock) as program:
        program.post("/ask", data={"question": "Шиноснома чанд пул аст?"}, headers={"accept": "text/event-stream"})
        found = read(program.get("/metrics").text)
    assert found["rohnamo_drafts_total", "dropped"] == 1
    assert found["rohnamo_stage_seconds_count", "generate"] == 1


def test_starts_and_deaths_of_models_are_summed():
    model = LlamaGenerator("soro", Path("soro.gguf"), profiles()["soro"])
    model.starts, model.deaths = 7, 2
    found = read(metrics(Machine(Tally(), 0, {}, (model, Scripted()), None)).decode())
    assert (found["rohnamo_model_starts_total",], found["rohnamo_model_deaths_total",]) == (7, 2)
    assert found["rohnamo_up",] == 0
    assert ("rohnamo_free_bytes",) not in found


def test_the_age_of_sync_what_waits_and_the_releases_come_from_the_state_of_the_machine(tmp_path, clock):
    receiver = Receiver(tmp_path)
    receiver.release(3, fishing(25))
    receiver.close()
    opened = replace(desk(receiver.config), now=lambda: receiver.now.replace(hour=20))
    with opened.current, asker(opened, clock) as program:
        found = read(program.get("/metrics").text)
    assert found["rohnamo_sync_age_seconds",] == 12 * 3600
    assert found["rohnamo_release_held", "min-health"] == 3
    assert (found["rohnamo_generation",], found["rohnamo_sync_failing",], found["rohnamo_clock_wrong",]) == (1, 0, 0)
    assert found["rohnamo_outbox_waiting",] > 0


def test_a_machine_without_documents_or_with_a_damaged_state_tells_what_it_can(tmp_path, machine, clock):
    bare = desk(replace(machine, data_dir=tmp_path / "bare"))
    (tmp_path / "bare" / "sync").mkdir(parents=True)
    (tmp_path / "bare" / "sync" / "state.db").write_bytes(b"no database" * 100)
    with bare.current, asker(bare, clock) as program:
        found = read(program.get("/metrics").text)
    assert found["rohnamo_up",] == 0
    assert ("rohnamo_generation",) not in found


def test_every_number_is_written_down_and_none_that_is_not_there(here, clock):
    with asker(here, clock) as program:
        told = program.get("/metrics").text
    named = {name for name in re.findall(r"^# TYPE (rohnamo_\w+)", told, re.MULTILINE) if not name.endswith("_created")}
    there = set(re.findall(r"`(rohnamo_\w+)`", WRITTEN.read_text(encoding="utf-8")))
    always = there - {"rohnamo_sync_age_seconds", "rohnamo_sync_failing", "rohnamo_clock_wrong"}
    assert {name.removesuffix("_total") for name in always} == {name.removesuffix("_total") for name in named}
