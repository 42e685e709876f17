"""How much may pass over the line, and when: bytes a day, bytes a second, hours on a metered line.

What matters most is small and always passes: metadata and withdrawals.  What has passed is counted per day in the
machine's state, so that a restart does not begin a new day.  A line that gives almost nothing is given up.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from datetime import time as hour
from enum import IntEnum
from typing import Protocol

from tuf.api.exceptions import SlowRetrievalError

from sync.errors import PostponedError
from sync.state import State

DUSHANBE = timezone(timedelta(hours=5))


class Priority(IntEnum):
    """What goes over the line first, a closed set."""

    METADATA = 0
    REVOCATIONS = 1
    DELTAS = 2
    OUTBOX = 3
    PACKS = 4
    MODELS = 5

    @classmethod
    def of(cls, name: str) -> Priority:
        """Return the priority of a file of a repository by the end of its name."""
        if name.endswith((".delta.zst", ".jsonl")):
            return cls.DELTAS
        if name.endswith("revocations.json"):
            return cls.REVOCATIONS
        if name.endswith(".json"):
            return cls.METADATA
        return cls.PACKS if name.endswith(".pack.zst") else cls.MODELS


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the day, the end exclusive; one that ends before it begins goes past midnight."""

    start: hour
    end: hour

    def includes(self, moment: hour) -> bool:
        """Return whether a time of day is within."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the settings of this machine allow; None is no limit.

    `day_bytes` and `rate` (bytes a second) hold on every line, `windows` are the hours (in `zone`) in which whole packs
    may come over a metered one.
    """

    day_bytes: int | None = None
    rate: int | None = None
    metered: bool = False
    windows: tuple[Window, ...] = ()
    zone: timezone = DUSHANBE


@dataclass(frozen=True, slots=True)
class Patience:
    """When a line is given up: `least` bytes must come in every `window` seconds, and something in `silence` seconds.

    100 bytes a second is less than the worst line that people work with.  `tries` are attempts in a row that brought
    nothing new; `pause` seconds lie before the second one, twice as much before each later one.  A server to which
    there was no connection yet is given up after `connect` seconds.
    """

    connect: float = 10.0
    silence: float = 30.0
    window: float = 60.0
    least: int = 6_000
    tries: int = 6
    pause: float = 1.0


class Ticking(Protocol):
    """Time that only goes forward, for pauses and rates."""

    def monotonic(self) -> float:
        """Return seconds from some moment."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Traffic:
    """Counts what passes on one day, and says what may.  `moment`: the floored clock, read once."""

    def __init__(self, state: State | None, allowance: Allowance, moment: datetime, *, ticking: Ticking = time) -> None:
        self._state, self._allowance, self._moment = state, allowance, moment.astimezone(allowance.zone)
        self._ticking, self._unsaved, self._due = ticking, 0, ticking.monotonic()
        self.length = 0
        self.requests = 0

    def check(self, priority: Priority, length: int) -> None:
        """See whether a file of so many bytes may come now.

        Raises:
            PostponedError: it may not.
        """
        if priority <= Priority.REVOCATIONS:
            return
        self._check_budget(length)
        if self._allowance.metered and priority >= Priority.PACKS:
            self._check_hours(priority)

    def count(self, length: int) -> float:
        """Count bytes that passed, wait where they came faster than is allowed, and return for how many seconds."""
        self.length += length
        self._unsaved += length
        if not self._allowance.rate:
            return 0.0
        now = self._ticking.monotonic()
        self._due = max(self._due, now) + length / self._allowance.rate
        self._ticking.sleep(self._due - now)
        return self._due - now

    def save(self) -> None:
        """Write what was counted into the machine's state."""
        if self._unsaved and self._state:
            self._state.spend(self._moment.date(), self._unsaved)
        self._unsaved = 0

    def _check_budget(self, length: int) -> None:
        if self._allowance.day_bytes is None:
            return
        spent = (self._state.spent(self._moment.date()) if self._state else 0) + self._unsaved
        if spent + length > self._allowance.day_bytes:
            raise PostponedError(f"{length} bytes more would be over the {self._allowance.day_bytes} bytes that are "
                                 f"allowed for a day; {spent} passed today")

    def _check_hours(self, priority: Priority) -> None:
        if priority is Priority.MODELS:
            raise PostponedError("model files do not come over a metered line", hint="Bring them on a stick.")
        if not any(window.includes(self._moment.time()) for window in self._allowance.windows):
            hours = ", ".join(map(str, self._allowance.windows)) or "not at all"
            raise PostponedError(f"whole packs come over this metered line only at these hours: {hours}")


class Pace:
    """Whether a line still gives enough.  Waiting that we chose ourselves does not count against it."""

    def __init__(self, patience: Patience, ticking: Ticking = time) -> None:
        self._patience, self._ticking = patience, ticking
        self._began, self._length = ticking.monotonic(), 0

    def left(self) -> float:
        """Return for how many seconds a read may wait.

        Raises:
            SlowRetrievalError: almost nothing came for a whole window.
        """
        spent = self._ticking.monotonic() - self._began
        if spent >= self._patience.window:
            if self._length < self._patience.least:
                raise SlowRetrievalError(f"{self._length} bytes came in {spent:.0f} seconds")
            self._began, self._length, spent = self._ticking.monotonic(), 0, 0.0
        return min(self._patience.silence, self._patience.window - spent)

    def took(self, length: int, waited: float = 0.0) -> None:
        """Note bytes that came, and seconds that were waited by choice after them."""
        self._length += length
        self._began += waited
