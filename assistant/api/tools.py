"""What an assistant beside us may use: `ask`, `search` and `get_document`, each with what it takes and what it gives.

Each gives a text to read and the object it was made from.  Which protocol they are called over is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from assistant.api.answers import Answers
from assistant.api.inputs import ASK, SEARCH, Input, number, read_inputs, words
from assistant.message import message_of

Given: TypeAlias = tuple[str, dict[str, Any]]
_DOCUMENT: Mapping[str, Input] = {"id": words("The document's id, as the hits and citations give it."),
                                  "from": number(0, 10**6, 0, "The first passage; the last answer says the next.")}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.  `use` takes the values of its inputs."""

    name: str
    about: str
    inputs: Mapping[str, Input]
    use: Callable[[Answers, dict[str, Any]], Given]

    def call(self, answers: Answers, given: Mapping[str, Any]) -> Given:
        """Return what it gives for what was given.

        Raises:
            AssistantError, SnapshotError: it cannot.
        """
        return self.use(answers, read_inputs(given, self.inputs))


def _ask(answers: Answers, asked: dict[str, Any]) -> Given:
    answer = answers.answer(asked["question"], language=asked["language"], at=asked["at"])
    return message_of(answer).text, answer.to_json()


def _search(answers: Answers, asked: dict[str, Any]) -> Given:
    return _as_text(answers.found(**asked))


def _get_document(answers: Answers, asked: dict[str, Any]) -> Given:
    return _as_text(answers.document(asked["id"], asked["from"]))


def _as_text(plain: dict[str, Any]) -> Given:
    return json.dumps(plain, ensure_ascii=False), plain


TOOLS = (
    Tool("ask", "Answer a question about public services in Tajikistan from official documents, in Tajik, Russian or "
         "English, each sentence with its source [n]. Where the documents do not say, it says so: do not add to it.",
         {name: ASK[name] for name in ("question", "language", "at")}, _ask),
    Tool("search", "Find passages of official documents, best first.", SEARCH, _search),
    Tool("get_document", "Read a document passage by passage, with where it comes from and whether it is in force.",
         _DOCUMENT, _get_document))
