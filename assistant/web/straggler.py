"""A request that outlives its visit: the last letters are under way, or an answer is, while somebody finishes.

The visit was wiped meanwhile; what such a request left in memory is let go of when it is done.
"""

from __future__ import annotations

from anyio import CancelScope
from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.desk import Desk


class Stragglers:
    """Wraps the pages of a kiosk."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then forget once more where the visit is over by now."""
        try:
            await self._app(scope, receive, send)
        finally:
            visit = scope.get("state", {}).get("session")
            if visit and visit.id not in self._desk.sessions:
                with CancelScope(shield=True):
                    await run_sync(self._desk.current.forget)
