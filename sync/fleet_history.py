"""What the machines said of themselves on past days: of each day the newest report, as far as it is plotted.

A report is noted where it was kept (`sync.fleet`), in the same transaction.  What is made of it is the caller's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sync.report import StatusReport
from sync.transaction import transaction

_TABLES = (
    """CREATE TABLE IF NOT EXISTS history (machine TEXT NOT NULL, day TEXT NOT NULL, sequences TEXT NOT NULL,
        counters TEXT NOT NULL, PRIMARY KEY (machine, day)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS history_by_day ON history (day)",
    # The day on which some machine first held a release.
    """CREATE TABLE IF NOT EXISTS first_held (publisher TEXT NOT NULL, sequence INTEGER NOT NULL, day TEXT NOT NULL,
        PRIMARY KEY (publisher, sequence)) WITHOUT ROWID""")


@dataclass(frozen=True, slots=True)
class Past:
    """What a machine said on a day: the release in use of each publisher, and its counters."""

    machine: str
    day: date
    sequences: Mapping[str, int]
    counters: Mapping[str, int]


class History:
    """The past reports in the database that the connection opens.  counters: the names of those that are kept."""

    def __init__(self, connection: sqlite3.Connection, counters: tuple[str, ...] = ("asked", "abstained")) -> None:
        self._connection, self._counters = connection, counters
        with transaction(connection):
            for table in _TABLES:
                connection.execute(table)

    def note(self, report: StatusReport, day: date) -> None:
        """Note a report in place of an earlier one of its day."""
        status = report.status
        counters = {name: status.counters[name] for name in self._counters if name in status.counters}
        with transaction(self._connection):
            self._connection.execute("INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?)",
                                     (report.device, day.isoformat(), _text(status.sequences), _text(counters)))
            self._connection.executemany("INSERT OR IGNORE INTO first_held VALUES (?, ?, ?)",
                                         ((name, sequence, day.isoformat())
                                          for name, sequence in status.sequences.items()))

    def since(self, day: date) -> list[Past]:
        """Return what was said from a day on, the oldest first."""
        rows = self._connection.execute("""SELECT machine, day, sequences, counters FROM history WHERE day >= ?
            ORDER BY day, machine""", (day.isoformat(),)).fetchall()
        return [Past(machine, _day(said), _numbers(sequences), json.loads(counters))
                for machine, said, sequences, counters in rows]

    def first_held(self) -> dict[str, list[tuple[int, date]]]:
        """Return, for each publisher, its releases and the day on which some machine first held each, in order."""
        found: dict[str, list[tuple[int, date]]] = {}
        rows = self._connection.execute("SELECT publisher, sequence, day FROM first_held ORDER BY 1, 2").fetchall()
        for publisher, sequence, day in rows:
            found.setdefault(publisher, []).append((sequence, _day(day)))
        return found

    def forget(self, before: date) -> int:
        """Remove what was said before a day, and return how many reports those were."""
        with transaction(self._connection):
            return self._connection.execute("DELETE FROM history WHERE day < ?", (before.isoformat(),)).rowcount


def _text(numbers: Mapping[str, int]) -> str:
    return json.dumps(dict(numbers), sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=4096)
def _numbers(text: str) -> Mapping[str, int]:
    # Many machines hold the same releases on many days; nobody changes what is given out.
    found: dict[str, int] = json.loads(text)
    return found


@lru_cache(maxsize=1024)
def _day(text: str) -> date:
    return date.fromisoformat(text)
