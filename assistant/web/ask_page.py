"""A clerk's question: answered as on the kiosk, for any day, with how the answer was found beside it.

    GET /clerk/ask ─ POST ─ /clerk/answer/ID ─ its sources, ask anew

A question is in the body of a POST and in the memory of who is inside; it is gone when they leave.
"""

from __future__ import annotations

from dataclasses import dataclass

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.abstain import THRESHOLD
from assistant.account import Account
from assistant.errors import UnusableQuestionError
from assistant.explain import explained
from assistant.source_words import act_words, place_words
from assistant.web import source
from assistant.web.acts_page import day_of
from assistant.web.asked import Asked, answered
from assistant.web.desk import Desk
from assistant.web.pages import desk_of, go, render, session_of
from assistant.web.shown import shown, worded_by
from assistant.web.withdrawal import kept_in
from index.lexicon import Expansion

_UNDER = "/clerk"
_MOST_HITS = 10


@dataclass(frozen=True, slots=True)
class _Found:
    """How an answer was found: what each word was looked for as, and the account of it in lines."""

    words: dict[str, list[Expansion]]
    lines: list[str]


def routes() -> list[Route]:
    """Return the addresses of asking."""
    return [Route("/clerk/ask", ask, methods=["GET", "POST"]), Route("/clerk/answer/{answer}", answer),
            *source.routes(_UNDER, "clerk_source.html")]


async def ask(request: Request) -> Response:
    """Show the box, or answer and lead to the answer."""
    if request.method != "POST":
        return _box(request)
    form, session = await request.form(), session_of(request)
    question, given = str(form.get("question", "")), str(form.get("at", ""))
    day = day_of(given)
    if given and day is None:
        return _box(request, "wrong_day", asked=question)
    try:
        kept = await run_sync(answered, desk_of(request), Asked(question, session.language, at=day))
    except UnusableQuestionError:
        return _box(request, "unreadable", at=given)
    return go(request, f"/clerk/answer/{session.keep(kept)}")


async def answer(request: Request) -> Response:
    """Show an answer, and how it was found."""
    kept, name = await kept_in(request), request.path_params["answer"]
    if isinstance(kept, Response):
        return kept
    desk, account = desk_of(request), kept.account
    return render(request, "clerk_answer.html", role="clerk", here="ask", name=name, kept=kept, answer=account.answer,
                  shown=shown(kept, stale_days=desk.settings.stale_days), under=_UNDER, act_words=act_words,
                  place_words=place_words, worded_by=worded_by(account.answer), account=account, needed=THRESHOLD,
                  hits=account.hits[:_MOST_HITS], found=await run_sync(_explained, desk, account))


def _box(request: Request, fault: str = "", *, asked: str = "", at: str = "") -> Response:
    return render(request, "clerk_ask.html", status=400 if fault else 200, role="clerk", here="ask", fault=fault,
                  asked=asked, at=at)


def _explained(desk: Desk, account: Account) -> _Found:
    with desk.current.assistant() as assistant:
        words: dict[str, list[Expansion]] = {}
        for one in assistant.snapshot.understood(account.query.search).expansions:
            words.setdefault(one.source, []).append(one)
        return _Found(words, explained(account, assistant.snapshot))
