"""The pages of an admin; all of them are behind the lock.  They show and prepare; nothing is signed here."""

from __future__ import annotations

from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.content_health import AHEAD_DAYS
from assistant.web import audit_page, content_page, fleet_page, glance, questions_page, releases_page
from assistant.web.pages import desk_of, render


def routes() -> list[Route]:
    """Return the pages of an admin."""
    return [Route("/admin", home), *fleet_page.routes(), *questions_page.routes(), *content_page.routes(),
            *releases_page.routes(), *audit_page.routes()]


async def home(request: Request) -> Response:
    """Show today's state of everything, each part leading to its page."""
    content = await content_page.found_in(request)
    found = await run_sync(partial(glance.read_glance, desk_of(request), content))
    return render(request, "admin_home.html", role="admin", found=found, ahead=AHEAD_DAYS)
