"""Questions without an answer by meaning, and what is done about them: from a group to a task, until it is answered."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import partial
from shlex import quote
from statistics import median_low

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.access.audit import Deed
from assistant.access.store import opened_store
from assistant.access.tasks import Task, TaskError, Work
from assistant.encoders import open_encoder
from assistant.errors import AssistantError
from assistant.unanswered import Group, Unanswered, gathered, nearest, read_unanswered
from assistant.web.desk import Desk
from assistant.web.lock import entered_of, record
from assistant.web.pages import desk_of, go, problem, render
from corpora.records import Document, DocumentId
from index.errors import EncoderError, SnapshotError


def routes() -> list[Route]:
    """Return the addresses about questions without an answer."""
    return [Route("/admin/questions", questions), Route("/admin/questions.json", as_json),
            Route("/admin/tasks", opened, methods=["POST"]),
            Route("/admin/tasks/{number:int}/close", closed, methods=["POST"])]


async def questions(request: Request, *, said: str = "", status: int = 200) -> Response:
    """Show the groups and the tasks; a task that the documents of this machine answer by now is done."""
    found, tasks, of = await run_sync(_looked, desk_of(request))
    days = [one.days_to_fix for one in tasks if one.days_to_fix is not None]
    names = {*(name for group in found.groups for name in group.closest), *(one.document for one in tasks)}
    return render(request, "admin_questions.html", status=status, role="admin", found=found, tasks=tasks, of=of,
                  documents=await run_sync(_documents, desk_of(request), names),
                  works=list(Work), shell=quote, said=said, middle_days=median_low(days) if days else None)


async def as_json(request: Request) -> Response:
    """Give the groups as one object, as a request for documents."""
    found, tasks, _ = await run_sync(_looked, desk_of(request))
    await record(request, Deed.EXPORTED, table="questions")
    return JSONResponse({"groups": [one.to_json() for one in found.groups], "few": found.few,
                         "tasks": [_plain(one) for one in tasks]})


async def opened(request: Request) -> Response:
    """Open a task about a group that is shown."""
    desk, form, who = desk_of(request), await request.form(), entered_of(request).account.name
    found = await run_sync(_gathered, desk)
    group = next((one for one in found.groups if one.question == form.get("question")), None)
    work = str(form.get("work", ""))
    if group is None or work not in set(Work):
        return problem(request, 400)
    day = desk.now().date()
    task = Task(0, group.question, Work(work), str(form.get("note", "")), str(form.get("document", "")), group.first,
                day, who)
    try:
        await run_sync(partial(_open, desk, task))
    except TaskError:
        return await questions(request, said="task_twice", status=409)
    return go(request, "/admin/questions#tasks")


async def closed(request: Request) -> Response:
    """Close a task by the word of whoever is inside."""
    desk, who = desk_of(request), entered_of(request).account.name

    def close() -> None:
        with opened_store(desk.config) as store:
            store.tasks.close(request.path_params["number"], who, desk.now())

    try:
        await run_sync(close)
    except TaskError:
        return problem(request, 404)
    return go(request, "/admin/questions#tasks")


def _gathered(desk: Desk) -> Unanswered:
    asked, day = read_unanswered(desk.config), desk.now().date()
    try:
        return gathered(asked, open_encoder(desk.config), day)
    except EncoderError:
        return gathered(asked, None, day)


def _looked(desk: Desk) -> tuple[Unanswered, tuple[Task, ...], dict[str, int]]:
    """Return the groups, the tasks, and which open task a group has, by its question."""
    found = _gathered(desk)
    with opened_store(desk.config) as store:
        check_tasks(desk, store.tasks.check)
        tasks = store.tasks.all()
    return found, tasks, _of(desk, found.groups, [one for one in tasks if not one.done])


def check_tasks(desk: Desk, check: Callable[[str, Callable[[str], bool], date], int]) -> None:
    """Look which tasks are answered by now; where nothing answers here, none is."""
    try:
        with desk.current.assistant() as assistant:
            check(assistant.snapshot_id,
                  lambda question: assistant.account(question).answer.status.startswith("answered"), desk.now().date())
    except (AssistantError, SnapshotError):
        return


def _documents(desk: Desk, names: Collection[str]) -> dict[str, Document]:
    """Return those of these documents that are in use here, by id."""
    try:
        with desk.current.assistant() as assistant:
            found = (assistant.snapshot.document(DocumentId(name)) for name in names if name)
            return {one.id: one for one in found if one}
    except (AssistantError, SnapshotError):
        return {}


def _of(desk: Desk, groups: tuple[Group, ...], tasks: list[Task]) -> dict[str, int]:
    try:
        encoder = open_encoder(desk.config)
        found = {group.question: task.number for task in tasks
                 if (group := nearest(task.question, groups, encoder))}
    except EncoderError:
        found = {}
    return found


def _open(desk: Desk, task: Task) -> None:
    with opened_store(desk.config) as store:
        store.tasks.open(task, desk.now())


def _plain(task: Task) -> dict[str, object]:
    return {"number": task.number, "question": task.question, "work": task.work.value, "note": task.note,
            "document": task.document, "first_asked": task.first_asked.isoformat(),
            "opened": task.opened.isoformat(), "closed": task.closed and task.closed.isoformat(),
            "answered": task.answered and task.answered.isoformat(), "snapshot": task.snapshot,
            "days_to_fix": task.days_to_fix}
