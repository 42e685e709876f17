"""The machines of the ministry on one page, with two plots; the same as a table and as an object for programs.

The page can show those of one standing alone; the table and the object have all.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.access.audit import Deed
from assistant.fleet_view import FleetView, Row, Standing, error_words, read_fleet
from assistant.texts import text
from assistant.web.lock import record
from assistant.web.pages import desk_of, render, session_of
from assistant.web.plot import plotted


def routes() -> list[Route]:
    """Return the addresses about machines."""
    return [Route("/admin/machines", machines), Route("/admin/machines.csv", as_csv),
            Route("/admin/machines.json", as_json)]


async def machines(request: Request) -> Response:
    """Show every machine, the worst first, or those of one standing, and the last ninety days."""
    view, wish = await _view(request), request.query_params.get("state", "")
    only = Standing(wish) if wish in set(Standing) else None
    days = [one.day for one in view.days]
    counts = {standing: sum(row.standing is standing for row in view.rows) for standing in Standing}
    return render(request, "admin_machines.html", role="admin", counts=counts, only=only, all=len(view.rows),
                  rows=[row for row in view.rows if only in (None, row.standing)],
                  troubles=partial(_troubles, session_of(request).language),
                  fresh=plotted(days, [one.fresh for one in view.days]),
                  abstained=plotted(days, [one.abstained for one in view.days]))


async def as_csv(request: Request) -> Response:
    """Give the machines as a table."""
    view = await _view(request)
    await record(request, Deed.EXPORTED, table="machines")
    return Response("\ufeff" + view.to_csv(), media_type="text/csv; charset=utf-8",
                    headers={"content-disposition": f'attachment; filename="machines-{_day(request)}.csv"'})


async def as_json(request: Request) -> Response:
    """Give the machines and the days as one object."""
    view = await _view(request)
    await record(request, Deed.EXPORTED, table="machines")
    return JSONResponse(view.to_json())


def _troubles(language: str, row: Row) -> list[str]:
    """Return in words what is wrong with a machine, each thing once."""
    last = [error_words(code, language) for code in row.errors]
    return [*([text(language, "admin", "clock_bad")] if row.clock_bad else []),
            *([text(language, "admin_more", "little_space")] if row.little_space else []), *dict.fromkeys(last)]


async def _view(request: Request) -> FleetView:
    return await run_sync(partial(read_fleet, desk_of(request).config, _day(request)))


def _day(request: Request) -> date:
    return desk_of(request).now().date()
