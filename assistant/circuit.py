"""Whether a server that failed is asked again: after a rest, longer for each failure in a row, and first by one alone.

A server may say itself how long it wants to be left alone.  No rest is as long as that of another machine, so
that a server that comes back does not meet all its askers in the same second.  No time is read but from the clock.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from threading import Lock

REST_S = 30.0                 # after one failure; twice as long after each more, four times over
_DOUBLED = 4
MOST_S = REST_S * 2 ** _DOUBLED
_APART = 0.5                  # by up to this part of itself is a rest longer by chance


class Circuit:
    """The way to one server, open or closed.  Threads may share it.

    chance: gives numbers from 0 to 1.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic,
                 chance: Callable[[], float] = random.random) -> None:
        self._clock, self._chance = clock, chance
        self._lock = Lock()
        self._fault = ""
        self._failures = 0
        self._rests_until = float("-inf")
        self._tried = False            # one asker is finding out whether it is back

    def enter(self) -> str:
        """Return why the server is not to be asked now; nothing where it may.

        Who may reports with `worked`, `failed` or `left` afterwards.
        """
        with self._lock:
            if (left := self._rests_until - self._clock()) > 0:
                return f"{self._fault}  It is left alone for {left:.0f} more seconds."
            if self._failures and self._tried:
                return f"{self._fault}  Another question tries it now."
            self._tried = True
            return ""

    def worked(self) -> None:
        """Note that the server answers: everybody may ask."""
        with self._lock:
            self._failures, self._tried = 0, False

    def left(self) -> None:
        """Note that an asker went away before it was known; the next one may find out."""
        with self._lock:
            self._tried = False

    def failed(self, fault: str, rest_s: float | None = None) -> None:
        """Note what went wrong.  rest_s: the seconds for which the server asked to be left alone, if it did.

        Askers that were under way together and fail together are one failure.
        """
        with self._lock:
            now = self._clock()
            if now >= self._rests_until:
                self._failures += 1
            ours = REST_S * 2.0 ** min(self._failures - 1, _DOUBLED)
            rest = ours if rest_s is None else min(max(rest_s, 1.0), MOST_S)
            self._rests_until = max(self._rests_until, now + rest * (1 + _APART * self._chance()))
            self._fault, self._tried = fault, False
