"""A question of a visit, put to the assistant of this moment.

What is kept of it is kept in the visit, in memory.  Which snapshot answers is the caller's; nothing is shown here.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.account import Account
from assistant.answer import Assistant
from assistant.cited import cited
from assistant.follow_up import Previous, read_previous
from assistant.texts import LANGUAGES
from assistant.web.session import Kept, Session


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked, in which language they read, and the answer before it where they ask further."""

    question: str
    language: str
    previous: Previous | None = None


def asked_in(session: Session, question: str, after: str) -> Asked:
    """Return a question of a visit; `after` is the id of the answer that it follows, or nothing."""
    before = session.answers.get(after)
    return Asked(question, session.language, read_previous(before.account.answer.to_json()) if before else None)


def account_of(assistant: Assistant, asked: Asked) -> Account:
    """Return what became of a question: in its own language, or in that of the pages where it shows none.

    Raises:
        UnusableQuestionError: the question cannot be read.
    """
    account = assistant.account(asked.question, previous=asked.previous)
    if account.answer.language in LANGUAGES:
        return account
    return assistant.account(asked.question, language=asked.language, previous=asked.previous)


def kept_of(assistant: Assistant, account: Account, numbered: tuple[str, ...] = ()) -> Kept:
    """Return an answer with the releases that its documents came with."""
    answer = account.answer
    documents = {source.document.id for source in cited(answer)} | {document.id for _, document in answer.hits}
    return Kept(account, {name: assistant.snapshot.release(name) for name in documents}, numbered)
