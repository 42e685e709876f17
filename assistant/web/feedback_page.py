"""What a person thinks of an answer: shown word by word before it is sent, and sent only with a tick.

It waits in the outbox of the machine, without names and numbers, and without a trace of who it was.  A database that
is locked, full or damaged costs the opinion and not the page.
"""

from __future__ import annotations

from functools import partial
from threading import Event

from anyio import move_on_after
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.config import Config
from assistant.feedback import Opinion, Verdict, keep_opinion
from assistant.waiting import opened_outbox
from assistant.web.pages import desk_of, go, render, session_of
from corpora.records import DocumentId
from sync.errors import SyncError

# So long a person waits for the database, in seconds.
WAIT_S = 2.0
KEPT, LOST = "kept", "lost"


def routes() -> list[Route]:
    """Return the pages that ask for an opinion of an answer."""
    return [Route("/answer/{answer}/feedback/{verdict}", asked, methods=["GET", "POST"])]


async def asked(request: Request) -> Response:
    """Show what would be sent; with the tick keep it, and go back to the answer's page in any case."""
    desk, session, name = desk_of(request), session_of(request), request.path_params["answer"]
    verdict, kept = _verdict(request.path_params["verdict"]), session.answers.get(name)
    if not desk.settings.feedback or not verdict or not kept:
        return go(request, "/")
    opinion = Opinion.of(kept.account.answer, verdict, desk.now().date())
    outcome = request.query_params.get("outcome", "already" if name in session.told else "")
    lacking = False
    if request.method == "POST" and not outcome:
        lacking = (await request.form()).get("consent") != "yes"
        if not lacking:
            went = await _kept(desk.config, opinion)
            if went:
                session.told.add(name)
            return go(request, f"{request.url.path}?outcome={KEPT if went else LOST}")
    titles = await run_sync(_titles, request, opinion.documents)
    return render(request, "feedback_consent.html", opinion=opinion, titles=titles,
                  outcome=outcome, lacking=lacking, answer=f"/answer/{name}")


def _verdict(name: str) -> Verdict | None:
    return Verdict(name) if name in set(Verdict) else None


def _titles(request: Request, documents: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the title and the language of each document that is still answered from."""
    with desk_of(request).current.assistant() as assistant:
        found = (assistant.snapshot.document(DocumentId(one)) for one in documents)
        return [(one.title, one.language) for one in found if one]


async def _kept(config: Config, opinion: Opinion) -> bool:
    """Return whether the opinion is in the outbox; what takes too long is not kept afterwards either."""
    late = Event()
    with move_on_after(WAIT_S):
        return await run_sync(partial(_keep, config, opinion, late), abandon_on_cancel=True)
    late.set()
    return False


def _keep(config: Config, opinion: Opinion, late: Event) -> bool:
    try:
        with opened_outbox(config) as outbox:
            if late.is_set():
                return False
            keep_opinion(config, outbox, opinion)
    except (SyncError, OSError):
        return False
    return True
