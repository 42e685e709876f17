"""Copies a built snapshot into a schema of its own on a PostgreSQL server: all of it or nothing.

Rows are copied as they are, so that numbers, postings and lexicon are those of the file; vectors are those its FAISS
file searches.  What went over is counted and hashed row by row, and can be compared with what lies there later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.contents import connected
from index.manifest import TABLES, VECTORS, Manifest
from index.pgvector_store import graph_for, literal, vectors_in
from index.server import schema_of

if TYPE_CHECKING:
    import psycopg

# Columns of each table in their order; the first are its key.  "C" orders text as SQLite does.
_TEXT = 'text COLLATE "C" NOT NULL'
_COLUMNS = {
    "documents": {"number": "integer PRIMARY KEY", "id": f"{_TEXT} UNIQUE", "status": _TEXT, "valid_from": "text",
                  "valid_until": "text", "release": _TEXT, "json": _TEXT},
    "passages": {"number": "integer PRIMARY KEY", "id": f"{_TEXT} UNIQUE", "document": "integer NOT NULL",
                 "face": "integer NOT NULL", "stems": _TEXT, "json": _TEXT},
    "vocabulary": {"folded": f"{_TEXT} PRIMARY KEY", "spelling": _TEXT, "frequency": "integer NOT NULL",
                   "consonants": _TEXT},
    "lexicon": {"source_language": _TEXT, "key": _TEXT, "target": _TEXT, "detail": _TEXT},
    "postings": {"col": _TEXT, "term": _TEXT, "block": "integer NOT NULL", "doc": "integer NOT NULL",
                 "places": "bytea NOT NULL", "times": "bytea NOT NULL"},
    "lengths": {"block": "integer PRIMARY KEY", "tokens": "bytea NOT NULL"},
}
_KEYS = {"documents": 1, "passages": 1, "vocabulary": 1, "lexicon": 3, "postings": 3, "lengths": 1}
_INDEXES = ("CREATE INDEX ON passages (document)", "CREATE INDEX ON vocabulary (consonants)",
            "ALTER TABLE lexicon ADD PRIMARY KEY (source_language, key, target)",
            "ALTER TABLE postings ADD PRIMARY KEY (col, term, block)")
# Rows between two words of progress, and fetched at a time when they are read back.
_TOLD, _FETCHED = 1_000, 500
Progress = Callable[[int, int], None]


def copy_into(connection: psycopg.Connection[Any], folder: Path, number: int, manifest: Manifest,
              progress: Progress | None = None) -> str:
    """Copy the snapshot of a folder into the schema of a generation; return the SHA-256 over its rows.

    The transaction is the caller's: nothing is there for others before it is committed.
    progress: is told how many rows are copied, and how many there are.
    """
    connection.execute(f"CREATE SCHEMA {schema_of(number)}")
    connection.execute(f"SET LOCAL search_path = {schema_of(number)}, public")
    with closing(connected(folder / TABLES)) as file:
        total = sum(file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _COLUMNS)
        counter = _Counter(total + manifest.counts["vectors"], progress)
        sums = [_copied(connection, table, counter.over(_rows_of(file, table))) for table in _COLUMNS]
    sums.append(_copied_vectors(connection, folder / VECTORS, manifest, counter))
    for statement in _INDEXES:
        connection.execute(statement)
    connection.execute("ANALYZE")
    return sha256("".join(sums).encode()).hexdigest()


def sum_of(connection: psycopg.Connection[Any], number: int, manifest: Manifest) -> str:
    """Return the SHA-256 over the rows of a generation as they lie on the server, as `copy_into` did."""
    connection.execute(f"SET LOCAL search_path = {schema_of(number)}, public")
    sums = [_sum(_read_back(connection, table)) for table in _COLUMNS]
    vectors = _streamed(connection, "SELECT number, vector::real[] FROM vectors ORDER BY 1") if manifest.encoder else ()
    sums.append(_sum((row[0], str(row[1])) for row in vectors))
    return sha256("".join(sums).encode()).hexdigest()


class _Counter:
    """Tells how many rows went over."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def over(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            yield row
            self._done += 1
            if self._progress and (self._done % _TOLD == 0 or self._done == self._total):
                self._progress(self._done, self._total)


def _order(table: str) -> str:
    return ", ".join(list(_COLUMNS[table])[:_KEYS[table]])


def _rows_of(file: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    return file.execute(f"SELECT {', '.join(_COLUMNS[table])} FROM {table} ORDER BY {_order(table)}")


def _read_back(connection: psycopg.Connection[Any], table: str) -> Iterator[tuple[Any, ...]]:
    return _streamed(connection, f"SELECT {', '.join(_COLUMNS[table])} FROM {table} ORDER BY {_order(table)}")


def _streamed(connection: psycopg.Connection[Any], query: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor(name="rows") as cursor:
        cursor.itersize = _FETCHED
        cursor.execute(query)
        yield from cursor


def _copied(connection: psycopg.Connection[Any], table: str, rows: Iterable[tuple[Any, ...]]) -> str:
    columns = _COLUMNS[table]
    connection.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    return _written(connection, f"COPY {table} ({', '.join(columns)}) FROM STDIN", rows)


def _copied_vectors(connection: psycopg.Connection[Any], file: Path, manifest: Manifest, counter: _Counter) -> str:
    if not manifest.encoder:
        return _sum(())
    dimension = manifest.encoder.dimension
    connection.execute(f"CREATE TABLE vectors (number integer PRIMARY KEY, vector vector({dimension}) NOT NULL)")
    rows = ((number, literal(vector)) for number, vector in vectors_in(file))
    _written(connection, "COPY vectors FROM STDIN", counter.over(rows))
    if graph := graph_for(manifest.counts["vectors"], dimension):
        connection.execute(graph)
    back = _streamed(connection, "SELECT number, vector::real[] FROM vectors ORDER BY 1")
    return _sum((row[0], str(row[1])) for row in back)


def _written(connection: psycopg.Connection[Any], statement: str, rows: Iterable[tuple[Any, ...]]) -> str:
    digest = sha256()
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            digest.update(repr(row).encode())
    return digest.hexdigest()


def _sum(rows: Iterable[tuple[Any, ...]]) -> str:
    digest = sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()
