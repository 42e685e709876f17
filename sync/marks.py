"""The highest version of each role that was ever accepted here, by the keys that signed it.

A lower one is refused even where all other memory was lost: this is what stops an old copy of a repository.  A mark
belongs to one set of keys, so that new keys, which only the root or the targets role can give, begin anew: that is how
people recover after a thief raised a version.  `sync.trust` says which keys count for which role.  The root itself has
one mark whatever its keys, as each root is signed by the one before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from sync.errors import OlderRepositoryError
from sync.transaction import transaction

_TABLE = """CREATE TABLE IF NOT EXISTS hwm (
    role TEXT NOT NULL, keyset TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (role, keyset))"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A version of a role; `keyset` names the keys that may sign it, empty for the root."""

    role: str
    keyset: str
    version: int


def keyset(keyids: Iterable[str]) -> str:
    """Return the name of a set of keys, whatever their order."""
    return sha256("\n".join(sorted(set(keyids))).encode()).hexdigest()


class Marks:
    """The marks in the database that the connection opens.

    least: marks that came with the program; they hold where the database is new.
    """

    def __init__(self, connection: sqlite3.Connection, least: Iterable[Mark] = ()) -> None:
        self.connection = connection
        self._least = {(mark.role, mark.keyset): mark.version for mark in least}
        with transaction(connection):
            connection.execute(_TABLE)

    def all(self) -> tuple[Mark, ...]:
        """Return every mark that was set here, sorted."""
        rows = self.connection.execute("SELECT role, keyset, version FROM hwm ORDER BY 1, 2")
        return tuple(Mark(*row) for row in rows)

    def of(self, role: str, keyset: str = "") -> int:
        """Return the highest version accepted, 0 where there is none."""
        row = self.connection.execute("SELECT version FROM hwm WHERE role = ? AND keyset = ?",
                                       (role, keyset)).fetchone()
        return max(row[0] if row else 0, self._least.get((role, keyset), 0))

    def advance(self, marks: Iterable[Mark]) -> None:
        """Raise the marks to these versions, all or none.

        Raises:
            OlderRepositoryError: one of them is lower than its mark; nothing was changed.
        """
        with transaction(self.connection):
            for mark in marks:
                self._raise(mark)

    def _raise(self, mark: Mark) -> None:
        known = self.of(mark.role, mark.keyset)
        if mark.version < known:
            raise OlderRepositoryError(f"version {mark.version} of {mark.role} was offered, but {known} was accepted "
                                       f"on this machine before")
        if mark.version > known:
            self._write(mark)

    def _write(self, mark: Mark) -> None:
        self.connection.execute("""INSERT INTO hwm VALUES (?, ?, ?)
            ON CONFLICT (role, keyset) DO UPDATE SET version = excluded.version""",
            (mark.role, mark.keyset, mark.version))
