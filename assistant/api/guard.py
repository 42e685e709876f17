"""What holds for every request of a program: under which name, with whose key, how often, and how much is read.

    name ─ length ─ key ─ pace ─ the request

Who asks is known before a byte of the body is read.  Only the description and `/health` are open to all.  There is no
cookie and no visit, so that no page of another place can ask in somebody's name; no such page may read an answer
either.  What breaks is told without details, and a line in the log says where, never what was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.access.limits import Pace
from assistant.api.keys import ApiKeyError
from assistant.api.refusal import RefusalError, refusal_of, too_large
from assistant.web.guard import MOST_BYTES, limited, name_of

HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
           "content-security-policy": "default-src 'none'; frame-ancestors 'none'"}
_BEARER = "bearer "


class Guard:
    """Wraps the application.

    hosts: the names it answers to, without a port.  owner: whose key this is, None where it is nobody's; asked in a
    thread.  open_paths: what needs no key.  larger: the most bytes for some paths, where it is more than usual.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], owner: Callable[[str], str | None], pace: Pace,
                 open_paths: frozenset[str], larger: Mapping[str, int]) -> None:
        self._app, self._hosts, self._owner, self._pace = app, hosts, owner, pace
        self._open, self._larger = open_paths, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what may not be asked; put the headers on what goes out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = _Sent(send)
        try:
            await self._admit(scope)
            await self._app(scope, limited(receive, self._most(scope)), sent)
        except Exception as error:  # whatever it is, a program gets an object
            if sent.begun:
                raise
            await refusal_of(error)(scope, receive, sent)

    async def _admit(self, scope: Scope) -> None:
        """Let a request in.

        Raises:
            RefusalError: it is not for us, too long, without a key, or one too many.
        """
        headers = Headers(scope=scope)
        if name_of(headers.get("host", "")) not in self._hosts:
            raise RefusalError(421, "wrong_host", "this address is not answered under that name")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._most(scope):
            raise too_large()
        if scope["path"] in self._open:
            return
        owner = await self._owner_of(headers.get("authorization", ""))
        if not self._pace.allows(owner):
            raise RefusalError(429, "too_many", "this key has had its share for now", "Ask again later.",
                               after_s=ceil(self._pace.wait_s(owner)) or 1)

    async def _owner_of(self, authorization: str) -> str:
        key = authorization[len(_BEARER):].strip() if authorization.lower().startswith(_BEARER) else ""
        try:
            owner = await run_sync(self._owner, key) if key else None
        except ApiKeyError as error:       # what is wrong with them is not for a stranger
            raise RefusalError(503, error.code, "the keys of this machine cannot be read",
                               "Ask whoever looks after it to run: rohnamo api-keys list") from error
        if owner is None:
            raise RefusalError(401, "no_key", "this needs a key that is known here and not revoked",
                               "Send the header Authorization: Bearer KEY; rohnamo api-keys new NAME makes one.")
        return owner

    def _most(self, scope: Scope) -> int:
        return self._larger.get(scope["path"], MOST_BYTES)


class _Sent:
    """Sends what goes out, with the headers that every answer has."""

    def __init__(self, send: Send) -> None:
        self._send, self.begun = send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            MutableHeaders(scope=message).update(HEADERS)
        await self._send(message)
