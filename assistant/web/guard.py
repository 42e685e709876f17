"""What holds for every answer of the server, whatever page it is: who may ask, how much, and what a browser may do.

Only this machine is answered, under its own names; a form is taken from our own pages only; nothing is kept by the
browser, loaded from elsewhere, or run that is not a file of ours.  What breaks is a page without details, and a line
in the log that says where, never what was asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.errors import AssistantError
from assistant.log import Event, tell
from assistant.web.pages import problem
from index.errors import SnapshotError

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
          "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
HEADERS = {"content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "same-origin",
           "x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin",
           "cross-origin-resource-policy": "same-origin",
           "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()"}
HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
METHODS = frozenset({"GET", "HEAD", "POST"})
MOST_BYTES = 64 * 1024


class TooLargeError(Exception):
    """More was sent than is read."""


class Guard:
    """Wraps the application.  `hosts` are the names it answers to, without a port.

    larger: the most bytes that may be sent to some addresses, where it is more than usual; who may send there at all
    is looked at before any of it is read (`assistant.web.lock`).
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] = HOSTS, larger: Mapping[str, int] | None = None) -> None:
        self._app, self._hosts, self._larger = app, hosts, larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is not for us, and put the headers on what goes out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Guarded(send, kept=scope["path"].startswith("/static/"))
        if refusal := self._refusal(scope):
            await refusal(scope, receive, answer)
            return
        try:
            await self._app(scope, limited(receive, self._most(scope)), answer)
        except Exception as error:  # whatever it is, a person gets a page
            if answer.begun:
                raise
            await problem(Request(scope), status_of(error))(scope, receive, answer)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if name_of(host) not in self._hosts:
            return PlainTextResponse("This address is not answered.", 421)
        if scope["method"] not in METHODS:
            return problem(Request(scope), 405)
        if scope["method"] == "POST" and not _from_here(headers, host):
            return problem(Request(scope), 403)
        length = headers.get("content-length", "0")
        return None if length.isdecimal() and int(length) <= self._most(scope) else problem(Request(scope), 413)

    def _most(self, scope: Scope) -> int:
        return self._larger.get(scope["path"], MOST_BYTES)


class _Guarded:
    """Sends what goes out, with the headers that every answer has.  `kept`: a file of ours may stay in the browser."""

    def __init__(self, send: Send, *, kept: bool) -> None:
        self._send, self._kept, self.begun = send, kept, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers["cache-control"] = "no-cache" if self._kept else "no-store"
        await self._send(message)


def limited(receive: Receive, most: int) -> Callable[[], Awaitable[Message]]:
    """Return a body that breaks off where it is too long, whatever it said about its length.  most: bytes."""
    left = most

    async def read() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLargeError
        return message

    return read


def status_of(error: Exception) -> int:
    """Return the status of HTTP that an error means, and tell the log; what it says may hold what was asked."""
    if isinstance(error, TooLargeError):
        return 413
    expected = isinstance(error, (AssistantError, SnapshotError))
    tell(Event.PAGE_FAILED if expected else Event.CRASHED, error)
    return 503 if expected else 500


def name_of(host: str) -> str:
    """Return the name or address in the header `Host`, without its port."""
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host


def _from_here(headers: Headers, host: str) -> bool:
    """Return whether the browser says that a form came from a page of ours."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    ours = site in (None, "same-origin") and (origin is None or urlsplit(origin).netloc == host)
    return ours and bool(site or origin)
