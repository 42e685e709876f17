"""What answers now, in a program that runs for months: one snapshot at a time, exchanged while it is asked.

    look (CURRENT, withdrawals) ─ another in force? ─ open and try it ─ swap ─ the last to use the old one closes it

A request keeps the snapshot it began with until it ends: hits, prompt and source page are of one generation.  A new
generation is opened beside the old one, which answers meanwhile; where it cannot be opened, the old one stays and
`problems` says so.  What is withdrawn does not wait: nobody is answered by a snapshot from before a withdrawal.
Nothing is built, activated or removed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Condition, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Self

from assistant.answer import Assistant
from assistant.config import Config
from assistant.forget import forget
from assistant.log import Event, tell
from assistant.update import generations_of
from index import SearchQuery
from index.errors import GenerationError
from index.server_generations import ServerGenerations
from sync.state import Withdrawn

# After a snapshot that could not be opened the next attempt waits so long, lest every question make one.
_AGAIN_S = 5.0
_GIVES_WAY_S = 2.0
# A snapshot may be removed by another process before it is held; the next one is in use then.
_TRIES = 3
# Asked before a swap: it reads the files of words and vectors in, and shows that they can be read.
_TRIAL = SearchQuery("Барои гирифтани ҳуҷҷат чӣ лозим аст?", "tg")


@dataclass(frozen=True, slots=True)
class _Force:
    """What is in force on this machine: which activation, and what is withdrawn."""

    activation: bytes
    withdrawn: tuple[Withdrawn, ...] | None    # None where that could not be read since the program began


@dataclass(eq=False, slots=True)
class _Serving:
    """An open snapshot and how many requests it serves."""

    assistant: Assistant
    force: _Force
    files: ExitStack
    users: int = 0
    retired: bool = False


class Current:
    """The assistant over the snapshot in use.  Any number of threads may ask.

    open_assistant: opens the snapshot in use, without what is withdrawn; called by one thread at a time.  What it
    shares between snapshots (encoder, generators) stays its own.
    withdrawals: reads what is withdrawn on this machine, for each request.
    """

    def __init__(self, config: Config, open_assistant: Callable[[Config], Assistant],
                 withdrawals: Callable[[Config], tuple[Withdrawn, ...]], *,
                 clock: Callable[[], float] = monotonic) -> None:
        self._config, self._open, self._withdrawals, self._clock = config, open_assistant, withdrawals, clock
        self._generations = generations_of(config)
        self._serving: _Serving | None = None
        self._unopened = self._unread = ""   # what is wrong with the snapshot in force, and with what is withdrawn
        self._failed: _Force | None = None   # what could not be opened, and when that may be tried again on the clock
        self._again = 0.0
        self._behind: Thread | None = None
        self._lock, self._opening = Lock(), Lock()
        self._quiet = Condition(self._lock)  # nobody but one is answered

    @property
    def problems(self) -> tuple[str, ...]:
        """Why what is in force does not answer, or not in full, in sentences; none where it does."""
        serving = self._serving
        found = (self._unopened, self._unread, *(serving.assistant.snapshot.problems if serving else ()))
        return tuple(filter(None, found))

    @contextmanager
    def assistant(self) -> Iterator[Assistant]:
        """Give the assistant of one request: the same snapshot to its end, whatever is activated meanwhile.

        Raises:
            NoSnapshotError, SnapshotError: nothing can be opened, or not without what was just withdrawn.
        """
        serving = self._taken()
        try:
            yield serving.assistant
        finally:
            self._let_go(serving)

    def give_way(self) -> None:
        """Wait until nobody else is answered, for a few seconds at most: for work that can wait, between its parts."""
        with self._quiet:
            self._quiet.wait_for(lambda: not self._serving or self._serving.users <= 1, _GIVES_WAY_S)

    def forget(self) -> None:
        """Let go of what is kept of questions, here and in the memory of a model."""
        serving = self._serving
        forget(serving.assistant.snapshot if serving else None)
        if serving:
            serving.assistant.drafting.forget()

    def close(self) -> None:
        """Let the snapshot go when its last request is done."""
        behind = self._behind
        if behind:
            behind.join()
        self._put(None)
        if isinstance(self._generations, ServerGenerations):
            self._generations.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def _taken(self) -> _Serving:
        while True:
            force = self._force()
            with self._lock:
                serving = self._serving
                if serving and serving.force.withdrawn == force.withdrawn:
                    serving.users += 1
                    if serving.force != force:
                        self._renew_behind(force)
                    return serving
            self._renew()

    def _let_go(self, serving: _Serving) -> None:
        with self._lock:
            serving.users -= 1
            done = serving.retired and not serving.users
            self._quiet.notify_all()
        if done:
            serving.files.close()

    def _force(self) -> _Force:
        return _Force(self._generations.activation(), self._known())

    def _known(self) -> tuple[Withdrawn, ...] | None:
        """Return what is withdrawn; where that cannot be read, what was known before stays withdrawn."""
        serving = self._serving
        try:
            known = self._withdrawals(self._config)
        except Exception as error:  # a damaged or busy database must not silence a machine that answers
            if not self._unread:
                tell(Event.SNAPSHOT_FAILED, error)
            self._unread = f"what was withdrawn since the last release cannot be read: {error}"
            return serving.force.withdrawn if serving else None
        self._unread = ""
        return known

    def _renew(self) -> None:
        """Open what is in force, unless another thread just did."""
        with self._opening:
            force, serving = self._force(), self._serving
            if serving and serving.force == force:
                return
            if serving and serving.force.withdrawn == force.withdrawn:
                self._check()
            self._put(self._opened())
            self._unopened = ""

    def _renew_behind(self, force: _Force) -> None:
        """Have what is in force opened while the old one answers; called with the lock held."""
        if not self._behind and (force != self._failed or self._clock() >= self._again):
            self._behind = Thread(target=self._try_to_renew, args=(force,), name="current", daemon=True)
            self._behind.start()

    def _try_to_renew(self, force: _Force) -> None:
        try:
            self._renew()
        except Exception as error:  # whatever it is, what serves goes on serving
            tell(Event.SNAPSHOT_FAILED, error)
            self._unopened = f"what was activated last cannot be opened, the one before answers: {error}"
            self._failed, self._again = force, self._clock() + _AGAIN_S
        finally:
            self._behind = None

    def _check(self) -> None:
        """See that what was activated last is whole, and that what is withdrawn can be kept out of it."""
        generations = self._generations
        generations.current(verify=True)
        if generations.problems or self._unread:
            raise GenerationError("; ".join(generations.problems) or self._unread)

    def _opened(self) -> _Serving:
        for _ in range(_TRIES):
            force = self._force()
            with ExitStack() as stack:
                assistant = self._open(self._config)
                stack.callback(assistant.snapshot.close)
                if stack.enter_context(assistant.snapshot.kept()):
                    assistant.snapshot.search(_TRIAL, 1)
                    tell(Event.SNAPSHOT_IN_USE, snapshot=assistant.snapshot_id)
                    return _Serving(assistant, force, stack.pop_all())
        raise GenerationError("the snapshot was removed while it was being opened", hint="Try again.")

    def _put(self, serving: _Serving | None) -> None:
        """Let this one serve from now on; the old one is closed now, or by the last who uses it."""
        with self._lock:
            old, self._serving = self._serving, serving
            if old:
                old.retired = True
            idle = old and not old.users
        if old and idle:
            old.files.close()
