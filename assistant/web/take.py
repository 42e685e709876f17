"""Taking an answer home: on paper, in a telephone, or at a desk as a file.

The person's question is on a copy only where they ticked it, and in no address.  What a copy says is decided in
`assistant.paper`; printers are spoken to in a worker thread, and each visit may print a few sheets.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from anyio.to_thread import run_sync
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant import printer
from assistant.cited import cited
from assistant.paper import About, Paper, paper_of, says_unofficial
from assistant.printer import PrinterState
from assistant.qr import code, essentials
from assistant.sheet import Size, media, sheet
from assistant.web.desk import Desk
from assistant.web.pages import desk_of, go, problem, render, session_of
from assistant.web.session import MOST_SESSIONS, Kept
from assistant.web.settings import KioskSettings
from assistant.web.shown import shown
from assistant.web.withdrawal import kept_in

MOST_SHEETS = 5                        # that one visit may print
ENOUGH = "enough"
_TOLD = frozenset({*PrinterState, ENOUGH})


@dataclass(slots=True)
class Sheets:
    """How many sheets each visit has printed."""

    count: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def may(self, visit: str) -> bool:
        """Return whether a visit may print one more."""
        return self.count.get(visit, 0) < MOST_SHEETS

    def note(self, visit: str) -> None:
        """Count a sheet; the oldest visit gives way."""
        self.count[visit] = self.count.get(visit, 0) + 1
        self.count.move_to_end(visit)
        while len(self.count) > MOST_SESSIONS:
            self.count.popitem(last=False)


def routes() -> list[Route]:
    """Return the routes of taking an answer home."""
    return [Route("/answer/{answer}/take", show), Route("/answer/{answer}/take/print", print_it, methods=["POST"]),
            Route("/answer/{answer}/take/pdf", download, methods=["POST"])]


async def show(request: Request) -> Response:
    """Return what can be taken home, and how."""
    kept = await kept_in(request)
    if isinstance(kept, Response):
        return kept
    desk, told = desk_of(request), request.query_params.get("told", "")
    printers = await run_sync(_printers, desk.settings)
    paper = await run_sync(_paper, desk, kept, False)
    short = essentials(kept.account.answer, kept.numbered)
    return render(request, "take.html", answer=request.path_params["answer"], printers=printers, paper=paper,
                  told=told if told in _TOLD else "", most=MOST_SHEETS, short=short,
                  code=_drawn(short), check=_drawn(paper.check) if paper.check else "")


async def print_it(request: Request) -> Response:
    """Print an answer, and go back to the page, which says what became of it."""
    kept = await kept_in(request)
    if isinstance(kept, Response):
        return kept
    form = await request.form()
    size, sheets, visit = form.get("size"), sheets_of(request), session_of(request).id
    if size not in list(Size):
        return go(request, _address(request))
    if not sheets.may(visit):
        return go(request, _address(request, ENOUGH))
    told = await run_sync(_print, desk_of(request), kept, Size(str(size)), "question" in form)
    if told is PrinterState.SENT:
        sheets.note(visit)
    return go(request, _address(request, told))


async def download(request: Request) -> Response:
    """Return an answer as a PDF file, at a desk only."""
    kept = await kept_in(request)
    if isinstance(kept, Response):
        return kept
    if not desk_of(request).settings.downloads:
        return problem(request, 404)
    form = await request.form()
    data = await run_sync(_pdf, desk_of(request), kept, Size.A4, "question" in form)
    return Response(data, media_type="application/pdf",
                    headers={"content-disposition": 'attachment; filename="rohnamo.pdf"'})


def sheets_of(request: Request) -> Sheets:
    """Return how many sheets each visit of this server has printed: answers and forms together."""
    state = request.app.state
    if not hasattr(state, "sheets"):
        state.sheets = Sheets()
    sheets: Sheets = state.sheets
    return sheets


def queue_of(settings: KioskSettings, size: Size) -> str:
    """Return the CUPS queue that prints on a paper, empty where there is none."""
    return settings.printer if size is Size.A4 else settings.receipt_printer


def _drawn(words: str) -> Markup:
    return Markup(code(words))  # noqa: S704 - drawn by segno, no words of anybody in it


def _address(request: Request, told: str = "") -> str:
    return f"/answer/{request.path_params['answer']}/take{f'?told={told}' if told else ''}"


def _printers(settings: KioskSettings) -> Mapping[str, str]:
    """Return the state of each printer that this kiosk has, by size of paper."""
    return {size: printer.state_of(queue) for size in Size if (queue := queue_of(settings, size))}


def _print(desk: Desk, kept: Kept, size: Size, question: bool) -> PrinterState:
    queue = queue_of(desk.settings, size)
    if not queue:
        return PrinterState.NO_PRINTER
    pdf = _pdf(desk, kept, size, question)
    return printer.send(queue, pdf, media=media(pdf, size))


def _pdf(desk: Desk, kept: Kept, size: Size, question: bool) -> bytes:
    return sheet(_paper(desk, kept, question), size)


def _paper(desk: Desk, kept: Kept, question: bool) -> Paper:
    """Return what stands on the paper; which documents are no official text, they say themselves."""
    sources = cited(kept.account.answer, kept.numbered)
    with desk.current.assistant() as assistant:
        unofficial = {one.document.id for one in sources
                      if says_unofficial(assistant.snapshot.passages(one.document.id))}
    warnings = shown(kept, stale_days=desk.settings.stale_days).warnings
    about = About(kept.releases, unofficial, warnings, kept.numbered)
    return paper_of(kept.account.answer, about, question=question)
