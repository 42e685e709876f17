"""The background job: one attempt after another, until it is told to stop.

APScheduler runs the attempts in a thread of its own; what is due is `sync.schedule`'s to say.  The scheduler goes by
the wall clock, so the main thread looks every few seconds whether an attempt is overdue by the clock that only goes
forward, and whether a hint came.  Nothing of it is written down: schedules are code, and what came of an attempt is in
the machine's state.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock

from apscheduler.events import (  # type: ignore[import-untyped]
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
)
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.schedulers.base import BaseScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]

from sync.hints import Network, Sticks
from sync.schedule import Schedule

JOB, LOOK_S = "sync", 3.0
# By so much an attempt may be late before the wall clock is no longer waited for.
_LATE_S = 3 * LOOK_S
_SAID = {EVENT_JOB_MISSED: ("job_missed", "an attempt was due and was not made"),
         EVENT_JOB_MAX_INSTANCES: ("job_overlapped", "an attempt was due while the one before was still at it")}
# What the scheduler says when it counts a run as over; one that is planned before that would overlap with it.
_OVER = EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | EVENT_JOB_MISSED


class Stopped(BaseException):
    """The program shall end.  Not an Exception: it is no fault of a line, and nothing tries again after it."""


class Stop:
    """Asked to end, the work ends at its next step: it takes its time and its pauses from here (`Ticking`)."""

    def __init__(self) -> None:
        self._event = Event()

    def ask(self, *_signal: object) -> None:
        """Ask the work to end; also called as the handler of a signal."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait, and return whether it shall end."""
        return self._event.wait(seconds)

    def check(self, *_progress: int) -> None:
        """Go on, or not; also called as the progress of a step.

        Raises:
            Stopped: it shall end.
        """
        if self._event.is_set():
            raise Stopped

    def monotonic(self) -> float:
        """Return seconds from some moment.  Raises as `check`."""
        self.check()
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, not longer than until it shall end.  Raises as `check`."""
        self._event.wait(max(seconds, 0.0))
        self.check()


class Watch:
    """Makes an attempt whenever one is due.

    attempt: takes a stick, or None for the usual source, and returns whether it went well.
    note: keeps a code and a sentence about an attempt that was not made, or ended in a fault of the program.
    asked: is set by whoever wants an attempt; it is made after the next look.
    """

    def __init__(self, attempt: Callable[[Path | None], bool], schedule: Schedule, note: Callable[[str, str], None], *,
                 asked: Event | None = None, scheduler: BaseScheduler | None = None,
                 monotonic: Callable[[], float] = time.monotonic) -> None:
        self._attempt, self._schedule, self._note, self._monotonic = attempt, schedule, note, monotonic
        self._scheduler = scheduler or BackgroundScheduler(
            timezone=UTC, executors={"default": {"type": "threadpool", "max_workers": 1}})
        self._lock = Lock()
        self._waiting: list[Path] = []
        self._asked = asked or Event()
        self._running = self._hinted = self._over = False

    def ask(self, *_signal: object) -> None:
        """Ask for an attempt; it is made after the next look.  Also called as the handler of a signal."""
        self._asked.set()

    def run(self, stop: Stop, network: Network, sticks: Sticks | None) -> None:
        """Make attempts until `stop` is asked; return when the last one has ended."""
        self.start()
        try:
            while not stop.wait(LOOK_S):
                self.look(network, sticks)
        finally:
            with self._lock:
                self._over = True
            self._scheduler.shutdown(wait=True)

    def start(self) -> None:
        """Make the first attempt now and the others when they are due."""
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)     # what it has to say is noted in the state
        self._scheduler.add_listener(self._listen, _OVER | EVENT_JOB_MAX_INSTANCES)
        self._scheduler.add_job(self._job, _Backstop(self._schedule.every), id=JOB, next_run_time=datetime.now(UTC),
                                misfire_grace_time=None, coalesce=True, max_instances=1)
        self._scheduler.start()

    def look(self, network: Network, sticks: Sticks | None) -> None:
        """Act on what happened since the last look."""
        asked = self._asked.is_set()
        self._asked.clear()
        came = sticks.appeared() if sticks else ()
        appeared = network.appeared()
        with self._lock:
            now = self._monotonic()
            self._waiting += came
            if asked or appeared:
                self._schedule.hint(now)
            hinted = bool(asked or appeared or came)
            self._hinted |= hinted and self._running
            wanted = not self._running and (hinted or now - self._schedule.due > _LATE_S)
        if wanted:
            self._plan(0.0)

    def _job(self) -> None:
        with self._lock:
            self._running, self._hinted = True, False
            sticks, self._waiting = self._waiting, []
            regular = not sticks or self._schedule.left(self._monotonic()) == 0
        with suppress(Stopped):
            for stick in sticks:
                self._attempt(stick)
            if regular:
                self._regular()

    def _regular(self) -> None:
        well = False
        try:
            well = self._attempt(None)
        finally:
            with self._lock:
                (self._schedule.succeeded if well else self._schedule.failed)(self._monotonic())

    def _ended(self) -> float:
        """Return the wait until the next run; a hint that came meanwhile is not lost."""
        with self._lock:
            self._running = False
            now = self._monotonic()
            if self._hinted and not self._waiting:
                self._schedule.hint(now)
            return 0.0 if self._waiting else self._schedule.left(now)

    def _plan(self, wait: float) -> None:
        with self._lock:
            if not self._over:      # it waits for the last run then, which must not wait for it
                self._scheduler.modify_job(JOB, next_run_time=datetime.now(UTC) + timedelta(seconds=wait))

    def _listen(self, event: JobEvent) -> None:
        if event.code & _OVER:
            self._plan(self._ended())
        if event.code in _SAID:
            self._note(*_SAID[event.code])
        elif event.code == EVENT_JOB_ERROR:
            self._note("job_failed", f"{type(event.exception).__name__}: {event.exception}")


class _Backstop(BaseTrigger):  # type: ignore[misc]
    """The run after one that could not plan it; reckoned from now, so that a clock that jumped owes no row of runs."""

    def __init__(self, every: float) -> None:
        self._every = timedelta(seconds=every)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self._every
