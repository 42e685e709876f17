"""Templates with the words of the visit's language; everything that is put in is escaped.

A visit begins with something a person does, not with a page that is looked at: `session_of` begins one, `visit_of`
only finds it.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant.texts import LANGUAGES, date_words, text
from assistant.web.desk import Desk
from assistant.web.session import COOKIE, Session

HERE = Path(__file__).parent
_TEMPLATES = Environment(loader=FileSystemLoader(HERE / "templates"), undefined=StrictUndefined, trim_blocks=True,
                         lstrip_blocks=True, auto_reload=False,
                         autoescape=select_autoescape(default=True, default_for_string=True))
# What a page that could not be shown says, by the status of HTTP; anything else is an error of ours.
_PROBLEMS = {400: "problem_unreadable", 403: "problem_not_ours", 404: "problem_gone", 405: "problem_not_ours",
             413: "problem_too_long", 429: "problem_too_often", 503: "problem_no_documents"}


def desk_of(request: Request) -> Desk:
    """Return what the pages share."""
    desk: Desk = request.app.state.desk
    return desk


def visit_of(request: Request) -> Session | None:
    """Return the visit that a request belongs to, None where none is going on."""
    if not hasattr(request.state, "session"):
        request.state.session = desk_of(request).sessions.find(request.cookies.get(COOKIE))
    session: Session | None = request.state.session
    return session


def session_of(request: Request) -> Session:
    """Return the visit that a request belongs to; a new one where there is none."""
    if visit_of(request) is None:
        request.state.session = desk_of(request).sessions.begin()
    session: Session = request.state.session
    return session


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401
    """Return a page in the language of the visit."""
    visit = visit_of(request)
    session, entered = visit or Session("", 0), getattr(request.state, "entered", None)
    language = session.language
    html = _TEMPLATES.get_template(template).render(
        t=partial(text, language), words=text, day=partial(date_words, language=language), language=language,
        languages=LANGUAGES, mode=session.mode, settings=desk_of(request).settings, path=request.url.path,
        visit=visit is not None and entered is None, entered=entered, **values)
    return known(request, HTMLResponse(html, status_code=status))


def go(request: Request, address: str) -> Response:
    """Return the way to another page, after something was sent."""
    return known(request, RedirectResponse(address, 303))


def problem(request: Request, status: int) -> Response:
    """Return the page that says that something could not be shown, without details."""
    return render(request, "error.html", status=status, said=problem_key(status))


def problem_key(status: int) -> str:
    """Return the key of the words of `[kiosk]` for a status of HTTP."""
    return _PROBLEMS.get(status, "problem_ours")


def known(request: Request, response: Response) -> Response:
    """Return a response by which the browser knows its visit; one at a desk (`assistant.web.lock`) it knows already."""
    if (visit := visit_of(request)) and visit.id:
        response.set_cookie(COOKIE, visit.id, httponly=True, samesite="strict", path="/")
    return response
