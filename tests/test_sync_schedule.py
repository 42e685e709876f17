"""Attempts in the background: at once, again and again, sooner on a hint, later after failures, never two at a time.

Clocks are the test's, and the scheduler's rounds are made by hand; nothing sleeps.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from apscheduler.events import EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers import base
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from hypothesis import given
from hypothesis import strategies as st

from sync.hints import Network, Sticks, default_route, sticks
from sync.schedule import LONGEST_BACKOFF, MINUTE, Rhythm, Schedule, backoff, offset
from sync.watch import LOOK_S, Stop, Stopped, Watch

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
STICK = Path("/media/ADMIN")
V4_HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
V4 = V4_HEAD + "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
V4_LOCAL = V4_HEAD + "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
V6 = f"{'0' * 32} 00 {'0' * 32} 00 fe80{'0' * 28} 00000400 00000001 00000000 00000003     eth0\n"
V6_REJECT = f"{'0' * 32} 00 {'0' * 32} 00 {'0' * 32} ffffffff 00000001 00000000 00200200       lo\n"


class Hands(BaseExecutor):
    """Keeps what was submitted until the test lets it run."""

    def start(self, scheduler, alias):
        super().start(scheduler, alias)
        self.submitted = []

    def _do_submit_job(self, job, run_times):
        self.submitted.append((job, run_times))

    def run(self):
        """Run what was submitted, as the pool's thread would."""
        job, times = self.submitted.pop(0)
        self._run_job_success(job.id, run_job(job, job._jobstore_alias, times, self._logger.name))


class ByHand(BaseScheduler):
    """Has no thread: the test makes its rounds."""

    def wakeup(self):
        """Nobody sleeps."""

    def shutdown(self, wait=True):
        super().shutdown(wait)


class Machine:
    """A watch, its clocks, and what came of its attempts.  `outcomes` says how the next ones end."""

    def __init__(self, *, every=HOUR, offset=0.0, random=lambda: 1.0):
        self.wall, self.monotonic = datetime(2026, 11, 25, 8, tzinfo=UTC), 1000.0
        self.attempts, self.outcomes, self.noted, self.during = [], [], [], None
        self.connected, self.mounted = True, frozenset()
        self.network, self.sticks = Network(lambda: self.connected), Sticks(lambda: self.mounted)
        self.hands = Hands()
        self.schedule = Schedule(Rhythm(every, offset), self.monotonic, random)
        self.watch = Watch(self.attempt, self.schedule, lambda code, message: self.noted.append((code, message)),
                           scheduler=ByHand(timezone=UTC, executors={"default": self.hands}),
                           monotonic=lambda: self.monotonic)
        self.scheduler = self.watch._scheduler

    def attempt(self, source):
        self.attempts.append((source, self.wall))
        if self.during:
            self.during()
        outcome = self.outcomes.pop(0) if self.outcomes else True
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def start(self):
        """Start as `run` does, and make the first round."""
        self.watch.start()
        self.round()
        return self

    def round(self):
        """Let the scheduler look at its clock, and run whatever it submits."""
        self.scheduler._process_jobs()
        while self.hands.submitted:
            self.hands.run()

    def look(self):
        self.watch.look(self.network, self.sticks)
        self.round()

    def later(self, seconds, *, wall=None):
        """Let time pass; the wall clock goes its own way where the test says so."""
        self.monotonic += seconds
        self.wall += timedelta(seconds=seconds if wall is None else wall)
        self.look()

    def wait(self):
        """Return the seconds until the next attempt, as the scheduler has them."""
        return (self.scheduler.get_job("sync").next_run_time - self.wall).total_seconds()


@pytest.fixture
def clocks(monkeypatch):
    """Make the scheduler and the watch ask the machine of the test for the time."""
    machines = []

    class Wall(datetime):
        @classmethod
        def now(cls, tz=None):
            return machines[-1].wall

    monkeypatch.setattr(base, "datetime", Wall)
    monkeypatch.setattr("sync.watch.datetime", Wall)

    def made(**values):
        machines.append(Machine(**values))
        return machines[-1]

    return made


# --- the scheduler ---------------------------------------------------------------------------------

def test_the_first_attempt_is_made_at_once_and_the_next_after_the_interval(clocks):
    machine = clocks().start()
    assert len(machine.attempts) == 1
    machine.later(HOUR - 1)
    assert len(machine.attempts) == 1
    machine.later(1)
    assert len(machine.attempts) == 2
    assert machine.noted == []


def test_a_machine_that_is_started_each_morning_syncs_each_day_though_its_interval_is_a_day(clocks):
    for _ in range(5):
        machine = clocks(every=DAY).start()
        machine.later(8 * HOUR)
        assert len(machine.attempts) == 1


def test_a_machine_that_slept_over_many_intervals_makes_one_attempt(clocks):
    machine = clocks().start()
    machine.later(0, wall=40 * DAY)
    assert len(machine.attempts) == 2
    assert machine.noted == []


