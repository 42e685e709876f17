"""A question of a visit, put to the assistant of this moment.

What is kept of it is kept in the visit, in memory.  Which snapshot answers is the caller's; nothing is shown here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from threading import BoundedSemaphore

from assistant.account import Account
from assistant.answer import Assistant
from assistant.cited import cited
from assistant.follow_up import Previous, read_previous
from assistant.held_forms import forms_in_use
from assistant.nearest import only_near
from assistant.records import Answer
from assistant.texts import LANGUAGES
from assistant.web.desk import Desk
from assistant.web.session import Kept, Session

# An answer is composed by the processor alone: more at once than there are processors only hold up each other.
_AT_ONCE = BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked, in which language they read, and the answer before it where they ask further.

    at: the day asked about, None for today or what the question says.
    """

    question: str
    language: str
    previous: Previous | None = None
    at: date | None = None


def asked_in(session: Session, question: str, after: str) -> Asked:
    """Return a question of a visit; `after` is the id of the answer that it follows, or nothing."""
    before = session.answers.get(after)
    return Asked(question, session.language, read_previous(before.account.answer.to_json()) if before else None)


def account_of(assistant: Assistant, asked: Asked) -> Account:
    """Return what became of a question: in its own language, or in that of the pages where it shows none.

    Too little was said for a question back: that is in the language of the pages.

    Raises:
        UnusableQuestionError: the question cannot be read.
    """
    with _AT_ONCE:
        account = assistant.account(asked.question, at=asked.at, previous=asked.previous)
        answer = account.answer
        if answer.language not in LANGUAGES or (answer.clarify and answer.language != asked.language):
            account = assistant.account(asked.question, language=asked.language, at=asked.at, previous=asked.previous)
        return only_near(account, assistant.snapshot)


def answered(desk: Desk, asked: Asked) -> Kept:
    """Return an answer to be kept, composed by the assistant of this moment, and count it.  Raises as `account_of`."""
    with desk.tally.failures(), desk.current.assistant() as assistant:
        kept = kept_of(assistant, account_of(assistant, asked))
    answer = kept.account.answer
    desk.tally.count(answer.status, answer.language, answer.timings_ms)
    return kept


def kept_of(assistant: Assistant, account: Account, numbered: tuple[str, ...] = ()) -> Kept:
    """Return an answer with the releases that its documents came with."""
    answer = account.answer
    documents = {source.document.id for source in cited(answer)} | {document.id for _, document in answer.hits}
    releases: dict[str, str] = {name: assistant.snapshot.release(name) for name in documents}
    return Kept(account, releases, numbered, _form_service(assistant, answer))


def _form_service(assistant: Assistant, answer: Answer) -> str:
    """Return the service that an answer is about where there is a form of it, else nothing."""
    cited_first = next((citation.document.service for claim in answer.claims for citation in claim.citations), "")
    held = cited_first and any(form.service == cited_first for form in forms_in_use(assistant.snapshot, ""))
    return cited_first if held else ""
