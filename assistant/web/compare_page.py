"""Two editions compared: files that are given, or documents of this machine; what changed is told first.

    GET /clerk/compare ─ POST ─ /clerk/compared/ID ─ print, the same as an object

Files are read in the sandbox.  Nothing of them is kept but what changed, in the memory of who is inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from anyio.to_thread import run_sync
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.access.audit import Deed
from assistant.errors import AssistantError
from assistant.notices.notice import read_notice
from assistant.redline import Piece, redline
from assistant.revision import Change, changes
from assistant.source_words import place_words
from assistant.web.acts_page import documents_of
from assistant.web.desk import Desk
from assistant.web.lock import record
from assistant.web.pages import desk_of, go, problem, render, session_of
from assistant.web.readings import fault_of
from assistant.web.session import Compared
from corpora.draft import Entry
from corpora.errors import CorpusError
from corpora.records import Document, DocumentId
from corpora.sandbox import Sandbox
from corpora.suspicion import visible
from index.errors import SnapshotError

COMPARE = "/clerk/compare"
# Of both files together.
MOST_BYTES = 20 * 1024 * 1024
_BYTES_A_MB = 1024 * 1024
_SIDES = ("old", "new")


class _UnfitError(Exception):
    """A side cannot be compared; the words are in `[clerk_fault]`."""

    def __init__(self, side: str, fault: str) -> None:
        super().__init__(fault)
        self.side, self.fault = side, fault


@dataclass(frozen=True, slots=True)
class _Side:
    """One edition as it was given: a file with its name, or a document of this machine."""

    name: str
    data: bytes | None = None


def routes() -> list[Route]:
    """Return the addresses of comparing."""
    return [Route(COMPARE, compare, methods=["GET", "POST"]), Route("/clerk/compared/{compared}.json", as_json),
            Route("/clerk/compared/{compared}/print", to_print), Route("/clerk/compared/{compared}", shown)]


async def compare(request: Request) -> Response:
    """Show what can be compared, or compare and lead to what changed."""
    if request.method != "POST":
        return await _choice(request)
    form = await request.form()
    try:
        sides = [await _side(form, side) for side in _SIDES]
        found = await run_sync(_compared, desk_of(request), sides)
    except _UnfitError as error:
        return await _choice(request, error)
    return go(request, f"/clerk/compared/{session_of(request).keep_compared(found)}")


async def shown(request: Request) -> Response:
    """Show what changed."""
    return _shown(request, "clerk_compared.html")


async def to_print(request: Request) -> Response:
    """Show what changed as a sheet to be printed."""
    return _shown(request, "clerk_compared_print.html")


async def as_json(request: Request) -> Response:
    """Give what changed as one object."""
    if (found := _kept(request)) is None:
        return problem(request, 404)
    await record(request, Deed.EXPORTED, table="compare")
    return JSONResponse({"old": found.old, "new": found.new, "changes": [one.to_json() for one in found.changes]},
                        headers={"content-disposition": 'attachment; filename="changes.json"'})


def redlined(change: Change) -> list[tuple[Piece, ...]]:
    """Return what went and came, word by word; nothing where a sentence stands in one edition only."""
    quotes = [citation.quote for citation in change.citations]
    return list(redline(*quotes)) if len(quotes) > 1 else []


def _shown(request: Request, template: str) -> Response:
    if (found := _kept(request)) is None:
        return problem(request, 404)
    groups = [(kind, list(some)) for kind, some in groupby(found.changes, key=lambda one: one.kind)]
    return render(request, template, role="clerk", here="compare", found=found, groups=groups, redlined=redlined,
                  visible=visible, place_words=place_words, name=request.path_params["compared"])


def _kept(request: Request) -> Compared | None:
    return session_of(request).compared.get(request.path_params["compared"])


async def _choice(request: Request, error: _UnfitError | None = None) -> Response:
    every = await run_sync(_known, desk_of(request))
    known = {one.id: one for one in every}
    pairs = [(one, later) for one in every if one.superseded_by and (later := known.get(one.superseded_by))]
    chosen = {side: request.query_params.get(side, "") for side in _SIDES}
    return render(request, "clerk_compare.html", status=400 if error else 200, role="clerk", here="compare",
                  documents=every, pairs=pairs, chosen=chosen, sides=_SIDES, most=MOST_BYTES // _BYTES_A_MB,
                  fault=error.fault if error else "", fault_side=error.side if error else "")


def _known(desk: Desk) -> tuple[Document, ...]:
    """Return the documents that can be chosen; none where none are in use: files are compared all the same."""
    try:
        return documents_of(desk)
    except (AssistantError, SnapshotError):
        return ()


async def _side(form: FormData, side: str) -> _Side:
    """Return one edition of the form; a file goes before a document that is chosen beside it."""
    given = form.get(f"{side}_file")
    if isinstance(given, UploadFile) and given.filename:
        return _Side(given.filename, await given.read())
    if name := str(form.get(side, "")):
        return _Side(name)
    raise _UnfitError(side, "none")


def _compared(desk: Desk, sides: list[_Side]) -> Compared:
    with Sandbox() as sandbox:
        entries = [_entry(desk, sandbox, one, side) for side, one in zip(_SIDES, sides, strict=True)]
    old, new = (_title(entry.document) for entry in entries)
    return Compared(old, new, changes(*entries))


def _entry(desk: Desk, sandbox: Sandbox, given: _Side, side: str) -> Entry:
    if given.data is not None:
        try:
            return read_notice(given.name, given.data, sandbox)
        except CorpusError as error:
            raise _UnfitError(side, fault_of(error)) from error
    with desk.current.assistant() as assistant:
        document = assistant.snapshot.document(DocumentId(given.name))
        if document is None:
            raise _UnfitError(side, "gone")
        return Entry(document, assistant.snapshot.passages(document.id))


def _title(document: Document) -> str:
    return visible(f"{document.title} ({document.file})" if document.title else document.file)
