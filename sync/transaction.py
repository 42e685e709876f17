"""All or nothing in the machine's own database, whoever began.

Joins the transaction that the caller has open, so that an event is kept together with the action it tells of;
otherwise it begins one and ends it.  How the database is opened and flushed is not decided here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sync.errors import NoSpaceError


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Make what is written within stand together or not at all; nobody else writes meanwhile.

    Raises:
        NoSpaceError: the disk is full; nothing was written.
    """
    if connection.in_transaction:
        yield
        return
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise NoSpaceError("no space left while writing to the database") from error
        raise
