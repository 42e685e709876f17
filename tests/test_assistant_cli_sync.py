"""`sync now`, `sync watch`, `sync status` and what `doctor` says of sync, over a small repository of true bytes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Timer
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from assistant import attempt as attempts
from assistant import config as settings
from assistant import update
from assistant.background import LOCK, Background, keep_up
from assistant.cli_sync import sync
from assistant.doctor import examine
from assistant.errors import ConfigError
from assistant.intake import take_in
from assistant.received import Received, Refusal
from assistant.report import machine_status
from assistant.status import next_step, read_status
from assistant.status_page import status_json, status_lines
from index import Generations
from index.errors import NoSpaceError
from sync.audit import Action, AuditLog
from sync.clock import Reading
from sync.errors import LockedError, PackError, UnreachableError
from sync.fleet import Fleet
from sync.lock import only_one
from sync.outbox import Outbox
from sync.report import read_report
from sync.state import Refused, State
from sync.watch import Stop, Stopped
from tests.disk import everything
from tests.kiosk import CITY, HEALTH, edition
from tests.repository_simulator import NOW, TOP, RepositorySimulator, signer


def received(config, client, *, progress):
    """Fetch and use what arrives, building nothing."""
    report = client.sync()
    for staged in report.staged:
        progress(1, 1)
        client.activated(staged)
    return Received(report, None, tuple(staged.release.id for staged in report.staged))


class Machine:
    """A machine whose source is a folder, and the verbs on it.  `now` is its clock."""

    def __init__(self, folder: Path):
        self.data, self.stick, self.now = folder / "data", folder / "stick", NOW
        self.repository = RepositorySimulator()
        self.data.mkdir()
        (self.data / "root.json").write_bytes(self.repository.trusted_root)
        self.write(f'source = "{self.stick}"')

    def write(self, *lines):
        (self.data / "config.toml").write_text("\n".join(["[sync]", *lines, ""]), encoding="utf-8")

    def lay(self):
        self.repository.write_to(self.stick / "rohnamo")

    @property
    def config(self):
        return settings.load(self.data)

    def run(self, *args):
        app = typer.Typer()
        app.add_typer(sync, name="sync")
        return CliRunner().invoke(app, ["sync", *args, "--data-dir", str(self.data)])

    def json(self, *args, code=0):
        done = self.run(*args, "--json")
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    def state(self):
        return State(self.data / "sync" / "state.db")

    def held(self):
        with self.state() as state:
            return {name: held.number for name, held in state.held().items()}

    def status(self):
        return status_json(read_status(self.config, self.now))

    def checks(self, name="sync"):
        return [(check.state, check.message) for check in examine(self.config) if check.name == name]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    made = Machine(tmp_path)
    made.repository.publish(HEALTH, edition(1), 1)
    made.lay()
    monkeypatch.setattr("assistant.sync_settings.utc_now", lambda: made.now)
    monkeypatch.setattr("assistant.background.utc_now", lambda: made.now)
    monkeypatch.setattr("assistant.sync_settings.time", SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _s: None))
    monkeypatch.setattr(attempts, "_receive", lambda: received)
    return made


# --- sync now --------------------------------------------------------------------------------------

def test_what_is_published_arrives_and_again_there_is_nothing_new(machine):
    first, second = machine.run("now"), machine.run("now")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"{HEALTH}: release 1 is in use now" in first.stdout
    assert f"{HEALTH}: release 1 is in use\n" in second.stdout
    assert machine.held() == {HEALTH: 1}


def test_a_stick_is_read_in_place_of_the_source(machine, tmp_path):
    machine.write('source = "https://releases.example.tj/rohnamo"')
    assert machine.run("now", "--from", str(machine.stick)).exit_code == 0
    assert machine.held() == {HEALTH: 1}


def test_a_server_that_is_not_there_is_one_sentence_and_what_is_in_use_stays(machine):
    machine.run("now")
    machine.write('source = "http://127.0.0.1:9/"')
    kept = everything(machine.data / "sync" / "packs")
    done = machine.run("now")
    assert done.exit_code == 1
    assert done.stderr.count("rohnamo: ") == 1
    assert "Nothing is lost" in done.stderr
    assert machine.json("now", code=1)["error"]["code"] == "unreachable"
    assert machine.held() == {HEALTH: 1}
    assert everything(machine.data / "sync" / "packs") == kept


def test_a_strangers_stick_is_refused_and_changes_nothing(machine, tmp_path):
    machine.run("now")
    kept = everything(machine.data / "sync" / "packs")
    stranger = _strangers(tmp_path)
    done = machine.run("now", "--from", str(stranger))
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 2
    assert machine.json("now", "--from", str(stranger), code=1)["error"]["code"] == "untrusted_repository"
    assert machine.held() == {HEALTH: 1}
    assert everything(machine.data / "sync" / "packs") == kept


def _strangers(folder):
    """Return a stick whose every role a stranger signed."""
    repository = RepositorySimulator()
    for role in TOP:
        repository.sign(role, [signer("stranger")])
    repository.write_to(folder / "stranger" / "rohnamo")
    return folder / "stranger"


def test_a_fault_of_one_publisher_exits_1_and_the_other_has_arrived(machine):
    machine.repository.add_publisher(CITY)
    info = machine.repository.publish(CITY, edition(2), 2)
    machine.repository.flip(machine.repository.target_path(info.pack.target))
    machine.lay()
    found = machine.json("now", code=1)
    assert {one["publisher"]: one["progress"] for one in found["publishers"]} == {CITY: "failed", HEALTH: "staged"}
    done = machine.run("now")
    assert done.exit_code == 1
    assert f"{CITY}: release 2 did not arrive: " in done.stdout
    assert machine.held() == {HEALTH: 1}


def test_a_release_that_was_not_taken_into_use_exits_1(machine, monkeypatch):
    monkeypatch.setattr(attempts, "_receive", lambda: lambda config, client, *, progress: Received(
        client.sync(), None, refused=(Refusal(HEALTH, 1, "admission", "3 of 40 questions were answered wrong"),)))
    done = machine.run("now")
    assert done.exit_code == 1
    assert f"{HEALTH}: release 1 was refused: 3 of 40 questions were answered wrong" in done.stdout


def test_where_there_is_no_room_to_build_that_is_said_kept_and_reported(machine, monkeypatch):
    def receive(config, client, *, progress):
        client.sync()
        raise NoSpaceError("no space left while building")

    monkeypatch.setattr(attempts, "_receive", lambda: receive)
    assert machine.json("now", code=1)["error"]["code"] == NoSpaceError.code
    assert machine.status()["last_failure"]["message"] == "no space left while building"
    with machine.state() as state:
        outbox = Outbox(state.connection)
        [event] = outbox.batch()
        assert read_report(event.body, outbox.key.public).status.errors == (NoSpaceError.code,)


def test_while_another_process_fetches_it_is_said_and_nothing_is_reported(machine):
    with only_one(machine.data / "sync" / "sync.lock"):
        assert machine.json("now", code=1)["error"]["code"] == "locked"
    with machine.state() as state:
        assert Outbox(state.connection).waiting() == ()


# --- the report ------------------------------------------------------------------------------------

def test_after_each_attempt_the_newest_report_waits_signed_and_true(machine):
    machine.run("now")
    machine.now += timedelta(hours=1)
    machine.write('source = "http://127.0.0.1:9/"')
    machine.run("now")
    with machine.state() as state:
        outbox = Outbox(state.connection)
        [event] = outbox.batch()
        report = read_report(event.body, outbox.key.public)
    assert report.made == machine.now
    assert dict(report.status.sequences) == {HEALTH: 1}
    assert report.status.errors == ("unreachable",)
    assert report.status.generation == ""
    assert report.status.app_version
    assert report.status.clock_bad is False


def test_the_report_names_the_snapshot_that_answers_and_the_head_of_the_records(machine, tmp_path):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "fee.md").write_text("# Боҷ\n\nБоҷ 40 сомонӣ аст.\n", encoding="utf-8")
    (machine.data / "config.toml").write_text('encoder = "none"\n', encoding="utf-8")
    take_in(machine.config, [tmp_path / "papers"], "health", lambda *_: None)
    number = update.build(machine.config, wait=True).generation
    with machine.state() as state:
        outbox = Outbox(state.connection)
        record = AuditLog(outbox).record(next(iter(Action)), {"release": "1"}, NOW.date())
        status = machine_status(machine.config, state, outbox, Reading(NOW))
    manifest = Generations(machine.config.generations).path(number) / "manifest.json"
    assert status.generation == sha256(manifest.read_bytes()).hexdigest()
    assert (status.audit.number, status.audit.hash) == (1, record.hash)
    assert status.counters["outbox.audit.added"] == 1


def test_the_ministry_takes_the_report_of_a_machine_that_is_enrolled(machine):
    machine.run("now")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    fleet = Fleet(connection)
    with machine.state() as state:
        outbox = Outbox(state.connection)
        fleet.enrol(outbox.key.public, "Хуҷанд, 3", NOW.date())
        [event] = outbox.batch()
        assert fleet.receive(outbox.key.public, event.body, NOW.date())
    [known] = fleet.machines()
    assert known.behind({HEALTH: 3}) == {HEALTH: 2}
    connection.close()


# --- sync watch ------------------------------------------------------------------------------------

@pytest.fixture
def journal():
    return []


@pytest.fixture
def stop():
    """What ends a watch that the test failed to end."""
    asked = Stop()
    timer = Timer(30, asked.ask)
    timer.start()
    yield asked
    timer.cancel()
    timer.join()


def test_the_watch_makes_an_attempt_at_once_and_a_signal_ends_it(machine, journal, stop):
    def receive(config, client, *, progress):
        done = received(config, client, progress=progress)
        os.kill(os.getpid(), signal.SIGTERM)
        return done

    before = signal.getsignal(signal.SIGTERM)
    keep_up(machine.config, journal.append, receive=receive, stop=stop)
    assert machine.held() == {HEALTH: 1}
    assert journal[0] == f"{HEALTH}: release 1 is in use now"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_in_the_middle_ends_the_attempt_between_two_steps_and_no_failure_is_noted(machine, journal, stop):
    reached = []

    def receive(config, client, *, progress):
        report = client.sync()
        stop.ask()
        progress(1, 2)
        reached.append(report)

    keep_up(machine.config, journal.append, receive=receive, stop=stop)
    assert reached == []
    assert journal == []
    assert machine.held() == {}
    assert [attempt["code"] for attempt in [machine.status()["last_success"]]] == [""]
    assert machine.status()["last_failure"] is None


def test_a_download_ends_at_its_next_read_when_it_shall(machine, journal, stop):
    def receive(config, client, *, progress):
        stop.ask()
        with pytest.raises(Stopped):
            client.settings.ticking.monotonic()
        with pytest.raises(Stopped):
            client.settings.ticking.sleep(1000.0)
        raise Stopped

    keep_up(machine.config, journal.append, receive=receive, stop=stop)
    assert journal == []


def test_a_user_signal_makes_another_attempt_now(machine, journal, stop, monkeypatch):
    monkeypatch.setattr("sync.watch.LOOK_S", 0.01)
    calls = []

    def receive(config, client, *, progress):
        calls.append(len(calls))
        os.kill(os.getpid(), signal.SIGUSR1 if len(calls) < 3 else signal.SIGTERM)
        return received(config, client, progress=progress)

    keep_up(machine.config, journal.append, receive=receive, stop=stop)
    assert calls == [0, 1, 2]


def test_a_second_watch_says_that_one_runs_already(machine, journal, stop):
    found = []

    def receive(config, client, *, progress):
        try:
            keep_up(machine.config, journal.append)
        except LockedError as error:
            found.append((error.message, error.hint))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
        return received(config, client, progress=progress)

    keep_up(machine.config, journal.append, receive=receive, stop=stop)
    assert found == [("rohnamo sync watch runs on this machine already",
                      "One is enough.  For an attempt at once: rohnamo sync now.")]
    with only_one(machine.data / "sync" / LOCK):
        done = machine.run("watch")
    assert (done.exit_code, "runs on this machine already" in done.stderr) == (1, True)


def test_a_failed_attempt_is_one_line_of_the_journal_and_a_fault_of_the_program_is_noted(machine, journal, stop):
    faults = iter([UnreachableError("the server was not reached"), ZeroDivisionError("division by zero")])

    def receive(config, client, *, progress):
        if (fault := next(faults, None)) is None:
            os.kill(os.getpid(), signal.SIGTERM)
            return received(config, client, progress=progress)
        os.kill(os.getpid(), signal.SIGUSR1)
        raise fault

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sync.watch.LOOK_S", 0.01)
        keep_up(machine.config, journal.append, receive=receive, stop=stop)
    assert journal[0].startswith("the server was not reached  → Nothing is lost")
    assert journal[1] == "ZeroDivisionError: division by zero"
    with machine.state() as state:
        assert [(one.code, one.message) for one in state.attempts() if one.code] \
            == [("job_failed", "ZeroDivisionError: division by zero"),
                ("unreachable", "the server was not reached")]


def test_a_machine_that_has_only_sticks_waits_for_them_and_notes_no_failure(machine, journal, stop):
    machine.write("sticks = true")
    background = Background(machine.config, journal.append, stop, received)
    assert background.attempt(None) is True
    assert (journal, (machine.data / "sync").exists()) == ([], False)
    assert background.attempt(machine.stick) is True
    assert machine.held() == {HEALTH: 1}


@pytest.mark.parametrize(("line", "said"), [("ring = 1", "nothing to watch"), (None, "no root of trust")])
def test_a_machine_that_is_not_set_up_is_told_at_once(machine, journal, line, said):
    if line:
        machine.write(line)
    else:
        (machine.data / "root.json").unlink()
    with pytest.raises(ConfigError, match=said):
        keep_up(machine.config, journal.append)


# --- sync status and doctor ------------------------------------------------------------------------

def test_the_status_says_what_is_held_how_old_it_is_and_how_the_attempts_went(machine):
    machine.repository.revoke("old-fees", "withdrawn by decree 11")
    machine.lay()
    machine.run("now")
    machine.now += timedelta(days=3)
    machine.write('source = "http://127.0.0.1:9/"')
    machine.run("now")
    found = machine.json("status")
    [release] = found["releases"]
    assert (release["publisher"], release["number"], release["sequence"], release["age_days"]) == (HEALTH, 1, 1, 3)
    assert found["last_success"]["at"] == NOW.isoformat()
    assert found["last_failure"]["code"] == "unreachable"
    assert found["last_failure"]["next_step"].startswith("Nothing is lost")
    assert found["clock"] == {"state": "good", "moment": machine.now.isoformat(), "floor": NOW.isoformat()}
    assert {mark["role"] for mark in found["marks"]} == {"root", "timestamp", "snapshot", "targets", HEALTH}
    assert [one["document"] for one in found["withdrawn"]] == ["old-fees"]
    assert found["outbox"]["status"]["waiting"] == 1
    assert found["device"]["fingerprint"].replace(" ", "") == found["device"]["id"]
    lines = machine.run("status").stdout
    for part in (f"{HEALTH}: release 1 (sequence 1), issued 3 days ago", "failure    2026-11-28", "→ Nothing is lost",
                 "old-fees, 2026-11-25: withdrawn by decree 11",
                 "clock      right as far as this machine can tell (not before 25 November 2026)", "status: 1 waits,"):
        assert part in lines


def test_a_release_that_waits_or_was_refused_is_told(machine):
    machine.run("now")
    machine.repository.publish(HEALTH, edition(2), 2)
    machine.lay()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempts, "_receive", lambda: lambda config, client, *, progress: Received(client.sync(), None))
        machine.run("now")
    assert "release 2 is published and not in use here yet" in machine.run("status").stdout
    with machine.state() as state:
        state.refuse(HEALTH, Refused("0" * 64, 2, "3 of 40 questions were answered wrong", "", NOW))
    assert machine.status()["releases"][0]["refused"]["number"] == 2
    assert ("note", f"{HEALTH}: release 1 (sequence 1); release 2 was not taken into use: 3 of 40 questions were "
                    "answered wrong") in machine.checks()


def test_the_status_changes_nothing_and_opens_no_connection(machine, no_network):
    machine.run("now")
    before = everything(machine.data)
    machine.run("status")
    machine.json("status")
    machine.checks()
    assert everything(machine.data) == before


def test_the_status_of_a_machine_that_never_tried_makes_nothing(machine):
    before = everything(machine.data)
    found = machine.json("status")
    assert (found["releases"], found["device"], found["last_success"]) == ([], None, None)
    assert everything(machine.data) == before
    assert not (machine.data / "sync").exists()


def test_the_status_can_be_asked_while_another_process_writes(machine):
    machine.run("now")
    with machine.state() as state, only_one(machine.data / "sync" / "sync.lock"):
        state.connection.execute("BEGIN IMMEDIATE")
        state.connection.execute("DELETE FROM held")
        assert [known["number"] for known in machine.status()["releases"]] == [1]
        state.connection.execute("ROLLBACK")


def test_a_damaged_state_is_said_and_left_as_it_is(machine):
    machine.run("now")
    path = machine.data / "sync" / "state.db"
    path.write_bytes(b"no database at all" * 400)
    before = everything(machine.data)
    assert machine.json("status", code=1)["error"]["code"] == "bad_state"
    assert [state for state, _ in machine.checks()] == ["bad"]
    assert everything(machine.data) == before


def test_a_bad_clock_is_told_and_ages_go_by_the_floor(machine):
    machine.run("now")
    machine.now -= timedelta(days=400)
    found = machine.status()
    assert found["clock"]["state"] == "behind"
    assert found["releases"][0]["age_days"] == 0
    assert any(state == "note" and "clock" in message for state, message in machine.checks("clock"))


@pytest.mark.parametrize(("days", "noted"), [(30, False), (31, True)])
def test_after_thirty_days_of_silence_the_doctor_says_so(machine, days, noted):
    machine.run("now")
    machine.now += timedelta(days=days)
    assert (("note", f"nothing was heard for {days} days of what is published") in machine.checks()) is noted


def test_the_doctor_says_that_a_machine_is_not_set_up_and_it_answers_all_the_same(machine):
    (machine.data / "root.json").unlink()
    assert machine.checks() == [("note", "this machine is not set up for sync: it has no root of trust")]


def test_the_doctor_shows_the_fingerprint_and_the_last_failure(machine):
    machine.run("now")
    assert [state for state, _ in machine.checks()] == ["ok", "ok"]
    machine.write('source = "http://127.0.0.1:9/"')
    machine.run("now")
    assert any(message.startswith("the last attempt failed: ") for _, message in machine.checks())
    assert any(message.startswith("the fingerprint of this machine is ") for _, message in machine.checks())


def test_every_line_of_the_status_of_a_bare_machine_can_be_read(machine):
    (machine.data / "root.json").unlink()
    machine.write("ring = 3")
    lines = status_lines(read_status(machine.config, NOW))
    assert lines[:3] == ["problem    this machine is not set up for sync: it has no root of trust",
                         f"           → Copy root.json, given at the key ceremony, to {machine.data / 'root.json'}.",
                         "source     sticks only: rohnamo sync now --from STICK"]


def test_a_code_that_is_no_error_of_sync_has_no_next_step():
    assert next_step("job_failed") == ""
    assert next_step("unreachable") == UnreachableError.next_step


# --- what a keeper of a kiosk reads ----------------------------------------------------------------

def fault(machine, *args):
    """Return what `sync now` says of its fault, and see that the status has the same next step."""
    error = machine.json("now", *args, code=1)["error"]
    assert machine.status()["last_failure"]["next_step"] == error["next_step"]
    assert not re.search("file:|[0-9a-f]{16}", error["message"])
    return error


def test_connecting_is_told_and_a_stick_is_not_connected_to(machine):
    machine.write('source = "http://127.0.0.1:9/"')
    assert machine.run("now").stderr.splitlines()[:2] == [
        "  connecting to 127.0.0.1 …", "rohnamo: 127.0.0.1 cannot be reached: it refuses connections"]
    assert "1970" not in machine.run("status").stdout
    assert "connecting" not in machine.run("now", "--from", str(machine.stick)).stderr


def test_a_stick_that_lacks_a_file_is_said_to_be_not_whole(machine):
    [pack] = (machine.stick / "rohnamo" / "targets" / HEALTH).glob("*.pack.zst")
    pack.unlink()
    found = machine.json("now", code=1)
    [error] = [one["error"] for one in found["publishers"] if one["error"]]
    assert error["message"] == (f"{machine.stick / 'rohnamo'} is not whole: targets/{HEALTH}/1.pack.zst is not there")
    assert "rohnamo release export" in error["next_step"]
    assert "server" not in error["next_step"]
    assert machine.status()["last_failure"]["next_step"] == error["next_step"]
    assert machine.held() == {}


def test_an_old_stick_is_said_to_be_older_than_what_was_seen(machine, tmp_path):
    shutil.copytree(machine.stick, tmp_path / "old")
    machine.repository.publish(HEALTH, edition(2), 2)
    machine.lay()
    machine.run("now")
    error = fault(machine, "--from", str(tmp_path / "old"))
    assert error["code"] == "older_repository"
    assert error["message"].endswith("is older than what this machine has seen")
    assert machine.held() == {HEALTH: 2}


def test_a_strangers_stick_is_said_to_be_a_strangers(machine, tmp_path):
    error = fault(machine, "--from", str(_strangers(tmp_path)))
    assert "was signed by somebody else than root.json of this machine trusts" in error["message"]


def test_what_is_over_is_told_to_those_who_publish_and_the_keeper_signs_nothing(machine):
    machine.run("now")
    machine.now += timedelta(days=60)
    error = fault(machine)
    assert error["code"] == "expired_repository"
    assert "tell those who publish" in error["next_step"]
    assert "bring a newer stick" in error["next_step"]
    assert "rohnamo release" not in machine.run("status").stdout
    assert [one.next_step for one in examine(machine.config) if "the last attempt" in one.message] \
        == [error["next_step"]]
    assert machine.held() == {HEALTH: 1}


@pytest.mark.parametrize("rubbish", [b"", b"<html>", b'{"signed": {}, "signatures": []}', b"\0" * 99])
def test_a_root_that_is_none_is_told_by_the_status_the_doctor_and_an_attempt(machine, rubbish):
    (machine.data / "root.json").write_bytes(rubbish)
    said = "root.json of this machine is no root of trust"
    assert machine.status()["problem"] == said
    assert machine.checks() == [("note", said)]
    assert machine.json("now", code=1)["error"]["message"] == said
    assert machine.held() == {}


def test_a_root_that_a_stranger_made_up_without_its_keys_is_none(machine):
    machine.repository.sign("root", [signer("stranger")])
    (machine.data / "root.json").write_bytes(machine.repository.roles["root"].to_bytes())
    assert machine.status()["problem"] == "root.json of this machine is no root of trust"


def test_where_there_is_no_room_to_build_the_next_step_is_to_sync_again(machine, monkeypatch):
    def receive(config, client, *, progress):
        client.sync()
        raise NoSpaceError("no space left while building")

    monkeypatch.setattr(attempts, "_receive", lambda: receive)
    assert "run: rohnamo sync now. What arrived waits" in fault(machine)["next_step"]


def test_a_fault_of_sync_after_all_had_come_is_noted_too(machine, monkeypatch):
    def receive(config, client, *, progress):
        client.sync()
        raise PackError("the pack of min-health/1 was damaged on this machine", hint="Sync again.")

    monkeypatch.setattr(attempts, "_receive", lambda: receive)
    assert fault(machine) == {"code": "bad_pack", "next_step": "Sync again.",
                              "message": "the pack of min-health/1 was damaged on this machine"}
    assert machine.status()["last_success"]["next_step"] == ""


def test_a_machine_that_takes_releases_is_told_to_sync_and_not_to_ingest(machine):
    found = {check.name: check for check in examine(machine.config)}
    assert (found["drafts"].state, found["drafts"].next_step) == ("ok", "")
    assert (found["snapshot"].state, found["snapshot"].next_step) == ("bad", "Run: rohnamo sync now.")
    (machine.data / "config.toml").unlink()
    (machine.data / "root.json").unlink()
    found = {check.name: check for check in examine(machine.config)}
    assert (found["drafts"].state, found["drafts"].next_step) == ("note", "Run: rohnamo ingest FOLDER.")
    assert "rohnamo ingest" in found["snapshot"].next_step


# --- a state that is lost --------------------------------------------------------------------------

def test_after_a_damaged_state_was_moved_away_the_next_sync_brings_all_of_it_back(machine, tmp_path):
    shutil.copytree(machine.stick, tmp_path / "old")
    machine.repository.revoke("old-fees", "withdrawn by decree 11")
    machine.repository.publish(HEALTH, edition(2), 2)
    machine.lay()
    machine.run("now")
    before, packs = machine.status(), everything(machine.data / "sync" / "packs")
    path = machine.data / "sync" / "state.db"
    path.write_bytes(b"no database at all" * 400)
    error = machine.json("now", code=1)["error"]
    assert error["code"] == "bad_state"
    assert error["next_step"].startswith("Move state.db out of the folder sync of the data directory, then run: "
                                         "rohnamo sync now.")
    path.rename(tmp_path / "state.db")
    assert machine.json("now", "--from", str(tmp_path / "old"), code=1)["error"]["code"] == "older_repository"
    assert machine.run("now").exit_code == 0
    after = machine.status()
    assert machine.held() == {HEALTH: 2}
    assert everything(machine.data / "sync" / "packs") == packs
    assert (after["withdrawn"], after["marks"]) == (before["withdrawn"], before["marks"])
    assert after["device"]["key"] != before["device"]["key"]


def broken(monkeypatch, code, free=10**9):
    """Let SQLite fail in this way, with so many bytes free on the disk."""
    def connect(*_values, **_named):
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr("sync.state.sqlite3.connect", connect)
    monkeypatch.setattr("sync.state.shutil.disk_usage", lambda _path: SimpleNamespace(free=free))


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_CANTOPEN])
def test_a_full_disk_is_not_taken_for_a_damaged_state(machine, monkeypatch, code):
    broken(monkeypatch, code, free=0)
    error = machine.json("now", code=1)["error"]
    assert (error["code"], "no space left" in error["message"]) == ("no_space_for_sync", True)


@pytest.mark.parametrize(("code", "step"), [
    (sqlite3.SQLITE_BUSY, "Another process"), (sqlite3.SQLITE_READONLY, "Run as the user"),
    (sqlite3.SQLITE_CANTOPEN, "Run as the user"), (sqlite3.SQLITE_IOERR_READ, "Look after the disk")])
def test_a_state_that_is_whole_is_not_to_be_moved_away(machine, monkeypatch, code, step):
    broken(monkeypatch, code)
    error = machine.json("now", code=1)["error"]
    assert (error["code"], error["next_step"].startswith(step)) == ("bad_state", True)


def test_a_state_without_next_steps_is_opened_and_keeps_its_attempts(machine):
    machine.run("now")
    with machine.state() as state:
        before = state.attempts()
        state.connection.execute("ALTER TABLE sync_log DROP COLUMN hint")
    with machine.state() as state:
        assert state.attempts() == before
        state.advise("Sync again.")
        assert state.attempts()[0].hint == "Sync again."
