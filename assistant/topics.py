"""What people come for: eight life events, each with the services that belong to it and questions it answers.

The questions stand in `topics.toml` in three languages.  Whether this machine answers one is found out by asking it,
never assumed.  Nothing is kept here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.answer import Assistant
from assistant.offices import find_office
from assistant.records import AnswerStatus, Office
from corpora.records import Document, DocumentStatus
from index import Snapshot

_ANSWERED = (AnswerStatus.ANSWERED, AnswerStatus.ANSWERED_PARTLY)
_LAPSED = (DocumentStatus.SUPERSEDED, DocumentStatus.VOID)


@dataclass(frozen=True, slots=True)
class Topic:
    """A life event.  `icon` names a picture of the pages; `services` are those of documents, the main one first."""

    id: str
    icon: str
    services: tuple[str, ...]
    titles: Mapping[str, str]                       # by language, as are the questions
    asked: Mapping[str, tuple[str, ...]]

    def title(self, language: str) -> str:
        """Return the title in a language."""
        return self.titles[language]

    def questions(self, language: str) -> tuple[str, ...]:
        """Return what may be asked, whether or not this machine answers it."""
        return self.asked[language]

    def forms(self, snapshot: Snapshot, language: str) -> tuple[Document, ...]:
        """Return the forms of its services that hold, those in this language and of its main service first."""
        found = (one for one in snapshot.documents()
                 if one.kind == "form" and one.service in self.services and one.status not in _LAPSED)
        return tuple(sorted(found, key=lambda one: (one.language != language, self.services.index(one.service),
                                                    one.title)))

    def office(self, assistant: Assistant, language: str) -> Office | None:
        """Return the office of its main service, None where none is known for sure."""
        return find_office(assistant.snapshot, self.services[0], language, assistant.today())


@cache
def topics() -> tuple[Topic, ...]:
    """Return the life events in the order they are shown."""
    plain = tomllib.loads((files("assistant") / "topics.toml").read_text(encoding="utf-8"))
    return tuple(Topic(one["id"], one["icon"], tuple(one["services"]), one["title"],
                       {language: tuple(asked) for language, asked in one["questions"].items()})
                 for one in plain["topic"])


def find_topic(name: str) -> Topic | None:
    """Return the life event of an id, None where there is none."""
    return next((topic for topic in topics() if topic.id == name), None)


def by_topic(documents: Iterable[Document]) -> tuple[tuple[Topic | None, tuple[Document, ...]], ...]:
    """Return documents by life event, in the order of both; under None those of no life event, if any."""
    given = tuple(documents)
    first = {one.id: next((topic.id for topic in topics() if one.service in topic.services), "") for one in given}
    found = ((topic, tuple(one for one in given if first[one.id] == (topic.id if topic else "")))
             for topic in (*topics(), None))
    return tuple((topic, some) for topic, some in found if some)


def checked(assistant: Assistant, language: str,
            give_way: Callable[[], object] = lambda: None) -> dict[str, tuple[str, ...]]:
    """Return of each life event the questions that this snapshot answers from a document of it, in order.

    It asks them all, but no model: some tenths of a second a life event.  give_way is called before each.
    """
    found: dict[str, tuple[str, ...]] = {}
    for topic in topics():
        for question in topic.questions(language):
            give_way()
            if _answers(assistant, topic, question, language):
                found[topic.id] = (*found.get(topic.id, ()), question)
    return {topic.id: found.get(topic.id, ()) for topic in topics()}


def _answers(assistant: Assistant, topic: Topic, question: str, language: str) -> bool:
    answer = assistant.account(question, language=language).answer
    cited = {citation.document.service for claim in answer.claims for citation in claim.citations}
    return answer.status in _ANSWERED and bool(cited & set(topic.services))
