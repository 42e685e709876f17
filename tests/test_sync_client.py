"""What was published arrives by the shortest way, whole, once; and a cut at any step is mended by the next attempt."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest

from sync.audit import AuditLog, read_record
from sync.client import Client
from sync.errors import (
    ForeignDirectoryError,
    NoRepositoryError,
    OlderRepositoryError,
    StateError,
    UnreachableError,
)
from sync.fetch import Fetcher, Stretch
from sync.outbox import Outbox
from sync.outcome import Progress
from sync.pack import read_pack
from sync.revocations import Revocation
from sync.rollout import Rollout, bucket
from sync.settings import Settings
from sync.state import Attempt, Held, State
from sync.traffic import Allowance, Patience, Traffic
from tests.conformance_client import main as conformance
from tests.disk import PowerCut, everything
from tests.faulty_origin import Drop, Flip, Portal, Reset, Status, serving
from tests.kiosk import CITY, HEALTH, Kiosk, edition
from tests.repository_simulator import NOW, RepositorySimulator

QUICK = Patience(silence=0.3, tries=2, pause=0.0)


@pytest.fixture
def repository():
    simulator = RepositorySimulator((HEALTH, CITY))
    simulator.publish(HEALTH, edition(1), 1)
    return simulator


@pytest.fixture
def kiosk(repository, tmp_path):
    machine = Kiosk(tmp_path, repository)
    yield machine
    machine.close()


@pytest.fixture
def online(repository, tmp_path):
    """A machine that fetches over HTTP, and the server."""
    with serving(repository.files) as origin, client_of(tmp_path / "home", repository, origin) as client:
        yield client, origin


def client_of(home, repository, origin, **more):
    settings = Settings(device="kiosk-1", patience=QUICK, **more)
    return Client(home, repository.trusted_root, origin.url, now=lambda: NOW, settings=settings)


def publish(repository, number, publisher=HEALTH, **more):
    return repository.publish(publisher, edition(number), number, **more)


def documents(path):
    return read_pack(path.read_bytes())


def asked(origin):
    """Return the names of the targets that were asked for, without their hashes."""
    found = [path.rpartition("/")[2].partition(".")[2] for path in origin.requests if path.startswith("targets/")]
    origin.requests.clear()
    return found


# --- the way --------------------------------------------------------------------------------------------------------


def test_the_first_sync_brings_the_whole_pack_and_nothing_else_lies_in_staging(kiosk):
    report = kiosk.sync()
    staged = report.of(HEALTH).staged
    assert documents(staged.path) == edition(1)
    assert list(everything(kiosk.home / "staging")) == [f"{HEALTH}/{staged.release.pack.sha256}.pack"]
    assert report.of(CITY).progress is Progress.NOTHING
    assert kiosk.client.state.held() == {}


def test_a_release_in_use_is_the_base_of_the_next_delta(online, repository):
    client, origin = online
    client.activated(client.sync().staged[0])
    assert asked(origin) == ["release.json", "1.pack.zst"]
    publish(repository, 2)
    staged = client.sync().staged[0]
    names = asked(origin)
    assert [name for name in names if name.endswith(".zst")] == [name for name in names if ".delta." in name]
    assert documents(staged.path) == edition(2)
    client.activated(staged)
    assert replace(client.state.held()[HEALTH], keyset="") == Held(staged.release.pack.sha256, 2, 2)
    assert list(everything(client._staging.packs)) == [f"{HEALTH}/{staged.release.pack.sha256}.pack"]
    assert everything(client._staging.staging) == {}


def test_of_several_deltas_the_one_from_what_is_held_is_taken(online, repository):
    client, origin = online
    client.activated(client.sync().staged[0])
    for number in range(2, 7):
        publish(repository, number)
    base = client.state.held()[HEALTH].sha256
    asked(origin)
    assert documents(client.sync().staged[0].path) == edition(6)
    assert [name for name in asked(origin) if name.endswith(".zst")] == [f"6.from.{base[:8]}.delta.zst"]


def test_a_machine_that_is_too_far_behind_takes_the_whole_pack(online, repository):
    client, origin = online
    client.activated(client.sync().staged[0])
    for number in range(2, 12):
        publish(repository, number)
    asked(origin)
    assert documents(client.sync().staged[0].path) == edition(11)
    assert [name for name in asked(origin) if name.endswith(".zst")] == ["11.pack.zst"]


@pytest.mark.parametrize("fault", [Flip(0.5), Status(404), Portal()], ids=["flipped", "missing", "portal"])
def test_a_delta_that_does_not_come_is_replaced_by_the_whole_pack(fault, online, repository):
    client, origin = online
    client.activated(client.sync().staged[0])
    publish(repository, 2)
    asked(origin)
    origin.plan(".delta.zst", [fault] * 20)
    report = client.sync()
    assert report.failure is None
    assert documents(report.staged[0].path) == edition(2)
    assert asked(origin)[-1] == "2.pack.zst"


def test_a_signed_delta_that_gives_something_else_is_replaced_by_the_whole_pack(kiosk, repository):
    kiosk.update()
    info = publish(repository, 2)
    delta = info.deltas[0]
    whole = repository.files[repository.target_path(info.pack.target)]
    repository.publish_info(info, {info.pack.target: whole, delta.target: b"\x28\xb5\x2f\xfd nothing of use"})
    assert documents(kiosk.update().staged[0].path.parents[2] / "packs" / HEALTH / f"{info.pack.sha256}.pack") \
        == edition(2)


def test_older_content_comes_again_under_a_higher_number_without_a_byte_of_it(online, repository):
    client, origin = online
    client.activated(client.sync().staged[0])
    repository.publish(HEALTH, edition(1), 3)
    asked(origin)
    report = client.sync()
    assert asked(origin) == ["release.json"]
    assert (report.of(HEALTH).progress, report.of(HEALTH).number) == (Progress.STAGED, 3)
    client.activated(report.staged[0])
    assert client.state.held()[HEALTH].number == 3
    assert client.sync().of(HEALTH).progress is Progress.UNCHANGED


def test_what_is_staged_and_not_in_use_is_handed_on_again_without_being_fetched(online, repository):
    client, origin = online
    first = client.sync()
    origin.requests.clear()
    second = client.sync()
    assert second.staged == first.staged
    assert len(origin.requests) == 2


def test_a_staged_release_is_dropped_when_a_newer_one_is_there(kiosk, repository):
    old = kiosk.sync().staged[0]
    publish(repository, 2)
    new = kiosk.sync().staged[0]
    assert not old.path.exists()
    assert documents(new.path) == edition(2)


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_no_change_costs_two_requests_and_two_kilobytes(online):
    client, origin = online
    client.activated(client.sync().staged[0])
    origin.requests.clear()
    report = client.sync()
    assert report.of(HEALTH).progress is Progress.UNCHANGED
    assert origin.requests == ["metadata/2.root.json", "metadata/timestamp.json"]
    assert (report.requests, report.length <= 2_000) == (2, True)


def test_a_timestamp_that_was_only_renewed_costs_the_same(online, repository):
    client, _ = online
    client.activated(client.sync().staged[0])
    repository.refresh()
    report = client.sync()
    assert (report.requests, report.length <= 2_000) == (2, True)


def test_one_changed_document_costs_less_than_six_kilobytes(tmp_path):
    chance = random.Random(1)   # noqa: S311
    words = ["".join(chance.choices("абвгдежзиклмнопрстуҳҷқғӯӣ", k=7)) for _ in range(3_000)]
    files = {f"documents/{number}.txt": " ".join(chance.choices(words, k=700)).encode() for number in range(60)}
    repository = RepositorySimulator((HEALTH, CITY))
    repository.publish(HEALTH, files, 1)
    with serving(repository.files) as origin, client_of(tmp_path, repository, origin) as client:
        client.activated(client.sync().staged[0])
        files["documents/7.txt"] = files["documents/7.txt"].replace(b" ", b" 858 ", 2)
        repository.publish(HEALTH, files, 2)
        report = client.sync()
        assert documents(report.staged[0].path) == files
        assert report.length <= 6_000


def test_traffic_is_counted_in_the_state(online):
    client, _ = online
    report = client.sync()
    assert client.state.spent(date(2026, 11, 25)) == report.length > 3_000


# --- to whom it goes --------------------------------------------------------------------------------------------------


def test_a_machine_outside_the_rollout_keeps_what_it_has_and_still_never_goes_back(kiosk, repository):
    kiosk.update()
    before, marks = kiosk.standing(), kiosk.marks()
    publish(repository, 2, rollout=Rollout(percent=0))
    report = kiosk.sync()
    assert (report.of(HEALTH).progress, report.of(HEALTH).number) == (Progress.HELD_BACK, 2)
    assert report.failure is None
    assert kiosk.standing() == before
    assert sum(kiosk.marks().values()) > sum(marks.values())


def test_a_rollout_that_widens_reaches_the_machine(kiosk, repository):
    kiosk.update()
    place = bucket("kiosk-1", f"{HEALTH}/2")
    info = publish(repository, 2, rollout=Rollout(percent=place))
    assert kiosk.sync().of(HEALTH).progress is Progress.HELD_BACK
    targets = {path: repository.files[repository.target_path(path)]
               for path in (info.pack.target, *(delta.target for delta in info.deltas))}
    repository.publish_info(type(info)(**{name: getattr(info, name) for name in info.__slots__}
                                       | {"rollout": Rollout(percent=place + 1)}), targets)
    assert kiosk.update().of(HEALTH).progress is Progress.STAGED
    assert kiosk.client.state.held()[HEALTH].number == 2


def test_a_ring_goes_first(repository, tmp_path):
    office = Kiosk(tmp_path, repository, settings=Settings(device="office", ring=0))
    office.update()
    publish(repository, 2, rollout=Rollout(percent=0, ring=0))
    assert office.sync().of(HEALTH).progress is Progress.STAGED
    office.close()


def test_the_machines_key_draws_where_no_id_is_given(repository, tmp_path):
    kiosk = Kiosk(tmp_path, repository, settings=Settings())
    device = kiosk.client.settings.device
    assert len(device) == 32
    kiosk.restart()
    assert kiosk.client.settings.device == device
    kiosk.close()


# --- when it does not go ----------------------------------------------------------------------------------------------


def test_a_whole_pack_waits_for_its_hours_on_a_metered_line_and_a_delta_does_not(repository, tmp_path):
    with serving(repository.files) as origin, \
            client_of(tmp_path, repository, origin, allowance=Allowance(metered=True)) as client:
        report = client.sync()
        assert (report.of(HEALTH).progress, report.of(HEALTH).number) == (Progress.POSTPONED, 1)
        assert report.failure is None
        assert [name for name in asked(origin) if name.endswith(".zst")] == []
    with serving(repository.files) as origin, client_of(tmp_path, repository, origin) as client:
        client.activated(client.sync().staged[0])
    publish(repository, 2)
    with serving(repository.files) as origin, \
            client_of(tmp_path, repository, origin, allowance=Allowance(metered=True)) as client:
        assert client.sync().of(HEALTH).progress is Progress.STAGED


def test_withdrawals_arrive_although_the_traffic_of_the_day_is_used_up(repository, tmp_path):
    repository.revoke("passport")
    with serving(repository.files) as origin, \
            client_of(tmp_path, repository, origin, allowance=Allowance(day_bytes=1)) as client:
        report = client.sync()
        assert report.of(HEALTH).progress is Progress.POSTPONED
        assert [one.document for one in report.revoked] == ["passport"]


def test_withdrawals_are_applied_before_a_pack_that_does_not_come(online, repository):
    client, origin = online
    repository.revoke("passport")
    repository.revoke("pension", publisher=HEALTH)
    origin.plan(".pack.zst", [Status(503)] * 20)
    assert client.sync().failure.code == "unreachable"
    assert [(one.document, one.publisher) for one in client.state.withdrawn()] == [("passport", ""),
                                                                                  ("pension", HEALTH)]


def recorded(client):
    """Return the documents that the machine's records say are withdrawn."""
    records = [read_record(body) for body in AuditLog(Outbox(client.state.connection)).records()]
    return [record.detail["document"] for record in records if record.action == "revoked"]


