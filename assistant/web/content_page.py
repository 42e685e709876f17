"""What the documents in use need from the people who keep them, on one page and as an object for programs.

It is looked at once for each snapshot and day: reading all texts takes a while.
"""

from __future__ import annotations

from datetime import date

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.access.audit import Deed
from assistant.content_health import AHEAD_DAYS, ContentHealth, read_content
from assistant.errors import AssistantError
from assistant.texts import LANGUAGES
from assistant.web.desk import Desk
from assistant.web.lock import record
from assistant.web.pages import desk_of, problem, render, session_of
from index.errors import SnapshotError


def routes() -> list[Route]:
    """Return the addresses about documents."""
    pages = _Pages()
    return [Route("/admin/content", pages.shown), Route("/admin/content.json", pages.as_json)]


class _Pages:
    """The pages with what was seen last."""

    def __init__(self) -> None:
        self._seen: tuple[tuple[str, str, date], ContentHealth] | None = None

    async def shown(self, request: Request) -> Response:
        """Show the state of the documents."""
        found = await self._found(request)
        if found is None:
            return problem(request, 503)
        return render(request, "admin_content.html", role="admin", found=found, today=found.day.isoformat(),
                      ahead=AHEAD_DAYS, all_languages=LANGUAGES)

    async def as_json(self, request: Request) -> Response:
        """Give the state of the documents as one object."""
        found = await self._found(request)
        if found is None:
            return problem(request, 503)
        await record(request, Deed.EXPORTED, table="content")
        return JSONResponse(found.to_json())

    async def _found(self, request: Request) -> ContentHealth | None:
        return await run_sync(self._read, desk_of(request), session_of(request).language)

    def _read(self, desk: Desk, language: str) -> ContentHealth | None:
        day = desk.now().date()
        try:
            with desk.current.assistant() as assistant:
                key = assistant.snapshot_id, language, day
                if self._seen is None or self._seen[0] != key:
                    self._seen = key, read_content(assistant.snapshot, language, day)
        except (AssistantError, SnapshotError):
            return None
        return self._seen[1]
