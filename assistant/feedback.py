"""What people tell of the answers, kept to be told to the ministry: where an office wishes it, and without names.

A question that found no answer, and what somebody thought of one.  Personal data is taken out before anything is
kept, here and not later.  The day is all that is kept of the time, and nothing of who asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from assistant.config import Config
from assistant.personal import MARK, redacted
from assistant.records import Answer
from assistant.sync_settings import settings_of
from sync.batch import Kind
from sync.outbox import Outbox
from sync.release import canonical

LONGEST_QUESTION, MOST_CLOSEST = 500, 5


class Verdict(StrEnum):
    """What somebody thinks of an answer, a closed set."""

    YES = "yes"
    NO = "no"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Opinion:
    """An opinion as it is told, and nothing besides.  Of an answer that helped the question is not told."""

    verdict: Verdict
    status: str
    language: str
    question: str                      # without personal data; empty where it is not told
    documents: tuple[str, ...]         # those that were quoted, or else came nearest
    day: date

    @classmethod
    def of(cls, answer: Answer, verdict: Verdict, day: date) -> Self:
        """Return an opinion of this answer."""
        question = "" if verdict is Verdict.YES else redacted(answer.question).text[:LONGEST_QUESTION]
        return cls(verdict, answer.status.value, answer.language, question, _documents(answer), day)

    @property
    def is_redacted(self) -> bool:
        """Return whether something of the question is not told."""
        return MARK in self.question

    @property
    def unanswered(self) -> bool:
        """Return whether it tells of a question without an answer."""
        return self.verdict is Verdict.NOT_FOUND and self.status.startswith("abstained")


def keep_opinion(config: Config, outbox: Outbox, opinion: Opinion) -> str:
    """Keep an opinion and return the id of the event; a question without an answer is told as one where that is wished.

    Raises:
        NoSpaceError: the disk is full; nothing was kept.
    """
    if opinion.unanswered and settings_of(config).unanswered:
        told = keep_unanswered(config, outbox, opinion.question, opinion.documents, opinion.day)
        if told:
            return told
    plain = {"documents": list(opinion.documents), "language": opinion.language, "status": opinion.status,
             "verdict": opinion.verdict.value}
    body = canonical(plain | ({"question": opinion.question} if opinion.question else {}))
    return outbox.add(Kind.FEEDBACK, body, opinion.day)


def keep_unanswered(config: Config, outbox: Outbox, question: str, closest: Iterable[str], day: date) -> str | None:
    """Keep a question without an answer, and return the id of the event; None where that is not wished.

    closest: the ids of the documents that came nearest.

    Raises:
        NoSpaceError: the disk is full; nothing was kept.
    """
    if not settings_of(config).unanswered:
        return None
    text = redacted(question).text[:LONGEST_QUESTION]
    body = canonical({"closest": list(closest)[:MOST_CLOSEST], "question": text})
    return outbox.add(Kind.QUESTION, body, day)


def _documents(answer: Answer) -> tuple[str, ...]:
    quoted = [str(citation.document.id) for claim in answer.claims for citation in claim.citations]
    nearest = [str(document.id) for _, document in answer.hits]
    return tuple(dict.fromkeys(quoted or nearest))[:MOST_CLOSEST]
