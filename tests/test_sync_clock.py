"""A wrong clock stops nothing that is honest and lets nothing old in; eight clocks, and how a floor is mended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.clock import LONG_AGO, Clock, ClockState, Issue
from sync.errors import FutureRepositoryError
from sync.rollout import Rollout
from sync.settings import Settings
from sync.state import State
from tests.kiosk import HEALTH, Kiosk, edition
from tests.repository_simulator import NOW, RepositorySimulator

DAY = timedelta(days=1)
BUILT = NOW - 90 * DAY


@pytest.fixture
def repository():
    simulator = RepositorySimulator((HEALTH,))
    simulator.publish(HEALTH, edition(1), 1)
    return simulator


@pytest.fixture
def kiosk(repository, tmp_path):
    machine = Kiosk(tmp_path, repository, settings=Settings(device="kiosk-1", built=BUILT))
    yield machine
    machine.close()


@pytest.fixture
def synced(kiosk):
    """It holds release 1 and was told the time by it."""
    kiosk.update()
    assert kiosk.client.guards.clock.floor() == NOW
    return kiosk


# --- the eight -------------------------------------------------------------------------------------------------------


def test_a_machine_that_thinks_it_is_1970_goes_by_what_was_signed(synced, repository):
    repository.now += 3 * DAY
    repository.publish(HEALTH, edition(2), 2)
    synced.now = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
    report = synced.update()
    assert report.reading.moment == NOW
    assert report.reading.state is ClockState.BEHIND
    assert report.of(HEALTH).number == 2
    assert synced.client.guards.clock.floor() == NOW + 3 * DAY


def test_a_machine_that_thinks_it_is_1970_does_not_take_what_was_over_long_ago(synced, repository):
    """Without a floor every expiry lies ahead in 1970, and an old copy is as good as a new one."""
    repository.now -= 60 * DAY
    repository.refresh()                               # a higher version, over 30 days ago
    before, floor = synced.standing(), synced.client.guards.clock.floor()
    synced.now = LONG_AGO
    assert synced.refusal().code == "expired_repository"
    assert (synced.standing(), synced.client.guards.clock.floor()) == (before, floor)
    repository.now = NOW + DAY
    repository.publish(HEALTH, edition(2), 2)
    assert synced.update().of(HEALTH).number == 2


def test_a_fresh_machine_in_1970_goes_by_when_its_program_was_made(kiosk, repository):
    repository.now = BUILT - 60 * DAY
    repository.update(HEALTH)
    kiosk.now = LONG_AGO
    assert kiosk.refusal().code == "expired_repository"
    assert kiosk.standing() == ({}, (), {}, {})
    repository.now = NOW
    repository.update(HEALTH)
    report = kiosk.update()
    assert (report.reading.moment, report.reading.bad, report.of(HEALTH).number) == (BUILT, True, 1)
    assert kiosk.client.guards.clock.floor() == NOW


def test_a_clock_two_years_ahead_takes_nothing_in_and_forgets_nothing(synced, repository):
    repository.publish(HEALTH, edition(2), 2)
    before, floor = synced.standing(), synced.client.guards.clock.floor()
    synced.now = NOW + 730 * DAY
    assert synced.client.guards.clock.read().state is ClockState.AHEAD
    error = synced.refusal()
    assert error.code == "expired_repository"
    assert "2028-11-24" in error.message
    assert "clock" in error.hint
    assert (synced.standing(), synced.client.guards.clock.floor()) == (before, floor)
    synced.now = NOW
    assert synced.update().of(HEALTH).number == 2


def test_a_clock_one_day_behind_is_corrected(synced, repository):
    repository.publish(HEALTH, edition(2), 2)
    synced.now = NOW - DAY
    report = synced.update()
    assert (report.reading.moment, report.reading.state) == (NOW, ClockState.BEHIND)
    assert report.of(HEALTH).number == 2


def test_a_clock_that_lost_some_days_without_electricity_is_told_the_time(synced, repository):
    """It is ahead of the floor and yet behind those who sign."""
    repository.now += 20 * DAY
    repository.publish(HEALTH, edition(2), 2)
    synced.now = NOW + 14 * DAY
    report = synced.update()
    assert (report.reading.state, report.of(HEALTH).number) == (ClockState.GOOD, 2)
    assert synced.client.guards.clock.floor() == NOW + 20 * DAY


def test_a_clock_that_jumps_during_a_sync_is_asked_once(synced, repository):
    repository.publish(HEALTH, edition(2), 2)
    moments = iter([NOW, NOW + 3650 * DAY, LONG_AGO])
    synced.client.guards.clock._now = lambda: next(moments)
    report = synced.update()
    assert (report.reading.moment, report.of(HEALTH).number) == (NOW, 2)
    assert synced.client.guards.clock.floor() == NOW
    assert synced.client.state.attempts()[0].at == NOW
    assert next(moments) == NOW + 3650 * DAY


def test_a_clock_that_jumps_back_between_two_syncs_lets_nothing_old_in(synced, repository):
    old = dict(repository.files)
    synced.later(days=40)
    repository.publish(HEALTH, edition(2), 2)
    repository.update("targets")
    synced.update()
    before = synced.standing()
    synced.forget_metadata()
    new, repository.files = repository.files, old
    synced.now = NOW
    assert synced.refusal().code == "expired_repository"
    assert synced.standing() == before
    repository.files = new
    assert synced.sync().failure is None


# --- signatures from the future ---------------------------------------------------------------------------------------


def test_what_was_signed_far_ahead_is_not_taken_by_a_machine_whose_clock_is_good(synced, repository):
    """Or one wrong clock at the ministry would lock every machine out until its date has come."""
    before, floor, marks = synced.standing(), synced.client.guards.clock.floor(), synced.marks()
    repository.now += 730 * DAY
    repository.publish(HEALTH, edition(2), 2)
    error = synced.refusal()
    assert error.code == "future_repository"
    assert "2026-11-25" in error.message
    assert (synced.standing(), synced.client.guards.clock.floor(), synced.marks()) == (before, floor, marks)
    repository.now = NOW
    repository.publish(HEALTH, edition(3), 3)
    assert synced.update().of(HEALTH).number == 3


def test_a_floor_that_a_thief_raised_is_mended_by_new_keys(synced, repository):
    """A machine with a dead clock believes the date that a stolen timestamp key signs; new keys make it forget."""
    repository.now += 730 * DAY
    repository.refresh()
    synced.now = LONG_AGO
    synced.sync()
    assert synced.client.guards.clock.floor() == NOW + 730 * DAY
    repository.now = NOW + 2 * DAY
    repository.roles["timestamp"].signed.version += 1
    repository.rotate("timestamp")
    repository.publish(HEALTH, edition(2), 2)
    assert synced.refusal().code == "expired_repository"        # the new root arrives all the same
    assert synced.client.guards.clock.floor() == NOW
    assert synced.update().of(HEALTH).number == 2
    assert synced.client.guards.clock.floor() == NOW + 2 * DAY


def test_time_that_cannot_be_read_is_refused(synced, repository):
    repository.roles["timestamp"].signed.version += 1
    repository.roles["timestamp"].signed.unrecognized_fields["issued"] = "tomorrow"
    repository.sign("timestamp")
    before, floor = synced.standing(), synced.client.guards.clock.floor()
    assert synced.refusal().code == "bad_release"
    assert (synced.standing(), synced.client.guards.clock.floor()) == (before, floor)
    repository.publish(HEALTH, edition(2), 2)
    assert synced.update().of(HEALTH).number == 2


def test_metadata_that_does_not_say_when_it_was_signed_is_taken_and_moves_no_floor(synced, repository):
    for role in ("timestamp", "snapshot"):
        repository.roles[role].signed.unrecognized_fields.pop("issued")
    repository.roles["timestamp"].signed.version += 1
    repository.sign("timestamp")
    assert synced.sync().failure is None
    assert synced.client.guards.clock.floor() == NOW


def test_weeks_offline_are_nothing_special(synced, repository):
    synced.later(days=170)
    repository.update("targets")
    repository.publish(HEALTH, edition(2), 2)
    assert synced.update().of(HEALTH).number == 2


def test_a_release_waits_for_its_day_by_the_floored_clock(synced, repository):
    repository.publish(HEALTH, edition(2), 2, rollout=Rollout(not_before=NOW + DAY))
    synced.now = LONG_AGO
    assert synced.sync().of(HEALTH).progress == "held_back"
    synced.later(days=0)
    synced.now = NOW + DAY
    assert synced.sync().of(HEALTH).progress == "staged"


# --- the clock alone --------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(tmp_path):
    with State(tmp_path / "state.db") as state:
        moments = [NOW]
        made = Clock(state.connection, lambda: moments[0], BUILT)
        made.moments = moments
        yield made


def test_the_floor_never_sinks_by_the_same_keys(clock):
    reading = clock.read()
    clock.accept([Issue("timestamp", "a", NOW)], reading)
    clock.accept([Issue("timestamp", "a", NOW - 5 * DAY)], reading)
    assert clock.floor() == NOW
    clock.forget({"timestamp": "a", "snapshot": "b"})
    assert clock.floor() == NOW
    clock.forget({"timestamp": "new"})
    assert clock.floor() == BUILT


def test_a_date_too_far_ahead_keeps_the_others_of_the_same_sync_out_too(clock):
    with pytest.raises(FutureRepositoryError):
        clock.accept([Issue("root", "", NOW), Issue("timestamp", "a", NOW + 8 * DAY)], clock.read())
    assert clock.floor() == BUILT
    clock.accept([Issue("root", "", NOW), Issue("timestamp", "a", NOW + 7 * DAY)], clock.read())
    assert clock.floor() == NOW + 7 * DAY


def test_a_machine_that_heard_nothing_for_more_than_a_year_is_told(clock):
    clock.accept([Issue("timestamp", "a", NOW)], clock.read())
    clock.moments[0] = NOW + 400 * DAY
    assert clock.read().state is ClockState.GOOD
    clock.moments[0] += DAY
    assert clock.read().state is ClockState.AHEAD
    assert clock.read().moment == clock.moments[0]
