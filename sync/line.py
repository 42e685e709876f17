"""One request over HTTP, to a static server: the only file of this package that opens a connection.

No redirect is followed, no proxy of the environment used, nothing compressed accepted, no cookie kept.  Every byte
that passes is counted, headers too, and a line that gives almost nothing is given up, whatever it is sending.
What comes is trusted by nobody here.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from httpcore2 import (
    SOCKET_OPTION,
    ConnectError,
    ConnectionPool,
    ConnectTimeout,
    NetworkBackend,
    NetworkError,
    NetworkStream,
    ProtocolError,
    Response,
    SyncBackend,
    TimeoutException,
    UnsupportedProtocol,
)
from tuf.api.exceptions import DownloadError, DownloadHTTPError

from sync.fetch import BrokenLineError, DamagedPartError, NoConnectionError, Stretch, short
from sync.traffic import Pace, Patience, Ticking, Traffic

_UNRESERVED = "/:?#[]@!$&'()*+,;=%~"
# Answers of a server, or of somebody between, that may be others a moment later.
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


class Line:
    """Reads files of a repository from a server.  Serves one thread."""

    def __init__(self, traffic: Traffic, patience: Patience, ticking: Ticking) -> None:
        self.traffic, self._patience, self._ticking = traffic, patience, ticking
        self.pace = Pace(patience, ticking)
        self._pool = ConnectionPool(max_connections=1, network_backend=_Backend(self, patience))

    def close(self) -> None:
        """Hang up."""
        self._pool.close()

    @contextmanager
    def open(self, url: str, start: int, length: int | None) -> Iterator[Stretch]:
        """Give a file from its byte `start` on; `length` is that of the whole file, where it is known.

        Raises:
            NoConnectionError: the server cannot be reached.
            BrokenLineError: it may go better a moment later.
            DamagedPartError: what was asked for and what is offered do not fit together.
            DownloadHTTPError: the server has no such file, or does not give it.
        """
        self.pace = Pace(self._patience, self._ticking)
        self.traffic.requests += 1
        try:
            with self._pool.stream("GET", quote(url, safe=_UNRESERVED), headers=_headers(start)) as response:
                yield Stretch(_accepted(response, url, start, length), response.iter_stream())
        except (ConnectError, ConnectTimeout) as error:
            raise NoConnectionError(f"{urlsplit(url).hostname} cannot be reached: {reason(error)}") from error
        except (NetworkError, ProtocolError, TimeoutException) as error:
            why = "nothing came any more" if isinstance(error, TimeoutException) else "the connection was cut"
            raise BrokenLineError(f"{why} while {short(url)} was asked for") from error
        except UnsupportedProtocol as error:
            raise DownloadError(f"{url} is no address of a server") from error


def reason(error: BaseException) -> str:
    """Return in words why a connection did not come about: what the system said, under what the library makes of it."""
    cause: BaseException | None = error
    while cause and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    match cause:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not accepted ({cause.verify_message}); is the clock of this machine right?"
        case ssl.SSLError():
            return "no encrypted connection came about; perhaps a network wants somebody to log in first"
        case socket.gaierror():
            return "its name was not found; there may be no network"
        case ConnectionRefusedError():
            return "it refuses connections"
        case OSError() if not isinstance(cause, TimeoutError):
            return (cause.strerror or type(cause).__name__).lower()
    return "it does not answer"


def _headers(start: int) -> list[tuple[bytes | str, bytes | str]]:
    headers: list[tuple[bytes | str, bytes | str]] = [("Accept-Encoding", "identity"), ("User-Agent", "rohnamo")]
    return headers + ([("Range", f"bytes={start}-")] if start else [])


def _accepted(response: Response, url: str, start: int, length: int | None) -> int:
    """Return at which byte the answer begins."""
    headers = {name.lower(): value.decode("latin-1").strip() for name, value in response.headers}
    if headers.get(b"content-encoding", "identity").lower() != "identity":
        raise BrokenLineError(f"{short(url)} came compressed, which was not asked for")
    if response.status == HTTPStatus.OK:
        if length is not None and headers.get(b"content-length", str(length)) != str(length):
            raise DamagedPartError(f"{short(url)} is offered with another length than was signed")
        return 0
    if response.status == HTTPStatus.PARTIAL_CONTENT and start and length is not None:
        if headers.get(b"content-range") != f"bytes {start}-{length - 1}/{length}":
            raise DamagedPartError(f"{short(url)} is offered from another place than was asked for")
        return start
    raise _refused(response.status, url)


def _refused(status: int, url: str) -> DownloadError:
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return DamagedPartError(f"{short(url)} is shorter for the server than what had come of it")
    if status < HTTPStatus.BAD_REQUEST or status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return BrokenLineError(f"the server answered {status} for {short(url)}")
    return DownloadHTTPError(f"the server answered {status} for {short(url)}", status)


class _Backend(NetworkBackend):
    def __init__(self, line: Line, patience: Patience) -> None:
        self._line, self._patience, self._inner = line, patience, SyncBackend()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
                    socket_options: Iterable[SOCKET_OPTION] | None = None) -> NetworkStream:
        return _Stream(self._line, self._inner.connect_tcp(host, port, self._patience.connect, local_address,
                                                           socket_options))


class _Stream(NetworkStream):
    """A connection that counts what passes and does not wait for ever."""

    def __init__(self, line: Line, inner: NetworkStream) -> None:
        self._line, self._inner = line, inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._line.pace.left())
        self._line.pace.took(len(data), self._line.traffic.count(len(data)))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._line.pace.left())
        self._line.traffic.count(len(buffer))

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None,
                  timeout: float | None = None) -> NetworkStream:
        return _Stream(self._line, self._inner.start_tls(ssl_context, server_hostname, self._line.pace.left()))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
