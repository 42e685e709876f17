"""The one address that machines hand in at: `POST /inbox` takes a signed batch and answers with its acknowledgement.

Whoever can reach it may try; only what an enrolled machine signed is taken in, and nothing is given out but the
acknowledgement.  It shows no page and knows no visit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assistant.config import Config
from assistant.waiting import opened_inbox
from sync.batch import MOST_BATCH
from sync.errors import BadBatchError, NoSpaceError, SyncError, UnknownDeviceError

# What a machine is told, the most particular error first.
_STATUS: tuple[tuple[type[SyncError], int], ...] = (
    (UnknownDeviceError, 403), (BadBatchError, 400), (NoSpaceError, 507), (SyncError, 503))


def inbox(config: Config, today: Callable[[], date]) -> Starlette:
    """Return what machines talk to."""

    def taken(data: bytes) -> bytes:
        with opened_inbox(config) as opened:
            return opened.accept(data, today())

    async def accept(request: Request) -> Response:
        data = bytearray()
        async for piece in request.stream():
            data += piece
            if len(data) > MOST_BATCH:
                return PlainTextResponse("This is more than a batch may be.", 413)
        try:
            answer = await to_thread.run_sync(taken, bytes(data))
        except SyncError as error:
            status = next(status for kind, status in _STATUS if isinstance(error, kind))
            return PlainTextResponse(error.message, status)
        return Response(answer, media_type="application/json", headers={"cache-control": "no-store"})

    return Starlette(routes=[Route("/inbox", accept, methods=["POST"])])
