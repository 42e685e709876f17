"""Rows read from a snapshot's tables, wherever these lie: in a SQLite file or on a PostgreSQL server.

One dialect: `?` for a parameter, only what both understand, and an order wherever it matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol


class Rows(Protocol):
    """The rows of one query."""

    def fetchone(self) -> Any: ...  # noqa: ANN401, D102

    def fetchall(self) -> list[Any]: ...  # noqa: D102

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Asks queries, one at a time; `sqlite3.Connection` is one."""

    def execute(self, query: str, parameters: Sequence[Any] = ..., /) -> Rows: ...  # noqa: D102

    def close(self) -> None: ...  # noqa: D102


def marks(values: Sequence[object]) -> str:
    """Return a parameter's mark for each value, to stand in `IN (…)`; NULL where there are none."""
    return ", ".join("?" * len(values)) or "NULL"
