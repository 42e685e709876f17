"""Passages found by words, with the place and the status of each; filters leave some of them out.

What is looked for is in the body of a POST and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.errors import UnusableQuestionError
from assistant.query import understand
from assistant.records import Citation
from assistant.retrieve import retrieve
from assistant.source_words import place_words
from assistant.web.acts_page import documents_of
from assistant.web.desk import Desk
from assistant.web.pages import desk_of, render
from corpora.records import Document
from index import Hit

FILTERS = ("language", "service", "status", "publisher")
# So many are looked through for the filters, and so many of them are shown.
_DEPTH, _MOST = 100, 20


def routes() -> list[Route]:
    """Return the address of the search."""
    return [Route("/clerk/search", search, methods=["GET", "POST"])]


async def search(request: Request) -> Response:
    """Show the box, and what was found."""
    desk, form = desk_of(request), await request.form()
    words = str(form.get("words", ""))
    wanted = {name: value for name in FILTERS if (value := str(form.get(name, "")))}
    choices = choices_of(await run_sync(documents_of, desk))
    try:
        hits = await run_sync(_found, desk, words, wanted) if words.strip() else None
    except UnusableQuestionError:
        hits = []
    return render(request, "clerk_search.html", role="clerk", here="ask", asked=words, wanted=wanted, hits=hits,
                  choices=choices, place_words=place_words_of)


def choices_of(documents: Iterable[Document]) -> dict[str, list[str]]:
    """Return what can be chosen of each filter: what some document has."""
    documents = list(documents)
    return {name: sorted({str(value) for one in documents if (value := getattr(one, name))}) for name in FILTERS}


def place_words_of(hit: Hit, language: str) -> str:
    """Return where in its document a hit stands."""
    return place_words(Citation(hit.passage, hit.document, (0, len(hit.passage.text))), language)


def _found(desk: Desk, words: str, wanted: Mapping[str, str]) -> list[Hit]:
    with desk.current.assistant() as assistant:
        hits = retrieve(assistant.snapshot, understand(words, today=desk.now().date()), _DEPTH)
    return [hit for hit in hits
            if all(str(getattr(hit.document, name)) == value for name, value in wanted.items())][:_MOST]
