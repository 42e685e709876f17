"""Who did what at the desks, as a chain: each entry holds the hash of the one before.

An entry that is changed, left out or put in later breaks the chain where it stands.  A tail that was cut off, or a
chain that was written anew from some entry on, shows against a head that was noted elsewhere: on paper, in a letter.
Entries tell of the people who work here, never of a citizen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from assistant.errors import AssistantError
from sync.audit import LONGEST_DETAIL, MOST_DETAILS, START, Fault, Flaw, Head
from sync.errors import ReleaseError
from sync.release import canonical, read_object
from sync.rollout import TIME, read_time
from sync.transaction import transaction

FORMAT, VERSION = "rohnamo-desk-audit", 1
# Entries are only added: what tries to do another thing to them is stopped, also where it is a fault of ours.
TABLES = (
    """CREATE TABLE IF NOT EXISTS audit (
        number INTEGER PRIMARY KEY, at TEXT NOT NULL, hash TEXT NOT NULL, entry BLOB NOT NULL)""",
    """CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""",
    """CREATE TRIGGER IF NOT EXISTS audit_is_not_cut BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""")


class BrokenAuditError(AssistantError):
    """The audit log is not as it was written."""

    code = "broken_audit"


class Deed(StrEnum):
    """What is worth an entry, a closed set."""

    ACCOUNT_MADE = "account_made"
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNT_UNLOCKED = "account_unlocked"
    PASSWORD_SET = "password_set"      # noqa: S105
    ENTERED = "entered"
    REFUSED = "refused"                # a wrong name, password or page
    SHUT_OUT = "shut_out"              # not even looked at, after too many tries
    LEFT = "left"
    TASK_OPENED = "task_opened"
    TASK_CLOSED = "task_closed"
    EXPORTED = "exported"
    CARD_BEGUN = "card_begun"
    CARD_EDITED = "card_edited"
    EDIT_UNDONE = "edit_undone"
    CARD_ASKED = "card_asked"          # the question that a card answers was given
    CARD_ACKNOWLEDGED = "card_acknowledged"
    CARD_APPROVED = "card_approved"
    CARD_DROPPED = "card_dropped"
    NOTE_EXPORTED = "note_exported"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.  `who` is the name of an account, `previous` the hash of the entry before."""

    number: int
    at: datetime
    who: str
    deed: Deed
    detail: Mapping[str, str]
    previous: str

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is hashed."""
        return canonical({"format": FORMAT, "version": VERSION, "number": self.number, "at": self.at.strftime(TIME),
                          "who": self.who, "deed": self.deed.value, "detail": dict(self.detail),
                          "previous": self.previous})


class AuditLog:
    """The chain in the database that the connection opens."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def record(self, at: datetime, who: str, deed: Deed, **detail: str) -> Entry:
        """Add an entry; it stands or falls with the caller's transaction.  Long details are cut."""
        short = {name: text[:LONGEST_DETAIL] for name, text in list(detail.items())[:MOST_DETAILS]}
        at = at.astimezone(UTC).replace(microsecond=0)
        with transaction(self._connection):
            head = self.head()
            entry = Entry(head.number + 1, at, who, deed, short, head.hash)
            body = entry.to_bytes()
            self._connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?)",
                                     (entry.number, at.strftime(TIME), sha256(body).hexdigest(), body))
        return entry

    def head(self) -> Head:
        """Return the last entry's number and hash."""
        row = self._connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        return Head(*row) if row else Head()

    def rows(self) -> list[tuple[int, str, bytes]]:
        """Return the number, the hash and the bytes of each entry, first entry first."""
        order = "SELECT number, hash, CAST(entry AS BLOB) FROM audit ORDER BY number"
        return self._connection.execute(order).fetchall()

    def last(self, most: int) -> tuple[Entry, ...]:
        """Return the last entries, the newest first.

        Raises:
            BrokenAuditError: one of them is no entry any more.
        """
        order = "SELECT CAST(entry AS BLOB) FROM audit ORDER BY number DESC LIMIT ?"
        return tuple(read_entry(body) for (body,) in self._connection.execute(order, (most,)).fetchall())


def read_entry(data: bytes) -> Entry:
    """Return the entry in these bytes.

    Raises:
        BrokenAuditError: they are not the canonical bytes of an entry.
    """
    try:
        plain = read_object(data, "the entry", FORMAT, VERSION)
        entry = Entry(plain["number"], read_time(plain["at"]), plain["who"], Deed(plain["deed"]), plain["detail"],
                      plain["previous"])
        if type(entry.number) is not int or entry.to_bytes() != data:
            raise ValueError(entry.number)
    except (ReleaseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenAuditError("an entry of the audit log cannot be read",
                               "See which: rohnamo accounts verify.") from error
    return entry


def faults(rows: Iterable[tuple[int, str, bytes]], noted: Head | None = None) -> tuple[Fault, ...]:
    """Return what is wrong with a chain, by number; nothing where it is whole.

    noted: a head that was written down before, without which neither a cut tail nor a chain made anew can be seen.
    """
    found: list[Fault] = []
    before, hashes = 0, {0: START}
    for number, kept, body in rows:
        found += _joint(before, hashes[before], number, kept, body)
        before, hashes[number] = number, sha256(body).hexdigest()
    return (*found, *_tail(before, hashes, noted or Head()))


def _joint(before: int, previous: str, number: int, kept: str, body: bytes) -> list[Fault]:
    if number > before + 1:
        return [Fault(Flaw.MISSING, before + 1, number - 1)]
    try:
        entry = read_entry(body)
    except BrokenAuditError:
        return [Fault(Flaw.UNREADABLE, number, number)]
    whole = (entry.number, entry.previous, sha256(body).hexdigest()) == (number, previous, kept)
    return [] if whole else [Fault(Flaw.BROKEN, number, number)]


def _tail(last: int, hashes: Mapping[int, str], noted: Head) -> list[Fault]:
    if noted.number > last:
        return [Fault(Flaw.MISSING, last + 1, noted.number)]
    if noted.number and hashes.get(noted.number) != noted.hash:
        return [Fault(Flaw.BROKEN, noted.number, noted.number)]
    return []
