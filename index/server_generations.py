"""The generations on a PostgreSQL server, and which of them is in use: as `index.generations`, for many readers.

    rohnamo.generations   number, manifest, sha256 (of the manifest), rows (SHA-256 over its rows)
    rohnamo.current       one row: the number in use
    generation_0012       the tables of a generation (`index.server_copy`), never changed after they were copied

Whoever opened a generation keeps it, whatever is activated meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from index.contents import Withdrawn
from index.encoder import Encoder
from index.errors import DamagedSnapshotError, EncoderError, ExistingSnapshotError, GenerationError, ServerError
from index.generations import Generation
from index.manifest import MANIFEST, check_files, manifest_of, read_manifest
from index.pgvector_store import PgvectorStore
from index.server import READ, REGISTRY, ServerTables, schema_of, writing
from index.server_copy import Progress, copy_into, sum_of
from index.snapshot import Snapshot, dense_search

if TYPE_CHECKING:
    import psycopg

_REGISTRY = f"""
CREATE SCHEMA IF NOT EXISTS {REGISTRY};
CREATE EXTENSION IF NOT EXISTS vector SCHEMA public;
CREATE TABLE IF NOT EXISTS {REGISTRY}.generations
    (number integer PRIMARY KEY, manifest text NOT NULL, sha256 text NOT NULL, rows text NOT NULL);
CREATE TABLE IF NOT EXISTS {REGISTRY}.current
    (one boolean PRIMARY KEY DEFAULT true CHECK (one), number integer NOT NULL REFERENCES {REGISTRY}.generations);
