"""The clerk's first page: notices are given here, one or many, and their cards are listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

from anyio.to_thread import run_sync
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.access.store import opened_store
from assistant.config import Config
from assistant.review import Standing, Summary
from assistant.texts import text
from assistant.web.lock import entered_of
from assistant.web.pages import desk_of, go, render
from assistant.web.readings import Readings

GIVE = "/clerk/cards"
# Of all files that are given at once.
MOST_BYTES = 24 * 1024 * 1024
_BYTES_A_MB = 1024 * 1024


def routes() -> list[Route]:
    """Return the addresses of the list of cards."""
    return [Route("/clerk", home), Route("/clerk/readings", progress), Route(GIVE, give, methods=["POST"])]


async def home(request: Request) -> Response:
    """Show what can be given, what is being read, and the cards."""
    wish = request.query_params.get("standing", Standing.OPEN.value)
    shown = Standing(wish) if wish in set(Standing) else None
    cards = await run_sync(_cards, desk_of(request).config)
    readings = readings_of(request)
    return render(request, "clerk_home.html", role="clerk", here="cards", nothing="nothing" in request.query_params,
                  standings=list(Standing), chosen=shown,
                  counts=Counter(card.standing for card in cards), readings=readings.told(),
                  under_way=readings.under_way, most=MOST_BYTES // _BYTES_A_MB,
                  cards=[card for card in cards if shown is None or card.standing is shown])


async def progress(request: Request) -> Response:
    """Show how far the reading is, as a piece of the page."""
    readings = readings_of(request)
    return render(request, "clerk_readings.html", role="clerk", readings=readings.told(),
                  under_way=readings.under_way)


async def give(request: Request) -> Response:
    """Take files, and text that was pasted."""
    form = await request.form()
    files = [(one.filename or "", await one.read()) for one in _files(form)]
    if pasted := str(form.get("text", "")).strip():
        files.append((text(entered_of(request).visit.language, "clerk", "pasted") + ".txt", pasted.encode()))
    await run_sync(partial(readings_of(request).give, files, entered_of(request).account.name))
    return go(request, "/clerk#readings" if files else "/clerk?nothing=1")


def readings_of(request: Request) -> Readings:
    """Return what reads notices at this desk; its child process starts with the first file."""
    state = request.app.state
    if not hasattr(state, "readings"):
        state.readings = Readings(desk_of(request))
    found: Readings = state.readings
    return found


def _files(form: FormData) -> Iterable[UploadFile]:
    """Return the files of a form; a chooser that was left empty sends one without a name."""
    return (one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename)


def _cards(config: Config) -> tuple[Summary, ...]:
    with opened_store(config) as store:
        return store.reviews.all()
