"""What waits on this machine to be told, until somebody shows that it arrived.

An event is kept in the transaction of the action it tells of, and removed when an acknowledgement names it and the
very batch it was sent in.  Sending again is harmless: the other side knows the ids.  Personal data is taken out before
anything is added; what is sent, and by which way, is the caller's.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sync.batch import MOST_BYTES, MOST_EVENTS, Event, Kind, batch_sha256, read_acknowledgement, write_batch
from sync.device import DeviceKey, device_key
from sync.errors import OutboxError, UndeliveredError
from sync.transaction import transaction

_TABLES = (
    """CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL, rank INTEGER NOT NULL, day TEXT NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS outbox_order ON outbox (rank, number, size)",
    """CREATE TABLE IF NOT EXISTS outbox_counts (kind TEXT PRIMARY KEY, added INTEGER NOT NULL DEFAULT 0,
        sent INTEGER NOT NULL DEFAULT 0, dropped INTEGER NOT NULL DEFAULT 0)""",
    # `ids` is a JSON list: all that is in the batch, also what has arrived by another way since.
    "CREATE TABLE IF NOT EXISTS carried (file TEXT PRIMARY KEY, batch TEXT NOT NULL, ids TEXT NOT NULL)")
_EVENTS = "SELECT number, id, kind, day, body FROM outbox"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long events wait, in days, and how many bytes of bodies may wait at once."""

    days: int = 90
    size: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that waits; `size` is that of its body in bytes."""

    id: str
    kind: Kind
    day: date
    size: int


@dataclass(frozen=True, slots=True)
class Count:
    """What became of the events of one kind since the machine was set up; a newer report replaces an older one."""

    added: int = 0
    waiting: int = 0
    sent: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many events arrived, how many still wait, and in words why no more arrived."""

    sent: int
    waiting: int
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that was written for carrying: its name, the hash of the batch in it, and the ids of the events."""

    file: str
    batch: str
    ids: tuple[str, ...]


