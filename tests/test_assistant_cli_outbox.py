"""`outbox`, `machines` and the inbox over the network: told once, and read by the ministry alone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager, suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from assistant import config as settings
from assistant.cli_fleet import machines
from assistant.cli_outbox import outbox
from assistant.delivery import LONGEST_S, deliver
from assistant.feedback import LONGEST_QUESTION, keep_unanswered
from sync.batch import MOST_ACKNOWLEDGEMENT, Kind
from sync.device import fingerprint
from sync.inbox import Inbox
from sync.outbox import Outbox
from sync.outbox_files import FOLDER
from sync.pkcs8 import Cost
from sync.report import Status, StatusReport, write_report
from sync.sealed import new_sealing_key
from sync.state import State
from sync.traffic import Allowance, Traffic
from tests.disk import everything
from tests.repository_simulator import NOW

DAY = date(2026, 11, 25)
PASSWORD = "панҷ калимаи бемаънӣ"  # noqa: S105 - opens keys of these tests only
SAID = "Нафақаи модарам чӣ қадар аст?"


class Place:
    """A data directory and the verbs on it."""

    def __init__(self, folder):
        self.data = folder
        self.data.mkdir()

    def write(self, *lines):
        (self.data / "config.toml").write_text("\n".join(["[sync]", *lines, ""]), encoding="utf-8")

    @property
    def config(self):
        return settings.load(self.data)

    def run(self, *args, typed=""):
        app = typer.Typer()
        app.add_typer(outbox, name="outbox")
        app.add_typer(machines, name="machines")
        return CliRunner().invoke(app, [*map(str, args), "--data-dir", str(self.data)], input=typed)

    def json(self, *args, code=0, typed=""):
        done = self.run(*args, "--json", typed=typed)
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    @contextmanager
    def outbox(self):
        with State(self.data / "sync" / "state.db") as state:
            yield Outbox(state.connection)

    def waiting(self):
        with self.outbox() as found:
            return [(one.kind, one.size) for one in found.waiting()]


@pytest.fixture
def kiosk(tmp_path):
    """A kiosk with a question and a report that wait."""
    made = Place(tmp_path / "kiosk")
    with made.outbox() as found:
        found.add(Kind.QUESTION, SAID.encode(), DAY)
        found.add(Kind.FEEDBACK, b"thanks", DAY)
    return made


@pytest.fixture
def ministry(tmp_path, kiosk):
    """The ministry, whose key the kiosk was given; the kiosk is enrolled."""
    made = Place(tmp_path / "ministry")
    new_sealing_key(made.data / "inbox", PASSWORD, cost=Cost(n=2, r=8, p=1))
    (kiosk.data / "inbox.pub").write_bytes((made.data / "inbox.pub").read_bytes())
    kiosk.write('sealing = "inbox.pub"')
    with kiosk.outbox() as found:
        key = found.key.public.hex()
    assert made.run("machines", "enrol", key, "Хуҷанд, 3").exit_code == 0
    return made


@pytest.fixture
def stick(tmp_path):
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def take_in(ministry, stick, *more, typed=f"{PASSWORD}\n", code=0):
    done = ministry.run("outbox", "import", stick, "--key", ministry.data / "inbox.key", *more, typed=typed)
    assert done.exit_code == code, done.output
    return done


def told(ministry):
    with closing(sqlite3.connect(ministry.data / "inbox.db")) as connection:
        return [row[0] for row in connection.execute("SELECT body FROM inbox ORDER BY rowid") if row[0]]


# --- the list --------------------------------------------------------------------------------------

def test_the_list_shows_kinds_days_and_sizes_and_not_what_is_said(kiosk):
    done = kiosk.run("outbox", "list")
    assert done.exit_code == 0
    assert f"2026-11-25  question  {len(SAID.encode()):6} bytes" in done.stdout
    assert "question: 1 waits, 0 arrived, 0 dropped" in done.stdout
    assert SAID not in done.stdout
    found = kiosk.json("outbox", "list")
    assert [event["kind"] for event in found["events"]] == ["question", "feedback"]
    assert SAID not in json.dumps(found, ensure_ascii=False)


def test_what_is_said_is_shown_when_asked_for(kiosk):
    assert SAID in kiosk.run("outbox", "list", "--show").stdout
    assert [event["says"] for event in kiosk.json("outbox", "list", "--show")["events"]] == [SAID, "thanks"]


# --- the stick -------------------------------------------------------------------------------------

def test_events_go_to_the_ministry_and_off_the_list_by_stick(kiosk, ministry, stick):
    assert "On the stick now: 2 events (1 new file, 0 there before)" in kiosk.run("outbox", "export", stick).stdout
    assert "1 file was exported and is not acknowledged yet" in kiosk.run("outbox", "list").stdout
    assert len(kiosk.waiting()) == 2
    assert not [path for path, data in everything(stick).items() if SAID.encode() in data]
    assert "1 batch came in; 0 were refused" in take_in(ministry, stick).stdout
    assert told(ministry) == [SAID.encode(), b"thanks"]
    assert "2 events arrived at the ministry" in kiosk.run("outbox", "import", stick).stdout
    assert kiosk.waiting() == []
    assert "Nothing waits; nothing was written." in kiosk.run("outbox", "export", stick).stdout


def test_whatever_is_done_twice_does_no_harm(kiosk, ministry, stick):
    first = kiosk.json("outbox", "export", stick)
    again = kiosk.json("outbox", "export", stick)
    assert (first["written"], first["kept"], again["written"], again["kept"]) == (1, 0, 0, 1)
    take_in(ministry, stick)
    take_in(ministry, stick)
    assert len(told(ministry)) == 2
    kiosk.run("outbox", "import", stick)
    assert kiosk.json("outbox", "import", stick) \
        == {"sent": 0, "waiting": 0, "failure": "", "awaited": 0, "found": 1, "others": 1}
    assert "for another machine, or taken already" in kiosk.run("outbox", "import", stick).stdout


def test_a_stick_without_an_acknowledgement_takes_nothing_off_the_list(kiosk, ministry, stick):
    kiosk.run("outbox", "export", stick)
    done = kiosk.run("outbox", "import", stick)
    assert (done.exit_code, "0 events arrived" in done.stdout) == (0, True)
    assert "There is no acknowledgement on the stick" in done.stdout
    assert len(kiosk.waiting()) == 2


def test_a_stick_with_another_machines_acknowledgement_says_so_and_takes_nothing_off_the_list(kiosk, ministry, stick,
                                                                                              tmp_path):
    other = Place(tmp_path / "other")
    (other.data / "inbox.pub").write_bytes((ministry.data / "inbox.pub").read_bytes())
    other.write('sealing = "inbox.pub"')
    with other.outbox() as found:
        found.add(Kind.FEEDBACK, b"from elsewhere", DAY)
    (tmp_path / "second").mkdir()
    other.run("outbox", "export", tmp_path / "second")
    kiosk.run("outbox", "export", stick)
    take_in(ministry, stick)
    done = other.run("outbox", "import", stick)
    assert done.exit_code == 0
    assert "The acknowledgement on the stick is for nothing that waits here: for another machine" in done.stdout
    assert len(other.waiting()) == 1


def test_a_forged_acknowledgement_is_told_and_takes_nothing_off_the_list(kiosk, ministry, stick):
    kiosk.run("outbox", "export", stick)
    [batch] = (stick / FOLDER).glob("*.batch")
    batch.with_suffix(".ack").write_text('{"format":"rohnamo-acknowledgement","version":1,"ack":[],"sha256":"0"}')
    done = kiosk.run("outbox", "import", stick)
    assert done.exit_code == 1
    assert "acknowledges another batch" in done.stderr
    assert "→ Take the stick that the ministry gave back" in done.stderr
    assert len(kiosk.waiting()) == 2


def test_a_machine_that_is_not_enrolled_is_refused_and_its_batch_stays(kiosk, ministry, stick):
    with ministry_inbox(ministry) as inbox:
        [machine] = inbox.fleet.machines()
        inbox.fleet.dismiss(machine.id)
    kiosk.run("outbox", "export", stick)
    before = everything(stick)
    done = take_in(ministry, stick, code=1)
    with kiosk.outbox() as found:
        key = found.key
    assert "0 batches came in; 1 was refused" in done.stdout
    assert f"the machine with the fingerprint {fingerprint(key.id)} is not enrolled" in done.stdout
    assert f"rohnamo machines enrol {key.public.hex()} NAME, then import again" in done.stdout
    assert told(ministry) == []
    assert everything(stick) == before


@contextmanager
def ministry_inbox(ministry):
    with closing(sqlite3.connect(ministry.data / "inbox.db", isolation_level=None)) as connection:
        yield Inbox(connection)


def test_a_wrong_password_opens_nothing_and_changes_nothing(kiosk, ministry, stick):
    kiosk.run("outbox", "export", stick)
    before = everything(stick)
    done = take_in(ministry, stick, typed="another password\n", code=1)
    assert "does not open" in done.stderr
    assert "Nothing was opened or changed." in done.stderr
    assert "signed" not in done.stderr
    assert everything(stick) == before
    assert told(ministry) == []


def test_a_key_that_is_not_there_is_said_before_a_password_is_asked_for(ministry, stick):
    done = ministry.json("outbox", "import", stick, "--key", "nowhere.key", code=1)
    assert done["error"]["code"] == "missing_key_file"


def test_acknowledgements_go_where_those_who_hand_in_cannot_write(kiosk, ministry, stick, tmp_path):
    kiosk.run("outbox", "export", stick)
    take_in(ministry, stick, "--answers", tmp_path / "answers")
    assert [path.suffix for path in (tmp_path / "answers").iterdir()] == [".ack"]
    assert list((stick / FOLDER).iterdir()) == []


def test_answers_without_the_key_are_wrong_usage(kiosk, stick):
    assert kiosk.run("outbox", "import", stick, "--answers", stick).exit_code == 2


def test_without_the_ministrys_key_nothing_is_written(kiosk, stick):
    found = kiosk.json("outbox", "export", stick, code=1)["error"]
    assert found["code"] == "config"
    assert "sealing" in found["next_step"]
    assert everything(stick) == {}
    kiosk.write('sealing = "inbox.pub"')
    assert kiosk.json("outbox", "export", stick, code=1)["error"]["code"] == "missing_key_file"
    assert everything(stick) == {}


@pytest.mark.parametrize("verb", [["export"], ["import"], ["import", "--key", "inbox.key"]])
def test_a_stick_that_is_not_there_is_said_and_not_made(kiosk, ministry, tmp_path, verb):
    done = kiosk.run("outbox", *verb, tmp_path / "no-stick")
    assert done.exit_code == 1
    assert "is not there" in done.stderr
    assert not (tmp_path / "no-stick").exists()
    assert len(kiosk.waiting()) == 2


# --- the machines ----------------------------------------------------------------------------------

def test_the_ministry_sees_its_machines(kiosk, ministry):
    [row] = ministry.json("machines", "list")["machines"]
    assert (row["name"], row["silent_days"], row["sequences"]) == ("Хуҷанд, 3", 0, {})
    assert ministry.run("machines", "list").stdout == "Хуҷанд, 3: nothing heard yet\n"
    with kiosk.outbox() as found, ministry_inbox(ministry) as inbox:
        status = Status({}, "", "1.0", 1, errors=("unreachable", "unreachable", "no_space_for_sync", "from_later"))
        report = StatusReport(found.key.id, 1, NOW, status)
        assert inbox.fleet.receive(found.key.public, write_report(report, found.key), DAY)
    said = ministry.run("machines", "list").stdout
    assert "; holds nothing yet; last errors: the server was not reached, its disk is full, from later" in said


@pytest.mark.parametrize("key", ["", "abc", "zz" * 32, "00" * 31])
def test_what_is_no_key_of_a_machine_is_not_enrolled(ministry, key):
    done = ministry.run("machines", "enrol", key, "Душанбе, 1")
    assert (done.exit_code, "64 hexadecimal digits" in done.stderr) == (1, True)
    assert len(ministry.json("machines", "list")["machines"]) == 1


# --- the network -----------------------------------------------------------------------------------

class Server:
    """An inbox on this machine.  `answer` takes the handler and the batch, and answers."""

    def __init__(self, answer):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                batch = self.rfile.read(int(self.headers["content-length"]))
                posted.append((self.path, {name.lower(): value for name, value in self.headers.items()}, batch))
                answer(self, batch)

            def log_message(self, *_args):
                """Say nothing."""

        posted = self.posted = []
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/inbox"
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def serve():
    """Start servers; they end with the test."""
    servers = []

    def start(answer):
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def answered(status=200, body=b"", **headers):
    """Return an answer that is always the same."""
    def answer(handler, _batch):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def taking_in(ministry):
    """Return the answer of a true inbox."""
    def answer(handler, batch):
        with ministry_inbox(ministry) as inbox:
            answered(200, inbox.accept(batch, DAY))(handler, batch)

    return answer


def delivered(kiosk, address, *, allowance=None, monotonic=lambda: 0.0):
    with State(kiosk.data / "sync" / "state.db") as state:
        traffic = Traffic(state, allowance or Allowance(), NOW,
                          ticking=SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _s: None))
        done = deliver(Outbox(state.connection), address, traffic, monotonic=monotonic)
        return done, state.spent(DAY)


def test_what_waits_arrives_and_is_counted_as_traffic(kiosk, ministry, serve):
    server = serve(taking_in(ministry))
    done, spent = delivered(kiosk, server.address)
    assert (done.sent, done.waiting, done.failure) == (2, 0, "")
    assert told(ministry) == [SAID.encode(), b"thanks"]
    [(path, headers, batch)] = server.posted
    assert path == "/inbox"
    assert headers["accept-encoding"] == "identity"
    assert not headers.keys() & {"authorization", "cookie"}
    assert spent >= len(batch)


@pytest.mark.parametrize(("answer", "said"), [
    (answered(200, b"<html>Sign in to the hotel's network</html>"), "a portal or another server answered"),
    (answered(302, location="http://127.0.0.1:9/elsewhere"), "status 302"),
    (answered(403), "status 403: this machine may not be enrolled"),
    (answered(500, b"x" * 100_000), "status 500"),
    (answered(200, b"x" * (MOST_ACKNOWLEDGEMENT + 1)), "much longer than an acknowledgement"),
    (answered(200, b"\x1f\x8b", content_encoding="gzip"), "answered packed"),
    (answered(200, b'{"format":"rohnamo-acknowledgement","version":1,"ack":[],"sha256":"0"}'), "another batch")])
def test_whatever_is_no_acknowledgement_takes_nothing_off_the_list(kiosk, serve, answer, said):
    server = serve(answer)
    done, _ = delivered(kiosk, server.address)
    assert (done.sent, done.waiting) == (0, 2)
    assert said in done.failure
    assert len(server.posted) == 1
    assert len(kiosk.waiting()) == 2


def test_of_an_endless_answer_no_more_is_read_than_an_acknowledgement_has(kiosk, serve):
    def endless(handler, _batch):
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            for _ in range(1000):
                handler.wfile.write(b"x" * 10_000)

    done, spent = delivered(kiosk, serve(endless).address)
    assert "much longer" in done.failure
    assert spent < 200_000


def test_an_inbox_that_is_not_there_takes_nothing_off_the_list(kiosk):
    done, _ = delivered(kiosk, "http://127.0.0.1:9/inbox")
    assert (done.sent, done.waiting, done.failure) == (0, 2, "the inbox cannot be reached: it refuses connections")


def test_an_answer_that_comes_too_slowly_is_not_waited_for(kiosk, serve):
    clock = iter([0.0, LONGEST_S + 1])
    done, _ = delivered(kiosk, serve(answered(200, b"x")).address, monotonic=lambda: next(clock))
    assert "took longer than" in done.failure
    assert len(kiosk.waiting()) == 2


def test_the_outbox_waits_where_the_traffic_of_the_day_is_used_up(kiosk, serve):
    server = serve(answered(200))
    done, spent = delivered(kiosk, server.address, allowance=Allowance(day_bytes=10))
    assert "allowed for a day" in done.failure
    assert (server.posted, spent) == ([], 0)
    assert len(kiosk.waiting()) == 2


# --- questions without an answer -------------------------------------------------------------------

def kept(kiosk, question):
    with kiosk.outbox() as found:
        name = keep_unanswered(kiosk.config, found, question, ["passport-2024", "fees"], DAY)
        return json.loads(found.batch()[-1].body) if name else None


def test_a_question_without_an_answer_is_kept_only_where_that_is_wished(kiosk):
    assert kept(kiosk, "Боҷи занбӯрпарварӣ чанд аст?") is None
    assert len(kiosk.waiting()) == 2
    kiosk.write("unanswered = true")
    assert kept(kiosk, "Боҷи занбӯрпарварӣ чанд аст?") == {
        "question": "Боҷи занбӯрпарварӣ чанд аст?", "closest": ["passport-2024", "fees"]}


def test_personal_data_is_taken_out_before_anything_is_kept(kiosk):
    kiosk.write("unanswered = true")
    assert kept(kiosk, "Номам Фирдавс аст, рақамам +992 93 501 22 33, нафақа кай меояд?")
    data = (kiosk.data / "sync" / "state.db").read_bytes() + b"".join(
        path.read_bytes() for path in (kiosk.data / "sync").glob("state.db-*"))
    for part in ("Фирдавс", "501 22 33"):
        assert part.encode() not in data
    assert "нафақа кай меояд".encode() in data


def test_a_question_as_long_as_a_book_is_cut(kiosk):
    kiosk.write("unanswered = true")
    assert len(kept(kiosk, "чаро " * 1000)["question"]) == LONGEST_QUESTION