"""
# One copies or activates at a time; any number would do, if nothing else on the server locks it.
_LOCK = 7_646_620


class ServerGenerations:
    """The generations at an address, `postgresql://…`; it may name several servers."""

    def __init__(self, address: str) -> None:
        self._address, self._registry = address, ServerTables(address)
        self.problems: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def list(self) -> tuple[Generation, ...]:
        """Return the generations there, the oldest first."""
        found = self._read("SELECT number, manifest FROM generations ORDER BY 1")
        named = ((number, manifest_of(schema_of(number), text.encode())) for number, text in found)
        return tuple(Generation(number, manifest.kind, manifest.counts) for number, manifest in named)

    def current(self, *, verify: bool = False) -> int | None:
        """Return the number in use, None where none was activated yet; its rows were checked as it was activated."""
        rows = self._read("SELECT number FROM current")
        return int(rows[0][0]) if rows else None

    def activation(self) -> bytes:
        """Return what changes with every activation, empty before the first; it is read for each question."""
        rows = self._registry.execute("SELECT number, sha256 FROM current JOIN generations USING (number)").fetchall()
        return f"{rows[0][0]}:{rows[0][1]}".encode() if rows else b""

    def open(self, number: int, *, encoder: Encoder | None, withdrawn: Withdrawn | None = None) -> Snapshot:
        """Return a generation, opened; without an encoder, or where that is not installed, it is searched by words.

        Raises:
            GenerationError: there is none of this number.
            ServerError: no server answers.
            EncoderMismatchError: its vectors were made by another encoder.
        """
        rows = self._read("SELECT manifest, sha256 FROM generations WHERE number = ?", number)
        if not rows:
            raise GenerationError(f"there is no generation {number} on the server")
        manifest, name = manifest_of(schema_of(number), rows[0][0].encode()), f"{number:04d}"
        tables, problems = ServerTables(self._address, number, rows[0][1]), []
        try:
            dense = dense_search(name, manifest, encoder, lambda: PgvectorStore.open(tables))
        except EncoderError as error:
            dense, problems = None, [f"search goes on by words alone: {error}"]
        snapshot = Snapshot(Path(name), manifest, dense, withdrawn, tables=tables)
        snapshot.problems = problems
        return snapshot

    def copy(self, folder: Path, number: int, progress: Progress | None = None) -> bool:
        """Copy a built snapshot there under its number; return False where the same one is there already.

        Every byte of it is checked first.  Others see all of it or nothing.

        Raises:
            DamagedSnapshotError: a file of it is missing or differs.
            ExistingSnapshotError: another snapshot has this number there.
            ServerError: the server does not answer, or refuses.
        """
        manifest, content = read_manifest(folder), (folder / MANIFEST).read_bytes()
        check_files(folder, manifest, verify=True)
        mark = sha256(content).hexdigest()
        with self._changing() as connection:
            there = connection.execute(f"SELECT sha256 FROM {REGISTRY}.generations WHERE number = %s",
                                       (number,)).fetchone()
            if there and there[0] != mark:
                raise ExistingSnapshotError(f"another snapshot is generation {number} on the server",
                                            hint="Build once more; the new generation has a number of its own.")
            if not there:
                rows = copy_into(connection, folder, number, manifest, progress)
                connection.execute(f"INSERT INTO {REGISTRY}.generations VALUES (%s, %s, %s, %s)",
                                   (number, content.decode(), mark, rows))
        return not there

    def verify(self, number: int) -> None:
        """Check every row of a generation.

        Raises:
            GenerationError: there is none of this number.
            DamagedSnapshotError: a row is missing or differs.
        """
        with self._changing() as connection:
            _verify(connection, number)

    def activate(self, number: int) -> None:
        """Put a generation in use, after checking every row of it.

        Raises:
            GenerationError: there is none of this number.
            DamagedSnapshotError: a row is missing or differs; the current one stays.
        """
        with self._changing() as connection:
            _verify(connection, number)
            connection.execute(f"INSERT INTO {REGISTRY}.current (number) VALUES (%s) "
                               "ON CONFLICT (one) DO UPDATE SET number = excluded.number", (number,))

    def roll_back(self) -> int:
        """Put the newest whole generation before the one in use in use, and return its number.

        Raises:
            GenerationError: there is none before it.
        """
        current = self.current() or 0
        for before in reversed([one.number for one in self.list() if one.number < current]):
            try:
                self.activate(before)
            except DamagedSnapshotError:
                continue
            return before
        raise GenerationError(f"there is no generation before {current}" if current else "none is in use")

    def prune(self, keep: int = 2) -> tuple[int, ...]:
        """Remove all but the generation in use and the newest whole ones before it, `keep` in all; return which.

        What is newer is left, and where none is in use nothing is removed.  What somebody reads is left for the next
        time; a replica's readers are not seen from here.

        Raises:
            ServerError: the server does not answer, or refuses.
        """
        with self._changing() as connection:
            found = connection.execute(f"SELECT number FROM {REGISTRY}.generations WHERE number < "
                                       f"(SELECT number FROM {REGISTRY}.current) ORDER BY 1 DESC").fetchall()
            older = [number for (number,) in found]
            kept = set(islice((number for number in older if _is_whole(connection, number)), max(keep - 1, 0)))
            return tuple(number for number in sorted({*older} - kept) if _removed(connection, number))

    def _read(self, query: str, *parameters: int) -> Any:  # noqa: ANN401
        tables = ServerTables(self._address)
        try:
            return tables.execute(query, parameters).fetchall()
        finally:
            tables.close()

    def close(self) -> None:
        """Let go of the connection that `activation` keeps; it opens another when it is asked again."""
        self._registry.close()

    @contextmanager
    def _changing(self) -> Iterator[psycopg.Connection[Any]]:
        import psycopg

        with writing(self._address) as connection:
            try:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                connection.execute(_REGISTRY)
                yield connection
            except psycopg.Error as error:
                raise ServerError(f"PostgreSQL refuses: {str(error).strip()}") from error


def _removed(connection: psycopg.Connection[Any], number: int) -> bool:
    """Remove a generation, and say so, unless somebody reads it."""
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (READ, number)).fetchone()
    if not row or not row[0]:
        return False
    connection.execute(f"DROP SCHEMA {schema_of(number)} CASCADE")
    connection.execute(f"DELETE FROM {REGISTRY}.generations WHERE number = %s", (number,))
    return True


def _is_whole(connection: psycopg.Connection[Any], number: int) -> bool:
    try:
        _verify(connection, number)
    except DamagedSnapshotError:
        return False
    return True


def _verify(connection: psycopg.Connection[Any], number: int) -> None:
    row = connection.execute(f"SELECT manifest, rows FROM {REGISTRY}.generations WHERE number = %s",
                             (number,)).fetchone()
    if not row:
        raise GenerationError(f"there is no generation {number} on the server")
    if sum_of(connection, number, manifest_of(schema_of(number), row[0].encode())) != row[1]:
        raise DamagedSnapshotError(f"generation {number} on the server is not what was copied there")
