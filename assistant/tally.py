"""How many questions were asked on this machine, and how many found no answer: two numbers for its reports.

Counted in memory and added to the machine's state from time to time, where the machine reports at all.  What metrics
show is counted in the same moment, and is since the program began.  Nothing of a question, of who asked it, or of when
is in any of them.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from assistant.config import Config
from assistant.errors import AssistantError, UnusableQuestionError
from assistant.records import AnswerStatus
from assistant.sync_settings import home_of
from index.errors import SnapshotError
from sync.client import STATE
from sync.errors import SyncError
from sync.state import State
from sync.transaction import transaction

if TYPE_CHECKING:
    from assistant.drafting import Writing

ASKED, ABSTAINED = "asked", "abstained"
_TABLE = "CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, number INTEGER NOT NULL)"


# Seconds; an answer is composed in hundredths of one, a model writes for up to a minute.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)
WRITING = "generate"                   # the stage in which a model writes


class Spread:
    """How long something took: `counts` by the first of BOUNDS that it did not exceed, one more for longer."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count a duration."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class Tally:
    """What was counted.  Any thread may count.

    Since the program began: `answers` by status, `languages` of the questions that could be read, `stages` by name,
    `drafts` by their outcome (`drafting.Attempt`).
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()       # not kept yet
        self._lock = Lock()
        self.answers: Counter[AnswerStatus] = Counter()
        self.languages: Counter[str] = Counter()
        self.drafts: Counter[str] = Counter()
        self.stages: dict[str, Spread] = {}

    def count(self, status: AnswerStatus, language: str = "", timings_ms: Mapping[str, float] | None = None) -> None:
        """Count an answer and how long its stages took; what failed is no question for the reports."""
        with self._lock:
            self.answers[status] += 1
            for stage, took_ms in (timings_ms or {}).items():
                self.stages.setdefault(stage, Spread()).add(took_ms / 1000)
            if not status.startswith("failed"):
                self.languages[language] += 1
                self._counts.update([ASKED, ABSTAINED] if status.startswith("abstained") else [ASKED])

    def count_draft(self, writing: Writing, seconds: float) -> None:
        """Count what became of a draft at each generator that was asked, and how long it took."""
        with self._lock:
            self.drafts.update(attempt.outcome for attempt in writing.attempts)
            self.stages.setdefault(WRITING, Spread()).add(seconds)

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Count what fails inside."""
        try:
            yield
        except UnusableQuestionError:
            self.count(AnswerStatus.FAILED_INPUT)
            raise
        except (AssistantError, SnapshotError):
            self.count(AnswerStatus.FAILED_NO_SNAPSHOT)
            raise
        except Exception:
            self.count(AnswerStatus.FAILED_INTERNAL)
            raise

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
