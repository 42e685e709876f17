"""Which machines there are and what each last said of itself.

A machine is enrolled by a person who compared its fingerprint.  Its key lets it report and send events, nothing else.
A report counts only if the machine signed it and its counter is higher than that of the one before: a copy that is
sent again changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sync.batch import Kind
from sync.device import PUBLIC_BYTES, device_id, next_counter
from sync.errors import BadBatchError, OutboxError, UnknownDeviceError
from sync.fleet_history import History
from sync.outbox import Outbox
from sync.report import Status, StatusReport, read_report, write_report
from sync.transaction import transaction

_TABLE = """CREATE TABLE IF NOT EXISTS machines (
    id TEXT PRIMARY KEY, public BLOB NOT NULL, name TEXT NOT NULL, enrolled TEXT NOT NULL,
    counter INTEGER NOT NULL DEFAULT 0, report BLOB, reported TEXT, refused INTEGER NOT NULL DEFAULT 0)"""
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that is enrolled.

    `report` is its newest, which came on the day `reported`; `refused` counts the reports that came again, came late
    or were not its own.
    """

    id: str
    name: str
    enrolled: date
    report: StatusReport | None = None
    reported: date | None = None
    refused: int = 0

    def silent(self, day: date) -> int:
        """Return for how many days nothing was heard of the machine."""
        return (day - (self.reported or self.enrolled)).days

    def behind(self, newest: Mapping[str, int]) -> dict[str, int]:
        """Return by how many releases it lags, for each publisher for which it does; `newest` maps to sequences."""
        held = self.report.status.sequences if self.report else {}
        return {publisher: lag for publisher, number in newest.items() if (lag := number - held.get(publisher, 0)) > 0}


class Fleet:
    """The machines of a ministry, in the database that the connection opens."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.history = History(connection)
        with transaction(connection):
            connection.execute(_TABLE)

    def enrol(self, public: bytes, name: str, day: date) -> str:
        """Let the machine that holds this key send, and return its id; enrolling it again gives it the new name.

        Raises:
            OutboxError: this is no key of a machine, or the name is empty or longer than 100 characters.
        """
        if len(public) != PUBLIC_BYTES or not 0 < len(name.strip()) <= _LONGEST_NAME:
            raise OutboxError("a machine is enrolled by its public key, 64 hexadecimal digits, and a name",
                              hint=f"Copy the key that the machine shows; take a name of 1 to {_LONGEST_NAME} letters.")
        machine = device_id(public)
        with transaction(self._connection):
            self._connection.execute(
                """INSERT INTO machines (id, public, name, enrolled) VALUES (?, ?, ?, ?)
                   ON CONFLICT (id) DO UPDATE SET name = excluded.name""",
                (machine, public, name.strip(), day.isoformat()))
        return machine

    def dismiss(self, machine: str) -> bool:
        """Take nothing more from a machine, and return whether it was enrolled; what it sent stays."""
        with transaction(self._connection):
            return self._connection.execute("DELETE FROM machines WHERE id = ?", (machine,)).rowcount > 0

    def machines(self) -> tuple[Machine, ...]:
        """Return the machines by name, each with its newest report."""
        rows = self._connection.execute(
            "SELECT id, public, name, enrolled, report, reported, refused FROM machines ORDER BY name, id")
        return tuple(
            Machine(machine, name, date.fromisoformat(enrolled), read_report(report, public) if report else None,
                    date.fromisoformat(reported) if reported else None, refused)
            for machine, public, name, enrolled, report, reported, refused in rows)

    def known(self, public: bytes) -> str:
        """Return the id of the machine that holds this key.

        Raises:
            UnknownDeviceError: no machine with this key is enrolled.
        """
        machine = device_id(public)
        if not self._connection.execute("SELECT 1 FROM machines WHERE id = ?", (machine,)).fetchone():
            raise UnknownDeviceError(f"the machine {machine} is not enrolled")
        return machine

    def receive(self, public: bytes, data: bytes, day: date) -> bool:
        """Keep a report of an enrolled machine, and return whether it is newer than what was known.

        One that is not, or that another key signed, is only counted.
        """
        machine = device_id(public)
        with transaction(self._connection):
            newer = self._keep(public, data, day)
            if not newer:
                self._connection.execute("UPDATE machines SET refused = refused + 1 WHERE id = ?", (machine,))
        return newer

    def _keep(self, public: bytes, data: bytes, day: date) -> bool:
        try:
            report = read_report(data, public)
        except BadBatchError:
            return False
        newer = self._connection.execute(
            "UPDATE machines SET counter = ?, report = ?, reported = ? WHERE id = ? AND counter < ?",
            (report.counter, data, day.isoformat(), report.device, report.counter)).rowcount > 0
        if newer:
            self.history.note(report, day)
        return newer


def add_report(outbox: Outbox, status: Status, now: datetime) -> StatusReport:
    """Sign the state of this machine, put it in the outbox in place of an older one, and return the report.

    Raises:
        BadBatchError: a field has a value that would be refused on the other side; nothing was added.
    """
    with transaction(outbox.connection):
        report = StatusReport(outbox.key.id, next_counter(outbox.connection, now), now, status)
        outbox.add(Kind.STATUS, write_report(report, outbox.key), now.date())
    return report
