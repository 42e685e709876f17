"""What machines hand in: each event once, from those that are enrolled, with an answer that they understand."""

from __future__ import annotations

from datetime import date

import pytest
from starlette.testclient import TestClient

from assistant.config import Config
from assistant.waiting import opened_inbox
from assistant.web.inbox import inbox
from sync.batch import MOST_BATCH, Kind
from sync.errors import UndeliveredError
from sync.outbox import Outbox
from sync.state import State

DAY = date(2026, 11, 26)


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path / "ministry")


@pytest.fixture
def outbox(tmp_path):
    with State(tmp_path / "kiosk" / "state.db") as state:
        outbox = Outbox(state.connection)
        outbox.add(Kind.FEEDBACK, b"{}", DAY)
        yield outbox


@pytest.fixture
def server(config):
    with TestClient(inbox(config, lambda: DAY)) as client:
        yield client


def kept(config):
    with opened_inbox(config) as opened:
        return [one.event.body for one in opened.events(Kind.FEEDBACK)]


def enrol(config, outbox):
    with opened_inbox(config) as opened:
        opened.fleet.enrol(outbox.key.public, "Хуҷанд, 3", DAY)


def post(server):
    def handed_in(data):
        answer = server.post("/inbox", content=data)
        if answer.status_code != 200:
            raise UndeliveredError(f"{answer.status_code}")
        return answer.content

    return handed_in


def test_a_batch_of_an_enrolled_machine_arrives_once_and_leaves_its_list(config, outbox, server):
    enrol(config, outbox)
    batches = []

    def lost(data):
        batches.append(data)
        post(server)(data)
        raise OSError("the answer was lost")

    assert outbox.deliver(lost).sent == 0
    assert outbox.deliver(post(server)).sent == 1
    assert (kept(config), outbox.waiting(), len(batches)) == ([b"{}"], (), 1)


def test_a_machine_that_is_not_enrolled_keeps_what_it_has(config, outbox, server):
    assert outbox.deliver(post(server)).failure == "403"
    assert (kept(config), len(outbox.waiting())) == ([], 1)


@pytest.mark.parametrize(("data", "status"), [(b"", 400), (b"{}", 400), (b"x" * (MOST_BATCH + 1), 413)])
def test_what_is_no_batch_is_refused(config, server, data, status):
    assert server.post("/inbox", content=data).status_code == status
    assert kept(config) == []


def test_there_is_nothing_else_to_see(server):
    assert [server.get(path).status_code for path in ("/", "/inbox", "/home", "/staff")] == [404, 405, 404, 404]