class Outbox:
    """The outbox of this machine, in the database that the connection opens.

    `random` returns as many random bytes as it is asked for.  One connection serves one thread at a time.
    """

    def __init__(self, connection: sqlite3.Connection, *, limits: Limits | None = None,
                 random: Callable[[int], bytes] = os.urandom) -> None:
        self.connection = connection
        self._limits = limits or Limits()
        self._random = random
        # What was sent shall not stay readable in pages that SQLite has free.
        connection.execute("PRAGMA secure_delete = ON").close()
        with transaction(connection):
            for table in _TABLES:
                connection.execute(table)
        self.key: DeviceKey = device_key(connection, random)

    def add(self, kind: Kind, body: bytes, day: date) -> str:
        """Keep an event and return its id; it stands or falls with the transaction that the caller has open.

        Of reports only the newest waits.  Where there is no room the oldest of the least dear kind go, and are counted.

        Raises:
            OutboxError: the body is too large to be sent.
            NoSpaceError: the disk is full; nothing was kept.
        """
        if len(body) > MOST_BYTES:
            raise OutboxError(f"an event of {len(body):,} bytes is too large to be sent",
                              hint=f"Make it shorter than {MOST_BYTES:,} bytes.")
        name = UUID(bytes=self._random(16), version=4).hex
        with transaction(self.connection):
            if kind is Kind.STATUS:
                self.connection.execute("DELETE FROM outbox WHERE kind = ?", (kind.value,))
            self.connection.execute(
                "INSERT INTO outbox (id, kind, rank, day, size, body) VALUES (?, ?, ?, ?, ?, ?)",
                (name, kind.value, kind.rank, day.isoformat(), len(body), body))
            self._count({kind.value: 1}, "added")
            self._make_room()
        return name

    def waiting(self) -> tuple[Waiting, ...]:
        """Return what waits, oldest first, without what it says."""
        rows = self.connection.execute("SELECT id, kind, day, size FROM outbox ORDER BY number")
        return tuple(Waiting(name, Kind(kind), date.fromisoformat(day), size) for name, kind, day, size in rows)

    def counts(self) -> dict[Kind, Count]:
        """Return what became of the events of each kind."""
        waiting = dict(self.connection.execute("SELECT kind, count(*) FROM outbox GROUP BY kind"))
        rows = {kind: (added, sent, dropped) for kind, added, sent, dropped in
                self.connection.execute("SELECT kind, added, sent, dropped FROM outbox_counts")}
        return {kind: Count(added, waiting.get(kind, 0), sent, dropped)
                for kind in Kind for added, sent, dropped in [rows.get(kind, (0, 0, 0))]}

    def deliver(self, post: Callable[[bytes], bytes]) -> Delivered:
        """Send what waits, batch by batch, and return how far that went; the first failure ends it.

        post: takes a batch and returns the answer of the other side; raises OSError or UndeliveredError where there
        is none.  No transaction is open meanwhile.
        """
        sent = 0
        try:
            while events := self.batch():
                sent += self._send(events, post)
        except (OSError, UndeliveredError) as error:
            return Delivered(sent, self._total(), str(error) or type(error).__name__)
        return Delivered(sent, self._total())

    def batch(self, after: str = "") -> tuple[Event, ...]:
        """Return the oldest events that fit in one batch; with `after`, of those that came after that event."""
        rows = self.connection.execute(
            f"{_EVENTS} WHERE number > coalesce((SELECT number FROM outbox WHERE id = ?), 0) ORDER BY number LIMIT ?",
            (after, MOST_EVENTS)).fetchall()
        return _fitting(Event(name, Kind(kind), date.fromisoformat(day), body) for _, name, kind, day, body in rows)

    def acknowledge(self, answer: bytes, batch: str, ids: Sequence[str]) -> int:
        """Remove what the answer to a batch shows to have arrived, and return how many of those still waited.

        Raises:
            UndeliveredError: it is no answer to that batch; nothing is removed.
        """
        arrived = read_acknowledgement(answer, batch, ids)
        with transaction(self.connection):
            return self._remove("id IN (SELECT value FROM json_each(?))", json.dumps(sorted(arrived)), "sent")

    def carried(self, batch: str = "") -> tuple[Carried, ...]:
        """Return the files whose acknowledgement is awaited, of one batch or of all."""
        rows = self.connection.execute(
            "SELECT file, batch, ids FROM carried WHERE ? IN ('', batch) ORDER BY rowid", (batch,))
        return tuple(Carried(file, name, tuple(json.loads(ids))) for file, name, ids in rows)

    def carry(self, carried: Carried) -> None:
        """Remember a file that went out, so that its acknowledgement is known when it comes back."""
        with transaction(self.connection):
            self.connection.execute("INSERT OR IGNORE INTO carried VALUES (?, ?, ?)",
                                    (carried.file, carried.batch, json.dumps(carried.ids)))

    def prune(self, day: date) -> int:
        """Drop what has waited too long and return how many events that were; audit records are kept.

        `day` must be by a clock that is trusted: one that is years ahead would drop all.
        """
        oldest = (day - timedelta(days=self._limits.days)).isoformat()
        with transaction(self.connection):
            return self._remove(f"kind != '{Kind.AUDIT.value}' AND day < ?", oldest, "dropped")

    def _send(self, events: Sequence[Event], post: Callable[[bytes], bytes]) -> int:
        data = write_batch(events, self.key)
        return self.acknowledge(post(data), batch_sha256(data), [event.id for event in events])

    def _make_room(self) -> None:
        over = self._total("sum(size)") - self._limits.size
        while over > 0:
            number, size = self.connection.execute(
                "SELECT number, size FROM outbox ORDER BY rank, number LIMIT 1").fetchone()
            self._remove("number = ?", number, "dropped")
            over -= size

    def _remove(self, where: str, value: str | int, outcome: str) -> int:
        gone: dict[str, int] = dict(self.connection.execute(
            f"SELECT kind, count(*) FROM outbox WHERE {where} GROUP BY kind", (value,)))
        self.connection.execute(f"DELETE FROM outbox WHERE {where}", (value,))
        self.connection.execute("""DELETE FROM carried WHERE NOT EXISTS
            (SELECT 1 FROM json_each(carried.ids) AS one JOIN outbox ON outbox.id = one.value)""")
        self._count(gone, outcome)
        return sum(gone.values())

    def _count(self, kinds: Mapping[str, int], outcome: str) -> None:
        self.connection.executemany(
            f"""INSERT INTO outbox_counts (kind, {outcome}) VALUES (?, ?)
                ON CONFLICT (kind) DO UPDATE SET {outcome} = {outcome} + excluded.{outcome}""", kinds.items())

    def _total(self, of: str = "count(*)") -> int:
        return int(self.connection.execute(f"SELECT coalesce({of}, 0) FROM outbox").fetchone()[0])


def _fitting(events: Iterable[Event]) -> tuple[Event, ...]:
    fitting: list[Event] = []
    size = 0
    for event in events:
        size += len(event.body)
        if fitting and size > MOST_BYTES:
            break
        fitting.append(event)
    return tuple(fitting)