def test_a_withdrawal_and_its_record_stand_or_fall_together(kiosk, repository, monkeypatch):
    repository.revoke("passport")
    repository.revoke("pension", publisher=HEALTH)
    with monkeypatch.context() as patch:
        patch.setattr(AuditLog, "record", lambda *_: (_ for _ in ()).throw(PowerCut))
        with pytest.raises(PowerCut):
            kiosk.sync()
    kiosk.restart()
    assert (kiosk.client.state.withdrawn(), recorded(kiosk.client)) == ((), [])
    kiosk.sync()
    assert [one.document for one in kiosk.client.state.withdrawn()] == recorded(kiosk.client) == ["passport", "pension"]
    kiosk.sync()
    assert recorded(kiosk.client) == ["passport", "pension"]


def test_a_full_disk_is_told_before_anything_is_fetched(repository, tmp_path):
    kiosk = Kiosk(tmp_path, repository, settings=Settings(device="a", free=lambda _: 1_000))
    before = kiosk.standing()
    error = kiosk.refusal()
    assert error.code == "no_space_for_sync"
    assert kiosk.standing() == before
    kiosk.client.settings = Settings(device="a")
    assert kiosk.sync().of(HEALTH).progress is Progress.STAGED
    kiosk.close()


def test_a_broken_line_is_given_up_once_and_goes_on_where_it_was(online, repository):
    client, origin = online
    big = {"documents.jsonl": random.Random(3).randbytes(200_000)}   # noqa: S311
    repository.publish(HEALTH, big, 2)
    publish(repository, 1, CITY)
    origin.plan("2.pack.zst", [Drop(0.5), Drop(0.0), Reset(0.0), Drop(0.0)])
    report = client.sync()
    assert report.of(HEALTH).error.code == "unreachable"
    assert report.of(CITY).error is report.of(HEALTH).error
    assert f"{CITY}/" not in " ".join(origin.requests)
    assert everything(client._staging.staging) == {}
    origin.plan("2.pack.zst", [])
    origin.requests.clear()
    origin.ranges.clear()
    report = client.sync()
    assert report.failure is None
    assert documents(report.of(HEALTH).staged.path) == big
    assert any(asked_for.startswith("bytes=") for asked_for in origin.ranges)
    assert report.length < 120_000
    assert list((client._home / "parts").iterdir()) == []


