"""The door to the page for the staff: who is inside, and how often a wrong code was tried.

After five wrong tries it stays shut for five minutes, for everybody: there is one screen.  It opens to one visit, and
shuts when that visit ends or nothing is done for a while.  The code itself is `assistant.staff_pin`'s.
"""

from __future__ import annotations

from collections.abc import Callable

TRIES, SHUT_S, INSIDE_S = 5, 300.0, 600.0


class Door:
    """`clock` gives seconds that only go forward.  Called from one thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tries = 0
        self._shut_until = self._open_until = 0.0
        self._inside = ""

    @property
    def shut_s(self) -> float:
        """Return for how many seconds no code is looked at."""
        return max(self._shut_until - self._clock(), 0.0)

    def knock(self) -> bool:
        """Count a try before its code is looked at; return whether it may be."""
        if self.shut_s:
            return False
        self._tries += 1
        if self._tries >= TRIES:
            self._tries, self._shut_until = 0, self._clock() + SHUT_S
        return True

    def enter(self, visit: str) -> None:
        """Let a visit in, whose code was right."""
        self._tries, self._shut_until = 0, 0.0
        self._inside, self._open_until = visit, self._clock() + INSIDE_S

    def admits(self, visit: str) -> bool:
        """Return whether a visit is inside; that it asks counts as something done."""
        inside = bool(visit) and visit == self._inside and self._clock() < self._open_until
        if inside:
            self._open_until = self._clock() + INSIDE_S
        return inside

    def leave(self) -> None:
        """Shut the door behind whoever was inside."""
        self._inside, self._open_until = "", 0.0