def test_a_clock_that_jumps_from_1970_to_now_owes_no_row_of_attempts(clocks):
    machine = clocks()
    machine.wall = datetime(1970, 1, 1, tzinfo=UTC)
    machine.start()
    machine.later(1, wall=57 * 365 * DAY)
    assert len(machine.attempts) == 2
    assert machine.wait() == HOUR


def test_a_clock_that_jumps_back_a_year_does_not_hold_the_next_attempt_back(clocks):
    machine = clocks().start()
    machine.later(60, wall=-365 * DAY)
    assert len(machine.attempts) == 1
    machine.later(HOUR)
    assert len(machine.attempts) == 2
    machine.later(HOUR)
    assert len(machine.attempts) == 3


def test_a_second_run_is_not_begun_while_the_first_is_at_it_and_that_is_noted(clocks):
    machine = clocks().start()

    def overlap():
        machine.wall += timedelta(seconds=2 * HOUR)
        machine.monotonic += 2 * HOUR
        machine.watch.look(machine.network, machine.sticks)
        machine.scheduler._process_jobs()

    machine.during = overlap
    machine.later(HOUR)
    machine.during = None
    assert len(machine.attempts) == 2
    assert machine.hands.submitted == []
    assert machine.noted == [("job_overlapped", "an attempt was due while the one before was still at it")]
    assert machine.wait() == HOUR


def test_a_fault_of_the_program_is_noted_and_the_next_attempt_is_made_all_the_same(clocks):
    machine = clocks()
    machine.outcomes = [ZeroDivisionError("division by zero")]
    machine.start()
    assert machine.noted == [("job_failed", "ZeroDivisionError: division by zero")]
    assert machine.wait() == MINUTE
    machine.later(MINUTE)
    assert len(machine.attempts) == 2


def test_a_missed_run_is_noted(clocks):
    machine = clocks().start()
    machine.watch._listen(JobExecutionEvent(EVENT_JOB_MISSED, "sync", "default", machine.wall))
    assert machine.noted == [("job_missed", "an attempt was due and was not made")]


def test_a_hint_during_a_run_makes_another_run_after_it_and_never_a_second_at_once(clocks):
    machine = clocks().start()

    def ask():
        machine.during = None
        machine.watch.ask()
        machine.watch.look(machine.network, machine.sticks)
        machine.scheduler._process_jobs()

    machine.during = ask
    machine.later(HOUR)
    assert len(machine.attempts) == 2
    assert machine.noted == []
    machine.round()
    assert len(machine.attempts) == 3
    machine.round()
    assert len(machine.attempts) == 3


def test_a_network_that_appears_brings_the_attempt_here_and_begins_the_waits_anew(clocks):
    machine = clocks()
    machine.outcomes, machine.connected = [False] * 9, False
    machine.start()
    for _ in range(4):
        machine.later(machine.wait())
    assert machine.wait() == 16 * MINUTE
    machine.later(LOOK_S)
    assert len(machine.attempts) == 5
    machine.connected = True
    machine.look()
    assert len(machine.attempts) == 6
    assert machine.wait() == MINUTE
    machine.look()
    assert len(machine.attempts) == 6


def test_a_hint_is_not_needed_for_an_attempt(clocks):
    machine = clocks()
    machine.connected = False
    machine.start().later(HOUR)
    assert len(machine.attempts) == 2


def test_a_stick_is_read_when_it_is_put_in_and_the_usual_attempt_stays_where_it_was(clocks):
    machine = clocks().start()
    machine.later(MINUTE)
    machine.mounted, machine.outcomes = frozenset({STICK}), [False]
    machine.look()
    assert [source for source, _ in machine.attempts] == [None, STICK]
    assert machine.wait() == HOUR - MINUTE
    assert machine.schedule.failures == 0
    machine.look()
    assert len(machine.attempts) == 2
    machine.mounted = frozenset()
    machine.look()
    machine.mounted = frozenset({STICK})
    machine.look()
    assert [source for source, _ in machine.attempts] == [None, STICK, STICK]


def test_sticks_are_not_looked_for_unless_that_is_wanted(clocks):
    machine = clocks()
    machine.sticks = None
    machine.mounted = frozenset({STICK})
    machine.start().look()
    assert [source for source, _ in machine.attempts] == [None]


class Leaving(ThreadPoolExecutor):
    """The pool of the true scheduler; says when it is told to end, which is when the scheduler waits for the run."""

    def __init__(self):
        super().__init__(1)
        self.left = Event()

    def shutdown(self, wait=True):
        self.left.set()
        super().shutdown(wait)


