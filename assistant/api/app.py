"""The application that programs talk to: all addresses in one place, behind the guard.

    guard (name, length, key, pace) ─ JSON ─ inputs ─ turns: a thread ─ answers ─ JSON

No cookie, no visit, nothing kept; when nothing was asked for a while, caches are emptied as well.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from anyio import create_task_group, sleep
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from assistant.access.limits import Pace
from assistant.api import description as at
from assistant.api.answers import Answers
from assistant.api.chat import Completion, models_object, read_chat, replied
from assistant.api.guard import Guard
from assistant.api.inputs import ASK, MOST_FILE_BYTES, SEARCH, SUMMARISE, body_of, read_inputs
from assistant.api.keys import all_keys, owner_of
from assistant.api.refusal import RefusalError, refused
from assistant.api.settings import MOST_A_MINUTE, api_settings_of
from assistant.api.turns import Turns
from assistant.errors import AssistantError
from assistant.web.desk import Desk
from assistant.web.guard import HOSTS
from index.errors import SnapshotError

# An answer that is sent back, or a conversation, is longer than a question; base64 takes four letters for three bytes.
LARGER = {at.ASK_AT: 1024 * 1024, at.CHAT_AT: 1024 * 1024, at.SUMMARISE_AT: MOST_FILE_BYTES // 3 * 4 + 64 * 1024}
_MINUTE_S, _SWEEP_S = 60.0, 5
_ALL_KEYS = 10 * MOST_A_MINUTE


def application(desk: Desk, hosts: frozenset[str] = HOSTS, *, clock: Callable[[], float] = time.monotonic) -> Starlette:
    """Return what answers programs under these names.  `clock` gives seconds that only go forward."""
    settings = api_settings_of(desk.config)
    api = _Api(desk, Turns(settings, clock), Turns(replace(settings, at_once=1), clock))
    pace = Pace(clock, settings.per_minute, _MINUTE_S, all_places=_ALL_KEYS)
    guard = Middleware(Guard, hosts=hosts, owner=lambda key: owner_of(all_keys(desk.config), key), pace=pace,
                       open_paths=at.OPEN, larger=LARGER)
    return Starlette(routes=api.routes(), middleware=[guard], lifespan=api.lifespan,
                     exception_handlers={HTTPException: refused})


class _Api:
    """The addresses with what they share.  A scan is read for minutes: files have turns of their own."""

    def __init__(self, desk: Desk, turns: Turns, files: Turns) -> None:
        self._desk, self._turns, self._files, self._answers = desk, turns, files, Answers(desk)

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [Route(at.ASK_AT, self.ask, methods=["POST"]), Route(at.SEARCH_AT, self.search, methods=["POST"]),
                Route(at.SUMMARISE_AT, self.summarise, methods=["POST"]),
                Route(at.CHAT_AT, self.chat, methods=["POST"]), Route(at.MODELS_AT, self.models),
                Route(at.DESCRIPTION_AT, self.described), Route(at.HEALTH_AT, self.health)]

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Forget what is over while the application runs, and close what it opened."""
        async with create_task_group() as group:
            group.start_soon(self._sweep)
            yield
            group.cancel_scope.cancel()
        self._answers.close()

    async def ask(self, request: Request) -> Response:
        """Answer a question."""
        asked = read_inputs(await _body(request), ASK)
        answer = await self._turns.run(partial(self._answers.answer, asked.pop("question"), **asked))
        return JSONResponse(answer.to_json())

    async def search(self, request: Request) -> Response:
        """Find passages."""
        asked = read_inputs(await _body(request), SEARCH)
        return JSONResponse(await self._turns.run(partial(self._answers.found, **asked)))

    async def summarise(self, request: Request) -> Response:
        """Make the cards of a file."""
        asked = read_inputs(await _body(request), SUMMARISE)
        return JSONResponse({"cards": await self._files.run(partial(self._answers.cards, **asked))})

    async def chat(self, request: Request) -> Response:
        """Answer the last question of a conversation."""
        chat = read_chat(await _body(request))
        message = await self._turns.run(partial(replied, self._answers, chat))
        completion = Completion(chat, message, self._now())
        if chat.stream:
            return StreamingResponse(completion.events(), media_type="text/event-stream")
        return JSONResponse(completion.whole())

    async def models(self, _request: Request) -> Response:
        """List what a chat client may choose from."""
        return JSONResponse(models_object(self._now()))

    async def described(self, _request: Request) -> Response:
        """Describe the API."""
        return JSONResponse(at.description())

    async def health(self, _request: Request) -> Response:
        """Say whether this machine answers."""
        name = await run_sync(self._snapshot)
        return JSONResponse({"ok": name is not None, "snapshot": name}, 200 if name else 503)

    def _snapshot(self) -> str | None:
        try:
            with self._desk.current.assistant() as assistant:
                return assistant.snapshot_id
        except (AssistantError, SnapshotError):
            return None

    def _now(self) -> int:
        return int(self._desk.now().timestamp())

    async def _sweep(self) -> None:
        while True:
            await sleep(_SWEEP_S)
            if any([self._turns.quiet(), self._files.quiet()]):
                await run_sync(self._desk.current.forget)


async def _body(request: Request) -> dict[str, Any]:
    """Return the JSON object that was sent.

    Raises:
        RefusalError: it is none, or is not said to be one: what a page of another place may send unasked is not taken.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusalError(415, "not_json", "the body has to be sent as application/json")
    return body_of(await request.body())
