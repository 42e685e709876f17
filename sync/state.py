"""What this machine must not forget, in one database that is flushed to the disk with every commit.

What is held of each publisher, which documents are withdrawn, what came of the attempts to sync, the traffic of each
day; the marks (`sync.marks`), the clock (`sync.clock`), the outbox and the audit log keep their tables beside these.
It is never rolled back with a generation, and what is withdrawn or accepted once stays so.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sync.durable import make_folder, space, sync_folder
from sync.errors import NoSpaceError, OlderRepositoryError, StateError
from sync.revocations import Revocation
from sync.rollout import TIME, read_time
from sync.transaction import transaction

VERSION = 2
_WAIT_S = 10.0          # for another process that is writing; its transactions are short
_MOST_ATTEMPTS = 200
_MOST_DAYS = 40
_LEAST_FREE = 256 * 1024  # the files that SQLite makes beside a database take less
_TABLES = (
    """CREATE TABLE IF NOT EXISTS held (publisher TEXT PRIMARY KEY, sha256 TEXT NOT NULL, number INTEGER NOT NULL,
        sequence INTEGER NOT NULL, keyset TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE IF NOT EXISTS revocations (document TEXT NOT NULL, publisher TEXT NOT NULL, reason TEXT NOT NULL,
        day TEXT NOT NULL, PRIMARY KEY (document, publisher))""",
    """CREATE TABLE IF NOT EXISTS sync_log (number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
        code TEXT NOT NULL, message TEXT NOT NULL, length INTEGER NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS traffic (day TEXT PRIMARY KEY, length INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS refused (publisher TEXT PRIMARY KEY, sha256 TEXT NOT NULL, number INTEGER NOT NULL,
        reason TEXT NOT NULL, circumstances TEXT NOT NULL, at TEXT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS unbuilt (only INTEGER PRIMARY KEY)")
# Columns that a database of an earlier program lacks.
_COLUMNS = (("sync_log", "hint"), ("held", "keyset"))


@dataclass(frozen=True, slots=True)
class Held:
    """The release of a publisher that is in use; `sha256` is that of its pack.

    `keyset` names the keys that signed it (`sync.marks`), empty where an earlier program noted it.
    """

    sha256: str
    number: int
    sequence: int
    keyset: str = ""

    def binds(self, keyset: str) -> bool:
        """Return whether what these keys sign has to come after it: new keys begin anew, as with the marks."""
        return self.keyset in ("", keyset)


@dataclass(frozen=True, slots=True)
class Refused:
    """A verified release that was tried and not taken into use.

    `circumstances` names what the outcome depended on besides the release; under the same it is not tried again.
    """

    sha256: str
    number: int
    reason: str
    circumstances: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A document that is not answered from.  `publisher`: whose documents it may be among, empty for any."""

    document: str
    publisher: str
    reason: str
    day: date

    def applies(self, document: str, release: str) -> bool:
        """Return whether it is about a document that came with this release, as `min-health/12`."""
        return document == self.document and self.publisher in ("", release.rpartition("/")[0])


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt to sync: `code` is that of the error, empty where it succeeded; `length` in bytes.

    `hint` is the next step that was told, empty where none was.
    """

    at: datetime
    code: str = ""
    message: str = ""
    length: int = 0
    hint: str = ""


class State:
    """The database of this machine.  `connection` serves one thread at a time; others open their own.

    Raises:
        StateError: the file is damaged, no database, of a newer program, or cannot be reached.
        NoSpaceError: the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with space(path):
            make_folder(path.parent)
            # The key of the machine is in it: it is for its owner alone, and so is what SQLite puts beside it.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with explained(path):
            self.connection = _opened(path)
        sync_folder(path.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; what was committed is on the disk."""
        self.connection.close()

    def held(self) -> dict[str, Held]:
        """Return what is in use, by publisher."""
        rows = self.connection.execute("SELECT publisher, sha256, number, sequence, keyset FROM held ORDER BY 1")
        return {publisher: Held(*rest) for publisher, *rest in rows}

    def hold(self, publisher: str, held: Held) -> None:
        """Note that a release is in use.

        Raises:
            OlderRepositoryError: a later one by the same keys was; nothing was changed.
        """
        with transaction(self.connection):
            before = self.held().get(publisher)
            if before and before.binds(held.keyset) and held.sequence < before.sequence:
                raise OlderRepositoryError(f"release {held.number} of {publisher} is older than {before.number}, "
                                           f"which is in use")
            self.connection.execute("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)",
                                    (publisher, held.sha256, held.number, held.sequence, held.keyset))
            self.connection.execute("DELETE FROM refused WHERE publisher = ?", (publisher,))

    def set_unbuilt(self, unbuilt: bool) -> None:
        """Note whether what is held may be ahead of what answers: noted before the one, and until the other is."""
        with transaction(self.connection):
            self.connection.execute("INSERT OR IGNORE INTO unbuilt VALUES (1)" if unbuilt else "DELETE FROM unbuilt")

    def is_unbuilt(self) -> bool:
        """Return whether what is held has to be built again, because nobody came to say that it answers."""
        return self.connection.execute("SELECT 1 FROM unbuilt").fetchone() is not None

    def drop(self, publishers: Iterable[str]) -> None:
        """Note that nothing of these publishers is in use any more."""
        with transaction(self.connection):
            for table in ("held", "refused"):
                self.connection.executemany(f"DELETE FROM {table} WHERE publisher = ?",
                                            [(name,) for name in publishers])

    def refuse(self, publisher: str, refused: Refused) -> None:
        """Note that the newest release of a publisher was not taken into use."""
        with transaction(self.connection):
            self.connection.execute("INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?, ?)",
                                    (publisher, refused.sha256, refused.number, refused.reason, refused.circumstances,
                                     refused.at.strftime(TIME)))

    def refused(self) -> dict[str, Refused]:
        """Return the releases that were not taken into use, by publisher; a later one that was takes its place."""
        rows = self.connection.execute("""SELECT publisher, sha256, number, reason, circumstances, at FROM refused
            ORDER BY publisher""")
        return {publisher: Refused(sha256, number, reason, circumstances, read_time(at))
                for publisher, sha256, number, reason, circumstances, at in rows}

    def revoke(self, revocations: Iterable[Revocation], publisher: str = "") -> tuple[Revocation, ...]:
        """Add to what is withdrawn, and return what was not known before; nothing is ever taken away."""
        with transaction(self.connection):
            return tuple(one for one in revocations if self.connection.execute(
                "INSERT OR IGNORE INTO revocations VALUES (?, ?, ?, ?)",
                (one.document, publisher, one.reason, one.day.isoformat())).rowcount)

    def withdrawn(self) -> tuple[Withdrawn, ...]:
        """Return what is withdrawn, sorted by document."""
        return _withdrawn(self.connection)

    def note(self, attempt: Attempt) -> None:
        """Add an attempt; the last 200 are kept, and the last success."""
        with transaction(self.connection):
            self.connection.execute(
                "INSERT INTO sync_log (at, code, message, length, hint) VALUES (?, ?, ?, ?, ?)",
                (attempt.at.strftime(TIME), attempt.code, attempt.message, attempt.length, attempt.hint))
            self.connection.execute("""DELETE FROM sync_log
                WHERE number <= (SELECT max(number) FROM sync_log) - ?
                AND number != (SELECT coalesce(max(number), 0) FROM sync_log WHERE code = '')""", (_MOST_ATTEMPTS,))

    def advise(self, hint: str) -> None:
        """Keep the next step with the newest attempt."""
        with transaction(self.connection):
            self.connection.execute("UPDATE sync_log SET hint = ? WHERE number = (SELECT max(number) FROM sync_log)",
                                    (hint,))

    def attempts(self, most: int = 20) -> tuple[Attempt, ...]:
        """Return the last attempts, the newest first."""
        rows = self.connection.execute("""SELECT at, code, message, length, hint FROM sync_log
            ORDER BY number DESC LIMIT ?""", (most,))
        return tuple(Attempt(read_time(at), *rest) for at, *rest in rows)

    def last_success(self) -> Attempt | None:
        """Return the newest attempt that succeeded."""
        row = self.connection.execute("""SELECT at, code, message, length FROM sync_log WHERE code = ''
            ORDER BY number DESC LIMIT 1""").fetchone()
        return Attempt(read_time(row[0]), *row[1:]) if row else None

    def spend(self, day: date, length: int) -> None:
        """Add to the traffic of a day, in bytes."""
        with transaction(self.connection):
            self.connection.execute("""INSERT INTO traffic VALUES (?, ?)
                ON CONFLICT (day) DO UPDATE SET length = length + excluded.length""", (day.isoformat(), length))
            self.connection.execute("""DELETE FROM traffic
                WHERE day NOT IN (SELECT day FROM traffic ORDER BY day DESC LIMIT ?)""", (_MOST_DAYS,))

    def spent(self, day: date) -> int:
        """Return the traffic of a day, in bytes."""
        row = self.connection.execute("SELECT length FROM traffic WHERE day = ?", (day.isoformat(),)).fetchone()
        return int(row[0]) if row else 0


def read_withdrawn(path: Path) -> tuple[Withdrawn, ...]:
    """Return what is withdrawn, from a database that another process may be writing; none where there is none.

    Raises:
        StateError: the file cannot be read.
    """
    if not path.exists():
        return ()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True,
                                     timeout=_WAIT_S)) as connection:
            return _withdrawn(connection)
    except sqlite3.DatabaseError as error:
        raise StateError(f"{path.name} cannot be used: {error}", hint=_hint(error)) from error


def _withdrawn(connection: sqlite3.Connection) -> tuple[Withdrawn, ...]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'revocations'").fetchone():
        return ()                      # the database is being made: there was no contact yet
    rows = connection.execute("SELECT document, publisher, reason, day FROM revocations ORDER BY 1, 2")
    return tuple(Withdrawn(document, publisher, reason, date.fromisoformat(day))
                 for document, publisher, reason, day in rows)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise StateError(f"{path.name} is damaged")
        _make_tables(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StateError(f"{path.name} is of version {version}, known is {VERSION}",
                         hint="Update the program on this machine.")
    with transaction(connection):
        for table in _TABLES:
            connection.execute(table)
        for table, column in _COLUMNS:
            if column not in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}:
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
        connection.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def explained(path: Path, *, damaged: str = "") -> Iterator[None]:
    """Say what keeps a database of ours from being used.

    damaged: the next step where it is damaged; else that of a machine's state.

    Raises:
        NoSpaceError: its disk is full; nothing was damaged.
        StateError: it is damaged, or cannot be reached.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _is_full(error, path.parent):
            raise NoSpaceError(f"no space left on the disk of {path}") from error
        raise StateError(f"{path.name} cannot be used: {error}", hint=_hint(error) or damaged) from error


def _is_full(error: sqlite3.DatabaseError, folder: Path) -> bool:
    """Return whether the disk is full: where SQLite can make no file beside the database, it says no more than that
    reading or writing failed."""
    primary = _primary(error)
    return primary == sqlite3.SQLITE_FULL or (
        primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and shutil.disk_usage(folder).free < _LEAST_FREE)


def _hint(error: sqlite3.DatabaseError) -> str:
    """Return the next step, empty for that of a damaged database: one that is whole must not be moved away."""
    match _primary(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "Another process is writing to it: run this again in a moment."
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return "Run as the user that owns the data directory, and let that user write to it."
        case sqlite3.SQLITE_IOERR:
            return "Look after the disk: it cannot be read or written at this place."
    return ""


def _primary(error: sqlite3.DatabaseError) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
