"""Several processes at one socket: all answer, the dead are replaced, and none is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from json import loads
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest

from assistant import config as settings
from assistant.update import generations_of
from index import build_snapshot
from tests.entries import some

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60


def started(*words, **more):
    return subprocess.Popen([sys.executable, "-m", "tests.working", *words], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, cwd=ROOT, **more)


@contextmanager
def working(*words, **more):
    """Give the first process, the address, and the numbers of the workers when all are ready."""
    with started(*words, **more) as process:
        try:
            address, *pids = process.stdout.readline().split()
            yield process, address, {int(pid) for pid in pids}
        finally:
            process.kill()


def ask(address, path="/", timeout=10):
    connection = HTTPConnection(urlsplit(address).netloc, timeout=timeout)
    try:
        connection.request("GET", path)
        return loads(connection.getresponse().read() or b"{}")
    except (OSError, HTTPException):
        return {}
    finally:
        connection.close()


def until(found, wanted):
    """Ask again and again until what was found is wanted; return it."""
    end = monotonic() + PATIENCE_S
    while not wanted(what := found()):
        assert monotonic() < end, what
    return what


def answering(address, count):
    """Return the processes that answer, as many as there should be."""
    seen = set()
    return until(lambda: seen.add(ask(address).get("pid")) or seen - {None}, lambda pids: len(pids) >= count)


def gone(pids):
    def alive(pid):
        try:
            os.kill(pid, 0)
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except (ProcessLookupError, FileNotFoundError):
            return False
    return until(lambda: [pid for pid in pids if alive(pid)], lambda left: not left) == []


def test_every_worker_answers_at_the_one_address_and_all_end_with_the_first_process():
    with working("tiny", "2") as (process, address, pids):
        assert len(pids) == 2
        assert answering(address, 2) == pids
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert gone(pids)
        assert ask(address) == {}
        assert process.stderr.read() == ""


@pytest.mark.parametrize("path", ["/die", "/hang"])
def test_a_worker_that_dies_or_hangs_is_replaced_and_the_other_answers_meanwhile(path):
    with working("tiny", "2", env=os.environ | {"SILENT_S": "8"}) as (process, address, pids):
        ask(address, path, timeout=1)
        assert until(lambda: ask(address).get("pid"), lambda pid: pid in pids)
        now = until(lambda: answering(address, 1), lambda found: found - pids)
        assert len(now - pids) == 1
        assert "a worker ended" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
        assert gone(pids | now)


def test_workers_end_when_the_first_process_is_killed():
    with working("tiny", "2") as (process, address, pids):
        process.kill()
        assert gone(pids)
        assert ask(address) == {}


def test_work_that_cannot_begin_is_given_up_and_says_so():
    with started("lame", "2") as process:
        assert process.wait(PATIENCE_S) == 1
        assert process.stdout.read() == ""
        assert "3 workers in a row ended before they could answer" in process.stderr.read()


def test_systemd_hears_the_first_process_alone_and_only_when_all_are_ready(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(tmp_path / "notify"))
        notified.settimeout(PATIENCE_S)
        there = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with working("tiny", "2", env=there) as (process, address, _):
            told = [notified.recv(100)]
            while told[-1] != b"READY=1":
                told.append(notified.recv(100))
            assert set(told) <= {b"WATCHDOG=1", b"READY=1"}
            assert ask(address)["systemd"] is False
            process.send_signal(signal.SIGTERM)
            while told[-1] != b"STOPPING=1":
                told.append(notified.recv(100))
            assert process.wait(PATIENCE_S) == 0
    assert (told.count(b"READY=1"), told.count(b"STOPPING=1")) == (1, 1)


def test_an_activation_reaches_every_worker_and_a_roll_back_too(tmp_path):
    generations = generations_of(settings.load(tmp_path))

    def activate(count):
        path = generations.new_path()
        build_snapshot(some(status="in_force")[:count], path, encoder=None)
        generations.activate(int(path.name))

    def served(address):
        found = [ask(address) for _ in range(12)]
        return {(each.get("pid"), each.get("snapshot", "").split(":")[0]) for each in found}

    activate(1)
    with working("searching", "2", str(tmp_path)) as (_, address, pids):
        assert until(lambda: served(address), lambda found: len(found) == 2) == {(pid, "1") for pid in pids}
        activate(2)
        assert until(lambda: served(address), lambda found: found == {(pid, "2") for pid in pids})
        generations.roll_back()
        assert until(lambda: served(address), lambda found: found == {(pid, "1") for pid in pids})
