"""Who may use a model now: first come, first served, with few places to wait.

A model writes one draft at a time, a server a few; whoever comes when all places are taken is turned away at
once, because the composed answer is already there.  Nothing here knows what is written, or for how long.
"""

from __future__ import annotations

from threading import Condition
from types import TracebackType
from typing import Self

from assistant.errors import AssistantError

MAX_WAITING = 3               # at 15 s a draft the last of them still comes within a minute


class BusyError(AssistantError):
    """As many wait for the model as may; the composed answer stands."""

    code = "generator_busy"


class Line:
    """The places before one model: `at_once` are served together, `waiting` more may wait."""

    def __init__(self, at_once: int = 1, waiting: int = MAX_WAITING) -> None:
        self._changed = Condition()
        self._places: list[Place] = []
        self._at_once = at_once
        self._most = at_once + waiting

    @property
    def taken(self) -> int:
        """How many are served or wait."""
        return len(self._places)

    def enter(self) -> Place:
        """Return a place at the end of the line; leave the `with` block to give it up.

        Raises:
            BusyError: every place is taken.
        """
        with self._changed:
            if len(self._places) >= self._most:
                raise BusyError(f"{len(self._places)} questions are before this one.",
                                "The composed answer stands.  Ask again in a minute for a worded one.")
            self._places.append(place := Place(self))
        return place

    def comes(self, place: Place, timeout_s: float) -> bool:
        """Return whether it is a place's turn, as soon as it is or after `timeout_s` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ahead(place) < self._at_once, timeout_s)

    def leave(self, place: Place) -> None:
        """Take a place out of the line, wherever it stands; leaving twice is leaving once."""
        with self._changed:
            if place in self._places:
                self._places.remove(place)
                self._changed.notify_all()

    def _ahead(self, place: Place) -> int:
        return self._places.index(place) if place in self._places else len(self._places)


class Place:
    """One place in a line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._line.leave(self)

    def comes(self, timeout_s: float) -> bool:
        """Return whether it is this one's turn, as soon as it is or after `timeout_s` seconds."""
        return self._line.comes(self, timeout_s)
