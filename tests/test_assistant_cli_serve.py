"""The verb `serve` as people, programs and systemd meet it: a process of its own, asked over a socket."""

from __future__ import annotations

import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from urllib.parse import quote

import pytest

from assistant import systemd
from assistant.config import Config
from assistant.errors import ConfigError
from assistant.staff_pin import is_pin
from assistant.sync_settings import home_of
from assistant.waiting import opened_outbox
from assistant.web.server import address_of, listening
from sync.client import STATE
from sync.state import State
from tests.receiving import Receiver, fishing

ROOT = Path(__file__).parents[1]
PROGRAM = ("import typer; from assistant.cli_serve import EXAMPLE, serve; app = typer.Typer(rich_markup_mode=None); "
           "app.command(epilog=EXAMPLE)(serve); app(prog_name='rohnamo serve')")
# Becomes the program with the socket as its descriptor 3, as systemd starts it.
HANDED = ("import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid()); "
          "os.environ['LISTEN_FDS'] = '1'; os.execv(sys.executable, [sys.executable, '-c', *sys.argv[2:]])")
# Two seconds where nothing else runs; a thread that waits for a database would take ten.
ENDS_S = 5
QUESTION = "Номам Ситора Канарейкина, шиноснома чанд пул аст?"


def command(data, *words):
    return [sys.executable, "-c", PROGRAM, *words, "--data-dir", str(data)]


def run(data, *words, **more):
    return subprocess.run(command(data, *words), capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
                          **more)


@contextmanager
def serving(started):
    """Give the process when it says where it answers, and its address; it is ended afterwards."""
    with started:
        try:
            line = started.stdout.readline()
            assert line.startswith("Роҳнамо answers"), line
            yield started, line.split()[-1]
        finally:
            started.kill()


def opened(data, *words, **more):
    return subprocess.Popen(command(data, "--port", "0", *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, cwd=ROOT, **more)


def ask(address, method, path, body="", *, seen=None, **headers):
    """Return the status and the body; the headers are put into `seen`."""
    seen = {} if seen is None else seen
    host = address.removeprefix("http://").rstrip("/")
    connection = HTTPConnection(host, timeout=10)
    try:
        if body:
            headers |= {"content-type": "application/x-www-form-urlencoded", "origin": f"http://{host}"}
        connection.request(method, path, body.encode(), headers)
        response = connection.getresponse()
        seen.update({name.lower(): value for name, value in response.getheaders()})
        return response.status, response.read().decode()
    finally:
        connection.close()


def asked(address):
    """Ask a question; return the cookie of the visit and the address of the answer."""
    seen = {}
    ask(address, "POST", "/ask", f"question={quote(QUESTION)}", seen=seen)
    return seen["set-cookie"].split(";")[0], seen["location"]


def ended(process, number=signal.SIGTERM):
    """End the process; return its exit code and how long it took, in seconds."""
    before = monotonic()
    process.send_signal(number)
    return process.wait(timeout=10), monotonic() - before


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_it_says_where_it_answers_answers_and_ends_at_once_without_a_word_about_who_asked(seed_config):
    before = files(seed_config.data_dir)
    with serving(opened(seed_config.data_dir)) as (process, address):
        assert ask(address, "GET", "/health")[0] == 200
        assert ask(address, "POST", "/ask", f"question={quote(QUESTION)}")[0] == 303
        code, seconds = ended(process)
        said = process.stdout.read() + process.stderr.read()
    assert (code, seconds < ENDS_S) == (0, True)
    assert "Канарейкина" not in said
    assert "/ask" not in said
    assert files(seed_config.data_dir) == before


def test_without_documents_the_pages_open_and_say_what_is_missing(tmp_path):
    with serving(opened(tmp_path)) as (process, address):
        status, told = ask(address, "GET", "/health")
        assert ended(process, signal.SIGINT)[0] == 0
        assert "rohnamo ingest" in process.stderr.read()
    assert status == 503
    assert '"ok":false' in told


def test_systemd_opens_the_socket_and_hears_that_it_is_ready_and_that_it_ends(tmp_path):
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line = socket.create_server(("127.0.0.1", 0))
    with told, line:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(30)
        port = line.getsockname()[1]
        started = subprocess.Popen(
            [sys.executable, "-c", HANDED, str(line.fileno()), *command(tmp_path / "data")[2:]],
            pass_fds=[line.fileno()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
            env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        with serving(started) as (process, address):
            assert address == f"http://127.0.0.1:{port}/"
            heard = [told.recv(64).decode()]
            assert ask(address, "GET", "/health")[0] == 503
            ended(process)
            while heard[-1] != systemd.STOPPING:
                heard.append(told.recv(64).decode())
    assert heard[0] == systemd.READY
    assert set(heard) <= {systemd.READY, systemd.ALIVE, systemd.STOPPING}


def test_with_sync_on_a_machine_that_is_not_set_up_for_it_says_so_and_serves_all_the_same(tmp_path):
    with serving(opened(tmp_path, "--with-sync")) as (process, address):
        assert ask(address, "GET", "/health")[0] == 503
        code, seconds = ended(process)
        assert "no root of trust" in process.stderr.read()
    assert (code, seconds < ENDS_S) == (0, True)


def test_with_sync_the_signal_for_an_attempt_at_once_makes_one_and_the_pages_stay(tmp_path):
    machine = Receiver(tmp_path)
    machine.release(1, fishing(40))
    machine.close()
    data = machine.config.data_dir
    (data / "root.json").write_bytes(machine.repository.trusted_root)
    (data / "config.toml").write_text(f'encoder = "none"\n[sync]\nsource = "{tmp_path / "stick"}"\n', encoding="utf-8")

    def attempts():
        with State(data / "sync" / STATE) as state:
            return len(state.attempts())

    def one_more(than):
        until = monotonic() + 30
        while attempts() == than and monotonic() < until:
            select.select([], [], [], 0.1)
        return attempts()

    before = attempts()
    with serving(opened(data, "--with-sync")) as (process, address):
        first = one_more(before)
        assert first == before + 1
        process.send_signal(signal.SIGUSR1)
        assert one_more(first) == first + 1
        assert ask(address, "GET", "/health")[0] == 200
        assert ended(process)[0] == 0


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match="another program answers") as caught:
            listening("127.0.0.1", port)
    assert f"--port {port + 1}" in caught.value.hint


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "kiosk.example.tj", "127.0.0.2", ""])  # noqa: S104
def test_an_address_that_others_reach_is_refused(host):
    with pytest.raises(ConfigError, match="for this one alone") as caught:
        listening(host, 0)
    assert "encrypted line" in caught.value.hint


