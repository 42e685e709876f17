"""What the documents in use need from the people who keep them, on one page and as an object for programs.

Each finding leads to its document, of which all that is known stands on a page of its own.  What they need is looked
at once for each snapshot and day: reading all texts takes a while.
"""

from __future__ import annotations

from datetime import date

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.access.audit import Deed
from assistant.content_health import AHEAD_DAYS, KINDS, ContentHealth, by_month, lacking, read_content, unread_pages
from assistant.errors import AssistantError
from assistant.texts import LANGUAGES
from assistant.web.desk import Desk
from assistant.web.lock import record
from assistant.web.pages import desk_of, problem, render, session_of
from corpora.records import Document, DocumentId
from index.errors import SnapshotError

# So many findings of a kind are shown at once; more are behind the number of each year or month.
_FEW = 12


def routes() -> list[Route]:
    """Return the addresses about documents."""
    return [Route("/admin/content", content), Route("/admin/content.json", as_json),
            Route("/admin/document/{id:path}", document)]


async def content(request: Request) -> Response:
    """Show the state of the documents; of one kind of finding alone where the address says so."""
    found = await found_in(request)
    if found is None:
        return problem(request, 503)
    only = request.query_params.get("only", "")
    return render(request, "admin_content.html", role="admin", found=found, ahead=AHEAD_DAYS, kinds=KINDS,
                  only=only if only in KINDS else "", by_month=lambda rows: by_month(rows, found.day),
                  lacking=lacking(found.coverage), few=_FEW, all_languages=LANGUAGES)


async def as_json(request: Request) -> Response:
    """Give the state of the documents as one object."""
    found = await found_in(request)
    if found is None:
        return problem(request, 503)
    await record(request, Deed.EXPORTED, table="content")
    return JSONResponse(found.to_json())


async def document(request: Request) -> Response:
    """Show all that is known of a document in use."""
    try:
        known = await run_sync(_known, desk_of(request), DocumentId(request.path_params["id"]))
    except (AssistantError, SnapshotError):
        return problem(request, 503)
    if known is None:
        return problem(request, 404)
    one, passages = known
    return render(request, "admin_document.html", role="admin", one=one, passages=passages, unread=unread_pages(one))


def _known(desk: Desk, name: DocumentId) -> tuple[Document, int] | None:
    with desk.current.assistant() as assistant:
        found = assistant.snapshot.document(name)
        return (found, len(assistant.snapshot.passages(name))) if found else None


async def found_in(request: Request) -> ContentHealth | None:
    """Return the state of the documents, None where there are none."""
    state = request.app.state
    if not hasattr(state, "content"):
        state.content = _Seen()
    seen: _Seen = state.content
    return await run_sync(seen.read, desk_of(request), session_of(request).language)


class _Seen:
    """What was seen last, in each language."""

    def __init__(self) -> None:
        self._by_language: dict[str, tuple[tuple[str, date], ContentHealth]] = {}

    def read(self, desk: Desk, language: str) -> ContentHealth | None:
        """Return the state of the documents, None where there are none."""
        day = desk.now().date()
        try:
            with desk.current.assistant() as assistant:
                key = assistant.snapshot_id, day
                if self._by_language.get(language, ("",))[0] != key:
                    self._by_language[language] = key, read_content(assistant.snapshot, language, day)
        except (AssistantError, SnapshotError):
            return None
        return self._by_language[language][1]
