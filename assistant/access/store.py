"""The database of the desks, `desks.db`: accounts, tries, tasks, cards and the audit log.

One file, so that a change and the entry that tells of it stand together.  It is for its owner alone, and each commit
is flushed to the disk.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from assistant.access import accounts, audit, limits, tasks
from assistant.access.accounts import Accounts
from assistant.access.audit import AuditLog
from assistant.access.limits import Tries
from assistant.access.settings import desk_settings_of
from assistant.access.tasks import Tasks
from assistant.config import Config
from assistant.review import reviews
from assistant.review.reviews import Reviews
from sync.durable import make_folder, space, sync_folder
from sync.errors import StateError
from sync.state import explained
from sync.transaction import transaction

FILE, VERSION = "desks.db", 2
_WAIT_S = 10.0
_TABLES = (accounts.TABLE, limits.TABLE, tasks.TABLE, *audit.TABLES, *reviews.TABLES)


class Store:
    """What the connection opens."""

    def __init__(self, connection: sqlite3.Connection, config: Config) -> None:
        self.connection = connection
        self.audit, self.tries = AuditLog(connection), Tries(connection)
        self.accounts = Accounts(connection, self.audit, self.tries)
        self.tasks = Tasks(connection, self.audit)
        self.reviews = Reviews(connection, self.audit, config.data_dir / reviews.FOLDER,
                               two_people=desk_settings_of(config).two_people)


@contextmanager
def opened_store(config: Config) -> Iterator[Store]:
    """Give the database of the desks, which is made where there is none; for one thread, and not for long.

    Raises:
        StateError: it is damaged, of a newer program, or cannot be reached.
        NoSpaceError: the disk is full.
    """
    path = config.data_dir / FILE
    _make(path)
    with (explained(path, damaged=f"Restore {FILE} from the last backup."),
          closing(sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)) as connection):
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA recursive_triggers = ON")   # also what is replaced is seen as cut
        if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            _make_tables(connection)
        yield Store(connection, config)


def _make(path: Path) -> None:
    """Make the file, readable to its owner alone; what SQLite puts beside it is then too."""
    if path.exists():
        return
    with space(path):
        make_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        sync_folder(path.parent)


def _make_tables(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StateError(f"{FILE} is of version {version}, known is {VERSION}",
                         hint="Update the program on this machine.")
    connection.execute("PRAGMA journal_mode = WAL")
    with transaction(connection):
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA user_version = {VERSION}")
