"""What clerks do to a card: correct it, say that they saw something, give the question, approve it, put it away.

Each deed is one transaction with its entry in the audit log (`assistant.review.reviews`).  One that cannot be done
leaves all as it was, and the page says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from anyio.to_thread import run_sync
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.access.store import opened_store
from assistant.notices.card import FieldName
from assistant.review import Doubt, ReviewError
from assistant.review.reviews import Reviews
from assistant.web.card_page import kept_review, shown
from assistant.web.desk import Desk
from assistant.web.lock import entered_of
from assistant.web.pages import desk_of, go, problem


@dataclass(frozen=True, slots=True)
class Done:
    """A deed that is asked for: to which card, by whom, when, and with what in the form."""

    number: int
    who: str
    at: datetime
    form: FormData

    def said(self, name: str) -> str:
        """Return what a field of the form says."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""


def _edit(reviews: Reviews, done: Done) -> None:
    reviews.edit(done.number, FieldName(done.said("field")), done.said("values").splitlines(), done.said("reason"),
                 done.who, done.at)


def _undo(reviews: Reviews, done: Done) -> None:
    reviews.undo(done.number, FieldName(done.said("field")), done.who, done.at)


def _ask(reviews: Reviews, done: Done) -> None:
    reviews.ask(done.number, done.said("question"), done.who, done.at)


def _acknowledge(reviews: Reviews, done: Done) -> None:
    reviews.acknowledge(done.number, Doubt(done.said("doubt")), done.who, done.at)


def _approve(reviews: Reviews, done: Done) -> None:
    reviews.approve(done.number, done.who, done.at, name=done.said("name"))


def _drop(reviews: Reviews, done: Done) -> None:
    reviews.drop(done.number, done.said("reason"), done.who, done.at)


# What is done, by the last word of its address; and where on the page one goes on.
_DEEDS: dict[str, tuple[Callable[[Reviews, Done], None], str]] = {
    "edit": (_edit, "field-{field}"), "undo": (_undo, "field-{field}"), "question": (_ask, "missing"),
    "acknowledge": (_acknowledge, "missing"), "approve": (_approve, "standing"), "drop": (_drop, "standing")}


def routes() -> list[Route]:
    """Return the addresses of deeds."""
    return [Route("/clerk/card/{number:int}/{deed:str}", do, methods=["POST"])]


async def do(request: Request) -> Response:
    """Do what was asked for, and go back to the card."""
    name, number = request.path_params["deed"], request.path_params["number"]
    if name not in _DEEDS:
        return problem(request, 404)
    deed, place = _DEEDS[name]
    desk = desk_of(request)
    done = Done(number, entered_of(request).account.name, desk.now(), await request.form())
    try:
        fault = await run_sync(_done, desk, deed, done)
    except ValueError:                     # no such field, no such doubt
        return problem(request, 400)
    if not fault:
        return go(request, f"/clerk/card/{number}#{place.format(field=done.said('field'))}")
    try:
        review = await run_sync(kept_review, desk, number)
    except ReviewError:
        return problem(request, 404)
    typed = {key: done.said(key) for key in ("field", "values", "reason")}
    return await shown(request, review, fault=f"fault_{name}", status=409, typed=typed)


def _done(desk: Desk, deed: Callable[[Reviews, Done], None], done: Done) -> bool:
    """Do it, and return whether it could not be done."""
    with opened_store(desk.config) as store:
        try:
            deed(store.reviews, done)
        except ReviewError:
            return True
    return False
