"""A visit from its first touch to its end: language, look, staying, finishing.

Nothing is asked or answered here.  `/look.css` is the one style sheet that is made: it holds the measures of this
machine's screen.
"""

from __future__ import annotations

from math import ceil, hypot

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from assistant.texts import LANGUAGES
from assistant.web.pages import desk_of, go, render, session_of, visit_of
from assistant.web.session import COOKIE
from assistant.web.settings import KioskSettings

# What is touched is 20 mm (research: ux.md), on a portrait screen of so many pixels.
_TARGET_MM, _SCREEN = 20, (1080, 1920)
_MM_PER_INCH = 25.4
# Of the text: 20 pixels where a target has 64, as on a screen of 27 inches.
_TEXT_OF_TARGET = 20 / 64
_LOOKS = {"contrast": ("normal", "high"), "size": ("100", "150", "200"), "reach": ("full", "low")}


def routes() -> list[Route]:
    """Return the addresses of a visit."""
    return [Route("/", welcome), Route("/language", language, methods=["POST"]),
            Route("/look", look, methods=["POST"]), Route("/stay", stay, methods=["POST"]),
            Route("/end", end, methods=["POST"]), Route("/look.css", measures)]


async def welcome(request: Request) -> Response:
    """Show the languages."""
    return render(request, "language.html")


async def language(request: Request) -> Response:
    """Begin a visit in a language, or go on in it."""
    form = await request.form()
    if (chosen := form.get("language")) in LANGUAGES:
        session_of(request).language = str(chosen)
    return go(request, _here(form.get("here"), "/home"))


async def look(request: Request) -> Response:
    """Change contrast, size or reach, and go back to where that was done."""
    form = await request.form()
    for name, values in _LOOKS.items():
        if (value := form.get(name)) in values:
            session_of(request).show(**{name: int(str(value)) if name == "size" else value})
    return go(request, _here(form.get("here"), "/"))


async def stay(request: Request) -> Response:
    """Say that somebody is still there; 410 where the visit is over."""
    return Response(status_code=204 if visit_of(request) else 410)


async def end(request: Request) -> Response:
    """End the visit; nothing of it stays here or in the browser."""
    await run_sync(desk_of(request).sessions.end, request.cookies.get(COOKIE))
    response = RedirectResponse("/", 303, {"clear-site-data": '"cookies", "storage"'})
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


async def measures(request: Request) -> Response:
    """Return the measures of the configured screen, for a browser that fills it."""
    return Response(measures_of(desk_of(request).settings), media_type="text/css")


def measures_of(settings: KioskSettings) -> str:
    """Return a style sheet with the size of text and of what is touched, in pixels of the configured screen."""
    target = ceil(_TARGET_MM * hypot(*_SCREEN) / (settings.screen_inches * _MM_PER_INCH))
    width, height = _SCREEN
    return (f"@media (min-width: {width - 80}px) and (min-height: {height - 320}px) {{\n"
            f"  :root {{ --unit: {target * _TEXT_OF_TARGET:.1f}px; --target: {target}px; }}\n}}\n")


def _here(address: object, other: str) -> str:
    """Return a page of ours to go back to."""
    plain = isinstance(address, str) and address.startswith("/") and not address.startswith("//")
    return str(address) if plain and "\\" not in str(address) else other
