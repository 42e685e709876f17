"""The outbox and the inbox: every event arrives once, whatever the line, the portal or the power does."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tracemalloc
import zlib
from datetime import date, timedelta
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.batch import (
    MAGIC,
    MOST_BYTES,
    Event,
    Kind,
    batch_sha256,
    read_acknowledgement,
    read_batch,
    write_acknowledgement,
    write_batch,
)
from sync.device import DeviceKey, device_key
from sync.errors import BadBatchError, NoSpaceError, OutboxError, UndeliveredError, UnknownDeviceError
from sync.inbox import Inbox
from sync.outbox import Limits, Outbox
from sync.release import canonical
from sync.state import State
from sync.transaction import transaction
from tests.disk import PowerCut

DAY = date(2026, 11, 25)
PORTAL = "<!doctype html><title>Хуш омадед ба Wi-Fi</title><p>Барои идома рақами телефонро нависед".encode()


def dice(seed):
    return Random(seed)  # noqa: S311 - a fixed run of numbers, no secret


def opened(path, factory=sqlite3.Connection):
    connection = sqlite3.connect(path, isolation_level=None, factory=factory)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


@pytest.fixture
def state(tmp_path):
    with State(tmp_path / "state.db") as state:
        yield state


@pytest.fixture
def outbox(state):
    return Outbox(state.connection, random=dice(1).randbytes)


@pytest.fixture
def inbox(tmp_path, outbox):
    connection = opened(tmp_path / "ministry.db")
    inbox = Inbox(connection)
    inbox.fleet.enrol(outbox.key.public, "Хуҷанд, 3", DAY)
    yield inbox
    connection.close()


def rows(database):
    """Everything in a database, to see that nothing changed."""
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
    return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in tables}


def stored(inbox, kind=Kind.QUESTION):
    return [one.event.body for one in inbox.events(kind)]


def filled(outbox, count, kind=Kind.QUESTION):
    return [outbox.add(kind, f"саволи {number}".encode(), DAY) for number in range(count)]


def test_an_event_stands_or_falls_with_the_action_it_tells_of(state, outbox):
    before = rows(state.connection)

    def act(number):
        with transaction(state.connection):
            state.connection.execute("INSERT INTO traffic VALUES ('2026-11-25', 7)")
            outbox.add(Kind.FEEDBACK, b"{}", DAY)
            return 7 // number

    with pytest.raises(ZeroDivisionError):
        act(0)
    assert rows(state.connection) == before
    act(1)
    assert state.spent(DAY) == 7
    assert [one.kind for one in outbox.waiting()] == [Kind.FEEDBACK]


def test_an_event_is_kept_also_where_the_database_begins_transactions_by_itself(tmp_path):
    connection = sqlite3.connect(tmp_path / "legacy.db")
    outbox = Outbox(connection)
    with connection:
        connection.execute("CREATE TABLE action (what TEXT)")
        connection.execute("INSERT INTO action VALUES ('чоп')")
        outbox.add(Kind.FEEDBACK, b"{}", DAY)
    connection.close()
    assert len(Outbox(opened(tmp_path / "legacy.db")).waiting()) == 1


def test_a_thousand_events_arrive_once_each_over_a_line_that_loses_batches_and_answers(outbox, inbox):
    """15 % are lost before the server has them, 20 % of the answers after, and 7 % of the answers are a portal's."""
    chance, posts = dice(20261125), []

    def post(batch):
        posts.append(len(batch))
        fate = chance.random()
        if fate < 0.15:
            raise ConnectionResetError("the line broke before")
        if fate < 0.22:
            return PORTAL
        answer = inbox.accept(batch, DAY)
        if fate < 0.42:
            raise TimeoutError("the line broke after")
        return answer

    with transaction(outbox.connection):
        names = filled(outbox, 1000)
    for _ in range(200):
        delivered = outbox.deliver(post)
        if not delivered.waiting:
            break
        assert delivered.failure
    assert outbox.waiting() == ()
    told = list(inbox.events(Kind.QUESTION))
    assert sorted(one.event.id for one in told) == sorted(names)
    assert len(told) == 1000
    assert {one.event.body for one in told} == {f"саволи {number}".encode() for number in range(1000)}
    assert len(posts) > 20          # some were sent again, or this shows nothing
    assert outbox.counts()[Kind.QUESTION].sent == 1000
    assert inbox.fleet.machines()[0].refused == 0


