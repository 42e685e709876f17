"""How the machine is: one object for programs at /health, and a page for the staff behind a code.

    current (what answers) ─┐
    status (releases, sync) ─┴─ Health ─ /health, /staff

It is looked at in a thread, and not again for some seconds, however often it is asked.  Nothing of a citizen is in
it: visits are a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from math import ceil
from time import monotonic
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.errors import AssistantError, ConfigError
from assistant.printer import state_of
from assistant.staff_pin import has_pin, is_pin
from assistant.status import STALE_DAYS, SyncStatus, read_status
from assistant.status_page import clock_words
from assistant.web.desk import Desk
from assistant.web.pages import desk_of, go, render, session_of
from assistant.web.staff import Door
from index import SnapshotError
from sync.errors import SyncError

FRESH_S = 5.0
# Below this the next release may find no room; as `rohnamo doctor` says it.
_LEAST_FREE = 500_000_000
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of the machine; `status` is None where its database cannot be read."""

    answers: bool
    snapshot: str
    documents: int
    problems: tuple[str, ...]
    status: SyncStatus | None

    def to_json(self) -> dict[str, Any]:
        """Return the object of /health."""
        status = self.status
        releases = [one.to_json(status.moment) for one in status.releases if one.held] if status else []
        return {"ok": self.answers, "generation": status.generation if status else None,
                "releases": [{name: one[name] for name in ("publisher", "number", "age_days")} for one in releases],
                "problems": list(self.problems)}


def look(desk: Desk) -> Health:
    """Return how the machine is now; whatever is broken is a problem in words and not a fault."""
    snapshot, documents, problems = "", 0, list[str]()
    try:
        with desk.current.assistant() as assistant:
            snapshot, documents = assistant.snapshot_id, assistant.snapshot.manifest.counts["documents"]
    except (AssistantError, SnapshotError, SyncError) as error:
        problems.append(str(error))
    problems += desk.current.problems
    status = None
    try:
        status = read_status(desk.config, desk.now())
        problems += _problems(desk, status)
    except (SyncError, OSError) as error:
        problems.append(str(error))
    return Health(bool(snapshot), snapshot, documents, tuple(dict.fromkeys(problems)), status)


def _problems(desk: Desk, status: SyncStatus) -> list[str]:
    found = [status.problem] if desk.config.sync and status.problem else []
    if status.free_bytes < _LEAST_FREE:
        found.append(f"the disk has {status.free_bytes // 1_000_000} MB left")
    if status.reading and status.reading.bad:
        found.append(f"the clock of this machine is {clock_words(status.reading)}")
    if status.last_failure:
        found.append(f"the last attempt to sync failed: {status.last_failure.message}")
    if status.silent_days is not None and status.silent_days > STALE_DAYS:
        found.append(f"nothing was heard for {status.silent_days} days of what is published")
    found += [f"release {one.refused.number} of {one.publisher} was not taken into use: {one.refused.reason}"
              for one in status.releases if one.refused]
    return found


def routes(clock: Callable[[], float] = monotonic) -> list[Route]:
    """Return the pages about the machine."""
    pages = _Pages(clock)
    return [Route("/health", pages.told), Route("/staff", pages.shown), Route("/staff", pages.tried, methods=["POST"]),
            Route("/staff/end-visits", pages.ended, methods=["POST"]),
            Route("/staff/leave", pages.left, methods=["POST"])]


class _Pages:
    """The pages with what they share: the door, and what was seen last."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._door = clock, Door(clock)
        self._seen: tuple[float, Health] | None = None

    async def told(self, request: Request) -> Response:
        """Tell a program how the machine is: 200 where it answers, else 503."""
        health = await self._health(desk_of(request))
        return JSONResponse(health.to_json(), 200 if health.answers else 503)

    async def shown(self, request: Request, *, notice: str = "", status: int = 200) -> Response:
        """Show the page to who is inside, the question for the code to all others."""
        desk, visit = desk_of(request), session_of(request)
        if not self._door.admits(visit.id):
            minutes, ended = ceil(self._door.shut_s / _MINUTE_S), request.query_params.get("ended", "")
            known = await run_sync(has_pin, desk.config)
            return render(request, "pin.html", status=status, notice=notice, minutes=minutes, known=known,
                          ended=ended if ended.isdigit() else "")
        health, printing = await self._health(desk), await run_sync(state_of, desk.settings.printer)
        return render(request, "health.html", health=health, visits=len(desk.sessions), version=version("rohnamo"),
                      printing=printing)

    async def tried(self, request: Request) -> Response:
        """Look at a code, unless too many were wrong."""
        given = (await request.form()).get("pin", "")
        if not isinstance(given, str) or not self._door.knock():
            return await self.shown(request, status=429)
        try:
            right = await run_sync(partial(is_pin, desk_of(request).config, given))
        except ConfigError:
            return await self.shown(request)
        if not right:
            return await self.shown(request, notice="" if self._door.shut_s else "wrong", status=403)
        self._door.enter(session_of(request).id)
        return go(request, "/staff")

    async def ended(self, request: Request) -> Response:
        """End all visits, that of the staff too: the next page asks for the code again."""
        if not self._door.admits(session_of(request).id):
            return await self.shown(request, status=403)
        self._door.leave()
        return go(request, f"/staff?ended={await run_sync(desk_of(request).sessions.end_all)}")

    async def left(self, request: Request) -> Response:
        """Leave the page."""
        self._door.leave()
        return go(request, "/")

    async def _health(self, desk: Desk) -> Health:
        if not self._seen or self._clock() - self._seen[0] >= FRESH_S:
            self._seen = self._clock(), await run_sync(look, desk)
        return self._seen[1]

