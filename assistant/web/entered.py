"""Who has entered at a desk: in memory, until they leave, do nothing for a while, or have been there for a day's work.

A session is known by a random cookie, of which only the hash is kept here; it is another at each entering.  After a
restart everybody enters again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from threading import Lock

from assistant.access.accounts import Account
from assistant.web.session import Session

# A person has a few machines; what is oldest gives way, and never somebody else's.
MOST_OF_ONE = 4
_TOKEN_BYTES = 32


@dataclass(slots=True)
class Entered:
    """Somebody who is inside.  Times are seconds of the clock that was passed in; `csrf` is in every form they see."""

    account: Account
    visit: Session
    began: float
    seen: float
    csrf: str = field(default_factory=lambda: token_urlsafe(_TOKEN_BYTES))


class EnteredSessions:
    """The sessions of one role's pages.  `clock` gives seconds that only go forward, also while the machine sleeps.

    idle, most: a session ends after so many seconds without a request, and after so many in any case.
    """

    def __init__(self, clock: Callable[[], float], idle: float, most: float) -> None:
        self._clock, self._idle, self._most = clock, idle, most
        self.over: Callable[[], None] = lambda: None       # is called when somebody is not inside any more
        self._open: dict[str, Entered] = {}
        self._lock = Lock()

    def begin(self, account: Account, visit: Session) -> str:
        """Let somebody in, and return the token that their browser shows from now on."""
        token, now = token_urlsafe(_TOKEN_BYTES), self._clock()
        self.sweep()
        with self._lock:
            mine = [name for name, one in self._open.items() if one.account.name == account.name]
            for name in mine[:max(len(mine) - MOST_OF_ONE + 1, 0)]:
                del self._open[name]
            self._open[_kept(token)] = Entered(account, visit, now, now)
        return token

    def find(self, token: str | None) -> Entered | None:
        """Return who shows this token, None where they are not inside any more; that they ask counts as being there."""
        self.sweep()
        with self._lock:
            entered = self._open.get(_kept(token or ""))
            if entered:
                entered.seen = self._clock()
            return entered

    def end(self, token: str | None) -> None:
        """Let somebody out; nothing of the session stays."""
        with self._lock:
            ended = self._open.pop(_kept(token or ""), None)
        if ended:
            self.over()

    def sweep(self) -> None:
        """End the sessions that are over."""
        now = self._clock()
        with self._lock:
            before = len(self._open)
            self._open = {key: one for key, one in self._open.items()
                          if now - one.seen <= self._idle and now - one.began <= self._most}
            ended = before - len(self._open)
        if ended:
            self.over()

    def __len__(self) -> int:
        """How many are inside."""
        self.sweep()
        return len(self._open)


def _kept(token: str) -> str:
    return sha256(token.encode()).hexdigest()
