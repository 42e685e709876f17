"""How often somebody may try: in a row before a name is shut for a while, and in a minute from one place.

The tries of a name are kept over a restart and counted before a password is looked at.  A name that nobody has is
treated like any other, so that nothing tells which names there are.  What is shut opens by itself, or by
`rohnamo accounts unlock`.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from sync.transaction import transaction

# After so many wrong tries a name is shut for a minute, and twice as long after each further one, up to an hour.
FREE_TRIES, FIRST_S, LONGEST_S = 5, 60.0, 3600.0
# Names that nobody has are forgotten, the oldest first, where there are more of them.
MOST_NAMES = 1000
MOST_PLACES = 1000
TABLE = "CREATE TABLE IF NOT EXISTS tries (name TEXT PRIMARY KEY, wrong INTEGER NOT NULL, last REAL NOT NULL)"


class Tries:
    """The wrong tries in a row, by name, in the database that the connection opens."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self, name: str, now: datetime) -> float:
        """Count a try unless the name is shut, and return for how many seconds it is: 0 where it may be looked at."""
        moment = now.timestamp()
        with transaction(self._connection):
            row = self._connection.execute("SELECT wrong, last FROM tries WHERE name = ?", (name,)).fetchone()
            wrong, last = row or (0, moment)
            if last > moment:      # the clock was put back: what is shut stays so for no longer than it was to be
                self._write(name, wrong, moment)
                last = moment
            left = _shut_s(wrong) - (moment - last)
            if left <= 0:
                self._write(name, wrong + 1, moment)
        return max(left, 0.0)

    def clear(self, name: str) -> None:
        """Forget the tries of a name: the right password was given, or a person let it in again."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM tries WHERE name = ?", (name,))

    def shut_s(self, name: str, now: datetime) -> float:
        """Return for how many seconds a name is still shut."""
        row = self._connection.execute("SELECT wrong, last FROM tries WHERE name = ?", (name,)).fetchone()
        return max(_shut_s(row[0]) - max(now.timestamp() - row[1], 0.0), 0.0) if row else 0.0

    def _write(self, name: str, wrong: int, moment: float) -> None:
        self._connection.execute("INSERT OR REPLACE INTO tries VALUES (?, ?, ?)", (name, wrong, moment))
        self._connection.execute("""DELETE FROM tries WHERE name IN (
            SELECT name FROM tries WHERE name NOT IN (SELECT name FROM accounts) ORDER BY last DESC
            LIMIT -1 OFFSET ?)""", (MOST_NAMES,))


class Pace:
    """At most so many in so many seconds, from each place and from all together; kept in memory.

    `clock` gives seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float], most: int, within_s: float, *, all_places: int) -> None:
        self._clock, self._most, self._within_s, self._all = clock, most, within_s, all_places
        self._places: OrderedDict[str, deque[float]] = OrderedDict()
        self._everywhere: deque[float] = deque()
        self._lock = Lock()

    def allows(self, place: str) -> bool:
        """Count one more from a place, unless it has had its share."""
        now = self._clock()
        with self._lock:
            mine = self._places.setdefault(place, deque())
            self._places.move_to_end(place)
            while len(self._places) > MOST_PLACES:
                self._places.popitem(last=False)
            for times in (mine, self._everywhere):
                while times and now - times[0] >= self._within_s:
                    times.popleft()
            if len(mine) >= self._most or len(self._everywhere) >= self._all:
                return False
            mine.append(now)
            self._everywhere.append(now)
            return True

    def wait_s(self, place: str) -> float:
        """Return in how many seconds a place that has had its share may come again."""
        with self._lock:
            full = [times for times, most in ((self._places.get(place, deque[float]()), self._most),
                                              (self._everywhere, self._all)) if len(times) >= most]
            return max((times[0] + self._within_s - self._clock() for times in full), default=0.0)


def _shut_s(wrong: int) -> float:
    return min(FIRST_S * 2.0 ** min(wrong - FREE_TRIES, 12), LONGEST_S) if wrong >= FREE_TRIES else 0.0
