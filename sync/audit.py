"""What was done on this machine, as a chain: each record holds the hash of the one before.

A record that is changed, left out or put in later breaks the chain where it stands; a tail that never arrived shows
against the head that the machine's reports name.  Records tell of the machine and of its operators, never of a citizen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from sync.batch import Kind
from sync.errors import OutboxError, ReleaseError
from sync.outbox import Outbox
from sync.release import canonical, read_object
from sync.transaction import transaction

FORMAT, VERSION = "rohnamo-audit", 1
START = "0" * 64
MOST_DETAILS, LONGEST_DETAIL = 20, 200
_TABLE = """CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY, day TEXT NOT NULL, hash TEXT NOT NULL, record BLOB NOT NULL)"""


class Action(StrEnum):
    """What is worth a record, a closed set."""

    ACTIVATED = "activated"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"
    IMPORTED = "imported"
    EXPORTED = "exported"
    REVOKED = "revoked"
    SETTING_CHANGED = "setting_changed"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a chain: its number, from 1, and its hash; 0 and zeros where there is none."""

    number: int = 0
    hash: str = START


@dataclass(frozen=True, slots=True)
class Record:
    """One record.  `previous` is the hash of the record before, `detail` says on what, in plain names and values."""

    device: str
    number: int
    day: date
    action: Action
    detail: Mapping[str, str]
    previous: str

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is hashed and sent."""
        return canonical({"format": FORMAT, "version": VERSION, "device": self.device, "number": self.number,
                          "day": self.day.isoformat(), "action": self.action.value, "detail": dict(self.detail),
                          "previous": self.previous})

    @property
    def hash(self) -> str:
        """Return the hash that the next record holds."""
        return sha256(self.to_bytes()).hexdigest()


class Flaw(StrEnum):
    """What can be wrong with a chain, a closed set."""

    UNREADABLE = "unreadable"    # this is no record
    FOREIGN = "foreign"          # a record is another machine's
    MISSING = "missing"          # records between two others, or before the head, are not there
    FORKED = "forked"            # two different records have the same number
    BROKEN = "broken"            # a record does not follow from the one before


@dataclass(frozen=True, slots=True)
class Fault:
    """A flaw, and the first and last number that it concerns; 0 for what is no record of this machine."""

    flaw: Flaw
    first: int
    last: int


class AuditLog:
    """The chain of this machine, kept beside its outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._connection: sqlite3.Connection = outbox.connection
        with transaction(self._connection):
            self._connection.execute(_TABLE)

    def record(self, action: Action, detail: Mapping[str, str], day: date) -> Record:
        """Add a record to the chain and to the outbox; it stands or falls with the caller's transaction.

        Raises:
            OutboxError: a detail is longer than 200 characters, or there are more than 20; nothing was recorded.
        """
        if len(detail) > MOST_DETAILS or any(len(text) > LONGEST_DETAIL for pair in detail.items() for text in pair):
            raise OutboxError(f"the record has more than {MOST_DETAILS} details, or one that is longer than "
                              f"{LONGEST_DETAIL} characters",
                              hint="Name the thing; what it says does not belong in a record.")
        with transaction(self._connection):
            head = self.head()
            record = Record(self._outbox.key.id, head.number + 1, day, action, detail, head.hash)
            body = record.to_bytes()
            self._connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?)",
                                     (record.number, day.isoformat(), record.hash, body))
            self._outbox.add(Kind.AUDIT, body, day)
        return record

    def head(self) -> Head:
        """Return the last record's number and hash."""
        row = self._connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        return Head(*row) if row else Head()

    def records(self) -> tuple[bytes, ...]:
        """Return the chain, first record first, as it was hashed."""
        return tuple(body for (body,) in self._connection.execute("SELECT record FROM audit ORDER BY number"))


def read_record(data: bytes) -> Record:
    """Return the record in these bytes.

    Raises:
        OutboxError: they are not the canonical bytes of a record.
    """
    try:
        plain = read_object(data, "the record", FORMAT, VERSION)
        record = Record(plain["device"], plain["number"], date.fromisoformat(plain["day"]), Action(plain["action"]),
                        plain["detail"], plain["previous"])
        texts = (record.device, record.previous, *record.detail.values())
        if record.to_bytes() != data or type(record.number) is not int or record.number < 1:
            raise ValueError(record.number)
        if not all(isinstance(text, str) for text in texts):
            raise TypeError(texts)
    except (ReleaseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutboxError("this is not a record of what was done on a machine") from error
    return record


def verify_chain(records: Iterable[bytes], device: str, head: Head | None = None) -> tuple[Fault, ...]:
    """Return what is wrong with the records of a machine, by number; nothing where the chain is whole.

    The order in which they come and repeats of the same record do not matter.  head: what the machine's newest
    report says, without which a missing tail cannot be seen.
    """
    chain, faults = _read(set(records), device)
    before = 0
    for number in sorted(chain):
        faults += _joints(chain, before, number)
        before = number
    faults += _tail(chain, before, head or Head())
    return tuple(sorted(faults, key=lambda fault: (fault.first, fault.flaw)))


def _read(bodies: set[bytes], device: str) -> tuple[dict[int, list[Record]], list[Fault]]:
    chain: dict[int, list[Record]] = {}
    faults = []
    for body in bodies:
        try:
            record = read_record(body)
        except OutboxError:
            faults.append(Fault(Flaw.UNREADABLE, 0, 0))
            continue
        if record.device == device:
            chain.setdefault(record.number, []).append(record)
        else:
            faults.append(Fault(Flaw.FOREIGN, 0, 0))
    return chain, faults


def _joints(chain: Mapping[int, list[Record]], before: int, number: int) -> list[Fault]:
    faults = [Fault(Flaw.FORKED, number, number)] if len(chain[number]) > 1 else []
    if number > before + 1:
        return [*faults, Fault(Flaw.MISSING, before + 1, number - 1)]
    hashes = {record.hash for record in chain[before]} if before else {START}
    if any(record.previous not in hashes for record in chain[number]):
        faults.append(Fault(Flaw.BROKEN, number, number))
    return faults


def _tail(chain: Mapping[int, list[Record]], last: int, head: Head) -> list[Fault]:
    if head.number > last:
        return [Fault(Flaw.MISSING, last + 1, head.number)]
    if head.number in chain and head.hash not in {record.hash for record in chain[head.number]}:
        return [Fault(Flaw.BROKEN, head.number, head.number)]
    return []
