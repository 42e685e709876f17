"""Whose turn it is: so many answers are worked on at once in threads, so many more wait, and all others come again.

When nothing was asked for a while, what is kept in memory to answer faster is let go of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from assistant.api.refusal import RefusalError
from assistant.api.settings import ApiSettings

# Somebody who asks further has asked by then, in seconds.
QUIET_S = 60.0
_AGAIN_S = 2
T = TypeVar("T")


class Turns:
    """The places of one process.  `clock` gives seconds that only go forward."""

    def __init__(self, settings: ApiSettings, clock: Callable[[], float]) -> None:
        self._limiter, self._most = CapacityLimiter(settings.at_once), settings.at_once + settings.waiting
        self._clock, self._inside, self._last = clock, 0, 0.0
        self._remembers = False

    async def run(self, work: Callable[[], T]) -> T:
        """Return what the work gives; it is done in a thread, when it is its turn.

        Raises:
            RefusalError: every place is taken.
        """
        if self._inside >= self._most:
            raise RefusalError(503, "busy", f"{self._inside} requests are before this one", "Ask again soon.",
                               after_s=_AGAIN_S)
        self._inside, self._remembers = self._inside + 1, True
        try:
            return await run_sync(work, limiter=self._limiter)
        finally:
            self._inside, self._last = self._inside - 1, self._clock()

    def quiet(self) -> bool:
        """Return whether something was asked, and nothing since a while; once for each such time."""
        over = self._remembers and not self._inside and self._clock() - self._last >= QUIET_S
        self._remembers = self._remembers and not over
        return over
