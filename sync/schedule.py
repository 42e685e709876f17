"""When the next attempt to sync is due.

Pure rules: no files, no network, no clock, no waiting.  The caller passes seconds of a clock that only goes forward,
so that a wall clock that jumps neither holds an attempt back nor brings a row of them.  The first attempt is due at
once, however often the machine is started.  A hint (a network, a person) brings an attempt nearer and never puts one
off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

MINUTE = 60.0
LONGEST_BACKOFF = 60 * MINUTE
# The first wait is shorter than the others by up to this part of them: what starts together parts ways.
_SPREAD = 0.5


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a machine asks, in seconds, and how much shorter its first wait is, 0 to 1 of the spread."""

    every: float
    offset: float = 0.0

    @property
    def first(self) -> float:
        """Return the wait after the first attempt that succeeded; the later ones are `every` seconds."""
        return self.every * (1 - _SPREAD * self.offset)


def offset(device: str) -> float:
    """Return where in the fleet a machine stands, from 0 up to 1: always the same for one machine."""
    return int.from_bytes(sha256(f"offset {device}".encode()).digest()[:4], "big") / 2**32


def backoff(failures: int) -> float:
    """Return the longest wait after so many failures in a row, in seconds: 1, 2, 4 … 60 minutes."""
    return min(MINUTE * 2.0 ** min(failures - 1, 16), LONGEST_BACKOFF)


class Schedule:
    """The attempts of one machine since its program started.  `random` gives a number from 0 up to 1."""

    def __init__(self, rhythm: Rhythm, now: float, random: Callable[[], float]) -> None:
        self._rhythm, self._random = rhythm, random
        self.every = rhythm.every
        self.due = now
        self.failures = 0
        self._succeeded = False

    def left(self, now: float) -> float:
        """Return for how many seconds nothing is due, 0 where something is."""
        return max(self.due - now, 0.0)

    def hint(self, now: float) -> None:
        """Bring the next attempt here, and begin the waits after failures anew."""
        self.due = min(self.due, now)
        self.failures = 0

    def succeeded(self, now: float) -> None:
        """Note that an attempt ended well."""
        self.due = now + (self.every if self._succeeded else self._rhythm.first)
        self.failures, self._succeeded = 0, True

    def failed(self, now: float) -> None:
        """Note that an attempt failed: with full jitter, so that a server that comes back is not stormed."""
        self.failures += 1
        self.due = now + min(self._random() * backoff(self.failures), self.every)
