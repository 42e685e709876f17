"""The lock on the pages of clerks and admins: whoever is not inside by an account of their role sees none of them.

Every page is locked unless it stands among those that are open on purpose (`assistant.web.office`).  What is sent has
to bring the word that was in the form, besides coming from a page of ours (`assistant.web.guard`).  Nothing is looked
up for a stranger but whether they are inside.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.access.audit import Deed
from assistant.access.entrance import still_open
from assistant.access.limits import Pace
from assistant.access.roles import Role
from assistant.access.store import opened_store
from assistant.web.desk import Desk
from assistant.web.entered import Entered, EnteredSessions
from assistant.web.pages import go, problem

CSRF, CSRF_HEADER = "csrf", "x-csrf"
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Office:
    """What the pages of one role share.  `tries` limits how often passwords are tried, `asks` everything."""

    role: Role
    desk: Desk
    inside: EnteredSessions
    tries: Pace
    asks: Pace

    @property
    def cookie(self) -> str:
        """Return the name of the cookie; desks at two ports of a machine do not disturb each other."""
        return f"rohnamo-{self.role}"

    @property
    def home(self) -> str:
        """Return the first page."""
        return f"/{self.role}"


def office_of(request: Request) -> Office:
    """Return what the pages share."""
    office: Office = request.app.state.office
    return office


def entered_of(request: Request) -> Entered:
    """Return who asks for a page that is locked."""
    entered: Entered = request.state.entered
    return entered


def place_of(request: Request) -> str:
    """Return where a request comes from, for the limits."""
    return request.client.host if request.client else ""


async def record(request: Request, deed: Deed, **detail: str) -> None:
    """Put what somebody inside did into the audit log; it is on the disk when this returns."""
    desk, who = office_of(request).desk, entered_of(request).account.name

    def write() -> None:
        with opened_store(desk.config) as store:
            store.audit.record(desk.now(), who, deed, **detail)

    await run_sync(write)


def locked(route: Route) -> Route:
    """Return a page that only those inside see."""
    shown: Endpoint = route.endpoint

    async def within(request: Request) -> Response:
        if refusal := await _refusal(request):
            return refusal
        if not await _is_inside(request):
            over = "?over=1" if office_of(request).cookie in request.cookies else ""
            return go(request, f"/enter{over}")
        try:
            if request.method == "POST" and not await _brings_its_word(request):
                return problem(request, 403)
            return await shown(request)
        finally:
            await request.close()       # files that were sent lie in the system's folder for what passes

    return Route(route.path, within, methods=list(route.methods or ()), name=route.name)


def open_to_all(route: Route) -> Route:
    """Return a page that everybody sees, in the language of whoever is inside."""
    shown: Endpoint = route.endpoint

    async def within(request: Request) -> Response:
        if refusal := await _refusal(request):
            return refusal
        await _is_inside(request)
        return await shown(request)

    return Route(route.path, within, methods=list(route.methods or ()), name=route.name)


async def _refusal(request: Request) -> Response | None:
    return None if office_of(request).asks.allows(place_of(request)) else problem(request, 429)


async def _is_inside(request: Request) -> bool:
    """Return whether somebody is inside; whose account was changed meanwhile is not any more."""
    office = office_of(request)
    token = request.cookies.get(office.cookie)
    entered = office.inside.find(token)
    if entered is None or entered.account.role is not office.role:
        return False
    if not await run_sync(partial(still_open, office.desk.config, entered.account)):
        office.inside.end(token)
        return False
    request.state.entered, request.state.session = entered, entered.visit
    return True


async def _brings_its_word(request: Request) -> bool:
    brought = request.headers.get(CSRF_HEADER) or (await request.form()).get(CSRF, "")
    return isinstance(brought, str) and hmac.compare_digest(brought.encode(), entered_of(request).csrf.encode())
