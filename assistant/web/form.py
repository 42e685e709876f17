"""Forms on the screen: which one is needed, why each thing is asked, filling, looking it over, paper.

    /forms ─ /form/ID ─ /form/ID/1 … N, or /all at once ─ /form/ID/review ─ print, PDF

Every step is a form of its own that is sent and answered with a redirect.  What a person writes is in the memory of
their visit and nowhere else: no address, log or file has it.  What answers are right is `assistant.form_answers`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anyio.to_thread import run_sync
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant import printer
from assistant.form_answers import Question, fault_of, lacking, questions, tidy, values_of
from assistant.held_forms import HeldForm, forms_in_use, held_form, may_be_filled
from assistant.printer import PrinterState
from assistant.texts import text
from assistant.topics import by_topic
from assistant.web.pages import desk_of, go, render, session_of
from assistant.web.take import ENOUGH, MOST_SHEETS, sheets_of
from corpora.form_fill import fill
from corpora.forms import Fault
from corpora.records import Document, DocumentId

# A person who says that they will write it with a pen.
BY_HAND = "by_hand"


def routes() -> list[Route]:
    """Return the pages about forms."""
    both = ["GET", "POST"]
    return [Route("/forms", listed), Route("/form/{form}", introduced),
            Route("/form/{form}/all", asked, methods=both), Route("/form/{form}/{number:int}", asked, methods=both),
            Route("/form/{form}/review", reviewed), Route("/form/{form}/filled.pdf", downloaded),
            Route("/form/{form}/print", printed, methods=["POST"]),
            Route("/form/{form}/wipe", wiped, methods=["POST"])]


async def listed(request: Request) -> Response:
    """Show which forms there are by life event; those of the service that was asked about first."""
    return await _list(request)


async def _list(request: Request, *, gone: bool = False) -> Response:
    desk, visit = desk_of(request), session_of(request)
    service, answer = (request.query_params.get(name, "") for name in ("service", "answer"))

    def look() -> tuple[list[Document], set[DocumentId]]:
        with desk.current.assistant() as assistant:
            found = forms_in_use(assistant.snapshot, visit.language)
        fillable = {one.id for one in found if may_be_filled(desk.config, one)}
        return sorted(found, key=lambda one: one.id not in fillable), fillable

    found, fillable = await run_sync(look)
    fitting = [one for one in found if service and one.service == service]
    return render(request, "forms.html", status=404 if gone else 200, gone=gone, fitting=fitting, fillable=fillable,
                  groups=by_topic(one for one in found if one not in fitting),
                  answer=answer if answer in visit.answers else "")


async def introduced(request: Request) -> Response:
    """Show what a form is, what it asks and why; from here it is filled."""
    if held := await _held(request):
        begun = bool(session_of(request).forms.get(held.document.id))
        return render(request, "form.html", held=held, questions=questions(held.record), begun=begun,
                      told=_told(request), most=MOST_SHEETS)
    return await _list(request, gone=True)


async def asked(request: Request) -> Response:
    """Ask one question, or all at once; take the answers that are right and say what is wrong with the others."""
    held, number = await _held(request), request.path_params.get("number")
    every = questions(held.record) if held and held.can_be_filled else ()
    shown = every if number is None else every[number - 1:number] if number else ()
    if not held or not shown:
        return await _list(request, gone=True)
    answers, faults = session_of(request).forms.get(held.document.id, {}), dict[int, Fault]()
    by_hand = False
    if request.method == "POST":
        form = await request.form()
        given, by_hand = {question.field.name: _given(question, form) for question in shown}, BY_HAND in form
        faults = _faults(shown, given, by_hand=by_hand)
        wrong = {question.field.name for question in shown if question.number in faults}
        right = {name: text for name, text in given.items() if name not in wrong}
        session_of(request).forms[held.document.id] = answers | right
        if not faults:
            return _redirect(request, _after(request, number, len(every)))
        answers = answers | given
    return render(request, "form_questions.html", held=held, questions=shown,
                  number=number, count=len(every), answers=answers, faults=faults, examples=_examples(held, shown),
                  by_hand=by_hand)


async def reviewed(request: Request) -> Response:
    """Show all answers before they are printed."""
    held = await _held(request)
    if not held or not held.can_be_filled:
        return await _list(request, gone=True)
    answers = session_of(request).forms.get(held.document.id, {})
    return render(request, "form_review.html", held=held, questions=questions(held.record), answers=answers,
                  lacking=lacking(held.record, answers), told=_told(request), most=MOST_SHEETS)


async def downloaded(request: Request) -> Response:
    """Give the filled form as a file; nothing of it is kept."""
    held = await _held(request)
    if not held or not held.can_be_filled or not desk_of(request).settings.downloads:
        return await _list(request, gone=True)
    data = await run_sync(_filled, held, session_of(request).forms.get(held.document.id, {}))
    return Response(data, media_type="application/pdf",
                    headers={"content-disposition": 'attachment; filename="rohnamo-form.pdf"'})


async def printed(request: Request) -> Response:
    """Print the form as it is filled, or as it came where that is wished; the next page says how that went."""
    held, queue = await _held(request), desk_of(request).settings.printer
    if not held or not held.is_pdf:
        return await _list(request, gone=True)
    blank, visit, sheets = "blank" in await request.form(), session_of(request), sheets_of(request)
    answers = {} if blank else visit.forms.get(held.document.id, {})
    told: str = ENOUGH
    if sheets.may(visit.id):
        told = await run_sync(_put_on_paper, queue, held, answers)
    if told == PrinterState.SENT:
        sheets.note(visit.id)
    return _redirect(request, f"{'' if blank else 'review'}?told={told}")


async def wiped(request: Request) -> Response:
    """Forget what was written into the form."""
    session_of(request).forms.pop(request.path_params["form"], None)
    return _redirect(request, "")


async def _held(request: Request) -> HeldForm | None:
    desk, form = desk_of(request), request.path_params["form"]

    def look() -> HeldForm | None:
        with desk.current.assistant() as assistant:
            return held_form(desk.config, assistant.snapshot, form)

    return await run_sync(look)


def _given(question: Question, form: FormData) -> str:
    value = form.get(question.input, "")
    return tidy(question, value) if isinstance(value, str) else ""


def _faults(shown: Sequence[Question], given: Mapping[str, str], *, by_hand: bool) -> dict[int, Fault]:
    found = {question.number: fault for question in shown if (fault := fault_of(question, given[question.field.name]))}
    return {number: fault for number, fault in found.items() if not (by_hand and fault is Fault.MISSING)}


def _examples(held: HeldForm, shown: Sequence[Question]) -> dict[int, str]:
    """Return examples in the language of the form, by the number of the question."""
    return {question.number: text(held.document.language, "form_screen", question.example)
            for question in shown if question.example}


def _after(request: Request, number: int | None, count: int) -> str:
    """Return where to go on: to the next question, or to the review after the last and after a correction."""
    last = number is None or number == count or "review" in request.query_params
    return "review" if last else str((number or 0) + 1)


def _redirect(request: Request, to: str) -> Response:
    address = str(request.app.url_path_for("introduced", form=request.path_params["form"]))
    return go(request, address + ("" if to.startswith("?") or not to else "/") + to)


def _filled(held: HeldForm, answers: Mapping[str, str]) -> bytes:
    return fill(held.data, values_of(held.record, answers), flatten=True, partly=True) if answers else held.data


def _put_on_paper(queue: str, held: HeldForm, answers: Mapping[str, str]) -> PrinterState:
    return printer.send(queue, _filled(held, answers), media="A4") if queue else PrinterState.NO_PRINTER


def _told(request: Request) -> str:
    """Return what became of printing, where the address says it in a word of ours."""
    told = request.query_params.get("told", "")
    return told if told in {*PrinterState, ENOUGH} else ""
