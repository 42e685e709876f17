"""An answer as it comes about: a stream of events for a page that shows each as soon as it is there.

    status {step} ─ sources {address, warnings, sources} ─ claim … ─ verdict {verdict, said}
        ─ with a model: status, claim …, verdict ─ done {address}

The composed claims come at once; a model's sentences follow one by one, each verified before it is sent.  The work is
done in a thread and ends when the browser leaves: the snapshot and the model's place are given back.  `error {said}`
takes the place of whatever would come next.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict
from threading import Event
from time import perf_counter

from anyio import CancelScope, create_memory_object_stream, create_task_group, from_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.account import Account
from assistant.answer import Assistant
from assistant.cited import Cited, cited
from assistant.errors import UnusableQuestionError
from assistant.records import Claim
from assistant.source_words import place_words
from assistant.texts import text
from assistant.web.asked import Asked, account_of, kept_of
from assistant.web.desk import Desk
from assistant.web.guard import status_of
from assistant.web.pages import problem_key
from assistant.web.session import Session
from assistant.web.shown import Shown, said, shown, verdict
from corpora.records import PassageId

TYPE = "text/event-stream"
Tell = Callable[..., None]
Work = Callable[[Tell, Callable[[], bool]], None]


class Events(Response):
    """Sends what `work` tells, until it is done or nobody listens; `work` runs in a thread and asks for the latter."""

    media_type = TYPE

    def __init__(self, work: Work) -> None:
        super().__init__(media_type=TYPE)
        del self.headers["content-length"]
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        gone = Event()
        teller, told = create_memory_object_stream[bytes](math.inf)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with create_task_group() as group:
            group.start_soon(self._left, receive, gone, group.cancel_scope)
            group.start_soon(self._told, teller, gone)
            try:
                await _passed_on(told, send)
            finally:
                gone.set()
            group.cancel_scope.cancel()

    async def _told(self, teller: MemoryObjectSendStream[bytes], gone: Event) -> None:
        def tell(name: str, **data: object) -> None:
            if not gone.is_set():
                from_thread.run_sync(teller.send_nowait, event(name, data))

        with teller:
            await run_sync(self._work, tell, gone.is_set)

    async def _left(self, receive: Receive, gone: Event, scope: CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()
        scope.cancel()


async def _passed_on(told: MemoryObjectReceiveStream[bytes], send: Send) -> None:
    with told:
        async for one in told:
            await send({"type": "http.response.body", "body": one, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def event(name: str, data: dict[str, object]) -> bytes:
    """Return an event as it is sent."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def answering(desk: Desk, session: Session, asked: Asked) -> Events:
    """Return the events of one question; its answer is kept in the visit."""

    def work(tell: Tell, gone: Callable[[], bool]) -> None:
        try:
            with desk.tally.failures(), desk.current.assistant() as assistant:
                tell("done", address=_answered(assistant, desk, session, asked, tell, gone))
        except UnusableQuestionError:
            tell("error", said=text(session.language, "kiosk", problem_key(400)))
        except Exception as error:  # a person is told; the page stays as it was
            tell("error", said=text(session.language, "kiosk", problem_key(status_of(error))))

    return Events(work)


def _answered(assistant: Assistant, desk: Desk, session: Session, asked: Asked, tell: Tell,
              gone: Callable[[], bool]) -> str:
    """Tell a composed answer, then what a model adds to it; return the address where it stays."""
    tell("status", step="search")
    account = account_of(assistant, asked)
    kept = kept_of(assistant, account)
    name = session.keep(kept)
    desk.tally.count(account.answer.status, account.answer.language, account.answer.timings_ms)
    composed, address = shown(kept, stale_days=desk.settings.stale_days), f"/answer/{name}"
    _tell_composed(composed, session.language, address, tell)
    _tell_verdict(account, session.language, tell)
    if assistant.drafting.generators and account.answer.claims and not gone():
        tell("status", step="write")
        numbers = {source.passage.id: source.number for source in cited(account.answer)}
        account = _written(assistant, desk, account, numbers, tell, gone)
        if name in session.answers:
            session.answers[name] = kept_of(assistant, account, tuple(numbers))
        _tell_verdict(account, session.language, tell)
    return address


def _tell_composed(composed: Shown, language: str, address: str, tell: Tell) -> None:
    tell("sources", address=address, warnings=list(composed.warnings),
         sources=[_source(source, language) for source in composed.sources])
    for one in composed.said:
        tell("claim", **asdict(one))


def _tell_verdict(account: Account, language: str, tell: Tell) -> None:
    found = verdict(account.answer)
    tell("verdict", verdict=found, said=text(language, "kiosk", f"verdict_{found}"))


def _source(source: Cited, language: str) -> dict[str, object]:
    document = source.document
    return {"number": source.number, "title": document.title, "language": document.language,
            "place": place_words(source.citation, language), "quotes": list(source.quotes), "as_of": document.as_of,
            "status": text(language, "document_status", document.status)}


def _written(assistant: Assistant, desk: Desk, account: Account, numbers: dict[PassageId, int], tell: Tell,
             gone: Callable[[], bool]) -> Account:
    """Tell a model's sentences as they are verified; a source that is new gets the next number."""
    writing, written, begun = assistant.writing(account, cancelled=gone), list[Claim](), perf_counter()
    for claim in writing:
        for citation in claim.citations:
            numbers.setdefault(citation.passage.id, len(numbers) + 1)
        tell("claim", **asdict(said(claim, numbers)))
        written.append(claim)
    desk.tally.count_draft(writing, perf_counter() - begun)
    return account.with_written(written, writing) if written or writing.warnings else account
