"""What a kiosk remembers of the person in front of it: in memory, until they finish or go away.

A session is known by a random cookie that lives as long as the browser's window.  What was asked is kept under random
ids, so that no address says what it was.  Ending a session leaves nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from secrets import token_urlsafe
from threading import Lock
from typing import TypeVar

from assistant.account import Account
from assistant.revision import Change

COOKIE = "rohnamo"
# A kiosk serves one person; a desk a few. What is oldest gives way.
MOST_SESSIONS, MOST_ANSWERS, MOST_COMPARED = 64, 20, 5
_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class Mode:
    """How the pages look: `contrast` normal or high, `size` of the text in percent, `reach` full or low."""

    contrast: str = "normal"
    size: int = 100
    reach: str = "full"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was shown.  `releases` names the releases its documents came with, by document id.

    `numbered` are the passages whose numbers were shown while the answer was still being written, in that order.
    `form_service` is the service it is about, where this machine has a form of it.
    """

    account: Account
    releases: dict[str, str]
    numbered: tuple[str, ...] = ()
    form_service: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed between two editions, by their titles; of their files nothing else is kept."""

    old: str
    new: str
    changes: tuple[Change, ...]


@dataclass(slots=True)
class Session:
    """One person's visit.  `seen` is when something was last done, in seconds of the clock that was passed in."""

    id: str
    seen: float
    language: str = "tg"
    mode: Mode = field(default_factory=Mode)
    answers: OrderedDict[str, Kept] = field(default_factory=OrderedDict)
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    compared: OrderedDict[str, Compared] = field(default_factory=OrderedDict)
    told: set[str] = field(default_factory=set)      # the answers of which an opinion was given

    def keep(self, kept: Kept) -> str:
        """Keep an answer and return the id it is known by; the oldest gives way."""
        return _put(self.answers, kept, MOST_ANSWERS)

    def keep_compared(self, compared: Compared) -> str:
        """Keep what changed and return the id it is known by; the oldest gives way."""
        return _put(self.compared, compared, MOST_COMPARED)

    def show(self, **changes: object) -> None:
        """Change how the pages look."""
        self.mode = replace(self.mode, **changes)  # type: ignore[arg-type]


class Sessions:
    """The visits that are going on.  `clock` gives seconds that only go forward; `idle` ends a visit, in seconds."""

    def __init__(self, clock: Callable[[], float], idle: float) -> None:
        self._clock, self._idle = clock, idle
        self.over: Callable[[], None] = lambda: None       # is called when visits have ended
        self._open: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()

    def find(self, name: str | None) -> Session | None:
        """Return a visit that is going on, None where it is over or never was."""
        self.sweep()
        with self._lock:
            session = self._open.get(name or "")
            if session:
                session.seen = self._clock()
                self._open.move_to_end(session.id)
            return session

    def begin(self) -> Session:
        """Begin a visit."""
        self.sweep()
        session = Session(token_urlsafe(18), self._clock())
        with self._lock:
            self._open[session.id] = session
            full = len(self._open) > MOST_SESSIONS
            if full:
                self._open.popitem(last=False)
        if full:
            self.over()
        return session

    def end(self, name: str | None) -> None:
        """End a visit; nothing of it stays."""
        with self._lock:
            ended = self._open.pop(name or "", None)
        if ended:
            self.over()

    def end_all(self) -> int:
        """End every visit and return how many there were."""
        with self._lock:
            ended = len(self._open)
            self._open.clear()
        self.over()
        return ended

    def sweep(self) -> None:
        """End the visits in which nothing was done for too long."""
        now = self._clock()
        with self._lock:
            left = [name for name, one in self._open.items() if now - one.seen > self._idle]
            for name in left:
                del self._open[name]
        if left:
            self.over()

    def __contains__(self, name: str) -> bool:
        """Whether a visit is going on; nothing is done in it by that."""
        with self._lock:
            return name in self._open

    def __len__(self) -> int:
        """How many visits are going on."""
        self.sweep()
        return len(self._open)


def _put(kept: OrderedDict[str, _Kept], one: _Kept, most: int) -> str:
    name = token_urlsafe(9)
    kept[name] = one
    while len(kept) > most:
        kept.popitem(last=False)
    return name
