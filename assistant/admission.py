"""The questions that came with a release: a machine asks them before the release may answer anybody else.

A file of lines of JSON; the first says how many have to be right and for which day, each other one is a question with
the documents and values of a right answer, without documents where it must be declined.  A release that was damaged
by its neighbours, cannot be searched here, or draws questions to itself, is found out by them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil
from typing import Any

from assistant.answer import Assistant
from assistant.errors import AssistantError, UnusableQuestionError
from assistant.grading import Grade, expected, grade
from corpora.records import DocumentId
from index import Snapshot

FORMAT, VERSION = "rohnamo-admission", 1
# A machine with a slow processor asks some ten a second.
MOST_QUESTIONS, LONGEST_QUESTION = 200, 1000


class AdmissionError(AssistantError):
    """The questions of a release cannot be read, or too few of its answers are right."""

    code = "admission"

    def __init__(self, message: str, hint: str = "", publisher: str = "") -> None:
        super().__init__(message, hint)
        self.publisher = publisher         # whose questions were not answered


@dataclass(frozen=True, slots=True)
class AdmissionQuestion:
    """A question, and what a right answer cites and shows; no documents: it has to be declined."""

    question: str
    documents: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Admission:
    """The questions of one release, asked as on `day`; the share `least` of them has to be answered rightly."""

    day: date
    least: float
    questions: tuple[AdmissionQuestion, ...] = ()

    def failed(self, snapshot: Snapshot) -> tuple[AdmissionQuestion, ...]:
        """Return the questions that a snapshot does not answer rightly, in order.

        One whose documents are all withdrawn on this machine is let pass.
        """
        assistant = Assistant(snapshot, "candidate", lambda: self.day)
        return tuple(one for one in self.questions if not _right(assistant, one))

    def some(self, most: int) -> Admission:
        """Return the same with at most about so many of the questions, taken evenly."""
        return replace(self, questions=self.questions[::max(len(self.questions) // most, 1)])

    @property
    def wanted(self) -> int:
        """How many have to be right."""
        return ceil(self.least * len(self.questions))


def read_admission(data: bytes) -> Admission:
    """Return the questions in a file, none where it is empty.

    Raises:
        AdmissionError: it is of another format, or a line is not well made.
    """
    if not data:
        return Admission(date.min, 0.0)
    try:
        head, *lines = (json.loads(line) for line in data.splitlines())
        if (head["format"], head["version"]) != (FORMAT, VERSION):
            raise ValueError(f"it is {head['format']} {head['version']}")
        questions = tuple(map(_question, lines))
        admission = Admission(date.fromisoformat(head["day"]), float(head["least"]), questions)
        if not 0 <= admission.least <= 1 or len(questions) > MOST_QUESTIONS:
            raise ValueError("it asks too much")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AdmissionError(f"the admission questions cannot be read: {error}",
                             "Tell the publisher: the release has to be prepared again.") from error
    return admission


def check(snapshot: Snapshot, admission: Admission, whose: str) -> None:
    """See that a snapshot answers the questions of the release that it was built for.

    Raises:
        AdmissionError: it answers too few.
    """
    failed = admission.failed(snapshot)
    if len(admission.questions) - len(failed) < admission.wanted:
        raise _too_few(admission, failed, whose)


def check_neighbour(candidate: Snapshot, current: Callable[[], Snapshot | None], admission: Admission,
                    whose: str) -> None:
    """See that the questions of another release, which is in use already, are answered no worse than now.

    current: opens what answers now, and is asked only where too few are right.

    Raises:
        AdmissionError: fewer are right than are wanted, and fewer than now.
    """
    failed = admission.failed(candidate)
    if len(admission.questions) - len(failed) >= admission.wanted:
        return
    now = current()
    if now is None or len(failed) > len(admission.failed(now)):
        raise _too_few(admission, failed, whose)


def _right(assistant: Assistant, asked: AdmissionQuestion) -> bool:
    try:
        answer = assistant.account(asked.question).answer
    except UnusableQuestionError:
        return False
    if not asked.documents:
        return not answer.claims
    names = [DocumentId(name) for name in asked.documents]
    there = [found for name in names if (found := assistant.snapshot.document(name))]
    if not there:
        return all(assistant.snapshot.hides(name) for name in names)
    return grade(answer, expected(there, asked.values)) == Grade.RIGHT


def _question(plain: dict[str, Any]) -> AdmissionQuestion:
    texts = (plain["question"], *plain["documents"], *plain["values"])
    if not all(isinstance(text, str) and len(text) <= LONGEST_QUESTION for text in texts):
        raise ValueError(f"a question is not text of at most {LONGEST_QUESTION} characters")
    return AdmissionQuestion(plain["question"], tuple(plain["documents"]), tuple(plain["values"]))


def _too_few(admission: Admission, failed: Sequence[AdmissionQuestion], whose: str) -> AdmissionError:
    asked = len(admission.questions)
    return AdmissionError(f"{asked - len(failed)} of the {asked} admission questions of {whose} are answered rightly, "
                          f"{admission.wanted} have to be; the first that is not: «{failed[0].question}»",
                          "Tell the publisher. What was in use before goes on answering.", whose.partition("/")[0])
