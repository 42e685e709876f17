"""The chain of what was done on a machine: whatever is changed, left out or put in shows."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from sync.audit import START, Action, AuditLog, Fault, Flaw, Head, read_record, verify_chain
from sync.batch import Kind
from sync.errors import OutboxError
from sync.fleet import add_report
from sync.inbox import Inbox
from sync.outbox import Limits, Outbox
from sync.report import Status
from sync.state import State
from sync.transaction import transaction

DAY = date(2026, 11, 25)


@pytest.fixture
def log(tmp_path):
    with State(tmp_path / "state.db") as state:
        yield AuditLog(Outbox(state.connection))


@pytest.fixture
def device(log):
    return log._outbox.key.id


def done(log, count=5):
    return [log.record(Action.ACTIVATED, {"generation": f"{number:04}"}, DAY) for number in range(1, count + 1)]


def test_a_chain_that_nobody_touched_is_whole(log, device):
    records = done(log)
    assert verify_chain(log.records(), device, log.head()) == ()
    assert [record.number for record in records] == [1, 2, 3, 4, 5]
    assert records[0].previous == START
    assert records[3].previous == sha256(log.records()[2]).hexdigest()
    assert log.head() == Head(5, records[4].hash)


def test_an_empty_chain_is_whole(log, device):
    assert verify_chain(log.records(), device, log.head()) == ()
    assert log.head() == Head()


def test_a_record_goes_out_with_the_outbox_and_says_on_what(log):
    log.record(Action.IMPORTED, {"source": "флешка", "publisher": "min-health"}, DAY)
    (event,) = log._outbox.batch()
    assert (event.kind, event.body) == (Kind.AUDIT, log.records()[0])
    assert read_record(event.body).detail == {"source": "флешка", "publisher": "min-health"}


def test_a_record_stands_or_falls_with_the_action(log, device):
    done(log, 2)
    before = log.records(), log._outbox.waiting()

    def act():
        with transaction(log._connection):
            log.record(Action.ROLLED_BACK, {"generation": "0001"}, DAY)
            return 1 // 0

    with pytest.raises(ZeroDivisionError):
        act()
    assert (log.records(), log._outbox.waiting()) == before
    done(log, 1)
    assert verify_chain(log.records(), device, log.head()) == ()


def test_neither_order_nor_repetition_matters(log, device):
    done(log)
    records = list(log.records())
    assert verify_chain([*reversed(records), *records[1:3]], device, log.head()) == ()


def test_each_record_that_is_left_out_shows_as_missing(log, device):
    done(log)
    records = list(log.records())
    for at in range(5):
        left = records[:at] + records[at + 1:]
        assert verify_chain(left, device, log.head()) == (Fault(Flaw.MISSING, at + 1, at + 1),)


def test_several_gaps_are_told_apart(log, device):
    done(log, 9)
    records = log.records()
    assert verify_chain([records[2], records[5], records[6]], device, log.head()) == (
        Fault(Flaw.MISSING, 1, 2), Fault(Flaw.MISSING, 4, 5), Fault(Flaw.MISSING, 8, 9))


def test_a_tail_that_never_came_is_seen_by_the_head_alone(log, device):
    done(log)
    assert verify_chain(log.records()[:3], device) == ()
    assert verify_chain(log.records()[:3], device, log.head()) == (Fault(Flaw.MISSING, 4, 5),)


def test_each_record_that_is_changed_breaks_the_chain_after_it(log, device):
    done(log)
    records = list(log.records())
    for at in range(5):
        changed = replace(read_record(records[at]), detail={"generation": "9999"}).to_bytes()
        (fault,) = verify_chain([*records[:at], changed, *records[at + 1:]], device, log.head())
        assert fault == Fault(Flaw.BROKEN, min(at + 2, 5), min(at + 2, 5))


def test_a_second_record_of_the_same_number_is_a_fork(log, device):
    done(log)
    records = log.records()
    second = replace(read_record(records[2]), action=Action.OPERATOR).to_bytes()
    assert Fault(Flaw.FORKED, 3, 3) in verify_chain([*records, second], device, log.head())


def test_a_chain_that_is_written_anew_from_somewhere_shows_beside_what_came_before(log, device):
    done(log)
    first = log.records()
    forged = replace(read_record(first[3]), detail={})
    end = replace(read_record(first[4]), previous=forged.hash)
    assert verify_chain([*first[:3], forged.to_bytes(), end.to_bytes()], device) == ()
    flaws = {fault.flaw for fault in verify_chain([*first, forged.to_bytes(), end.to_bytes()], device)}
    assert flaws == {Flaw.FORKED}
    assert verify_chain([*first[:3], forged.to_bytes(), end.to_bytes()], device, log.head()) == (
        Fault(Flaw.BROKEN, 5, 5),)


def test_what_is_no_record_and_what_is_another_machines_are_told_apart(log, device):
    done(log)
    records = log.records()
    foreign = replace(read_record(records[0]), device="f" * 32).to_bytes()
    faults = verify_chain([*records, foreign, b"<html>"], device, log.head())
    assert faults == (Fault(Flaw.FOREIGN, 0, 0), Fault(Flaw.UNREADABLE, 0, 0))


@pytest.mark.parametrize("spoil", [
    lambda data: b"", lambda data: b"\xff", lambda data: data + b" ", lambda data: b"[" * 50_000,
    lambda data: data.replace(b'"number":1', b'"number":true'), lambda data: data.replace(b'"number":1', b'"number":0'),
    lambda data: data.replace(b'"activated"', b'"danced"'), lambda data: data.replace(b'"version":1', b'"version":2'),
    lambda data: data.replace(b'{"generation":"0001"}', b'[]'), lambda data: data.replace(b'"0001"', b'1'),
    lambda data: data.replace(b'2026-11-25', b'20261125'),
])
def test_a_record_is_read_to_the_letter_or_not_at_all(log, spoil):
    done(log, 1)
    (data,) = log.records()
    assert spoil(data) != data
    with pytest.raises(OutboxError):
        read_record(spoil(data))


def test_a_long_detail_is_refused_and_nothing_is_recorded(log):
    with pytest.raises(OutboxError, match="longer than 200"):
        log.record(Action.OPERATOR, {"what": "саволи шаҳрванд " * 20}, DAY)
    assert (log.records(), log._outbox.waiting()) == ((), ())


def test_more_details_than_a_record_has_room_for_are_refused(log):
    with pytest.raises(OutboxError, match="more than"):
        log.record(Action.OPERATOR, {str(number): "" for number in range(21)}, DAY)
    assert (log.records(), log._outbox.waiting()) == ((), ())


def test_the_ministry_sees_which_records_it_has_not(tmp_path, log, device):
    ministry = sqlite3.connect(tmp_path / "ministry.db", isolation_level=None)
    inbox = Inbox(ministry)
    inbox.fleet.enrol(log._outbox.key.public, "Хуҷанд, 3", DAY)
    done(log, 3)
    log._outbox.deliver(lambda batch: inbox.accept(batch, DAY))
    assert inbox.faults(device) == ()
    done(log, 2)
    add_report(log._outbox, Status({}, "", "0.1.0", 0, audit=log.head()), datetime(2026, 11, 25, tzinfo=UTC))
    log._connection.execute("DELETE FROM outbox WHERE kind = 'audit'")
    log._outbox.deliver(lambda batch: inbox.accept(batch, DAY))
    assert inbox.faults(device) == (Fault(Flaw.MISSING, 4, 5),)
    ministry.close()


def test_a_record_that_gave_way_to_others_leaves_a_gap_that_shows(tmp_path, device, log):
    crowded = AuditLog(Outbox(log._connection, limits=Limits(size=1500)))
    done(crowded, 12)
    waiting = [event.body for event in crowded._outbox.batch()]
    (fault,) = verify_chain(waiting, device, crowded.head())
    assert (fault.flaw, fault.first) == (Flaw.MISSING, 1)
    assert crowded._outbox.counts()[Kind.AUDIT].dropped == fault.last
    assert verify_chain(crowded.records(), device, crowded.head()) == ()
