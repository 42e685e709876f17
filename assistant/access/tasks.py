"""What somebody has to do so that a question is answered: from the question to the release that answers it.

A task is opened from a group of questions, and is done when a snapshot of this machine answers its question; that day
and the snapshot are noted.  It can be closed by hand as well.  What changes one is in the audit log by the same
transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from assistant.access.audit import AuditLog, Deed
from assistant.errors import AssistantError
from sync.transaction import transaction

TABLE = """CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, question TEXT NOT NULL, work TEXT NOT NULL, note TEXT NOT NULL,
    document TEXT NOT NULL, first_asked TEXT NOT NULL, opened TEXT NOT NULL, opened_by TEXT NOT NULL,
    closed TEXT, closed_by TEXT, answered TEXT, snapshot TEXT, checked TEXT)"""
LONGEST_NOTE, LONGEST_QUESTION = 1000, 500
_COLUMNS = "number, question, work, note, document, first_asked, opened, opened_by, closed, answered, snapshot"


class Work(StrEnum):
    """What has to be done, a closed set."""

    FACT = "fact"                      # write a fact to a document that is there
    NOTE = "note"                      # write an explanatory text
    DOCUMENT = "document"              # find and add a document


class TaskError(AssistantError):
    """A task is not there, or is closed already."""

    code = "task"


@dataclass(frozen=True, slots=True)
class Task:
    """A task.  `answered` is the day on which a snapshot was first seen to answer, `closed` that of a person's word."""

    number: int
    question: str
    work: Work
    note: str
    document: str
    first_asked: date
    opened: date
    opened_by: str
    closed: date | None = None
    answered: date | None = None
    snapshot: str = ""

    @property
    def done(self) -> date | None:
        """Return the day on which it was done, None while it is open."""
        return self.answered or self.closed

    @property
    def days_to_fix(self) -> int | None:
        """Return the days from the first time the question was asked to the first answer, None before that."""
        return (self.answered - self.first_asked).days if self.answered else None


class Tasks:
    """The tasks in the database that the connection opens."""

    def __init__(self, connection: sqlite3.Connection, audit: AuditLog) -> None:
        self._connection, self._audit = connection, audit

    def all(self) -> tuple[Task, ...]:
        """Return the tasks: those that are open first, then the newest."""
        rows = self._connection.execute(f"""SELECT {_COLUMNS} FROM tasks
            ORDER BY coalesce(answered, closed) IS NOT NULL, number DESC""").fetchall()
        return tuple(_task(*row) for row in rows)

    def open(self, task: Task, now: datetime) -> Task:
        """Open a task, and return it with its number; long texts are cut.

        Raises:
            TaskError: one about this very question is open; nothing was changed.
        """
        with transaction(self._connection):
            question = task.question[:LONGEST_QUESTION]
            if any(one.question == question and not one.done for one in self.all()):
                raise TaskError("a task about this question is open already")
            number = self._connection.execute(
                """INSERT INTO tasks (question, work, note, document, first_asked, opened, opened_by)
                   VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (question, task.work.value, task.note[:LONGEST_NOTE], task.document[:LONGEST_QUESTION],
                 task.first_asked.isoformat(), task.opened.isoformat(), task.opened_by)).lastrowid
            self._audit.record(now, task.opened_by, Deed.TASK_OPENED, task=str(number))
        return self._known(number or 0)

    def close(self, number: int, who: str, now: datetime) -> Task:
        """Close a task by somebody's word.

        Raises:
            TaskError: there is no such task, or it is done.
        """
        with transaction(self._connection):
            if self._known(number).done:
                raise TaskError(f"task {number} is done already")
            self._connection.execute("UPDATE tasks SET closed = ?, closed_by = ? WHERE number = ?",
                                     (now.date().isoformat(), who, number))
            self._audit.record(now, who, Deed.TASK_CLOSED, task=str(number))
        return self._known(number)

    def check(self, snapshot: str, answers: Callable[[str], bool], day: date) -> int:
        """Look which open tasks a snapshot answers, each once; return how many it does.  `answers` asks it."""
        rows = self._connection.execute("""SELECT number, question FROM tasks
            WHERE answered IS NULL AND closed IS NULL AND checked IS NOT ?""", (snapshot,)).fetchall()
        found = [(number, answers(question)) for number, question in rows]
        with transaction(self._connection):
            for number, answered in found:
                self._connection.execute("UPDATE tasks SET checked = ? WHERE number = ?", (snapshot, number))
                if answered:
                    self._connection.execute("UPDATE tasks SET answered = ?, snapshot = ? WHERE number = ?",
                                             (day.isoformat(), snapshot, number))
        return sum(answered for _, answered in found)

    def _known(self, number: int) -> Task:
        row = self._connection.execute(f"SELECT {_COLUMNS} FROM tasks WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise TaskError(f"there is no task {number}")
        return _task(*row)


def _task(number: int, question: str, work: str, note: str, document: str, *days: str | None) -> Task:
    first, opened, who, closed, answered, snapshot = days
    return Task(number, question, Work(work), note, document, date.fromisoformat(first or ""),
                date.fromisoformat(opened or ""), who or "", date.fromisoformat(closed) if closed else None,
                date.fromisoformat(answered) if answered else None, snapshot or "")
