"""GET /metrics: the numbers of this machine, for a program on this machine that collects them.

Nobody enters by an account there, so only this machine is answered; to all others, and to what a proxy passes on, the
address does not exist.  It is looked at once a minute at most: whoever reads it learns how many asked within a minute,
not when one person did.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from time import monotonic

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assistant.errors import AssistantError
from assistant.generate import Generator
from assistant.status import SyncStatus, read_status
from assistant.web.desk import Desk
from assistant.web.guard import Guard
from assistant.web.pages import desk_of
from index import SnapshotError
from sync.errors import SyncError

FRESH_S = 60.0
TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def routes(visits: Callable[[], int], clock: Callable[[], float] = monotonic) -> list[Route]:
    """Return the address.  visits: how many people are there."""
    return [Route("/metrics", _Page(visits, clock).told)]


def window(desk: Desk, visits: Callable[[], int], hosts: frozenset[str]) -> Starlette:
    """Return the address for where pages are locked, answered under these names."""
    app = Starlette(routes=routes(visits), middleware=[Middleware(Guard, hosts=hosts)])
    app.state.desk = desk
    return app


class _Page:
    """The page with what was seen last."""

    def __init__(self, visits: Callable[[], int], clock: Callable[[], float]) -> None:
        self._visits, self._clock = visits, clock
        self._seen: tuple[float, bytes] | None = None

    async def told(self, request: Request) -> Response:
        """Tell the numbers."""
        if not is_from_here(request):
            return PlainTextResponse("There is no such page.", 404)
        if not self._seen or self._clock() - self._seen[0] >= FRESH_S:
            self._seen = self._clock(), await run_sync(look, desk_of(request), self._visits())
        return Response(self._seen[1], headers={"content-type": TYPE})


def is_from_here(request: Request) -> bool:
    """Return whether a program on this machine asks, and for itself."""
    if request.client is None or any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def look(desk: Desk, visits: int) -> bytes:
    """Return the numbers of now; what cannot be looked at is not among them."""
    from assistant.metrics import Machine, metrics
    snapshot: dict[str, int] = {}
    generators: tuple[Generator, ...] = ()
    with suppress(AssistantError, SnapshotError, SyncError), desk.current.assistant() as assistant:
        snapshot, generators = dict(assistant.snapshot.manifest.counts), tuple(assistant.drafting.generators)
    return metrics(Machine(desk.tally, visits, snapshot, generators, _status(desk)))


def _status(desk: Desk) -> SyncStatus | None:
    with suppress(SyncError, OSError):
        return read_status(desk.config, desk.now())
    return None
