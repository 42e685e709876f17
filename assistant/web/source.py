"""The page of a document that an answer quotes: as a picture with the quote marked, or as text.

An address names an answer of this visit, a number and a page; whose visit it is not, sees nothing.  What stands on a
page is decided in `assistant.source_page`; drawing waits in a worker thread, never in the server's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from anyio.to_thread import run_sync
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.cited import Cited, cited
from assistant.page_pictures import ZOOMS, PictureError, Pictures
from assistant.source_page import SourcePage, file_of, page_of
from assistant.source_words import standing_words
from assistant.web.desk import Desk
from assistant.web.pages import desk_of, problem, render, session_of
from assistant.web.session import Kept
from assistant.web.withdrawal import kept_in, withdrawn
from corpora.records import DocumentId, Passage

_MOST_PAGES = 100_000
_PICTURE = "image/webp"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What an address asks for: a page, None for the one of the quote, and a zoom in percent."""

    page: int | None
    zoom: int


def routes(under: str = "", template: str = "source.html") -> list[Route]:
    """Return the routes of source pages.  under: where the answers are, with a `template` for their sources."""
    return [Route(f"{under}/answer/{{answer}}/source/{{number:int}}", partial(show, under=under, template=template)),
            Route(f"{under}/answer/{{answer}}/source/{{number:int}}/page/{{page:int}}.webp", picture)]


async def show(request: Request, *, under: str = "", template: str = "source.html") -> Response:
    """Return one page of a source."""
    kept = await kept_in(request)
    if isinstance(kept, Response):
        return kept
    if (source := _source(request, kept)) is None:
        return problem(request, 404)
    wish = _wish(request.query_params)
    found = await run_sync(_page, desk_of(request), pictures_of(request), source, wish.page)
    if found is None:
        return withdrawn(request, kept)
    answer = request.path_params["answer"]
    return render(request, template, answer=answer, source=source, shown=found, zoom=wish.zoom, zooms=ZOOMS,
                  address=partial(_address, under, answer, source.number),
                  named=standing_words(source.citation, session_of(request).language))


async def picture(request: Request) -> Response:
    """Return the picture of a page; nothing where there is none."""
    kept = await kept_in(request)
    source = None if isinstance(kept, Response) else _source(request, kept)
    if source is None:
        return Response(status_code=404)
    place = (request.path_params["page"], _wish(request.query_params).zoom)
    data = await run_sync(_drawn, desk_of(request), pictures_of(request), source, place)
    return Response(data, media_type=_PICTURE) if data else Response(status_code=404)


def pictures_of(request: Request) -> Pictures:
    """Return what draws pages for this server; its child process starts with the first page."""
    state = request.app.state
    if not hasattr(state, "pictures"):
        state.pictures = Pictures()
    drawing: Pictures = state.pictures
    return drawing


def _source(request: Request, kept: Kept) -> Cited | None:
    number = request.path_params["number"]
    return next((one for one in cited(kept.account.answer, kept.numbered) if one.number == number), None)


def _wish(query: QueryParams) -> _Wish:
    page, zoom = query.get("page", ""), query.get("zoom", "")
    known = page.isascii() and page.isdigit() and len(page) <= len(str(_MOST_PAGES))
    return _Wish(max(1, int(page)) if known else None, int(zoom) if zoom in map(str, ZOOMS) else ZOOMS[0])


def _page(desk: Desk, drawing: Pictures, source: Cited, page: int | None) -> SourcePage | None:
    """Return the page, None where its document is not in use any more."""
    passages = _passages(desk, source.document.id)
    return None if passages is None else page_of(desk.config, drawing, source, passages, page)


def _drawn(desk: Desk, drawing: Pictures, source: Cited, place: tuple[int, int]) -> bytes | None:
    data = file_of(desk.config, source.document) if _passages(desk, source.document.id) is not None else None
    try:
        return drawing.picture(data, *place) if data else None
    except PictureError:
        return None


def _passages(desk: Desk, document: DocumentId) -> tuple[Passage, ...] | None:
    """Return the passages of a document, None where it is withdrawn or no longer used."""
    with desk.current.assistant() as assistant:
        known = assistant.snapshot.document(document)
        return assistant.snapshot.passages(document) if known else None


def _address(under: str, answer: str, number: int, page: int, zoom: int) -> str:
    return f"{under}/answer/{answer}/source/{number}?page={page}&zoom={zoom}"
