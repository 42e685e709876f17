"""The API by several processes: any of them answers with the same key, and one that is killed is replaced."""

from __future__ import annotations

import json
import os
import signal
from http.client import HTTPConnection
from time import monotonic

import pytest
from typer.testing import CliRunner

from assistant.api.keys import new_key
from assistant.cli import app
from assistant.config import Config
from tests.desk import NOW
from tests.receiving import ASKED, Receiver, fishing
from tests.test_assistant_cli_serve import ended, opened, serving


@pytest.fixture
def machine(tmp_path):
    """Return a machine with one release, and a key of a program."""
    receiver = Receiver(tmp_path)
    receiver.release(1, fishing(40))
    receiver.close()
    data = receiver.config.data_dir
    (data / "config.toml").write_text('encoder = "none"\ngenerator = "extractive"\n', encoding="utf-8")
    return data, new_key(Config(data), "portal", NOW.date())


def asked(address, key, path="/api/v1/ask"):
    """Return the status and what is answered; a line that broke is a status of 0."""
    connection = HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=20)
    try:
        if path.startswith("/api"):
            connection.request("POST", path, json.dumps({"question": ASKED}).encode(),
                               {"authorization": f"Bearer {key}", "content-type": "application/json"})
        else:
            connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def children(process):
    """Return the numbers of a process's workers: its children that are not the tracker of its resources."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:  # noqa: PTH123
        found = [int(number) for number in file.read().split()]
    return [number for number in found if b"spawn_main" in _command(number)]


def _command(number):
    try:
        with open(f"/proc/{number}/cmdline", "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""


def test_any_worker_answers_with_the_key_and_one_that_is_killed_is_replaced(machine):
    data, key = machine
    with serving(opened(data, "--role", "api", "--workers", "2")) as (process, address):
        found = [asked(address, key) for _ in range(6)]
        assert {status for status, _ in found} == {200}
        assert all("40 сомонӣ" in body for _, body in found)
        workers = children(process)
        os.kill(workers[0], signal.SIGKILL)
        until = monotonic() + 30
        while len(set(children(process)) - {workers[0]}) < 2 and monotonic() < until:
            assert asked(address, key)[0] in (0, 200)
        assert len(children(process)) == 2
        assert asked(address, "rohnamo-nobody")[0] == 401
        assert ended(process)[0] == 0
        assert ASKED not in process.stderr.read()


def test_one_process_tells_its_numbers_to_this_machine(machine):
    data, key = machine
    with serving(opened(data, "--role", "api")) as (process, address):
        assert asked(address, key)[0] == 200
        status, told = asked(address, key, "/metrics")
        assert ended(process)[0] == 0
    assert status == 200
    assert 'rohnamo_answers_total{status="answered"} 1.0' in told


@pytest.mark.parametrize("role", ["kiosk", "clerk", "admin"])
def test_pages_have_one_process_as_visits_are_in_its_memory(tmp_path, role):
    done = CliRunner().invoke(app, ["serve", "--role", role, "--workers", "2", "--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "--workers is for --role api alone" in done.stderr
    assert list(tmp_path.iterdir()) == []