def good(batch, ids):
    return {"format": "rohnamo-acknowledgement", "version": 1, "ack": ids, "sha256": batch}


ANSWERS = {
    "a portal's page": lambda batch, ids: PORTAL,
    "nothing": lambda batch, ids: b"",
    "half of it": lambda batch, ids: canonical(good(batch, ids))[:-9],
    "a list": lambda batch, ids: json.dumps([good(batch, ids)]).encode(),
    "a friendly server": lambda batch, ids: b'{"status": "ok"}',
    "another version": lambda batch, ids: canonical(good(batch, ids) | {"version": 2}),
    "another format": lambda batch, ids: canonical(good(batch, ids) | {"format": "rohnamo-batch"}),
    "another batch": lambda batch, ids: canonical(good("0" * 64, ids)),
    "no batch": lambda batch, ids: canonical(good(batch, ids) | {"sha256": None}),
    "capitals": lambda batch, ids: canonical(good(batch.upper(), ids)),
    "an event that was not sent": lambda batch, ids: canonical(good(batch, [*ids, "f" * 32])),
    "no event": lambda batch, ids: canonical(good(batch, [])),
    "ids that are no text": lambda batch, ids: canonical(good(batch, [[one] for one in ids])),
    "one text of ids": lambda batch, ids: canonical(good(batch, ids[0])),
    "a flood": lambda batch, ids: canonical(good(batch, ids) | {"more": "я" * 20_000}),
    "a deep nest": lambda batch, ids: b"[" * 10_000,
    "no text at all": lambda batch, ids: b"\xff\xfe\x00",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_only_the_acknowledgement_of_this_batch_counts_as_one(outbox, answer):
    names = filled(outbox, 3)
    before = rows(outbox.connection)
    delivered = outbox.deliver(lambda batch: answer(batch_sha256(batch), names))
    assert (delivered.sent, delivered.waiting) == (0, 3)
    assert delivered.failure
    assert rows(outbox.connection) == before


def test_an_acknowledgement_of_some_events_removes_those_and_no_other(outbox):
    names = filled(outbox, 3)
    answers = iter([lambda batch: write_acknowledgement(names[1:2], batch), lambda batch: PORTAL])
    delivered = outbox.deliver(lambda batch: next(answers)(batch_sha256(batch)))
    assert (delivered.sent, delivered.waiting) == (1, 2)
    assert [one.id for one in outbox.waiting()] == [names[0], names[2]]


def test_an_answer_to_an_earlier_batch_is_none_to_this_one(outbox, inbox):
    filled(outbox, 1)
    old = []
    outbox.deliver(lambda batch: old.append(inbox.accept(batch, DAY)) or old[0])
    filled(outbox, 1)
    assert outbox.deliver(lambda batch: old[0]).waiting == 1


@pytest.mark.parametrize("error", [ConnectionRefusedError("no route"), TimeoutError(), UndeliveredError("403")])
def test_a_line_that_is_down_is_said_in_words_and_nothing_changes(outbox, error):
    filled(outbox, 2)
    before = rows(outbox.connection)

    def post(batch):
        raise error

    delivered = outbox.deliver(post)
    assert (delivered.sent, delivered.waiting) == (0, 2)
    assert delivered.failure
    assert rows(outbox.connection) == before


def test_a_fault_of_the_program_is_not_taken_for_a_line_that_is_down(outbox):
    filled(outbox, 1)
    with pytest.raises(ZeroDivisionError):
        outbox.deliver(lambda batch: 1 // 0)
    assert len(outbox.waiting()) == 1


def test_what_is_added_while_a_batch_is_under_way_goes_with_the_next_one(outbox, inbox):
    filled(outbox, 1)
    late = iter([True])

    def post(batch):
        assert not outbox.connection.in_transaction
        if next(late, False):
            outbox.add(Kind.QUESTION, "дертар".encode(), DAY)
        return inbox.accept(batch, DAY)

    assert outbox.deliver(post).sent == 2
    assert stored(inbox) == ["саволи 0".encode(), "дертар".encode()]


def test_a_batch_has_at_most_fifty_events_and_as_many_bytes_as_it_may(outbox, inbox):
    filled(outbox, 120)
    for _ in range(3):
        outbox.add(Kind.FEEDBACK, dice(2).randbytes(MOST_BYTES // 2), DAY)
    outbox.add(Kind.FEEDBACK, dice(3).randbytes(MOST_BYTES), DAY)
    sizes = []

    def post(data):
        events = read_batch(data).events
        sizes.append((len(events), sum(len(event.body) for event in events)))
        return inbox.accept(data, DAY)

    assert outbox.deliver(post).waiting == 0
    assert [count for count, _ in sizes] == [50, 50, 21, 2, 1]
    assert max(size for _, size in sizes) == MOST_BYTES


def test_an_event_that_could_never_be_sent_is_refused_at_once(outbox):
    before = rows(outbox.connection)
    with pytest.raises(OutboxError, match="too large"):
        outbox.add(Kind.FEEDBACK, bytes(MOST_BYTES + 1), DAY)
    assert rows(outbox.connection) == before


def test_of_reports_only_the_newest_waits(outbox):
    outbox.add(Kind.QUESTION, b"1", DAY)
    outbox.add(Kind.STATUS, b"old", DAY)
    outbox.add(Kind.STATUS, b"new", DAY)
    assert [event.body for event in outbox.batch()] == [b"1", b"new"]


def test_what_waited_too_long_goes_and_is_counted_but_records_stay(outbox):
    old = DAY - timedelta(days=91)
    outbox.add(Kind.QUESTION, b"old", old)
    outbox.add(Kind.AUDIT, b"record", old)
    outbox.add(Kind.QUESTION, b"at the limit", DAY - timedelta(days=90))
    assert outbox.prune(DAY) == 1
    assert [event.body for event in outbox.batch()] == [b"record", b"at the limit"]
    assert outbox.counts()[Kind.QUESTION].dropped == 1
    assert outbox.counts()[Kind.AUDIT].dropped == 0


def test_where_there_is_no_room_the_oldest_of_the_least_dear_go(state):
    outbox = Outbox(state.connection, limits=Limits(size=40))
    for kind, body in [(Kind.AUDIT, b"a" * 10), (Kind.QUESTION, b"q" * 10), (Kind.FEEDBACK, b"f" * 10),
                       (Kind.QUESTION, b"r" * 10), (Kind.FEEDBACK, b"g" * 15)]:
        outbox.add(kind, body, DAY)
    assert [event.body[:1] for event in outbox.batch()] == [b"a", b"f", b"g"]
    assert outbox.counts()[Kind.QUESTION].dropped == 2
    assert [(one.added, one.waiting) for one in outbox.counts().values()] == [(0, 0), (2, 0), (2, 2), (1, 1)]


def test_a_full_disk_loses_nothing_that_was_kept(state, outbox):
    filled(outbox, 3)
    before = rows(state.connection)
    pages = state.connection.execute("PRAGMA page_count").fetchone()[0]
    state.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(NoSpaceError):
        outbox.add(Kind.FEEDBACK, dice(1).randbytes(MOST_BYTES), DAY)
    assert rows(state.connection) == before
    state.connection.execute("PRAGMA max_page_count = 1000000")
    outbox.add(Kind.FEEDBACK, b"now", DAY)
    assert len(outbox.waiting()) == 4


def test_what_was_sent_is_not_left_on_the_disk(state, inbox):
    state.connection.execute("PRAGMA secure_delete = OFF")
    outbox = Outbox(state.connection)
    outbox.add(Kind.FEEDBACK, b"CANARY" * 2000, DAY)
    state.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"CANARY" in state.path.read_bytes()
    outbox.deliver(lambda batch: inbox.accept(batch, DAY))
    state.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not [path for path in state.path.parent.glob("state.db*") if b"CANARY" in path.read_bytes()]


def test_a_batch_that_comes_twice_is_kept_once_and_acknowledged_twice(outbox, inbox):
    filled(outbox, 2)
    data = write_batch(outbox.batch(), outbox.key)
    first = inbox.accept(data, DAY)
    before = rows(inbox.fleet._connection)
    assert inbox.accept(data, DAY + timedelta(days=1)) == first
    assert rows(inbox.fleet._connection) == before


def test_two_machines_may_have_chosen_the_same_id(tmp_path, outbox, inbox):
    other = device_key(opened(tmp_path / "other.db"))
    inbox.fleet.enrol(other.public, "Кӯлоб", DAY)
    event = Event("a" * 32, Kind.QUESTION, DAY, b"1")
    inbox.accept(write_batch([event], other), DAY)
    inbox.accept(write_batch([event], outbox.key), DAY)
    assert len({one.device for one in inbox.events(Kind.QUESTION)}) == 2


def test_a_machine_that_is_not_enrolled_or_was_dismissed_is_refused(outbox, inbox):
    filled(outbox, 1)
    data = write_batch(outbox.batch(), outbox.key)
    assert inbox.fleet.dismiss(outbox.key.id)
    before = rows(inbox.fleet._connection)
    with pytest.raises(UnknownDeviceError, match=outbox.key.id):
        inbox.accept(data, DAY)
    assert rows(inbox.fleet._connection) == before
    inbox.fleet.enrol(outbox.key.public, "Хуҷанд, 3", DAY)
    inbox.accept(data, DAY)
    assert len(stored(inbox)) == 1


def resigned(key, plain, *, level=9, tail=b""):
    content = zlib.compress(plain, level) + tail
    return MAGIC + key.public + key.sign(MAGIC, content) + content


def listed(key, *events, bodies=b""):
    return resigned(key, canonical({"events": list(events)}) + b"\n" + bodies)


def forger():
    return DeviceKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))


ONE = {"day": "2026-11-25", "id": "a" * 32, "kind": "question", "length": 2}
HOSTILE = {
    "nothing": lambda data, key: b"",
    "a page": lambda data, key: PORTAL,
    "another version": lambda data, key: data.replace(b"batch 1", b"batch 2", 1),
    "cut in the head": lambda data, key: data[:60],
    "cut in the body": lambda data, key: data[:-3],
    "a bit flipped": lambda data, key: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
    "signed by another": lambda data, key: data[:16] + bytes(32) + data[48:],
    "signed by another in its name": lambda data, key: data[:48] + forger().sign(MAGIC, data[112:]) + data[112:],
    "not compressed": lambda data, key: MAGIC + key.public + key.sign(MAGIC, b"{}") + b"{}",
    "followed by more": lambda data, key: resigned(key, b'{"events":[]}\n', tail=b"more"),
    "a bomb": lambda data, key: resigned(key, b'{"events":[]}\n' + bytes(50_000_000)),
    "larger than any": lambda data, key: resigned(key, dice(1).randbytes(200_000), level=0),
    "no list": lambda data, key: resigned(key, b"[]\n"),
    "a deep nest": lambda data, key: resigned(key, b"[" * 60_000),
    "fewer bytes than it says": lambda data, key: listed(key, ONE, bodies=b"1"),
    "more bytes than it says": lambda data, key: listed(key, ONE, bodies=b"123"),
    "a length below nothing": lambda data, key: listed(key, ONE | {"length": -2}, ONE | {"length": 4}, bodies=b"12"),
    "a length that is true": lambda data, key: listed(key, ONE | {"length": True}, bodies=b"1"),
    "an unknown kind": lambda data, key: listed(key, ONE | {"kind": "gossip"}, bodies=b"12"),
    "an id that is a path": lambda data, key: listed(key, ONE | {"id": "../../etc/passwd"}, bodies=b"12"),
    "an id that is a number": lambda data, key: listed(key, ONE | {"id": 7}, bodies=b"12"),
    "no such day": lambda data, key: listed(key, ONE | {"day": "2026-02-30"}, bodies=b"12"),
    "events that are no objects": lambda data, key: listed(key, 7),
    "fifty-one events": lambda data, key: listed(key, *[ONE] * 51, bodies=b"12" * 51),
}


@pytest.mark.parametrize("spoiled", HOSTILE.values(), ids=HOSTILE)
def test_a_batch_that_is_not_whole_or_not_well_made_is_refused_whole(outbox, inbox, spoiled):
    filled(outbox, 3)
    data = write_batch(outbox.batch(), outbox.key)
    before = rows(inbox.fleet._connection)
    with pytest.raises(BadBatchError):
        inbox.accept(spoiled(data, outbox.key), DAY)
    assert rows(inbox.fleet._connection) == before
    inbox.accept(data, DAY)
    assert len(stored(inbox)) == 3


@pytest.mark.parametrize("name", ["a bomb", "larger than any"])
def test_what_is_too_large_is_refused_before_it_takes_room(outbox, inbox, name):
    data = HOSTILE[name](b"", outbox.key)
    tracemalloc.start()
    with pytest.raises(BadBatchError):
        inbox.accept(data, DAY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 400_000


def test_the_hostile_batches_are_refused_for_what_is_wrong_with_each(outbox, inbox):
    inbox.accept(listed(outbox.key, ONE, bodies=b"12"), DAY)
    assert stored(inbox) == [b"12"]


def test_the_same_events_give_the_same_batch(outbox):
    filled(outbox, 3)
    assert write_batch(outbox.batch(), outbox.key) == write_batch(outbox.batch(), outbox.key)


def test_an_acknowledgement_says_which_events_arrived():
    answer = write_acknowledgement(["b" * 32, "a" * 32], "c" * 64)
    assert read_acknowledgement(answer, "c" * 64, ["a" * 32, "b" * 32]) == {"a" * 32, "b" * 32}


def test_what_the_ministry_forgets_stays_forgotten_when_it_comes_again(outbox, inbox):
    filled(outbox, 2)
    outbox.add(Kind.AUDIT, b"record", DAY)
    data = write_batch(outbox.batch(), outbox.key)
    inbox.accept(data, DAY)
    assert inbox.forget(DAY) == 0
    assert inbox.forget(DAY + timedelta(days=1)) == 2
    inbox.accept(data, DAY + timedelta(days=1))
    assert stored(inbox) == []
    assert stored(inbox, Kind.AUDIT) == [b"record"]


# Power cuts: at every commit, before it and after it, on either side.


class Power:
    """Cuts at the nth moment before or after a commit, and keeps what was on the disks then."""

    def __init__(self, folder, number):
        self.folder, self.number, self.moment = folder, number, 0

    def tick(self):
        if self.moment == self.number:
            shutil.copytree(self.folder, self.folder.with_name("after"))
            raise PowerCut
        self.moment += 1


class Cutting(sqlite3.Connection):
    power = None

    def execute(self, sql, *values):
        if sql != "COMMIT" or self.power is None:
            return super().execute(sql, *values)
        self.power.tick()
        done = super().execute(sql, *values)
        self.power.tick()
        return done


def day_of_a_kiosk(folder, kept, power=None):
    """Add five events, delivering twice; `kept` grows with each that was said to be kept."""
    machine, ministry = opened(folder / "state.db", Cutting), opened(folder / "ministry.db", Cutting)
    outbox, inbox = Outbox(machine), Inbox(ministry)
    inbox.fleet.enrol(outbox.key.public, "Хуҷанд, 3", DAY)
    machine.power = ministry.power = power
    try:
        for number in range(5):
            kept.append(outbox.add(Kind.QUESTION, str(number).encode(), DAY))
            if number % 2:
                outbox.deliver(lambda batch: inbox.accept(batch, DAY))
        outbox.deliver(lambda batch: inbox.accept(batch, DAY))
        return [(one.event.id, one.event.body) for one in inbox.events(Kind.QUESTION)]
    finally:
        machine.close()
        ministry.close()


def after_the_cut(folder):
    with State(folder / "state.db") as state:
        ministry = opened(folder / "ministry.db")
        outbox, inbox = Outbox(state.connection), Inbox(ministry)
        delivered = outbox.deliver(lambda batch: inbox.accept(batch, DAY))
        told = [(one.event.id, one.event.body) for one in inbox.events(Kind.QUESTION)]
        ministry.close()
    assert (delivered.waiting, delivered.failure) == (0, "")
    return told


def test_power_that_goes_at_any_commit_loses_and_doubles_nothing(tmp_path):
    cuts = 0
    for number in range(100):
        folder = tmp_path / str(number) / "disk"
        folder.mkdir(parents=True)
        kept = []
        try:
            day_of_a_kiosk(folder, kept, Power(folder, number))
            break
        except PowerCut:
            cuts += 1
        told = after_the_cut(folder.with_name("after"))
        assert [body for _, body in told] == [str(at).encode() for at in range(len(told))]
        assert [name for name, _ in told][:len(kept)] == kept
        assert len(told) <= len(kept) + 1       # the commit was done, and the power went before it was said
    assert cuts == 22                           # 5 kept, 3 taken in, 3 acknowledged, before and after each


def test_the_power_cut_test_sees_an_event_that_is_removed_before_it_is_acknowledged(tmp_path, monkeypatch):
    """A weakened outbox: it removes events before the answer is there, and the cut after that loses them."""
    def rash(self, events, post):
        data, ids = write_batch(events, self.key), [event.id for event in events]
        removed = self.acknowledge(write_acknowledgement(ids, batch_sha256(data)), batch_sha256(data), ids)
        post(data)
        return removed

    monkeypatch.setattr(Outbox, "_send", rash)
    with pytest.raises(AssertionError):
        test_power_that_goes_at_any_commit_loses_and_doubles_nothing(tmp_path)
