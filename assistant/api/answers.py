"""The objects that the API gives: those of `ask --json`, `search --json` and `summarise --json`, made in a thread.

Each is made from one snapshot, the one in use when it is asked for.  Nothing of what is asked is kept or written.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from threading import Lock
from typing import Any

from assistant.answer import EXTRACTIVE, Assistant
from assistant.document_text import document_object
from assistant.drafting import Drafting
from assistant.errors import AssistantError
from assistant.follow_up import Previous
from assistant.found import found_object
from assistant.notices.notice import cards_of, read_notice
from assistant.notices.object import card_object
from assistant.notices.plain import plain_text
from assistant.notices.wording import Wording
from assistant.records import Answer
from assistant.web.desk import Desk
from corpora.sandbox import Sandbox
from index.errors import SnapshotError


def with_generator(assistant: Assistant, generator: str) -> Assistant:
    """Return the assistant as `--generator extractive` has it, or as it is."""
    return replace(assistant, drafting=Drafting(), lacking_model=None) if generator == EXTRACTIVE else assistant


class Answers:
    """What answers from the documents of a desk; any number of threads may ask."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._sandbox, self._reading = desk, Sandbox(), Lock()

    def close(self) -> None:
        """End the process that reads files."""
        self._sandbox.close()

    def answer(self, question: str, *, language: str = "auto", at: date | None = None, generator: str = "auto",
               previous: Previous | None = None) -> Answer:
        """Return the answer to a question, or the reason there is none.

        Raises:
            UnusableQuestionError: the question cannot be read.
            NoSnapshotError, SnapshotError: nothing can be opened.
        """
        with self._desk.tally.failures(), self._desk.current.assistant() as assistant:
            answer = with_generator(assistant, generator).ask(question, language=language, at=at, previous=previous)
        self._desk.tally.count(answer.status, answer.language, answer.timings_ms)
        return answer

    def found(self, query: str, *, k: int, at: date | None = None) -> dict[str, Any]:
        """Return the object of `search --json`.  Raises as `answer`."""
        with self._desk.current.assistant() as assistant:
            return found_object(assistant.snapshot, assistant.snapshot_id, query, k, at=at, today=assistant.today())

    def document(self, name: str, first: int) -> dict[str, Any]:
        """Return a document with its provenance and status, and its text by passages from the first one given, from 0.

        Raises:
            NotHeldError: no document of this id answers.
            NoSnapshotError, SnapshotError: nothing can be opened.
        """
        with self._desk.current.assistant() as assistant:
            return document_object(assistant.snapshot, name, first)

    def cards(self, name: str, content: bytes, *, generator: str = EXTRACTIVE) -> list[dict[str, Any]]:
        """Return the objects of `summarise --json` for a file.

        Raises:
            CorpusError: the file cannot be read.
        """
        with self._reading:
            read = read_notice(name, content, self._sandbox)
        with ExitStack() as stack:
            assistant = self._assistant(stack)
            cards = cards_of(read, self._desk.now().date(), assistant.snapshot if assistant else None)
            models = assistant.drafting if assistant and generator != EXTRACTIVE else Drafting()
            say = Wording(models).plain_text if models.generators else plain_text
            return [card_object(card, say) for card in cards]

    def _assistant(self, stack: ExitStack) -> Assistant | None:
        """Return what answers, for the value of the indicator; a card is made without it too."""
        try:
            return stack.enter_context(self._desk.current.assistant())
        except (AssistantError, SnapshotError):
            return None
