"""One request to one address: the only file of this package that opens a connection.

The name is looked up here and the connection made to the address that was checked, so that no answer of a name
server leads into a private network.  No redirect is followed, no proxy of the environment used, no cookie kept,
nothing compressed accepted; bytes and seconds are bounded.  Who may be asked, and when, is decided in `visit`.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import TYPE_CHECKING, Any

from corpora.errors import CorpusError

if TYPE_CHECKING:
    from httpx2 import URL, Client, Response

CONNECT_S, SILENCE_S = 15.0, 30.0
_PORTS = {"http": 80, "https": 443}
_HEADERS = ("content-type", "etag", "last-modified", "location", "retry-after")
_HEADER_LETTERS = 1_000

IpAddress = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]


class Refusal(StrEnum):
    """Why a page was not taken; each is also the code that programs see."""

    ROBOTS = "robots"
    FOREIGN_HOST = "foreign_host"
    PRIVATE_ADDRESS = "private_address"
    REDIRECTS = "too_many_redirects"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    CONTENT_TYPE = "content_type"
    EMPTY = "empty"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    NOT_FOUND = "not_found"
    STATUS = "status"


class NotFetchedError(CorpusError):
    """A page was not taken; `why` says which rule or fault it was."""

    code = "not_fetched"
    next_step = "Run the same command again later."

    def __init__(self, why: Refusal, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.why = why


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, and what the answer may cost."""

    url: str
    headers: Mapping[str, str]
    networks: tuple[IPv4Network | IPv6Network, ...]
    max_bytes: int
    seconds: float
    accepts: Callable[[str], bool]     # a media type, before a byte of the body is read


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered; `data` is empty unless the status is 200."""

    url: str
    status: int
    data: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)     # the few that are used, names in small letters

    @property
    def media_type(self) -> str:
        """The media type without parameters, empty where none is given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which they should be tried."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Http:
    """Sends requests, one at a time, and forgets each."""

    def __init__(self, resolve: Resolve = resolved) -> None:
        self._resolve = resolve
        self._client: Client | None = None

    def close(self) -> None:
        """Close the connections."""
        if self._client:
            self._client.close()

    def __call__(self, request: Request) -> Reply:
        """Return the answer to one GET.

        Raises:
            NotFetchedError: the address may not be asked, cannot be reached, or answers too much or too slowly.
        """
        import httpx2
        try:
            url = httpx2.URL(request.url)
        except httpx2.InvalidURL as error:
            raise NotFetchedError(Refusal.UNREACHABLE, f"{request.url} is no address: {error}") from error
        return self._first(url, request, self._addresses(url, request))

    def _addresses(self, url: URL, request: Request) -> list[IpAddress]:
        """Return the addresses of a host that may be asked."""
        try:
            found = [ip_address(one.partition("%")[0])
                     for one in self._resolve(url.raw_host.decode(), url.port or _PORTS[url.scheme])]
        except (OSError, ValueError) as error:
            raise NotFetchedError(Refusal.UNREACHABLE, f"{url.host} is not found: {error}") from error
        allowed = [one for one in found if _is_public(one) or any(one in network for network in request.networks)]
        if not allowed:
            raise NotFetchedError(
                Refusal.PRIVATE_ADDRESS, f"{url.host} is {', '.join(map(str, found)) or 'nowhere'}, no public address",
                hint="If that is right, name the network under networks of this source.")
        return allowed

    def _first(self, url: URL, request: Request, addresses: list[IpAddress]) -> Reply:
        """Return the answer of the first address that can be reached."""
        import httpx2
        for address in addresses[:-1]:
            with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
                return self._asked(url, request, address)
        try:
            return self._asked(url, request, addresses[-1])
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise NotFetchedError(Refusal.UNREACHABLE, f"{url.host} cannot be reached: {error}") from error

    def _asked(self, url: URL, request: Request, address: IpAddress) -> Reply:
        deadline = _Deadline(request.seconds)
        self._client = self._client or _client()
        self._client.cookies.clear()
        headers = {**request.headers, "host": url.netloc.decode()}
        extensions = {"sni_hostname": url.raw_host.decode(), "trace": deadline.trace}
        with _faults(url.host, deadline), deadline:
            stream = self._client.stream("GET", url.copy_with(host=str(address)), headers=headers,
                                         extensions=extensions)
            with stream as response:
                return _reply(response, request)


class _Deadline:
    """Hangs up when the time of a request is over, in whatever state it is."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.is_over = seconds, False
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self._hang_up)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note the socket of the connection as soon as there is one."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    def _hang_up(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@contextmanager
def _faults(host: str, deadline: _Deadline) -> Iterator[None]:
    """Say in our words what went wrong after the connection was made."""
    import httpx2
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout):
        raise
    except httpx2.HTTPError as error:
        if deadline.is_over:
            raise NotFetchedError(Refusal.TOO_SLOW, f"{host} took more than {deadline.seconds:g} seconds") from error
        if isinstance(error, httpx2.TimeoutException):
            raise NotFetchedError(Refusal.TOO_SLOW, f"{host} was silent for {SILENCE_S:g} seconds") from error
        raise NotFetchedError(Refusal.UNREACHABLE, f"{host} broke off: {error}") from error


def _reply(response: Response, request: Request) -> Reply:
    given = {name: response.headers.get(name, "") for name in _HEADERS}
    headers = {name: value for name, value in given.items() if 0 < len(value) <= _HEADER_LETTERS}
    reply = Reply(request.url, response.status_code, headers=headers)
    if reply.status != HTTPStatus.OK:
        return reply
    if response.headers.get("content-encoding", "identity") != "identity":
        raise NotFetchedError(Refusal.CONTENT_TYPE, f"{request.url} comes packed, which was not asked for")
    if not request.accepts(reply.media_type):
        raise NotFetchedError(Refusal.CONTENT_TYPE, f"{request.url} is {reply.media_type or 'of no stated kind'}",
                              hint="List the address of a page, PDF, DOCX, text or image.")
    return Reply(request.url, reply.status, _body(response, request), headers)


def _body(response: Response, request: Request) -> bytes:
    data = bytearray()
    for piece in response.iter_raw():
        data += piece
        if len(data) > request.max_bytes:
            raise NotFetchedError(Refusal.TOO_LARGE, f"{request.url} has more than {request.max_bytes} bytes",
                                  hint="Raise max_mb of this source, if that is right.")
    return bytes(data)


def _is_public(address: IpAddress) -> bool:
    return address.is_global and not address.is_multicast


def _client() -> Client:
    import httpx2
    for library in ("httpx2", "httpcore2"):
        logging.getLogger(library).setLevel(logging.WARNING)
    # A connection is never used twice: two hosts may share an address, and their certificates must not.
    return httpx2.Client(headers={"accept-encoding": "identity"}, trust_env=False, follow_redirects=False,
                         limits=httpx2.Limits(max_keepalive_connections=0),
                         timeout=httpx2.Timeout(SILENCE_S, connect=CONNECT_S))
