"""Releases that wait for signatures: what they change, how far the signing is, and what the holder of a key runs.

The pages show and never sign: whoever signs does so at their own terminal (`assistant.prepared_view`).
"""

from __future__ import annotations

from functools import partial
from shlex import quote
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.prepared_view import prepared_folder, read_waiting
from assistant.web.pages import desk_of, problem, render
from corpora.records import FactType
from corpora.suspicion import visible

# More rows of one kind are read at the terminal: a page of thousands is read by nobody.
_MOST = 100
_FIELDS = ("title", "language", "publisher", "kind", "source_url", "status", "valid_from", "valid_until", "as_of",
           "review_by", "confidence", "superseded_by", "act", "media_type")


def routes() -> list[Route]:
    """Return the addresses about prepared releases."""
    return [Route("/admin/releases", releases), Route("/admin/releases/{name}", preview)]


async def releases(request: Request) -> Response:
    """Show what is prepared."""
    config = desk_of(request).config
    return render(request, "admin_releases.html", role="admin", waiting=await run_sync(partial(read_waiting, config)),
                  folder=prepared_folder(config), visible=visible)


async def preview(request: Request) -> Response:
    """Show what one prepared folder changes."""
    waiting = await run_sync(partial(read_waiting, desk_of(request).config))
    found = next((one for one in waiting if one.name == request.path_params["name"]), None)
    if found is None:
        return problem(request, 404)
    return render(request, "admin_release.html", role="admin", one=found, diff=found.diff, most=_MOST, fields=_FIELDS,
                  plain=_plain, visible=visible, shell=quote, fact_types=set(FactType))


def _plain(value: Any) -> str:  # noqa: ANN401
    """Return the value of a field in one line; an act by its kind, number and date."""
    if isinstance(value, dict):
        value = " ".join(str(value[name]) for name in ("type", "number", "date") if value.get(name))
    return visible(str(value or "–"))
