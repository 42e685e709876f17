"""What does not go backwards when a machine is restored, and when one backup becomes two machines."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.access.audit import Deed
from assistant.access.store import opened_store
from assistant.api.keys import all_keys, new_key, owner_of, revoke
from assistant.backup import back_up
from assistant.backup_file import BackupError
from assistant.config import Config, load
from assistant.restore import restore
from assistant.waiting import opened_inbox
from assistant.withdrawn import keep_copy, withdrawn
from index.parts import in_use
from sync.audit import Action, AuditLog, verify_chain
from sync.batch import Kind, batch_sha256, write_acknowledgement, write_batch
from sync.clock import Clock, Issue
from sync.device import device_key, next_counter
from sync.errors import LockedError, StateError
from sync.lock import only_one
from sync.marks import Mark, Marks
from sync.outbox import Outbox
from sync.restored import machine_of
from sync.revocations import Revocation
from sync.state import State
from tests.disk import everything

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
DAY = date(2026, 11, 25)
BESIDE = (".lock", "-shm", "-wal")


def unseen(_done, _whole):
    """Progress that nobody watches."""


class Place:
    """A machine by its data directory."""

    def __init__(self, root):
        self.root, self.config = root, Config(root)
        self.path = root / "sync" / "state.db"

    def state(self):
        return State(self.path)

    def live(self, mark, moment, document, event):
        """Accept a version, hear a time, withdraw a document, have something to tell."""
        with self.state() as state:
            Marks(state.connection).advance([Mark("timestamp", "k", mark)])
            clock = Clock(state.connection, lambda: moment)
            clock.accept([Issue("timestamp", "k", moment)], clock.read())
            state.revoke([Revocation(document, "хато", DAY)])
            outbox = Outbox(state.connection)
            outbox.add(Kind.FEEDBACK, event.encode(), DAY)
            AuditLog(outbox).record(Action.OPERATOR, {"did": event}, DAY)
            keep_copy(self.config, state.withdrawn())

    def tell(self):
        """Let the ministry have all that waits."""
        with self.state() as state:
            Outbox(state.connection).deliver(lambda data: write_acknowledgement(
                [event.id for event in Outbox(state.connection).batch()], batch_sha256(data)))

    def back_up(self):
        return back_up(self.config, self.root.parent / "backup", now=NOW, progress=unseen)

    def restore(self, backup, *, as_new_machine=False):
        return restore(self.root, backup.path, as_new_machine=as_new_machine, progress=unseen).kept

    def said(self, query):
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()

    @property
    def marks(self):
        return self.said("SELECT version FROM hwm")

    @property
    def waiting(self):
        return [body for (body,) in self.said("SELECT body FROM outbox WHERE kind = 'feedback'")]

    @property
    def chain(self):
        with self.state() as state:
            log = AuditLog(Outbox(state.connection))
            records = [record for (record,) in self.said("SELECT record FROM audit ORDER BY number")]
            assert verify_chain(records, device_key(state.connection).id, log.head()) == ()
        return len(records)


@pytest.fixture
def here(tmp_path):
    place = Place(tmp_path / "here")
    place.live(7, NOW, "санад-1", "аввал")
    return place


@pytest.fixture
def backup(here):
    return here.back_up()


@pytest.fixture
def empty(tmp_path):
    return Place(tmp_path / "empty")


def floor(place):
    with place.state() as state:
        return Clock(state.connection, lambda: NOW).floor()


def test_on_a_machine_that_went_on_nothing_goes_backwards(here, backup):
    here.tell()
    here.live(12, LATER, "санад-2", "баъд")
    machine, counter = machine_of(here.path), here.said("SELECT counter FROM device")
    kept = here.restore(backup)
    assert kept == ["what this machine knows of releases, and what it has to tell, stayed"]
    assert here.marks == [(12,)]
    assert floor(here) == LATER
    assert {one.document for one in withdrawn(here.config)} == {"санад-1", "санад-2"}
    assert here.waiting == ["баъд".encode()]               # what was delivered does not come back
    assert here.chain == 2
    assert (machine_of(here.path), here.said("SELECT counter FROM device")) == (machine, counter)
    with here.state() as state:
        assert state.is_unbuilt()                          # the next attempt builds what is held


def test_a_machine_that_was_behind_is_raised_to_what_the_backup_knows(here, tmp_path):
    behind = Place(tmp_path / "behind")
    behind.restore(here.back_up())
    here.live(12, LATER, "санад-2", "баъд")
    (here.root.parent / "backup").unlink()
    behind.restore(here.back_up())
    assert behind.marks == [(12,)]
    assert floor(behind) == LATER
    assert {one.document for one in withdrawn(behind.config)} == {"санад-1", "санад-2"}
    assert (behind.waiting, behind.chain) == (["аввал".encode()], 1)    # its own, not what another told since


def test_a_floor_by_keys_that_are_no_longer_trusted_raises_nothing(here, backup):
    with here.state() as state:
        clock = Clock(state.connection, lambda: NOW)
        clock.accept([Issue("timestamp", "new", NOW - timedelta(days=5))], clock.read())
    before = floor(here)
    here.restore(backup)
    assert floor(here) == before


def test_a_damaged_state_is_replaced_and_the_copy_of_what_is_withdrawn_stays(here, backup):
    here.live(12, LATER, "санад-2", "баъд")
    here.path.write_bytes(b"damaged" * 1000)
    assert here.restore(backup) == []
    assert here.marks == [(7,)]
    assert {one.document for one in withdrawn(here.config)} == {"санад-1", "санад-2"}


def test_a_state_of_a_newer_program_is_replaced_and_raises_what_takes_its_place(here, backup):
    here.tell()
    here.live(12, LATER, "санад-2", "баъд")
    with closing(sqlite3.connect(here.path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StateError):
        here.state()
    here.restore(backup)
    assert here.marks == [(12,)]
    assert floor(here) == LATER
    assert {one.document for one in withdrawn(here.config)} == {"санад-1", "санад-2"}
    assert here.waiting == []                              # delivered meanwhile
    assert here.chain == 2                                 # but its record is not


def test_an_empty_place_takes_over_the_machine_and_its_numbers_go_on(here, backup, empty):
    empty.restore(backup)
    assert machine_of(empty.path) == machine_of(here.path) != ""
    with empty.state() as state, here.state() as gone:
        assert next_counter(state.connection, LATER) > next_counter(gone.connection, NOW)
    assert (empty.marks, empty.waiting, empty.chain) == ([(7,)], ["аввал".encode()], 1)


def test_as_a_new_machine_it_has_no_key_nor_anything_to_tell_under_it_but_every_mark(here, backup, empty):
    seed = here.said("SELECT seed FROM device")[0][0]
    empty.restore(backup, as_new_machine=True)
    assert machine_of(empty.path) == ""
    assert (empty.marks, empty.waiting, floor(empty)) == ([(7,)], [], NOW)
    assert {one.document for one in withdrawn(empty.config)} == {"санад-1"}
    assert not [name for name, content in everything(empty.root).items() if seed in content]
    with empty.state() as state:
        assert device_key(state.connection).id != machine_of(here.path)


def test_a_backup_of_another_machine_is_refused_and_taken_as_a_new_one(here, backup, empty):
    empty.live(3, NOW, "санад-9", "дигар")
    own, before = machine_of(empty.path), everything(empty.root)
    with pytest.raises(BackupError, match="another machine"):
        empty.restore(backup)
    assert {name: text for name, text in everything(empty.root).items() if not name.endswith(BESIDE)} == \
        {name: text for name, text in before.items() if not name.endswith(BESIDE)}
    empty.restore(backup, as_new_machine=True)
    assert (machine_of(empty.path), empty.marks, empty.waiting) == (own, [(7,)], ["дигар".encode()])


@pytest.mark.parametrize("lock", ["watch.lock", "receive.lock", "sync.lock"])
def test_nothing_is_restored_while_releases_are_fetched(here, backup, lock):
    with only_one(here.root / "sync" / lock), pytest.raises(LockedError):
        here.restore(backup)
    assert here.waiting == ["аввал".encode()]


def test_nothing_is_restored_while_the_machine_answers(office, backup):
    place = Place(office.snapshot.path.parents[1])
    before = everything(place.root)
    with in_use(office.snapshot.path), pytest.raises(BackupError, match="answers"):
        place.restore(backup)
    assert everything(place.root) == before


# The database of the desks.


def entered(place, *names):
    with opened_store(place.config) as store:
        for name in names:
            store.audit.record(NOW, name, Deed.ENTERED)


def log(place):
    with opened_store(place.config) as store:
        return [entry.who for entry in reversed(store.audit.last(9))]


def test_the_longer_log_of_the_desks_stays_with_its_cards(here):
    entered(here, "а")
    (here.root / "desk").mkdir()
    (here.root / "desk" / "card").write_bytes(b"1")
    backup = here.back_up()
    entered(here, "б")
    (here.root / "desk" / "card").write_bytes(b"2")
    assert "accounts, cards and audit log of the desks stayed: they are later than the backup" in here.restore(backup)
    assert log(here) == ["а", "б"]
    assert (here.root / "desk" / "card").read_bytes() == b"2"


def test_a_log_that_lags_behind_the_backup_is_replaced_with_its_cards(here, empty):
    entered(here, "а")
    (here.root / "desk").mkdir()
    (here.root / "desk" / "card").write_bytes(b"1")
    empty.restore(here.back_up())
    entered(here, "б")
    (here.root.parent / "backup").unlink()
    (here.root / "desk" / "card").write_bytes(b"2")
    empty.restore(here.back_up())
    assert log(empty) == ["а", "б"]
    assert (empty.root / "desk" / "card").read_bytes() == b"2"


def test_a_log_is_never_replaced_by_another_one(here, empty):
    entered(here, "а")
    backup = here.back_up()
    entered(empty, "в")
    with pytest.raises(BackupError, match="another one") as caught:
        empty.restore(backup)
    assert "desks.db" in caught.value.hint
    assert log(empty) == ["в"]
    assert not empty.path.exists()


def test_a_damaged_database_of_the_desks_is_replaced(here):
    entered(here, "а")
    backup = here.back_up()
    (here.root / "desks.db").write_bytes(b"damaged" * 1000)
    here.restore(backup)
    assert log(here) == ["а"]


def test_the_desks_of_a_newer_program_are_replaced_and_the_log_goes_on(here):
    entered(here, "а")
    backup = here.back_up()
    entered(here, "б")
    with closing(sqlite3.connect(here.root / "desks.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    here.restore(backup)
    assert log(here) == ["а", "б"]


def test_what_machines_told_a_ministry_stays(here, tmp_path):
    with opened_inbox(here.config) as inbox, here.state() as state:
        key = device_key(state.connection)
        inbox.fleet.enrol(key.public, "кӯчаи 1", DAY)
        backup = here.back_up()
        inbox.accept(write_batch(Outbox(state.connection).batch(), key), DAY)
    here.restore(backup)
    with opened_inbox(here.config) as inbox:
        assert [one.event.body for one in inbox.events(Kind.FEEDBACK)] == ["аввал".encode()]


def test_a_key_of_a_program_that_was_revoked_since_stays_so(here):
    key = new_key(here.config, "portal", DAY)
    backup = here.back_up()
    revoke(here.config, "portal", DAY)
    kept = here.restore(backup)
    assert owner_of(all_keys(here.config), key) is None
    assert any("keys of programs stayed" in line for line in kept)
    (here.root / "api-keys.json").unlink()
    here.restore(backup)
    assert owner_of(all_keys(here.config), key) == "portal"


def test_settings_are_as_they_were_and_what_the_backup_does_not_have_stays(here):
    (here.root / "config.toml").write_text('generator = "extractive"\n', "utf-8")
    backup = here.back_up()
    (here.root / "config.toml").write_text("genrator = 5\n", "utf-8")
    (here.root / "prepared").mkdir()
    (here.root / "prepared" / "a").write_bytes(b"a")
    here.restore(backup)
    assert load(here.root).generator == "extractive"
    assert (here.root / "prepared" / "a").read_bytes() == b"a"
