"""Questions from a file, one JSON object a line, answered one object a line.

A line that cannot be read becomes a `failed_input` object with its qid where it has one; the others go on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from assistant.answer import EXTRACTIVE, Assistant
from assistant.edge import error_object, fault_words
from assistant.errors import AssistantError, UnusableQuestionError
from assistant.log import Event, tell
from assistant.records import Answer, AnswerStatus

Reply = Callable[[str, str | None], dict[str, Any]]


def replies(path: Path, reply: Reply, today: date) -> Iterator[dict[str, Any]]:
    """Yield what `reply(question, qid)` gives for each line, in order.

    Raises:
        AssistantError: the file cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise AssistantError(f"{path} cannot be read: {error.strerror or error}",
                             'Give a file with lines like {"qid": "1", "question": "…"}.') from error
    for line in lines:
        if line.strip():
            yield _one(line, reply, today)


def _one(line: bytes, reply: Reply, today: date) -> dict[str, Any]:
    qid = None
    try:
        row = json.loads(line)
        qid = str(row["qid"]) if row.get("qid") is not None else None
        question = row["question"]
        if not isinstance(question, str):
            raise TypeError("the question is no text")
        return reply(question, qid)
    except UnusableQuestionError as error:
        return failed(question, qid, today, error)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fault = UnusableQuestionError(f"the line cannot be read: {error}",
                                      'A line is {"qid": "1", "question": "…"}.')
        return failed("", qid, today, fault)


def failed(question: str, qid: str | None, today: date, error: AssistantError) -> dict[str, Any]:
    """Return the answer object of a question that could not be read, with the error in it."""
    answer = Answer(question[:200], "unknown", "mixed", AnswerStatus.FAILED_INPUT, today, None, EXTRACTIVE)
    return answer.to_json(qid) | error_object(error.code, error.message, error.hint)


def answering(assistant: Assistant, language: str, at: date | None) -> Reply:
    """Return a reply that answers; a fault of ours costs one answer, not the batch."""

    def reply(question: str, qid: str | None) -> dict[str, Any]:
        try:
            return assistant.ask(question, language=language, at=at).to_json(qid)
        except AssistantError:
            raise
        except Exception as error:  # the next question may well be answered
            tell(Event.CRASHED, error)
            fault = AssistantError(fault_words(error))
            status = {"status": AnswerStatus.FAILED_INTERNAL}
            return failed(question, qid, assistant.today(), fault) | status

    return reply
