"""The pages of a clerk; all of them are behind the lock."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.web.pages import render


def routes() -> list[Route]:
    """Return the pages of a clerk."""
    return [Route("/clerk", home)]


async def home(request: Request) -> Response:
    """Show what a clerk can do here."""
    return render(request, "clerk_home.html", role="clerk")
