"""What a generator is, what it hands back, and which one answers on this machine.

A generator writes a draft; nobody sees it before every sentence of it has been verified.  Without a generator
the answer is composed from facts and extracts, so None is a whole answer here, not a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from assistant.models import Models, State
from assistant.profile import Role
from assistant.prompt import Prompt

if TYPE_CHECKING:
    from assistant.llama import LlamaGenerator


class Finish(StrEnum):
    """Why a draft ends where it does."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    DEADLINE = "deadline"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Draft:
    """Text as a model wrote it, unverified.  It may be cut short: see `finish`."""

    text: str
    model: str
    finish: Finish
    tokens: int
    seconds: float


class Generator(Protocol):
    """Writes drafts.  Where `shows_text` is False no person may see the text, not even verified."""

    @property
    def name(self) -> str:
        """The name the answer is signed with."""

    @property
    def shows_text(self) -> bool:
        """Whether a verified sentence of a draft may be shown."""

    def generate(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool]) -> Draft:
        """Return the draft, after at most about `deadline_s` seconds.

        Raises:
            AssistantError: the generator cannot be used now; the composed answer stands.
        """

    def close(self) -> None:
        """Let go of what it holds; nothing is asked of it afterwards."""


def open_generator(name: str, models: Models) -> Generator | None:
    """Return the generator of a configured name; None means facts and extracts only.

    `auto` takes the first ready model that may answer, never one that only checks the engine.

    Raises:
        ModelMissingError, CorruptModelError: a model was named, or is here and meant to answer, and cannot be used.
    """
    match name:
        case "extractive":
            return None
        case "auto":
            meant = [state for state in models.list() if state.role is Role.ANSWER and state.state is not State.MISSING]
            chosen = next((state for state in meant if state.may_answer), next(iter(meant), None))
            return _open(chosen.name, models) if chosen else None
        case _:
            return _open(name, models)


def _open(name: str, models: Models) -> LlamaGenerator:
    from assistant.llama import LlamaGenerator
    path = models.resolve(name)
    return LlamaGenerator(name, path, models.profile(name))
