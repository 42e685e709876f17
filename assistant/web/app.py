"""The application that a browser talks to: all routes in one place, behind the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import create_task_group, move_on_after, sleep
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from assistant.web import feedback_page, form, health, metrics_page, screens, source, suggest, take
from assistant.web.desk import Desk
from assistant.web.guard import Guard
from assistant.web.pages import HERE, problem
from assistant.web.session import Sessions
from assistant.web.straggler import Stragglers

# What a person left behind is gone so soon after their time is up, in seconds.
_SWEEP_S = 5
# The numbers of what was asked are kept so often, and at the end where the database is free.
_KEEP_S, _LAST_S = 300, 1


def kiosk(desk: Desk) -> Starlette:
    """Return the pages of a kiosk."""
    routes = [*screens.routes(), *suggest.routes(), *form.routes(), *feedback_page.routes(), *health.routes(),
              *metrics_page.routes(desk.sessions.__len__), *source.routes(), *take.routes(),
              Mount("/static", StaticFiles(directory=HERE / "static"), name="static")]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with create_task_group() as group:
            group.start_soon(_sweep, desk.sessions)
            group.start_soon(_keep, desk)
            yield
            group.cancel_scope.cancel()
        with move_on_after(_LAST_S):
            await run_sync(desk.tally.keep, desk.config, abandon_on_cancel=True)
        if hasattr(app.state, "pictures"):
            app.state.pictures.close()

    app = Starlette(routes=routes, middleware=[Middleware(Guard), Middleware(Stragglers, desk)], lifespan=lifespan,
                    exception_handlers={HTTPException: not_found})
    app.state.desk = desk
    desk.sessions.over = desk.current.forget
    return app


async def _sweep(sessions: Sessions) -> None:
    """End the visits that nobody is at, also while nothing is asked."""
    while True:
        await sleep(_SWEEP_S)
        await run_sync(sessions.sweep)


async def _keep(desk: Desk) -> None:
    """Keep the two numbers of what was asked, from time to time."""
    while True:
        await sleep(_KEEP_S)
        await run_sync(desk.tally.keep, desk.config, abandon_on_cancel=True)


async def not_found(request: Request, error: Exception) -> Response:
    """Return the page that says that there is none."""
    return problem(request, error.status_code if isinstance(error, HTTPException) else 500)
