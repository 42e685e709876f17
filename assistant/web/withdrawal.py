"""An answer of a visit as long as it may be shown: when a document that it shows was withdrawn, a page says so instead.

Every page, paper, file and code of an answer asks here first.  Withdrawn is what the snapshot in use hides or has no
more; where no snapshot can be asked, nothing is shown.
"""

from __future__ import annotations

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from assistant.cited import cited
from assistant.current import Current
from assistant.records import Answer
from assistant.web.pages import desk_of, go, problem, render, visit_of
from assistant.web.session import Kept
from corpora.records import DocumentId


async def kept_in(request: Request) -> Kept | Response:
    """Return the answer that an address names, or the page in its place: it is of no visit, gone or withdrawn.

    Raises as `is_withdrawn`.
    """
    if not (visit := visit_of(request)):
        return go(request, "/")
    if not (kept := visit.answers.get(request.path_params["answer"])):
        return problem(request, 404)
    if await run_sync(is_withdrawn, desk_of(request).current, kept.account.answer):
        return withdrawn(request, kept)
    return kept


def withdrawn(request: Request, kept: Kept) -> Response:
    """Return the page that says that a document was withdrawn, and offers to ask again."""
    return render(request, "withdrawn.html", status=410, question=kept.account.answer.question)


def is_withdrawn(current: Current, answer: Answer) -> bool:
    """Return whether a document that an answer shows is not answered from any more.

    Raises:
        NoSnapshotError, SnapshotError: no snapshot can be asked.
    """
    with current.assistant() as assistant:
        return any(assistant.snapshot.document(name) is None for name in _shown(answer))


def _shown(answer: Answer) -> set[DocumentId]:
    """Return what an answer quotes, or else names as nearest."""
    named = () if answer.claims else (document for _, document in answer.hits)
    return {one.document.id for one in cited(answer)} | {document.id for document in named}
