"""The machines and their reports: signed, newer than the last, and read to the letter."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync.audit import Head
from sync.batch import Kind, write_batch
from sync.device import device_id, device_key, fingerprint, next_counter
from sync.errors import BadBatchError, OutboxError
from sync.fleet import Fleet, add_report
from sync.inbox import Inbox
from sync.outbox import Outbox
from sync.report import PURPOSE, Status, StatusReport, read_report, write_report
from sync.state import State

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
DAY = NOW.date()
STATUS = Status(
    {"min-health": 12, "hukumat-khujand": 3}, "a" * 64, "0.1.0", 5_000_000_000, False, ("undelivered",),
    {"asked": 120, "abstained": 14}, Head(7, "b" * 64))


@pytest.fixture
def outbox(tmp_path):
    with State(tmp_path / "state.db") as state:
        yield Outbox(state.connection)


@pytest.fixture
def ministry(tmp_path):
    connection = sqlite3.connect(tmp_path / "ministry.db", isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def inbox(ministry, outbox):
    inbox = Inbox(ministry)
    inbox.fleet.enrol(outbox.key.public, "Хуҷанд, 3", DAY)
    return inbox


@pytest.fixture
def fleet(inbox):
    return inbox.fleet


def rows(ministry):
    return [ministry.execute(f"SELECT * FROM {table}").fetchall() for table in ("machines", "inbox")]


def sent(outbox, inbox, day=DAY):
    return outbox.deliver(lambda batch: inbox.accept(batch, day))


def report(outbox, counter=1, status=STATUS, device=""):
    return StatusReport(device or outbox.key.id, counter, NOW, status)


# The key of a machine


def test_the_key_is_made_at_the_first_start_and_stays(tmp_path):
    with State(tmp_path / "state.db") as state:
        first = device_key(state.connection, lambda count: bytes(range(count)))
    with State(tmp_path / "state.db") as state:
        again = device_key(state.connection)
    assert again.public == first.public
    assert again.id == device_id(first.public)
    assert fingerprint(first.id) == " ".join(first.id[at:at + 4] for at in (0, 4, 8, 12, 16, 20, 24, 28))


def test_two_processes_at_the_first_start_have_one_key(tmp_path):
    with State(tmp_path / "state.db") as pages, State(tmp_path / "state.db") as sync:
        assert device_key(pages.connection).id == device_key(sync.connection).id


def test_a_machine_that_lost_its_state_is_a_new_machine(tmp_path, outbox):
    with State(tmp_path / "other.db") as state:
        assert device_key(state.connection).id != outbox.key.id


def test_the_private_half_shows_in_no_text_and_in_nothing_that_is_sent(outbox):
    secret = outbox.key.private.private_bytes_raw()
    add_report(outbox, STATUS, NOW)
    assert secret not in write_batch(outbox.batch(), outbox.key)
    assert secret.hex() not in repr(outbox.key)


def test_the_counter_rises_whatever_the_clock_does(outbox):
    moments = [NOW, NOW, NOW - timedelta(days=900), NOW.replace(year=1970), NOW + timedelta(days=730), NOW]
    counters = [next_counter(outbox.connection, moment) for moment in moments]
    assert counters == sorted(set(counters))


def test_a_state_that_was_restored_from_a_copy_does_not_repeat_counters(outbox):
    before = next_counter(outbox.connection, NOW)
    outbox.connection.execute("UPDATE device SET counter = 0")
    assert next_counter(outbox.connection, NOW + timedelta(seconds=1)) > before


# Reports


def test_a_report_says_on_the_other_side_what_it_said_on_this_one(outbox):
    written = report(outbox)
    assert read_report(write_report(written, outbox.key), outbox.key.public) == written


def test_the_list_of_machines_shows_the_newest_report_of_each(outbox, inbox, fleet):
    add_report(outbox, STATUS, NOW)
    sent(outbox, inbox)
    newer = add_report(outbox, replace(STATUS, free_bytes=7, clock_bad=True), NOW + timedelta(hours=1))
    sent(outbox, inbox, DAY + timedelta(days=1))
    (machine,) = fleet.machines()
    assert (machine.name, machine.report, machine.reported) == ("Хуҷанд, 3", newer, DAY + timedelta(days=1))
    assert machine.refused == 0


def test_a_report_that_comes_again_changes_nothing_but_the_count(outbox, fleet):
    old = write_report(report(outbox, 1), outbox.key)
    new = write_report(report(outbox, 2, replace(STATUS, free_bytes=7)), outbox.key)
    assert fleet.receive(outbox.key.public, old, DAY)
    assert fleet.receive(outbox.key.public, new, DAY)
    before = fleet.machines()[0]
    for again in (old, new):
        assert not fleet.receive(outbox.key.public, again, DAY + timedelta(days=30))
    assert fleet.machines()[0] == replace(before, refused=2)


def test_a_batch_with_a_report_that_comes_again_changes_nothing_at_all(outbox, inbox, ministry):
    add_report(outbox, STATUS, NOW)
    data = write_batch(outbox.batch(), outbox.key)
    inbox.accept(data, DAY)
    before = rows(ministry)
    inbox.accept(data, DAY + timedelta(days=30))
    assert rows(ministry) == before


def test_an_old_report_in_a_new_batch_is_refused_and_acknowledged(outbox, inbox, fleet):
    data = write_report(report(outbox, 1), outbox.key)
    fleet.receive(outbox.key.public, write_report(report(outbox, 2), outbox.key), DAY)
    before = fleet.machines()[0]
    outbox.add(Kind.STATUS, data, DAY)
    assert sent(outbox, inbox, DAY + timedelta(days=9)).waiting == 0
    assert fleet.machines()[0] == replace(before, refused=1)


def test_a_report_of_another_machine_is_refused(tmp_path, outbox, inbox, fleet):
    with State(tmp_path / "other.db") as state:
        other = device_key(state.connection)
    fleet.enrol(other.public, "Кӯлоб, 1", DAY)
    outbox.add(Kind.STATUS, write_report(report(outbox, device=other.id), other), DAY)
    sent(outbox, inbox)
    assert [(one.name, one.report, one.refused) for one in fleet.machines()] == [
        ("Кӯлоб, 1", None, 0), ("Хуҷанд, 3", None, 1)]


def signed(outbox, change):
    plain = json.loads(report(outbox).to_bytes())
    change(plain)
    body = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return outbox.key.sign(PURPOSE, body) + body


CHANGES = {
    "another machine's name": lambda plain: plain.update(device="f" * 32),
    "a counter below nothing": lambda plain: plain.update(counter=-1),
    "a counter that is no number": lambda plain: plain.update(counter="9"),
    "a counter without end": lambda plain: plain.update(counter=2**60),
    "a counter that is true": lambda plain: plain.update(counter=True),
    "a publisher that is a path": lambda plain: plain["sequences"].update({"../root": 1}),
    "ten thousand publishers": lambda plain: plain["sequences"].update({f"p{at}": 1 for at in range(10_000)}),
    "an error that is a page": lambda plain: plain.update(errors=["<script>alert(1)</script>"]),
    "a thousand errors": lambda plain: plain.update(errors=["undelivered"] * 1000),
    "errors that are a text": lambda plain: plain.update(errors="undelivered"),
    "a counter of words": lambda plain: plain["counters"].update({"номи шаҳрванд": 1}),
    "a version that is a page": lambda plain: plain.update(app_version="<b>1</b>"),
    "a hash that is none": lambda plain: plain.update(generation="A" * 64),
    "a truth that is a number": lambda plain: plain.update(clock_bad=1),
    "a moment that is none": lambda plain: plain.update(made="yesterday"),
    "no head": lambda plain: plain.pop("audit"),
    "a head without a hash": lambda plain: plain.update(audit={"number": 1}),
    "something more": lambda plain: plain.update(note="ҳар чӣ"),
    "another version": lambda plain: plain.update(version=2),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_report_that_is_signed_but_not_well_made_is_refused(outbox, fleet, change):
    assert read_report(signed(outbox, lambda plain: None), outbox.key.public) == report(outbox)
    before = fleet.machines()[0]
    with pytest.raises(BadBatchError):
        read_report(signed(outbox, change), outbox.key.public)
    assert not fleet.receive(outbox.key.public, signed(outbox, change), DAY)
    assert fleet.machines()[0] == replace(before, refused=1)


def test_every_byte_of_a_report_is_signed(outbox):
    data = write_report(report(outbox), outbox.key)
    for place in range(0, len(data), 7):
        spoilt = bytearray(data)
        spoilt[place] ^= 1
        with pytest.raises(BadBatchError):
            read_report(bytes(spoilt), outbox.key.public)


def test_a_batch_is_not_taken_for_a_report_that_was_signed(outbox):
    body = report(outbox).to_bytes()
    with pytest.raises(BadBatchError, match="not signed"):
        read_report(outbox.key.sign(b"rohnamo-batch 1\n", body) + body, outbox.key.public)


def test_a_machine_never_sends_a_report_that_would_be_refused(outbox):
    before = outbox.waiting(), outbox.connection.execute("SELECT counter FROM device").fetchone()
    with pytest.raises(BadBatchError):
        add_report(outbox, replace(STATUS, errors=("Хато рӯй дод",)), NOW)
    assert (outbox.waiting(), outbox.connection.execute("SELECT counter FROM device").fetchone()) == before


# The list of machines


def test_who_lags_and_who_is_silent_shows(outbox, inbox, fleet):
    add_report(outbox, STATUS, NOW)
    sent(outbox, inbox)
    (machine,) = fleet.machines()
    newest = {"min-health": 14, "hukumat-khujand": 3, "min-labour": 2}
    assert machine.behind(newest) == {"min-health": 2, "min-labour": 2}
    assert machine.silent(DAY + timedelta(days=12)) == 12


def test_a_machine_that_never_reported_lags_behind_everything(fleet):
    (machine,) = fleet.machines()
    assert machine.behind({"min-health": 2}) == {"min-health": 2}
    assert machine.silent(DAY + timedelta(days=3)) == 3


@pytest.mark.parametrize(("public", "name"), [(b"short", "Хуҷанд"), (bytes(32), "  "), (bytes(32), "Х" * 101)])
def test_what_is_no_machine_is_not_enrolled(fleet, public, name):
    before = fleet.machines()
    with pytest.raises(OutboxError):
        fleet.enrol(public, name, DAY)
    assert fleet.machines() == before


def test_enrolling_again_gives_a_new_name_and_keeps_the_rest(outbox, inbox, fleet):
    add_report(outbox, STATUS, NOW)
    sent(outbox, inbox)
    before = fleet.machines()[0]
    fleet.enrol(outbox.key.public, "Хуҷанд, 4", DAY + timedelta(days=5))
    assert fleet.machines() == (replace(before, name="Хуҷанд, 4"),)


def test_a_machine_that_is_dismissed_reports_no_more(outbox, fleet):
    data = write_report(report(outbox), outbox.key)
    assert fleet.dismiss(outbox.key.id)
    assert not fleet.dismiss(outbox.key.id)
    assert not fleet.receive(outbox.key.public, data, DAY)
    assert fleet.machines() == ()


def test_the_list_opens_in_an_empty_database(tmp_path):
    connection = sqlite3.connect(tmp_path / "new.db")
    assert Fleet(connection).machines() == ()
    connection.close()
