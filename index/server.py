"""A connection to the PostgreSQL servers that hold a generation: it reads, and goes on where one of them dies.

The address may name several servers (`postgresql://one,two/rohnamo`); the first that answers is asked.  What fails
is asked once more over a new connection, which is taken only where that server has the very same generation.
psycopg is imported when a connection is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar, cast

from index.errors import ServerError
from index.rows import Rows

if TYPE_CHECKING:
    import psycopg

Found = TypeVar("Found")

REGISTRY = "rohnamo"
# With the number of a generation: a lock that its readers share, so that it is not removed under them.
READ = 7_646_621
# A server that does not answer is given up after so long, in whole seconds and in milliseconds.
_CONNECT_S, _ANSWER_MS = 5, 20_000
# Places looked at among the neighbours of neighbours; what it finds was measured (ADR 0023).
_LOOKED_AT = 400


def schema_of(number: int) -> str:
    """Return the schema that holds a generation."""
    return f"generation_{number:04d}"


def writing(address: str) -> Any:  # noqa: ANN401
    """Return a connection to the server that may be written to; it commits when a `with` over it ends well.

    Raises:
        ServerError: none answers, or the extra `postgres` is not installed.
    """
    return _asked(lambda: _psycopg().connect(
        address, connect_timeout=_CONNECT_S, target_session_attrs="read-write"))


class ServerTables:
    """The tables of one generation, or of the registry where no number is given.  Any thread may ask.

    sha256: of the manifest that a server must have for this generation.
    """

    def __init__(self, address: str, number: int | None = None, sha256: str = "") -> None:
        self._address, self._number, self._sha256 = address, number, sha256
        self._lock = RLock()
        self._open: psycopg.Connection[Any] | None = None

    def execute(self, query: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Return the rows of a query; `?` stands for a parameter.

        Raises:
            ServerError: no server answers, or none has the generation.
        """
        with self._lock:
            return _asked(lambda: self._twice(query.replace("?", "%s"), parameters))

    def close(self) -> None:
        """Let the connection go."""
        with self._lock:
            if self._open:
                self._open.close()
            self._open = None

    def _twice(self, query: str, parameters: Sequence[Any]) -> Rows:
        try:
            return cast("Rows", self._connected().execute(query, parameters))
        except _psycopg().OperationalError:
            with suppress(_psycopg().Error):
                self.close()
            return cast("Rows", self._connected().execute(query, parameters))

    def _connected(self) -> psycopg.Connection[Any]:
        if not self._open:
            connection = _psycopg().connect(self._address, autocommit=True, connect_timeout=_CONNECT_S,
                                            prepare_threshold=None, options=self._options())
            try:
                self._hold(connection)
            except BaseException:
                connection.close()
                raise
            self._open = connection
        return self._open

    def _options(self) -> str:
        schema = REGISTRY if self._number is None else schema_of(self._number)
        settings = {"default_transaction_read_only": "on", "search_path": f"{schema},public",
                    "statement_timeout": _ANSWER_MS, "hnsw.ef_search": _LOOKED_AT}
        return " ".join(f"-c {name}={value}" for name, value in settings.items())

    def _hold(self, connection: psycopg.Connection[Any]) -> None:
        """Keep the generation from being removed, and see that it is the one that was opened: another would lie."""
        if self._number is None:
            return
        connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", (READ, self._number))
        row = connection.execute(
            f"SELECT sha256 FROM {REGISTRY}.generations WHERE number = %s", (self._number,)).fetchone()
        if not row or row[0] != self._sha256:
            raise ServerError(f"the server that answers has not generation {self._number} as it was opened")


def _asked(ask: Callable[[], Found]) -> Found:
    try:
        return ask()
    except _psycopg().Error as error:
        raise ServerError(f"PostgreSQL does not give what was asked: {str(error).strip()}") from error


def _psycopg() -> Any:  # noqa: ANN401
    try:
        import psycopg
    except ImportError as error:
        raise ServerError("psycopg is not installed",
                          hint="Install the extra: pip install rohnamo[postgres].") from error
    return psycopg