def test_a_network_that_wants_a_login_changes_nothing(online, repository):
    client, origin = online
    client.activated(client.sync().staged[0])
    publish(repository, 2)
    held, marks = client.state.held(), client.guards.marks.all()
    origin.plan("", [Portal()] * 3)
    with pytest.raises(Exception, match="no metadata") as refused:
        client.sync()
    assert "log in" in refused.value.hint
    assert (client.state.held(), client.guards.marks.all()) == (held, marks)
    origin.plan("", [])
    assert client.sync().of(HEALTH).number == 2


def test_no_network_is_one_sentence(repository, tmp_path):
    with serving(repository.files) as origin:
        pass
    with client_of(tmp_path, repository, origin) as client:
        with pytest.raises(UnreachableError, match="cannot be reached: it refuses connections"):
            client.sync()
        assert client.state.attempts()[0].code == "unreachable"
        assert client.state.held() == {}


def test_an_address_without_a_repository_is_said_to_have_none(repository, tmp_path):
    with serving({"index.html": b"hello"}) as origin, client_of(tmp_path, repository, origin) as client, \
            pytest.raises(NoRepositoryError):
        client.sync()


def test_a_stick_with_something_else_is_said_to_hold_something_else(repository, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    with Client(tmp_path / "home", repository.trusted_root, stick, now=lambda: NOW) as client:
        with pytest.raises(NoRepositoryError):
            client.sync()
        (stick / "photo.jpg").write_bytes(b"x")
        with pytest.raises(ForeignDirectoryError):
            client.sync()
        assert client.state.held() == {}
        repository.write_to(stick / "rohnamo")
        assert client.sync().of(HEALTH).progress is Progress.STAGED


def test_a_machine_takes_turns_between_a_server_and_a_stick(kiosk, repository):
    kiosk.update()
    publish(repository, 2)
    with serving(repository.files) as origin, client_of(kiosk.home, repository, origin) as client:
        client.activated(client.sync().staged[0])
        old_stick = dict(repository.files)
        publish(repository, 3)
        client.activated(client.sync().staged[0])
    new, repository.files = repository.files, old_stick
    assert kiosk.refusal().code == "older_repository"
    repository.files = new
    publish(repository, 4)
    assert kiosk.update().of(HEALTH).number == 4
    assert kiosk.client.state.held()[HEALTH].number == 4


# --- cut at any step --------------------------------------------------------------------------------------------------

STEPS = ("fsync", "replace", "rename", "unlink", "remove", "symlink", "mkdir", "open")


@contextmanager
def cut_at(number):
    """Let the power go at the nth step that changes a file or looks at one; give the count of steps that were done."""
    done = [0]
    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            patch.setattr(os, name, _cutting(getattr(os, name), number, done))
        with suppress(PowerCut):
            yield done


def _cutting(honest, number, done):
    def call(*values, **named):
        done[0] += 1
        if done[0] > number:
            raise PowerCut
        return honest(*values, **named)
    return call


@pytest.mark.parametrize("first", [True, False], ids=["first contact", "update"])
def test_a_cut_at_any_step_is_mended_by_the_next_attempt(first, tmp_path):
    """A new root, a withdrawal, a whole pack or a delta, and its activation; old or new, never anything else."""
    for number in range(500):
        repository = RepositorySimulator((HEALTH,))
        publish(repository, 1)
        kiosk = Kiosk(tmp_path / str(number), repository)
        if not first:
            kiosk.update()
        publish(repository, 2)
        repository.revoke("passport")
        repository.rotate("timestamp")
        kiosk.lay()
        held, marks = kiosk.client.state.held(), kiosk.marks()
        with cut_at(number) as done:
            kiosk.client.activated(kiosk.client.sync().staged[0])
        kiosk.restart()
        _check_whole(kiosk, held, marks)
        report = kiosk.update()
        assert report.failure is None
        assert kiosk.client.state.held()[HEALTH].number == 2
        assert [one.document for one in kiosk.client.state.withdrawn()] == recorded(kiosk.client) == ["passport"]
        assert not list(kiosk.home.rglob("*.part"))
        kiosk.close()
        if done[0] <= number:
            break
    assert 40 < number < 499


def _check_whole(kiosk, held, marks):
    now = kiosk.client.state.held()
    assert now == held or now[HEALTH].number == 2
    assert [one.document for one in kiosk.client.state.withdrawn()] == recorded(kiosk.client)
    for folder in ("staging", "packs"):
        for path, data in everything(kiosk.home / folder).items():
            if path.endswith(".pack"):
                assert sha256(data).hexdigest() in path
    if now:
        assert (kiosk.home / "packs" / HEALTH / f"{now[HEALTH].sha256}.pack").exists()
    assert all(kiosk.marks().get(key, 0) >= version for key, version in marks.items())


def test_a_cut_at_any_piece_of_a_file_is_mended_by_the_next_attempt(tmp_path):
    body = random.Random(5).randbytes(50_000)   # noqa: S311
    url = f"file:///targets/{sha256(body).hexdigest()}.1.pack.zst"

    class Pieces:
        def __init__(self, cut):
            self.cut, self.given = cut, 0

        @contextmanager
        def open(self, url, start, length):
            yield Stretch(start, self.pieces(start))

        def pieces(self, start):
            for number, at in enumerate(range(start, len(body), 4_096)):
                if number == self.cut:
                    raise PowerCut
                self.given += len(body[at:at + 4_096])
                yield body[at:at + 4_096]

        def close(self):
            pass

    def get(source):
        fetcher = Fetcher(source, tmp_path / "parts", Traffic(None, Allowance(), NOW))
        with fetcher.download_file(url, len(body)) as file:
            return file.read()

    for cut in range(13):
        broken, whole = Pieces(cut), Pieces(None)
        with pytest.raises(PowerCut):
            get(broken)
        assert get(whole) == body
        assert broken.given + whole.given == len(body)
        assert list((tmp_path / "parts").iterdir()) == []


# --- the state --------------------------------------------------------------------------------------------------------


@pytest.fixture
def state(tmp_path):
    with State(tmp_path / "state.db") as opened:
        yield opened


def test_the_state_is_flushed_with_every_commit(state):
    assert state.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert state.connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_what_is_held_never_goes_back(state):
    state.hold(HEALTH, Held("b" * 64, 2, 2))
    state.hold(HEALTH, Held("b" * 64, 2, 2))
    with pytest.raises(OlderRepositoryError):
        state.hold(HEALTH, Held("a" * 64, 1, 1))
    assert state.held() == {HEALTH: Held("b" * 64, 2, 2)}


def test_new_keys_of_a_publisher_begin_anew_and_the_old_ones_never_do(kiosk, repository):
    """A thief with a publisher's key raised its sequence as far as it goes."""
    last = 2**53 - 1
    repository.publish(HEALTH, edition(2), 2, sequence=last)
    kiosk.update()
    repository.publish(HEALTH, edition(3), 3, sequence=2)
    before = kiosk.standing()
    assert kiosk.refusal().code == "older_repository"
    assert kiosk.standing() == before
    repository.rotate(HEALTH)
    kiosk.update()
    held = kiosk.client.state.held()[HEALTH]
    assert (held.number, held.sequence) == (3, 2)
    repository.publish(HEALTH, edition(1), 4, sequence=1)
    assert kiosk.refusal().code == "older_repository"
    assert kiosk.client.state.held() == {HEALTH: held}


def test_new_keys_over_the_same_release_change_nothing(kiosk, repository):
    kiosk.update()
    before = kiosk.standing()
    repository.rotate(HEALTH)
    assert kiosk.update().of(HEALTH).progress is Progress.UNCHANGED
    assert kiosk.standing() == before


def test_a_state_that_does_not_know_whose_keys_signed_is_opened_and_goes_back_for_nobody(kiosk, repository):
    repository.publish(HEALTH, edition(2), 2)
    kiosk.update()
    held = kiosk.client.state.held()
    kiosk.client.state.connection.execute("ALTER TABLE held DROP COLUMN keyset")
    kiosk.client.state.connection.execute("PRAGMA user_version = 1")
    kiosk.restart()
    assert kiosk.client.state.held() == {HEALTH: replace(held[HEALTH], keyset="")}
    repository.publish(HEALTH, edition(3), 3, sequence=1)
    repository.rotate(HEALTH)
    assert kiosk.refusal().code == "older_repository"
    repository.publish(HEALTH, edition(4), 4, sequence=3)
    kiosk.update()
    assert kiosk.client.state.held()[HEALTH].keyset not in ("", held[HEALTH].keyset)


def test_the_same_document_may_be_withdrawn_by_two(state):
    one = Revocation("passport", "Нав шуд.", date(2026, 11, 25))
    assert state.revoke([one], HEALTH) == (one,)
    assert state.revoke([one], HEALTH) == ()
    assert state.revoke([one]) == (one,)
    assert [(entry.document, entry.publisher) for entry in state.withdrawn()] == [("passport", ""),
                                                                                  ("passport", HEALTH)]


def test_the_last_attempts_are_kept_and_the_last_success_whatever_followed(state):
    state.note(Attempt(NOW, length=7))
    for number in range(300):
        state.note(Attempt(NOW + timedelta(minutes=number + 1), "unreachable", "no line"))
    assert len(state.attempts(1_000)) == 201
    assert state.last_success() == Attempt(NOW, length=7)
    assert state.attempts(1)[0].at == NOW + timedelta(minutes=300)


def test_traffic_of_long_ago_is_forgotten(state):
    for number in range(60):
        state.spend(date(2026, 10, 1) + timedelta(days=number), 10)
    assert state.spent(date(2026, 10, 1)) == 0
    assert state.spent(date(2026, 11, 29)) == 10


def test_a_state_of_a_newer_program_is_left_as_it_is(tmp_path):
    path = tmp_path / "state.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.execute("CREATE TABLE held (everything TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(StateError, match="version 99"):
        State(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (99,)
    connection.close()


def test_two_processes_write_into_the_same_state(state):
    with State(state.path) as other:
        other.spend(NOW.date(), 5)
        state.spend(NOW.date(), 6)
        assert other.spent(NOW.date()) == 11


# --- the command line for an independent suite ------------------------------------------------------------------------


def test_the_conformance_client_speaks_the_protocol_of_the_suite(repository, tmp_path, capsys):
    root = tmp_path / "given.json"
    root.write_bytes(repository.trusted_root)
    target = f"{HEALTH}/release.json"
    content = repository.files[repository.target_path(target)]
    for role, metadata in repository.roles.items():          # it asks the system's clock
        metadata.signed.expires = metadata.signed.expires.replace(year=2090)
        repository.sign(role)
    repository.roles["timestamp"].signed.snapshot_meta.hashes = None
    repository.roles["timestamp"].signed.snapshot_meta.length = None
    repository.sign("timestamp")
    root.write_bytes(repository.files["metadata/1.root.json"])
    with serving(repository.files) as origin:
        def run(*words):
            return conformance(["--metadata-dir", str(tmp_path / "metadata"), *words])

        where = ("--metadata-url", f"{origin.url}metadata")
        wanted = ("--target-base-url", f"{origin.url}targets", "--target-dir", str(tmp_path / "targets"))
        assert run("init", str(root)) == 0
        assert run(*where, "refresh") == 0
        assert run(*where, *wanted, "--target-name", target, "download") == 0
        assert [path.read_bytes() for path in (tmp_path / "targets").iterdir()] == [content]
        assert sorted(path.name for path in (tmp_path / "metadata").iterdir()) == sorted(
            [f"{HEALTH}.json", "root.json", "root_history", "snapshot.json", "targets.json", "timestamp.json"])
        assert run(*where, *wanted, "--target-name", "nobody/knows", "download") == 1
        repository.flip("metadata/timestamp.json")
        assert run(*where, "refresh") == 1
    assert "damaged_repository" in capsys.readouterr().err
