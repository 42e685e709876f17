"""The documents of this machine as acts: which held on a day, what took whose place, and the text of each.

What held is decided in `assistant.act_history`.  Nothing is changed or kept here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.act_history import Bar, Standing, bars, history, standing_on, standings
from assistant.source_words import act_words
from assistant.validity import warnings
from assistant.web.desk import Desk
from assistant.web.pages import desk_of, problem, render, session_of
from corpora.records import Document, DocumentId, Passage


@dataclass(frozen=True, slots=True)
class _Act:
    """One document with its editions, the first one first, and its text."""

    document: Document
    passages: tuple[Passage, ...]
    editions: tuple[Document, ...]
    bars: tuple[Bar, ...]
    release: str

    @property
    def before(self) -> Document | None:
        """The edition that it took the place of."""
        at = self.editions.index(self.document)
        return self.editions[at - 1] if at else None


def routes() -> list[Route]:
    """Return the addresses about acts."""
    return [Route("/clerk/acts", acts), Route("/clerk/act/{document}", act)]


async def acts(request: Request) -> Response:
    """Show the documents of a service by whether they held on a day."""
    desk, asked = desk_of(request), request.query_params
    today, service = desk.now().date(), asked.get("service", "")
    day = day_of(asked.get("at", ""))
    every = await run_sync(documents_of, desk)
    services = sorted({one.service for one in every if one.service})
    found = standings(every, day or today, service if service in services else "")
    return render(request, "clerk_acts.html", role="clerk", here="acts", found=found, day_asked=day or today,
                  services=services, service=service, act_words=act_words,
                  wrong=bool(asked.get("at")) and day is None)


async def act(request: Request) -> Response:
    """Show one document: its editions, what holds of it, its text."""
    desk, language = desk_of(request), session_of(request).language
    found = await run_sync(_act, desk, DocumentId(request.path_params["document"]))
    if found is None:
        return problem(request, 404)
    today = desk.now().date()
    return render(request, "clerk_act.html", role="clerk", here="acts", found=found, act_words=act_words,
                  warnings=warnings([(found.document, None)], language, today),
                  standing=standing_on(found.document, today), held=Standing.HELD, today=today.isoformat())


def day_of(value: str) -> date | None:
    """Return the day that was given, None where it is none."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def documents_of(desk: Desk) -> tuple[Document, ...]:
    """Return the documents in use by title.  Raises NoSnapshotError, SnapshotError: none can be read."""
    with desk.current.assistant() as assistant:
        return tuple(sorted(assistant.snapshot.documents(), key=lambda one: (one.title.casefold(), one.id)))


def _act(desk: Desk, name: DocumentId) -> _Act | None:
    with desk.current.assistant() as assistant:
        snapshot = assistant.snapshot
        if (document := snapshot.document(name)) is None:
            return None
        editions = history(document, {one.id: one for one in snapshot.documents()})
        return _Act(document, snapshot.passages(name), editions, bars(editions, desk.now().date()),
                    snapshot.release(name))