def test_the_address_is_one_that_a_browser_opens():
    with listening("localhost", 0) as here:
        assert address_of(here) == f"http://127.0.0.1:{here.getsockname()[1]}/"


def test_a_socket_that_was_handed_to_another_process_is_not_taken(monkeypatch):
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "1")
    assert systemd.handed_socket() is None


def test_where_systemd_does_not_listen_nobody_is_told(monkeypatch, tmp_path):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    systemd.tell(systemd.READY)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    systemd.tell(systemd.READY)
    assert not list(tmp_path.iterdir())


def test_on_a_command_line_the_faults_are_sentences_and_exits(tmp_path):
    done = run(tmp_path, "--host", "0.0.0.0")  # noqa: S104
    assert (done.returncode, done.stdout) == (1, "")
    assert "  → Take one of 127.0.0.1" in done.stderr
    role = run(tmp_path, "--role", "minister")
    assert role.returncode == 2
    assert not list(tmp_path.iterdir())


def test_the_pin_of_the_staff_is_set_and_nothing_is_served(tmp_path):
    done = run(tmp_path, "--set-pin", input="481516\n")
    assert (done.returncode, done.stderr.count("481516")) == (0, 0)
    assert is_pin(Config(tmp_path), "481516")
    weak = run(tmp_path, "--set-pin", input="1111\n")
    assert weak.returncode == 1
    assert "too easy" in weak.stderr
    assert is_pin(Config(tmp_path), "481516")


def test_the_verb_is_known_without_loading_a_web_server():
    code = ("import sys, assistant.cli, assistant.cli_serve, assistant.kiosk_settings; "
            "print([name for name in ('starlette', 'uvicorn', 'jinja2', 'anyio') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_it_ends_at_once_also_where_somebody_holds_the_database(machine):
    with opened_outbox(machine):
        pass
    with (serving(opened(machine.data_dir)) as (process, address),
          closing(sqlite3.connect(home_of(machine) / STATE)) as other):
        cookie, answer = asked(address)
        other.execute("BEGIN EXCLUSIVE")
        status, page = ask(address, "POST", f"{answer}/feedback/no", "consent=yes", cookie=cookie)
        assert (status, page) == (303, "")
        code, seconds = ended(process)
        other.rollback()
    assert (code, seconds < ENDS_S) == (0, True)
    with opened_outbox(machine) as outbox:
        assert outbox.waiting() == ()
