"""The application of clerks, and that of admins: their pages behind the lock, machines at a window of their own.

    guard ─ limits ─ lock ─ page          every page, unless it is one of the few that are open on purpose
    POST /inbox                           admin: what machines hand in, signed; no browser is expected there
    GET /metrics                          numbers, for a program on this machine
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from anyio import create_task_group, sleep
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.access.limits import Pace
from assistant.access.roles import Role
from assistant.access.settings import desk_settings_of
from assistant.web import admin, clerk, entrance, metrics_page, visit
from assistant.web.app import not_found
from assistant.web.desk import Desk
from assistant.web.entered import EnteredSessions
from assistant.web.guard import HOSTS, Guard
from assistant.web.inbox import inbox
from assistant.web.lock import Office, locked, open_to_all
from assistant.web.pages import HERE

# What everybody may see: the door, the look of the pages, and nothing that is in the house.
OPEN = (Route("/enter", entrance.enter, methods=["GET", "POST"]), Route("/language", visit.language, methods=["POST"]),
        Route("/look", visit.look, methods=["POST"]), Route("/look.css", visit.measures))
_PAGES = {Role.CLERK: clerk.routes, Role.ADMIN: admin.routes}
_LARGER = {Role.CLERK: clerk.LARGER}
# A person tries a password a few times, and asks for some pages a second; a program would go on.
_TRIES, _ALL_TRIES, _ASKS, _ALL_ASKS, _WITHIN_S = 10, 60, 600, 6000, 60.0
_SWEEP_S = 30


def application(role: Role, desk: Desk, hosts: frozenset[str] = HOSTS) -> ASGIApp:
    """Return what answers browsers under these names and, for an admin, machines."""
    office = new_office(role, desk)
    shown = beside(pages(office, hosts), "/metrics", metrics_page.window(desk, office.inside.__len__, hosts))
    return with_inbox(shown, desk) if role is Role.ADMIN else shown


def new_office(role: Role, desk: Desk) -> Office:
    """Return what the pages of a role share; nobody is inside yet."""
    settings, clock = desk_settings_of(desk.config), partial(time.clock_gettime, time.CLOCK_BOOTTIME)
    return Office(role, desk, EnteredSessions(clock, settings.idle_minutes * 60.0, settings.most_hours * 3600.0),
                  Pace(clock, _TRIES, _WITHIN_S, all_places=_ALL_TRIES),
                  Pace(clock, _ASKS, _WITHIN_S, all_places=_ALL_ASKS))


def pages(office: Office, hosts: frozenset[str] = HOSTS) -> Starlette:
    """Return the pages of a role, answered under these names."""
    routes = [*(open_to_all(one) for one in OPEN), *(locked(one) for one in entrance.routes()),
              *(locked(one) for one in _PAGES[office.role]()),
              Mount("/static", StaticFiles(directory=HERE / "static"), name="static")]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with create_task_group() as group:
            group.start_soon(_sweep, office)
            yield
            group.cancel_scope.cancel()
        for held in ("pictures", "readings"):
            if hasattr(app.state, held):
                getattr(app.state, held).close()

    app = Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts, larger=_LARGER.get(office.role))],
                    lifespan=lifespan,
                    exception_handlers={HTTPException: not_found})
    app.state.office, app.state.desk = office, office.desk
    office.inside.over = office.desk.current.forget
    return app


def with_inbox(shown: ASGIApp, desk: Desk) -> ASGIApp:
    """Return the pages, with the address beside them that machines hand in at."""
    return beside(shown, "/inbox", inbox(desk.config, lambda: desk.now().date()))


def beside(shown: ASGIApp, path: str, window: ASGIApp) -> ASGIApp:
    """Return an application with another one at an address of its own, where the locks of the first do not hold."""
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (window if scope.get("path") == path else shown)(scope, receive, send)

    return app


async def _sweep(office: Office) -> None:
    """End what is over, also while nothing is asked."""
    while True:
        await sleep(_SWEEP_S)
        office.inside.sweep()
        await run_sync(office.desk.sessions.sweep)
