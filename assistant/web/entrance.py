"""The door of a desk: enter by name and password, leave, take another password.

Why somebody could not enter is told as far as it helps nobody else: that an account is locked or opens other pages is
told to who knows its password.
"""

from __future__ import annotations

from functools import partial
from math import ceil

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from assistant.access.audit import Deed
from assistant.access.entrance import Outcome, change_password, try_to_enter
from assistant.access.passwords import LEAST, LEAST_DIFFERENT, MOST
from assistant.errors import ConfigError
from assistant.web.lock import entered_of, office_of, place_of, record
from assistant.web.pages import go, render, visit_of
from assistant.web.session import Session

_STATUS = {Outcome.WRONG: 403, Outcome.SHUT: 429, Outcome.LOCKED: 403, Outcome.OTHER_ROLE: 403}
_MINUTE_S = 60


def routes() -> list[Route]:
    """Return the pages of whoever is inside; `enter` is open to all."""
    return [Route("/", begin), Route("/leave", leave, methods=["POST"]),
            Route("/password", password, methods=["GET", "POST"])]


async def begin(request: Request) -> Response:
    """Lead to the first page of the role."""
    return go(request, office_of(request).home)


async def enter(request: Request) -> Response:
    """Ask for name and password; let in whose they are."""
    office = office_of(request)
    if request.method != "POST":
        return go(request, office.home) if hasattr(request.state, "entered") else _door(request)
    form = await request.form()
    name, given = str(form.get("name", "")), str(form.get("password", ""))
    if not office.tries.allows(place_of(request)):
        return _door(request, Outcome.SHUT, minutes=1)
    tried = await run_sync(partial(try_to_enter, office.desk.config, office.role, name, given, office.desk.now()))
    if tried.account is None:
        return _door(request, tried.outcome, minutes=ceil(tried.wait_s / _MINUTE_S))
    before = visit_of(request)
    visit = Session("", 0.0, before.language, before.mode) if before else Session("", 0.0)
    office.inside.end(request.cookies.get(office.cookie))
    token = office.inside.begin(tried.account, visit)
    response = RedirectResponse(office.home, 303)
    response.set_cookie(office.cookie, token, httponly=True, samesite="strict", path="/",
                        secure=request.url.scheme == "https")
    return response


async def leave(request: Request) -> Response:
    """Let somebody out; nothing of the session stays here or in the browser."""
    office = office_of(request)
    await record(request, Deed.LEFT)
    office.inside.end(request.cookies.get(office.cookie))
    response = RedirectResponse("/enter", 303, {"clear-site-data": '"cache", "storage"'})
    response.delete_cookie(office.cookie, path="/", httponly=True, samesite="strict")
    return response


async def password(request: Request) -> Response:
    """Take another password; all sessions of the account end, and its owner enters anew."""
    if request.method != "POST":
        return _password(request)
    office, account, form = office_of(request), entered_of(request).account, await request.form()
    old, new, again = (str(form.get(name, "")) for name in ("old", "new", "again"))
    if new != again:
        return _password(request, "differ")
    if not office.tries.allows(place_of(request)):
        return _password(request, "slower", status=429)
    try:
        changed = await run_sync(partial(change_password, office.desk.config, account, old, new, office.desk.now()))
    except ConfigError:
        return _password(request, "easy")
    if changed is None:
        return _password(request, "old_wrong", status=403)
    return RedirectResponse("/enter?changed=1", 303)


def _door(request: Request, outcome: Outcome | None = None, *, minutes: int = 0) -> Response:
    asked = request.query_params
    notice = "" if outcome else "changed" if "changed" in asked else "over" if "over" in asked else ""
    return render(request, "desk_enter.html", status=_STATUS[outcome] if outcome else 200,
                  role=office_of(request).role, fault=outcome or "", minutes=minutes, notice=notice)


def _password(request: Request, fault: str = "", *, status: int = 0) -> Response:
    return render(request, "desk_password.html", status=status or (400 if fault else 200),
                  role=office_of(request).role, fault=fault, least=LEAST, most=MOST, different=LEAST_DIFFERENT)
