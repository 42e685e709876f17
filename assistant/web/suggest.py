"""What is offered from the generation in use: what a person may be typing, and the questions of a life event.

Titles and questions are gathered once a generation, beside the answering, and kept in memory; so is which questions
of the life events this machine answers, which it finds out by asking them.  Until that is done, and where nothing can
be opened, what stands in the program is offered without a promise.  What is typed is matched and forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock, Thread
from weakref import ReferenceType, ref

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.admission import read_admission
from assistant.answer import Assistant
from assistant.config import Config
from assistant.current import Current
from assistant.errors import AssistantError
from assistant.holdings import Pack, packs_in_use
from assistant.language import question_language
from assistant.log import Event, tell
from assistant.texts import LANGUAGES
from assistant.topics import Topic, checked, topics
from assistant.web.pages import desk_of, visit_of
from corpora.records import DocumentId, DocumentStatus
from corpora.release import ADMISSION
from index import Snapshot
from index.errors import SnapshotError
from index.scripts import latin_to_folded, script_of
from index.tokens import fold, words
from sync.errors import SyncError

MOST, MOST_LETTERS = 5, 200
# One letter says too little; a typed word may stand for several where it is in Latin letters.
_LEAST_LETTERS = 2
_LAPSED = (DocumentStatus.SUPERSEDED, DocumentStatus.VOID)
_TAJIK_LETTER = re.compile("[ғӣқӯҳҷ]")


@dataclass(frozen=True, slots=True)
class Line:
    """Something to offer.  `key` is its folded words, each behind a space."""

    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one snapshot has to offer by language; `answered` are its questions by life event."""

    snapshot: ReferenceType[Snapshot]
    lines: dict[str, tuple[Line, ...]]
    answered: dict[str, dict[str, tuple[str, ...]]]


def lines(texts: Iterable[str]) -> tuple[Line, ...]:
    """Return texts ready to be looked through, each once, in order."""
    keys = {"".join(f" {fold(word)}" for word in words(text)): text for text in reversed(list(texts))}
    return tuple(Line(text, key) for key, text in reversed(keys.items()))


def like(offered: Sequence[Line], typed: str) -> list[str]:
    """Return up to five texts in which every typed word begins a word, those that begin as typed first."""
    wanted = [_readings(word) for word in words(typed[:MOST_LETTERS])]
    if not wanted or sum(map(len, words(typed[:MOST_LETTERS]))) < _LEAST_LETTERS:
        return []
    begun = [line for line in offered if all(any(part in line.key for part in parts) for parts in wanted)]
    begun.sort(key=lambda line: not any(line.key.startswith(part) for part in wanted[0]))
    return [line.text for line in begun[:MOST]]


def _readings(word: str) -> tuple[str, ...]:
    """Return how a key may hold a word that begins as typed: as it is, and in Cyrillic letters."""
    return tuple(f" {reading}" for reading in (fold(word), *latin_to_folded(word)) if reading)


class Suggestions:
    """What is offered now.  Any number of threads may ask; one gathers."""

    def __init__(self, config: Config, current: Current) -> None:
        self._config, self._current = config, current
        self._gathered: Gathered | None = None
        self._behind: Thread | None = None
        self._lock = Lock()

    def like(self, typed: str, language: str) -> list[str]:
        """Return up to five titles and questions that are like what was typed, best first."""
        gathered = self.now()
        return like(gathered.lines[language] if gathered else lines(_asked(language)), typed)

    def questions(self, topic: Topic, language: str) -> tuple[tuple[str, ...], bool]:
        """Return the questions of a life event, and whether this machine is known to answer them."""
        gathered = self.now()
        return (gathered.answered[language][topic.id], True) if gathered else (topic.questions(language), False)

    def now(self) -> Gathered | None:
        """Return what the snapshot in use offers, None until it is gathered; gathering begins with the first call."""
        try:
            with self._current.assistant() as assistant:
                gathered = self._gathered
                if gathered and gathered.snapshot() is assistant.snapshot:
                    return gathered
        except (AssistantError, SnapshotError, OSError):
            return None
        self._begin()
        return None

    def wait(self) -> None:
        """Wait for what is being gathered."""
        behind = self._behind
        if behind:
            behind.join()

    def _begin(self) -> None:
        with self._lock:
            if not self._behind:
                self._behind = Thread(target=self._gather, name="suggest", daemon=True)
                self._behind.start()

    def _gather(self) -> None:
        try:
            with self._current.assistant() as assistant:
                self._gathered = gathered_from(assistant, packs_in_use(self._config), self._current.give_way)
        except Exception as error:  # the end of a thread: without it the questions of the file are offered
            tell(Event.PAGE_FAILED, error)
            self._gathered = None
        finally:
            self._behind = None


def gathered_from(assistant: Assistant, packs: Sequence[Pack],
                  give_way: Callable[[], object] = lambda: None) -> Gathered:
    """Return what a snapshot offers; it asks the questions of the life events, which takes seconds.

    give_way is called before each of them: people who wait come first.
    """
    released = list(_released(assistant.snapshot, packs))
    answered = {language: checked(assistant, language, give_way) for language in LANGUAGES}
    found = {language: lines([*(question for asked in answered[language].values() for question in asked),
                              *(question for question in released if _is_in(question, language)),
                              *_titles(assistant.snapshot, language)]) for language in LANGUAGES}
    return Gathered(ref(assistant.snapshot), found, answered)


def _asked(language: str) -> Iterator[str]:
    return (question for topic in topics() for question in topic.questions(language))


def _titles(snapshot: Snapshot, language: str) -> Iterator[str]:
    """Yield the titles of what holds; a form is offered elsewhere."""
    return (one.title for one in snapshot.documents()
            if one.language == language and one.status not in _LAPSED and one.kind != "form")


def _released(snapshot: Snapshot, packs: Sequence[Pack]) -> Iterator[str]:
    """Yield the questions that came with releases and have an answer in this snapshot."""
    for pack in packs:
        try:
            asked = () if pack.of_files else read_admission(pack.contents().get(ADMISSION, b"")).questions
        except (AssistantError, SyncError, OSError):
            continue
        yield from (one.question for one in asked if any(snapshot.document(DocumentId(name)) for name in one.documents))


def _is_in(question: str, language: str) -> bool:
    """Return whether a question is well written in a language: questions of a test may lack the letters of Tajik."""
    script = script_of(question)
    fit = script == ("Latn" if language == "en" else "Cyrl") and question_language(question, script) == language
    return fit and (language != "tg" or bool(_TAJIK_LETTER.search(question.lower())))


def suggestions_of(app: Starlette, config: Config, current: Current) -> Suggestions:
    """Return what an application offers."""
    if not hasattr(app.state, "suggestions"):
        app.state.suggestions = Suggestions(config, current)
    suggestions: Suggestions = app.state.suggestions
    return suggestions


async def suggest(request: Request) -> Response:
    """Answer the text of a POST with what it may become, as a list of texts; none where no visit is going on.

    What comes after a visit was wiped must not be looked at: nothing would wipe its words any more.
    """
    desk, session = desk_of(request), visit_of(request)
    if not session:
        return JSONResponse([])
    typed = (await request.body()).decode("utf-8", "replace")
    offered = suggestions_of(request.app, desk.config, desk.current)
    return JSONResponse(await to_thread.run_sync(offered.like, typed, session.language))


def routes() -> list[Route]:
    """Return the address of the suggestions."""
    return [Route("/suggest", suggest, methods=["POST"])]
