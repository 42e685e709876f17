"""The page of one card: the notice at the left, what was read from it at the right, and what is still to be done.

A quote is opened by its number; that it was, is noted, since a card is approved only when every sum and every day was
looked at in its place.  What people do to a card is in `card_deeds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.access.audit import Deed
from assistant.access.store import opened_store
from assistant.notices.page import remarks
from assistant.notices.rows import plain_texts, rows
from assistant.page_pictures import ZOOMS, PictureError, Pictures
from assistant.review import Review, ReviewError, Standing
from assistant.review.object import review_object
from assistant.review.rules import Missing
from assistant.source_page import Lack, SourcePage, drawn_page, has_pages, text_page
from assistant.texts import date_words, text
from assistant.web.card_view import source_of
from assistant.web.desk import Desk
from assistant.web.lock import entered_of, record
from assistant.web.pages import desk_of, problem, render
from assistant.web.source import pictures_of

_PICTURE, _DOCX = "image/webp", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MOST_DIGITS = 5


def routes() -> list[Route]:
    """Return the addresses of a card."""
    return [Route("/clerk/card/{number:int}", show), Route("/clerk/card/{number:int}/print", printed),
            Route("/clerk/card/{number:int}/page/{page:int}.webp", picture),
            Route("/clerk/card/{number:int}.{kind:str}", taken)]


async def show(request: Request) -> Response:
    """Show a card beside its notice, at the quote that was asked for."""
    number, quote = request.path_params["number"], _whole(request, "quote")
    opened = quote if "page" not in request.query_params else None      # turning pages opens no quote
    try:
        review = await run_sync(_opened, desk_of(request), number, opened, entered_of(request).account.name)
    except ReviewError:
        return problem(request, 404)
    return await shown(request, review, quote=quote)


async def shown(request: Request, review: Review, *, quote: int | None = None, fault: str = "", status: int = 200,
                typed: Mapping[str, str] | None = None) -> Response:
    """Return the page of a card; `fault` is the key of what could not be done to it with what was `typed`."""
    zoom = _whole(request, "zoom") or ZOOMS[0]
    page = await run_sync(_page, desk_of(request), pictures_of(request), review, (quote, _whole(request, "page")))
    lacks = await run_sync(_lacks, desk_of(request), review, entered_of(request).account.name)
    language = entered_of(request).visit.language
    return render(request, "clerk_card.html", status=status, role="clerk", here="cards", review=review, fault=fault,
                  typed=typed or {}, card=review.card, rows=rows(review.card, language),
                  said=plain_texts(review.card, language), shown=page, source=page and page.source, chosen=quote,
                  lacks=lacks, zooms=ZOOMS,
                  remarks=tuple(remarks(review.card, language)), kinds=tuple(_KINDS),
                  zoom=zoom if zoom in ZOOMS else ZOOMS[0], is_open=review.standing is Standing.OPEN)


async def printed(request: Request) -> Response:
    """Show a card as it goes on paper, with its sources behind it."""
    try:
        review = await run_sync(kept_review, desk_of(request), request.path_params["number"])
    except ReviewError:
        return problem(request, 404)
    language = entered_of(request).visit.language
    return render(request, "clerk_print.html", role="clerk", here="cards", review=review, card=review.card,
                  rows=rows(review.card, language), said=plain_texts(review.card, language))


async def picture(request: Request) -> Response:
    """Return the picture of a page of the notice; nothing where there is none."""
    number, page = request.path_params["number"], request.path_params["page"]
    try:
        data = await run_sync(_drawn, desk_of(request), pictures_of(request), number, (page, _whole(request, "zoom")))
    except (ReviewError, PictureError):
        return Response(status_code=404)
    return Response(data, media_type=_PICTURE)


async def taken(request: Request) -> Response:
    """Give a card as a file: `json`, `docx` or `pdf`."""
    number, kind = request.path_params["number"], request.path_params["kind"]
    if kind not in _KINDS:
        return problem(request, 404)
    try:
        review = await run_sync(kept_review, desk_of(request), number)
    except ReviewError:
        return problem(request, 404)
    given = await run_sync(partial(_KINDS[kind], review, entered_of(request).visit.language))
    await record(request, Deed.EXPORTED, card=str(number), kind=kind)
    given.headers["content-disposition"] = f'attachment; filename="card-{number}.{kind}"'
    return given


def kept_review(desk: Desk, number: int) -> Review:
    """Return a review as it is kept now.

    Raises:
        ReviewError: there is none of this number.
    """
    with opened_store(desk.config) as store:
        return store.reviews.get(number)


def _opened(desk: Desk, number: int, quote: int | None, who: str) -> Review:
    """Return a card after noting which quote of it is opened now."""
    with opened_store(desk.config) as store:
        if quote is not None:
            store.reviews.see(number, quote, who, desk.now())
        return store.reviews.get(number)


def _lacks(desk: Desk, review: Review, who: str) -> tuple[Missing, ...]:
    with opened_store(desk.config) as store:
        return store.reviews.missing(review, who)


def _page(desk: Desk, pictures: Pictures, review: Review, wish: tuple[int | None, int | None]) -> SourcePage | None:
    """Return the page of a quote; that on which the notice begins where none is asked for.  wish: quote and page."""
    quote, page = wish
    source = source_of(review, quote)
    if source is None:
        return None
    if source.document.id != review.card.document.id:
        return text_page(source, (source.passage,), None)
    try:
        with opened_store(desk.config) as store:
            data = store.reviews.file(review.number)
    except ReviewError:                    # it is not the file that was read
        return text_page(source, review.read.passages, page, Lack.FILE)
    return drawn_page(pictures, data, review.read.boxes, source, review.read.passages, page)


def _drawn(desk: Desk, pictures: Pictures, number: int, place: tuple[int, int | None]) -> bytes:
    with opened_store(desk.config) as store:
        data = store.reviews.file(number)
        if not has_pages(store.reviews.get(number).card.document):
            raise PictureError("it has no pages")
    page, zoom = place
    return pictures.picture(data, page, zoom if zoom in ZOOMS else ZOOMS[0])


def _whole(request: Request, name: str) -> int | None:
    """Return a number of the address, None where it has none."""
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS and int(given) else None


def _as_json(review: Review, language: str) -> Response:
    return JSONResponse(review_object(review))


def _as_docx(review: Review, language: str) -> Response:
    from assistant.notices.docx import docx_bytes
    return Response(docx_bytes(review.card, language, _standing(review, language), review.read.passages),
                    media_type=_DOCX)


def _as_pdf(review: Review, language: str) -> Response:
    from assistant.notices.pdf import pdf_bytes
    return Response(pdf_bytes(review.card, language, _standing(review, language), review.read.passages),
                    media_type="application/pdf")


def _standing(review: Review, language: str) -> str:
    """Return who approved a card and when, nothing for a draft."""
    if review.approval is None or review.standing is not Standing.APPROVED:
        return ""
    day = date_words(review.approval.at.date().isoformat(), language)
    return text(language, "clerk", "approved_by", name=review.approval.name, date=day)


_KINDS: dict[str, Callable[[Review, str], Response]] = {"docx": _as_docx, "pdf": _as_pdf, "json": _as_json}
