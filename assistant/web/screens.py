"""What a citizen walks through: what people come for, a question, its answer.

    / (visit) ─ /home ─ /topic/ID ─ POST /ask ─ /answer/ID ─ ask further, source, take it, finish

A question is in the body of a POST and in the memory of the visit, never in an address.
"""

from __future__ import annotations

from anyio.to_thread import run_sync
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.errors import UnusableQuestionError
from assistant.records import Office
from assistant.source_words import act_words, place_words
from assistant.topics import find_topic, topics
from assistant.web import visit
from assistant.web.asked import answered, asked_in
from assistant.web.events import TYPE, answering
from assistant.web.pages import desk_of, go, known, problem, render, session_of, visit_of
from assistant.web.shown import Verdict, shown, worded_by
from assistant.web.suggest import suggestions_of
from assistant.web.withdrawal import kept_in
from corpora.records import Document

# One question of each of the first life events stands on the first page.
MOST_SUGGESTED = 4
# Of a life event so many are shown, the others are offered to whoever types.
MOST_QUESTIONS = 6


def routes() -> list[Route]:
    """Return the addresses of the screens."""
    return [*visit.routes(), Route("/home", home), Route("/topic/{topic}", topic),
            Route("/ask", ask, methods=["GET", "POST"]), Route("/answer/{answer}", answer)]


async def home(request: Request) -> Response:
    """Show the life events, the question box and some questions; the languages first where nobody began."""
    if not (session := visit_of(request)):
        return go(request, "/")
    return await _home(request, session.language)


async def _home(request: Request, language: str, *, said: str = "", status: int = 200) -> Response:
    offered = suggestions_of(request.app, desk_of(request).config, desk_of(request).current)

    def questions() -> list[str]:
        asked = (offered.questions(one, language)[0] for one in topics())
        return [some[0] for some in asked if some][:MOST_SUGGESTED]

    return render(request, "home.html", status=status, topics=topics(), suggested=await run_sync(questions), said=said)


async def topic(request: Request) -> Response:
    """Show what is asked about a life event, its forms and its office."""
    if not (session := visit_of(request)):
        return go(request, "/")
    if not (found := find_topic(request.path_params["topic"])):
        return problem(request, 404)
    desk, language = desk_of(request), session.language
    offered = suggestions_of(request.app, desk.config, desk.current)

    def look() -> tuple[tuple[Document, ...], Office | None]:
        with desk.current.assistant() as assistant:
            return found.forms(assistant.snapshot, language), found.office(assistant, language)

    forms, office = await run_sync(look)
    questions, promised = await run_sync(offered.questions, found, language)
    return render(request, "topic.html", topic=found, questions=questions[:MOST_QUESTIONS], promised=promised,
                  forms=forms, office=office)


async def ask(request: Request) -> Response:
    """Answer a question: as events where the page asks for them, else by the way to the answer."""
    if request.method != "POST":
        return go(request, "/home")
    session = session_of(request)
    form = await request.form()
    asked = asked_in(session, _word(form, "question"), _word(form, "after"))
    if TYPE in request.headers.get("accept", ""):
        return known(request, answering(desk_of(request), session, asked))
    try:
        kept = await run_sync(answered, desk_of(request), asked)
    except UnusableQuestionError:
        return await _home(request, session.language, said="problem_unreadable", status=400)
    return go(request, f"/answer/{session.keep(kept)}")


async def answer(request: Request) -> Response:
    """Show an answer of this visit."""
    kept, name = await kept_in(request), request.path_params["answer"]
    if isinstance(kept, Response):
        return kept
    found = shown(kept, stale_days=desk_of(request).settings.stale_days)
    template = "abstain.html" if found.verdict is Verdict.NONE else "answer.html"
    return render(request, template, name=name, kept=kept, answer=kept.account.answer, shown=found, topics=topics(),
                  act_words=act_words, place_words=place_words, worded_by=worded_by(kept.account.answer))


def _word(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
