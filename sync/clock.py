"""What time it is at least, on a machine whose clock may be wrong.

It is not before the program was built, and not before anything that was accepted had been signed.  Where the machine's
clock says less, this floor is taken for the time and the clock is called bad.  Only the top-level roles raise the
floor, and only by the keys that are trusted now: when keys are replaced, what the old ones said of the time is
forgotten, so that one wrong or stolen clock does not lock a machine out for good.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sync.errors import FutureRepositoryError
from sync.rollout import TIME, read_time
from sync.transaction import transaction

if TYPE_CHECKING:
    from tuf.ngclient import Updater

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# How far a good clock may lag behind a signature: days without electricity.  A floor that a wrong clock of the host
# raised by as much is still within the 30 days for which a timestamp is valid.
_LAG = timedelta(days=7)
# A machine that heard nothing for so long has a clock that is ahead, or was left alone: both want a person.
_SILENCE = timedelta(days=400)
_TABLE = "CREATE TABLE IF NOT EXISTS clock (role TEXT PRIMARY KEY, keyset TEXT NOT NULL, issued TEXT NOT NULL)"


class ClockState(StrEnum):
    """What is known of the machine's clock, a closed set."""

    GOOD = "good"
    BEHIND = "behind"    # it says less than the floor
    AHEAD = "ahead"      # it says more than a year after the floor


@dataclass(frozen=True, slots=True)
class Reading:
    """The moment to go by, and what is known of the clock."""

    moment: datetime
    state: ClockState = ClockState.GOOD

    @property
    def bad(self) -> bool:
        """Return whether a person should set the clock."""
        return self.state is not ClockState.GOOD


@dataclass(frozen=True, slots=True)
class Issue:
    """When a role was signed, by which set of keys (`sync.marks.keyset`)."""

    role: str
    keyset: str
    moment: datetime


class Clock:
    """The floored clock.  `now` asks the machine's own clock; `built` is when the program was made."""

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], datetime],
                 built: datetime = LONG_AGO) -> None:
        self._connection, self._now, self._built = connection, now, built
        with transaction(connection):
            connection.execute(_TABLE)

    def floor(self) -> datetime:
        """Return the moment before which it is not."""
        return max(self._built, *(issue.moment for issue in self._issues()), LONG_AGO)

    def read(self) -> Reading:
        """Return the time, asking the machine's clock once."""
        now, floor = self._now(), self.floor()
        if now < floor:
            return Reading(floor, ClockState.BEHIND)
        silent = floor != LONG_AGO and now - floor > _SILENCE
        return Reading(now, ClockState.AHEAD if silent else ClockState.GOOD)

    def accept(self, issues: Iterable[Issue], reading: Reading) -> None:
        """Raise the floor to what was signed, all or none.  A clock that is known to lag is told the time by it.

        Raises:
            FutureRepositoryError: a good clock says that it was signed more than a week from now; nothing was changed.
        """
        with transaction(self._connection):
            for issue in issues:
                if reading.state is not ClockState.BEHIND and issue.moment > reading.moment + _LAG:
                    raise FutureRepositoryError(
                        f"{issue.role} was signed on {issue.moment.date()}, but this machine's clock says that it is "
                        f"{reading.moment.date()}")
                self._connection.execute(
                    """INSERT INTO clock VALUES (?, ?, ?) ON CONFLICT (role) DO UPDATE
                        SET issued = excluded.issued, keyset = excluded.keyset
                        WHERE keyset != excluded.keyset OR issued < excluded.issued""",
                    (issue.role, issue.keyset, issue.moment.strftime(TIME)))

    def forget(self, trusted: Mapping[str, str]) -> None:
        """Drop what was said of the time by keys that are not trusted any more.

        trusted: the name of the set of keys that may sign, by role; roles that are not named are left.
        """
        with transaction(self._connection):
            self._connection.executemany("DELETE FROM clock WHERE role = ? AND keyset != ?", trusted.items())

    def _issues(self) -> list[Issue]:
        rows = self._connection.execute("SELECT role, keyset, issued FROM clock")
        return [Issue(role, keyset, read_time(issued)) for role, keyset, issued in rows]


def set_time(updater: Updater, moment: datetime) -> None:
    """Make TUF's client judge what is over by this moment; it would ask the system's clock.

    The attribute is private to it: the one place where it is touched on a machine.

    Raises:
        AttributeError: this version of the library keeps its time elsewhere.
    """
    if not hasattr(updater._trusted_set, "reference_time"):
        raise AttributeError("TUF's client keeps its time elsewhere in this version")
    updater._trusted_set.reference_time = moment
