"""How many questions were asked on this machine, and how many found no answer: two numbers for its reports.

Counted in memory and added to the machine's state from time to time, where the machine reports at all.  Nothing of a
question, of who asked it, or of when is in them.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from threading import Lock

from assistant.config import Config
from assistant.records import AnswerStatus
from assistant.sync_settings import home_of
from sync.client import STATE
from sync.errors import SyncError
from sync.state import State
from sync.transaction import transaction

ASKED, ABSTAINED = "asked", "abstained"
_TABLE = "CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, number INTEGER NOT NULL)"


class Tally:
    """What was counted since it was last kept.  Any thread may count."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, status: AnswerStatus) -> None:
        """Count an answer; a question that could not be read is none."""
        if status.startswith("failed"):
            return
        with self._lock:
            self._counts.update([ASKED, ABSTAINED] if status.startswith("abstained") else [ASKED])

    def keep(self, config: Config) -> None:
        """Add what was counted to the state of a machine that reports; what cannot be written now is kept later."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts or config.sync is None:
            return
        try:
            with State(home_of(config) / STATE) as state, transaction(state.connection):
                _add(state.connection, counts)
        except (SyncError, OSError, sqlite3.DatabaseError):
            with self._lock:
                self._counts += counts


def read_tally(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the two numbers, from the machine's state; empty where nothing was counted."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tally'").fetchone():
        return {}
    return dict(connection.execute("SELECT name, number FROM tally ORDER BY name"))


def _add(connection: sqlite3.Connection, counts: Counter[str]) -> None:
    connection.execute(_TABLE)
    connection.executemany("""INSERT INTO tally VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET number = number + excluded.number""", counts.items())
