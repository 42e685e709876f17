"""What the machines told, on the ministry's side: each event once, however often it comes.

Only batches that an enrolled machine signed are taken in, whole or not at all.  The answer goes out after what it
acknowledges is written.  Who may read what is here is the caller's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sync.audit import Fault, verify_chain
from sync.batch import Event, Kind, batch_sha256, read_batch, write_acknowledgement
from sync.fleet import Fleet
from sync.transaction import transaction

_TABLE = """CREATE TABLE IF NOT EXISTS inbox (
    device TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, received TEXT NOT NULL, body BLOB,
    PRIMARY KEY (device, id))"""


@dataclass(frozen=True, slots=True)
class Received:
    """An event, the machine that told it, and the day on which it came in."""

    device: str
    event: Event
    received: date


class Inbox:
    """The inbox of a ministry, in the database that the connection opens, beside its list of machines."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.fleet = Fleet(connection)
        # What is forgotten shall not stay readable in pages that SQLite has free.
        connection.execute("PRAGMA secure_delete = ON").close()
        with transaction(connection):
            connection.execute(_TABLE)

    def accept(self, data: bytes, day: date) -> bytes:
        """Keep what is new in a batch, and return the acknowledgement of all of it.

        Raises:
            BadBatchError: it is damaged or no batch; nothing was taken in.
            UnknownDeviceError: the machine that signed it is not enrolled; nothing was taken in.
            NoSpaceError: the disk is full; nothing was taken in.
        """
        batch = read_batch(data)
        with transaction(self._connection):
            device = self.fleet.known(batch.public)
            for event in batch.events:
                if self._keep(device, event, day) and event.kind is Kind.STATUS:
                    self.fleet.receive(batch.public, event.body, day)
        return write_acknowledgement((event.id for event in batch.events), batch_sha256(data))

    def events(self, kind: Kind) -> Iterator[Received]:
        """Yield the events of one kind in the order in which they came, but for those whose body was forgotten."""
        rows = self._connection.execute("""SELECT device, id, day, received, body FROM inbox
            WHERE kind = ? AND body IS NOT NULL ORDER BY rowid""", (kind.value,))
        for device, name, day, received, body in rows:
            yield Received(device, Event(name, kind, date.fromisoformat(day), body), date.fromisoformat(received))

    def faults(self, device: str) -> tuple[Fault, ...]:
        """Return what is wrong with the records of a machine, against the head that its newest report names."""
        records = (one.event.body for one in self.events(Kind.AUDIT) if one.device == device)
        reports = (machine.report for machine in self.fleet.machines() if machine.id == device)
        report = next(reports, None)
        return verify_chain(records, device, report.status.audit if report else None)

    def forget(self, before: date) -> int:
        """Remove what events told that came in before a day, and return how many those were; audit records stay.

        Past reports go with them.

        Their ids are kept, so that one which comes again stays forgotten; reports have their counter for that.
        """
        day = before.isoformat()
        with transaction(self._connection):
            self.fleet.history.forget(before)
            self._connection.execute("DELETE FROM inbox WHERE kind = ? AND received < ?", (Kind.STATUS.value, day))
            return self._connection.execute(
                "UPDATE inbox SET body = NULL WHERE body IS NOT NULL AND kind != ? AND received < ?",
                (Kind.AUDIT.value, day)).rowcount

    def _keep(self, device: str, event: Event, day: date) -> bool:
        # A report lives in the list of machines, its newest only.
        body = None if event.kind is Kind.STATUS else event.body
        return self._connection.execute(
            "INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (device, id) DO NOTHING",
            (device, event.id, event.kind.value, event.day.isoformat(), day.isoformat(), body)).rowcount > 0
