"""A generator whose model lives in a child process.

The engine can be ended by a bad grammar, a damaged file or an old processor, so this process never loads it:
a child does, is started when the first question comes, and is started again when it has died.  One request
is served until its last piece, because a second one would mix the two texts; the next ones wait in a short
line.  Whatever happens to the child, the caller gets a draft that says so or an error with a next step; no
text is checked or shown here.
"""

from __future__ import annotations

import json
import os
import sys
import time
import weakref
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from assistant.child import Child, ChildGoneError, LongLineError, Message
from assistant.errors import ModelError
from assistant.generate import POLL_S, Draft, Finish, Pieces, Request, never, whole
from assistant.line import BusyError, Line
from assistant.log import Event, tell
from assistant.profile import Profile, Role
from assistant.prompt import BRIEF, INSTRUCTIONS, TURNS, Prompt

MAX_STARTS = 4                # in any minute
LOAD_LIMIT_S = 300.0          # a 2.5 GB file from a slow disk
GRACE_S = 2.0                 # between asking a draft to end and ending the child
_MINUTE_S = 60.0
_MAX_THREADS = 8              # decoding is bound by memory; more threads only wait
_WORKER = Path(__file__).with_name("llama_worker.py")


class GeneratorUnavailableError(ModelError):
    """The model cannot be run now; the composed answer stands."""

    code = "generator_unavailable"


class PromptRefusedError(ModelError):
    """The prompt is longer than the model's window, or its grammar cannot be read."""

    code = "prompt_refused"