def test_asked_to_stop_a_run_ends_at_its_next_step_and_so_does_the_program():
    """With the true scheduler and its threads; what is waited for are events, not time."""
    stop, begun, pool, reached, noted = Stop(), Event(), Leaving(), [], []

    def attempt(_source):
        begun.set()
        assert pool.left.wait(30)
        stop.check()
        reached.append("the end")

    watch = Watch(attempt, Schedule(Rhythm(HOUR), 0.0, lambda: 1.0), lambda *said: noted.append(said),
                  scheduler=BackgroundScheduler(timezone=UTC, executors={"default": pool}))
    thread = Thread(target=watch.run, args=(stop, Network(lambda: True), None), daemon=True)
    thread.start()
    assert begun.wait(30)
    stop.ask()
    thread.join(30)
    assert not thread.is_alive()
    assert (reached, noted) == ([], [])


def test_the_run_after_one_that_planned_none_is_reckoned_from_now_whatever_the_clock_said_before(clocks):
    trigger = clocks().start().scheduler.get_job("sync").trigger
    now = datetime(2026, 11, 25, tzinfo=UTC)
    assert trigger.get_next_fire_time(datetime(1970, 1, 1, tzinfo=UTC), now) == now + timedelta(hours=1)


def test_asked_to_stop_a_pause_of_the_line_ends_at_once():
    stop = Stop()
    stop.sleep(0.0)
    before = stop.monotonic()
    stop.ask()
    for step in (lambda: stop.sleep(3600.0), stop.monotonic, lambda: stop.check(1, 2)):
        with pytest.raises(Stopped):
            step()
    assert before > 0


# --- the rules -------------------------------------------------------------------------------------

def test_waits_after_failures_double_up_to_an_hour_and_a_success_ends_them():
    schedule = Schedule(Rhythm(2 * HOUR), 0.0, lambda: 1.0)
    waits = []
    for _ in range(9):
        schedule.failed(0.0)
        waits.append(schedule.due / MINUTE)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    schedule.succeeded(0.0)
    assert schedule.due == 2 * HOUR
    schedule.failed(0.0)
    assert schedule.due == MINUTE


def test_a_hint_begins_the_waits_anew_and_never_puts_an_attempt_off():
    schedule = Schedule(Rhythm(HOUR), 0.0, lambda: 1.0)
    schedule.hint(50.0)
    assert schedule.due == 0.0
    for _ in range(5):
        schedule.failed(100.0)
    schedule.hint(101.0)
    assert schedule.due == 101.0
    schedule.failed(101.0)
    assert schedule.due == 101.0 + MINUTE


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.sampled_from([MINUTE, HOUR, DAY]))
def test_a_wait_after_a_failure_is_anything_up_to_the_backoff_and_never_more_than_the_interval(failures, drawn, every):
    schedule = Schedule(Rhythm(every), 0.0, lambda: drawn)
    schedule.failures = failures - 1
    schedule.failed(0.0)
    assert schedule.due == min(drawn * backoff(failures), every)
    assert 0 <= schedule.due <= LONGEST_BACKOFF


@given(st.text(min_size=1), st.floats(MINUTE, DAY))
def test_a_machine_keeps_its_place_in_the_fleet_and_never_waits_longer_than_the_interval(device, every):
    assert offset(device) == offset(device)
    assert every / 2 <= Rhythm(every, offset(device)).first <= every


def test_machines_that_start_together_part_ways():
    firsts = sorted(Rhythm(HOUR, offset(f"kiosk-{number}")).first for number in range(300))
    tenths = [sum(1 for first in firsts if HOUR / 2 + start <= first < HOUR / 2 + start + HOUR / 20)
              for start in (HOUR / 20 * step for step in range(10))]
    assert min(tenths) > 10


def test_after_its_first_wait_a_machine_keeps_the_interval():
    schedule = Schedule(Rhythm(HOUR, 0.5), 0.0, lambda: 1.0)
    schedule.succeeded(0.0)
    assert schedule.due == 0.75 * HOUR
    schedule.succeeded(0.0)
    assert schedule.due == HOUR


# --- the hints -------------------------------------------------------------------------------------

@pytest.mark.parametrize(("table", "connected"), [
    (V4, True), (V4_LOCAL, False), (V6, True), (V6_REJECT, False), ("", False), ("no table at all\n", False)])
def test_a_default_route_that_is_up_is_a_network(tmp_path, table, connected):
    (tmp_path / "route").write_text(table, encoding="ascii")
    assert default_route([tmp_path / "missing", tmp_path / "route"]) is connected


def test_only_mounted_folders_with_our_name_are_sticks(tmp_path):
    for path in ("ADMIN/rohnamo", "user/KINGSTON/rohnamo", "OTHER/photos", "a/b/c/rohnamo"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "FILE").mkdir()
    (tmp_path / "FILE" / "rohnamo").write_text("no folder")
    (tmp_path / "LINK").mkdir()
    (tmp_path / "LINK" / "rohnamo").symlink_to(tmp_path / "ADMIN" / "rohnamo")
    assert sticks([tmp_path, tmp_path / "missing"]) == {tmp_path / "ADMIN", tmp_path / "user" / "KINGSTON"}
