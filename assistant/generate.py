"""What a generator is, what it hands back, and which ones are asked on this machine.

A generator writes a draft, piece by piece; nobody sees it before every sentence of it has been verified
(`drafting`).  Without a generator the answer is composed from facts and extracts, so none is a whole answer
here, not a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Generator as Yielding
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from assistant.errors import AssistantError, ConfigError
from assistant.models import Models, State
from assistant.profile import Role
from assistant.prompt import Prompt

if TYPE_CHECKING:
    from assistant.llama import LlamaGenerator
    from assistant.server_settings import Server

POLL_S = 0.05                 # between two looks at whether a draft is still wanted
SERVER = "server"             # the name of the configured server among the generators


class Finish(StrEnum):
    """Why a draft ends where it does."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    DEADLINE = "deadline"
    DIED = "died"
    UNSURE = "unsure"                  # of what comes next, it is less sure than it has to be
    UNASKED = "unasked"                # it does not write the language of the question


@dataclass(frozen=True, slots=True)
class Draft:
    """Text as a model wrote it, unverified.  It may be cut short: see `finish`."""

    text: str
    model: str
    finish: Finish
    tokens: int
    seconds: float


Pieces = Yielding[str, None, Draft]


class Generator(Protocol):
    """Writes drafts.  Where `shows_text` is False no person may see the text, not even verified."""

    @property
    def name(self) -> str:
        """The name the answer is signed with."""

    @property
    def shows_text(self) -> bool:
        """Whether a verified sentence of a draft may be shown."""

    @property
    def waiting(self) -> int:
        """How many drafts are being written or waited for."""

    def stream(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool]) -> Pieces:
        """Yield the pieces of a draft as they are written, for about `deadline_s` seconds, and return the draft.

        Closing the iterator early ends the writing and frees the model for the next.

        Raises:
            AssistantError: the generator cannot be used now; the composed answer stands.
        """

    def generate(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool]) -> Draft:
        """Return the draft when it is done.  Raises as `stream`."""

    def forget(self) -> None:
        """Let go of the words of prompts and drafts; it may be asked again."""

    def close(self) -> None:
        """Let go of what it holds; nothing is asked of it afterwards."""


@dataclass(slots=True)
class Request:
    """One question to a model, from the moment it was asked."""

    id: int
    model: str
    clock: Callable[[], float]
    deadline_s: float
    cancelled: Callable[[], bool]
    started: float = 0.0
    tokens: int = 0
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def over(self) -> Finish | None:
        """Why it must end now, or None."""
        if self.cancelled():
            return Finish.CANCELLED
        return Finish.DEADLINE if self.clock() - self.started >= self.deadline_s else None

    def draft(self, finish: Finish) -> Draft:
        """What has been written so far."""
        return Draft("".join(self.texts), self.model, finish, self.tokens, self.clock() - self.started)


def never() -> bool:
    """Return False: nobody cancels."""
    return False


def whole(pieces: Pieces) -> Draft:
    """Return the draft when its last piece was written."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            draft: Draft = end.value
            return draft


@dataclass(frozen=True, slots=True)
class Opened:
    """The generators in the order they are asked, and what kept another from being among them."""

    generators: tuple[Generator, ...]
    problem: AssistantError | None = None


def open_generators(name: str, server: Server | None, models: Models) -> Opened:
    """Return the generators of a configured name: the server first, then this machine's; none is a whole answer.

    `auto` is the server, where one is configured, and the first model that may answer.  One that cannot be
    opened is left out and is the `problem`; nothing is raised for it.
    """
    found, problems = [], []
    for each in _wanted(name, server):
        try:
            if generator := _open_server(server) if each == SERVER else open_generator(each, models):
                found.append(generator)
        except AssistantError as error:
            problems.append(error)
    return Opened(tuple(found), next(iter(problems), None))


def _wanted(name: str, server: Server | None) -> Iterator[str]:
    if name == "auto" and server:
        yield SERVER
    yield name


def _open_server(server: Server | None) -> Generator:
    from assistant.openai_http import OpenAiGenerator
    if server is None:
        raise ConfigError("no model server is configured",
                          "Name one in config.toml of the data directory: docs/use-a-model-server.md.")
    return OpenAiGenerator(server)


def open_generator(name: str, models: Models) -> Generator | None:
    """Return the generator of this machine of a configured name; None means facts and extracts only.

    `auto` takes the first ready model that may answer, never one that only checks the engine.

    Raises:
        ModelMissingError, CorruptModelError: a model was named, or is here and meant to answer, and cannot be used.
    """
    match name:
        case "extractive":
            return None
        case "auto":
            meant = [state for state in models.list() if state.role is Role.ANSWER and state.state is not State.MISSING
                     and not models.profile(state.name).by_name]
            chosen = next((state for state in meant if state.may_answer), next(iter(meant), None))
            return _open(chosen.name, models) if chosen else None
        case _:
            return _open(name, models)


def _open(name: str, models: Models) -> LlamaGenerator:
    from assistant.llama import LlamaGenerator
    path = models.resolve(name)
    return LlamaGenerator(name, path, models.profile(name))