class LlamaGenerator:
    """Writes drafts with one GGUF file.  Threads may share it; they wait in its line.

    `close` is also called when the object is collected and when the program ends.  `kept_tokens` is how much
    of the last prompt the engine still knew from the one before.  `starts` counts how often a child was started,
    `deaths` how often a signal ended one that was not ours.
    """

    def __init__(self, name: str, path: Path, profile: Profile, *, command: Sequence[str] | None = None,
                 line: Line | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.shows_text = profile.role is Role.ANSWER
        self._profile = profile
        self._command = command or worker_command(path, profile)
        self._clock = clock
        self._line = line or Line()
        self._child: Child | None = None
        self._end_child: Callable[[], object] = never
        self._ready = False
        self._closed = self._to_forget = False
        self._starts: deque[float] = deque()
        self._requests = 0
        self._fault = ""
        self.kept_tokens = self.starts = self.deaths = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The number of the child process, while there is one."""
        child = self._child
        return child.pid if child else None

    @property
    def waiting(self) -> int:
        """How many drafts are being written or waited for."""
        return self._line.taken

    def forget(self) -> None:
        """End the child, whose memory has the words of its last prompts: now, or when it has written what it writes.

        The next question starts another.
        """
        self._to_forget = True
        with suppress(BusyError), self._line.enter() as place:
            if place.comes(0):
                self._drop()
                self._starts.clear()   # it did not end by itself
                self._fault, self._to_forget = "", False

    def close(self) -> None:
        """End the child process.  A draft being written ends as `died`; later calls raise."""
        self._closed = True
        self._end_child()

    def warm_up(self, *, deadline_s: float) -> Draft:
        """Load the model and read the words that never change, so that the first question need not wait for it.

        Returns an empty draft.  Raises as `stream`.
        """
        return self.generate(Prompt(INSTRUCTIONS, "", max_tokens=0, grammar=None), deadline_s=deadline_s)

    def generate(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool] = never) -> Draft:
        """Return the draft, within `deadline_s` seconds and at most the grace time.  Raises as `stream`."""
        return whole(self.stream(prompt, deadline_s=deadline_s, cancelled=cancelled))

    def stream(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool] = never) -> Pieces:
        """Yield the pieces of a draft as they are written, and return the draft.

        Closing the iterator early ends the writing and frees the model for the next.

        Raises:
            BusyError: as many wait as may.
            PromptRefusedError: the prompt does not fit the window.
            GeneratorUnavailableError: the model cannot be loaded, died too often, or was closed.
        """
        request = Request(0, self.name, self._clock, deadline_s, cancelled)
        if self._profile.languages and prompt.language not in self._profile.languages:
            return request.draft(Finish.UNASKED)
        try:
            with self._line.enter() as place:
                while not place.comes(POLL_S):
                    if finish := request.over():
                        return request.draft(finish)
                return request.draft((yield from self._served(request, prompt)))
        finally:
            if self._to_forget:
                self.forget()

    def _served(self, request: Request, prompt: Prompt) -> Generator[str, None, Finish]:
        self._requests = request.id = self._requests + 1
        try:
            return (yield from self._answer(request, prompt))
        except ChildGoneError as gone:
            self._fault = str(gone)
            self._drop()
            return Finish.DIED

    def _answer(self, request: Request, prompt: Prompt) -> Generator[str, None, Finish]:
        child = self._running()
        while not self._ready:
            if finish := request.over():
                return finish          # the child goes on loading for the next question
            self._load(child)
        turned = self._turned(prompt)
        try:
            child.send({"do": "generate", "id": request.id, "grammar": turned.grammar, "stops": turned.stops,
                        "parts": [[part.text, part.template] for part in turned.parts],
                        "max_tokens": min(turned.max_tokens, self._profile.max_tokens),
                        "abstain_at": self._profile.abstain_at, "sure_at": self._profile.sure_at})
        except LongLineError as long:
            raise self._refused(str(long)) from long
        return (yield from self._pieces(child, request))

    def _turned(self, prompt: Prompt) -> Prompt:
        """Return a prompt as this model is asked: with its marks of turns, and without what it need not be told."""
        told = BRIEF if self._profile.brief else prompt.instructions
        return replace(prompt, turns=TURNS[self._profile.template], instructions=told)

    def _running(self) -> Child:
        if self._child and not self._child.alive:
            self._drop()
        return self._child or self._start()

    def _start(self) -> Child:
        now = self._clock()
        while self._starts and now - self._starts[0] >= _MINUTE_S:
            self._starts.popleft()
        if self._closed:
            raise GeneratorUnavailableError(f"Model {self.name} was closed.", "Open it again.")
        if len(self._starts) >= MAX_STARTS:
            raise self._unavailable(f"keeps ending and is left alone for a minute: {self._fault}")
        self._starts.append(now)
        try:
            child = self._child = Child(self._command)
        except OSError as error:
            raise self._unavailable(f"cannot be started: {error.strerror}") from error
        self.starts += 1
        tell(Event.MODEL_STARTED, model=self.name)
        self._end_child = weakref.finalize(self, child.close)
        if self._closed:       # by another thread, meanwhile
            self._drop()
        return child

    def _load(self, child: Child) -> None:
        message = child.receive(POLL_S) or {}
        match message:
            case {"say": "ready"}:
                self._ready = True
            case {"say": "failed"}:
                self._drop()
                self._fault = str(message.get("why", "it gave no reason"))
                raise self._unavailable(f"cannot be loaded: {self._fault}")
            case _ if not message and self._clock() - self._starts[-1] <= LOAD_LIMIT_S:
                pass
            case _:
                raise ChildGoneError("it did not load")

    def _pieces(self, child: Child, request: Request) -> Generator[str, None, Finish]:
        settled = False
        try:
            while not (finish := request.over()):
                message = child.receive(POLL_S)
                if not message or message.get("id") != request.id:
                    continue
                if message.get("say") == "piece":
                    yield _take(message, request)
                else:
                    settled = True
                    return self._ended(message, request)
            return finish
        except ChildGoneError:
            settled = True
            raise
        finally:
            if not settled:
                self._settle(child, request)

    def _ended(self, message: Message, request: Request) -> Finish:
        match message:
            case {"say": "done", "finish": "stop" | "length" | "cancelled" | "unsure" as finish, "tokens": int(tokens),
                  "kept_tokens": int(kept)}:
                request.tokens, self.kept_tokens = tokens, kept
                return Finish(finish)
            case {"say": "refused", "detail": str(detail)}:
                raise self._refused(detail)
        raise ChildGoneError("it wrote what is no message")

    def _refused(self, why: str) -> PromptRefusedError:
        return PromptRefusedError(f"Model {self.name} refused the prompt: {why}.",
                                  "The composed answer stands.  Shorter evidence fits a small window.")

    def _unavailable(self, why: str) -> GeneratorUnavailableError:
        return GeneratorUnavailableError(
            f"Model {self.name} {why}.",
            f"Answers go on without it.  Check the file with `rohnamo models verify {self.name}`.")

    def _settle(self, child: Child, request: Request) -> None:
        """End a request that the child still works on; if it does not end in time, end the child."""
        try:
            child.send({"do": "cancel", "id": request.id})
            asked = self._clock()
            while self._clock() - asked < GRACE_S:
                message = child.receive(POLL_S)
                if message and message.get("id") == request.id and message.get("say") != "piece":
                    return
        except ChildGoneError:
            pass
        self._drop()

    def _drop(self) -> None:
        if self._child and (signal := self._child.signal):
            self.deaths += 1
            tell(Event.MODEL_DIED, model=self.name, signal=signal)
        self._end_child()
        self._child, self._ready = None, False


def worker_command(path: Path, profile: Profile) -> list[str]:
    """Return the command that starts the child; `-P` keeps our folder out of its imports."""
    settings: dict[str, int | str] = {"n_ctx": profile.n_ctx, "n_batch": profile.n_batch,
                                      "threads": profile.threads or _cores()}
    if profile.adapter:
        settings["adapter"] = str(profile.adapter_file)
    return [sys.executable, "-P", str(_WORKER), str(path), json.dumps(settings)]


def _take(message: Message, request: Request) -> str:
    text, tokens = message.get("text"), message.get("tokens")
    if not isinstance(text, str) or not isinstance(tokens, int):
        raise ChildGoneError("it wrote what is no message")
    request.texts.append(text)
    request.tokens = tokens
    return text


def _cores() -> int:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, _MAX_THREADS)
