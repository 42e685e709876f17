"""Two states of one machine, one of them from a backup: what must not go backwards when they become one.

    marks, the clock's floor, the counter of reports    the higher
    what is withdrawn                                   both
    the outbox                                          an event that has gone since does not come back
    the audit log                                       the longer, where one goes on where the other ends

Only what an earlier or later program also has is looked at; a table that is lacking says nothing.  What else a state
says (what is held, the log of attempts) stays that of the one that is kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.device import DeviceKey
from sync.transaction import transaction

# Of a machine, and not of its copy.
_IDENTITY = ("device", "outbox", "outbox_counts", "carried", "audit", "tally")
_HIGHER = {
    "hwm": """INSERT INTO hwm SELECT role, keyset, version FROM other.hwm WHERE true
        ON CONFLICT (role, keyset) DO UPDATE SET version = max(version, excluded.version)""",
    "clock": """INSERT INTO clock SELECT role, keyset, issued FROM other.clock WHERE true
        ON CONFLICT (role) DO UPDATE SET issued = max(issued, excluded.issued) WHERE keyset = excluded.keyset""",
    "revocations": """INSERT OR IGNORE INTO revocations
        SELECT document, publisher, reason, day FROM other.revocations""",
    "device": """UPDATE device SET counter = max(counter, (SELECT counter FROM other.device))
        WHERE seed = (SELECT seed FROM other.device)"""}
_GONE = """DELETE FROM outbox WHERE id NOT IN (SELECT id FROM other.outbox)
    AND number <= (SELECT seq FROM other.sqlite_sequence WHERE name = 'outbox')"""


def machine_of(path: Path) -> str:
    """Return the id of the machine whose state this is, empty where it has none or cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT seed FROM device").fetchone() if "device" in _tables(connection) else None
        return DeviceKey(Ed25519PrivateKey.from_private_bytes(row[0])).id if row else ""
    except (sqlite3.DatabaseError, ValueError, TypeError):
        return ""


def raise_to(path: Path, other: Path) -> None:
    """Let the state at `path` be behind `other` in nothing that must not go backwards; `other` is only read."""
    with _beside(path, other) as connection:
        for table in _shared(connection) & _HIGHER.keys():
            connection.execute(_HIGHER[table])


def drop_sent(path: Path, later: Path) -> None:
    """Take out of the outbox at `path` what the later state of the same machine has no more, and go on with its log."""
    with _beside(path, later) as connection:
        if "outbox" in _shared(connection):
            connection.execute(_GONE)
        go_on(connection)


def go_on(connection: sqlite3.Connection) -> None:
    """Add the entries of the attached `other` audit log that come after the last one here, where it is its next."""
    if "audit" not in _shared(connection):
        return
    head = connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    if head and not connection.execute("SELECT 1 FROM other.audit WHERE number = ? AND hash = ?", head).fetchone():
        return
    connection.execute("INSERT INTO audit SELECT * FROM other.audit WHERE number > ?", (head[0] if head else 0,))


def forget_machine(path: Path) -> None:
    """Take the machine's key and all that is told under it out of a state; the next start makes a new one."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = ON").close()
        with transaction(connection):
            for table in _tables(connection) & set(_IDENTITY):
                connection.execute(f"DELETE FROM {table}")


@contextmanager
def attached(path: Path, other: Path) -> Iterator[sqlite3.Connection]:
    """Give the database at `path` with the other one attached to it, as `other`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("ATTACH ? AS other", (str(other),))
        yield connection


@contextmanager
def _beside(path: Path, other: Path) -> Iterator[sqlite3.Connection]:
    with attached(path, other) as connection, transaction(connection):
        yield connection


def _shared(connection: sqlite3.Connection) -> set[str]:
    return _tables(connection) & _tables(connection, "other")


def _tables(connection: sqlite3.Connection, schema: str = "main") -> set[str]:
    return {name for (name,) in connection.execute(f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table'")}
