"""The pages of a clerk; all of them are behind the lock."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.web import acts_page, ask_page, compare_page, search_page
from assistant.web.pages import render

# The most bytes that may be sent to these addresses: editions are files.
LARGER = {compare_page.COMPARE: compare_page.MOST_BYTES}


def routes() -> list[Route]:
    """Return the pages of a clerk."""
    return [Route("/clerk", home), *compare_page.routes(), *ask_page.routes(), *search_page.routes(),
            *acts_page.routes()]


async def home(request: Request) -> Response:
    """Show what a clerk can do here."""
    return render(request, "clerk_home.html", role="clerk", here="cards")
