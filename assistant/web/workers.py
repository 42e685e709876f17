"""Several processes that answer at one socket, each as if it were alone: more processors for the same snapshot.

    first process: holds the socket, starts the workers, starts anew what ended, speaks with systemd
    a worker: opens the snapshot itself, takes connections from the socket, tells that it is alive

The kernel hands a connection to any of them.  They share the pages of mapped files and of the disk's cache, and
nothing else: what is kept in memory between two requests, as a visit is, may not be looked for.  Each looks for
itself which snapshot is in use, so an activation reaches all of them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Thread
from time import monotonic

from assistant import systemd
from assistant.errors import AssistantError

Tell = Callable[[str], None]
# Serves at a socket until SIGTERM, and tells the states of systemd; what another process can import by its name.
Work = Callable[[socket.socket, Tell], None]
_TICK_S = 5.0                 # between two looks at workers that say nothing
_SILENT_S = 60.0              # a worker that says nothing for so long hangs
_FINISH_S = 5.0               # what is being answered at the end may take so long
_TRIES = 3                    # workers in a row that end before they are ready


class WorkerError(AssistantError):
    """Workers end before they are ready, again and again."""

    code = "workers"


@dataclass(eq=False, slots=True)
class _Worker:
    process: SpawnProcess
    told: Connection
    heard: float = field(default_factory=monotonic)
    ready: bool = False

    def hear(self) -> None:
        """Note what it told since it was last heard."""
        with suppress(EOFError, OSError):
            while self.told.poll():
                self.ready |= self.told.recv() == systemd.READY
                self.heard = monotonic()

    def end(self, *, at_once: bool = False) -> None:
        """Ask it to end, or end it."""
        if self.process.is_alive():
            self.process.kill() if at_once else self.process.terminate()


class Workers:
    """So many processes doing one work at one socket.  `say` is told, in a sentence, when one of them ended."""

    def __init__(self, count: int, work: Work, opened: socket.socket, say: Callable[[str], None]) -> None:
        self._count, self._work, self._opened, self._say = count, work, opened, say
        self._context = multiprocessing.get_context("spawn")   # a fork would copy locks that threads hold
        self._workers: list[_Worker] = []
        self._unready = 0
        self._silent_s = _SILENT_S

    @property
    def pids(self) -> tuple[int, ...]:
        """The numbers of the processes."""
        return tuple(worker.process.pid or 0 for worker in self._workers)

    def run(self, ready: Callable[[], None]) -> None:
        """Serve until a signal ends it; `ready` is called when every worker is.

        Raises:
            WorkerError: workers end before they are ready.
        """
        told = False
        with _ended_by_signals() as ended:
            try:
                while not ended.poll():
                    self._renew()
                    if not told and all(worker.ready for worker in self._workers):
                        told = True
                        systemd.tell(systemd.READY)
                        ready()
                    systemd.tell(systemd.ALIVE)
                    wait([ended, *(one for worker in self._workers for one in (worker.told, worker.process.sentinel))],
                         _TICK_S)
            finally:
                systemd.tell(systemd.STOPPING)
                self._end()

    def _renew(self) -> None:
        """Hear every worker, end those that hang, and start as many as are lacking."""
        for worker in [*self._workers]:
            worker.hear()
            if worker.ready and monotonic() - worker.heard > self._silent_s:
                worker.end(at_once=True)
                worker.process.join()
            if not worker.process.is_alive():
                self._bury(worker)
        while len(self._workers) < self._count:
            self._workers.append(self._started())

    def _bury(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.told.close()
        self._unready = 0 if worker.ready else self._unready + 1
        if self._unready >= _TRIES:
            raise WorkerError(f"{_TRIES} workers in a row ended before they could answer",
                              "rohnamo doctor says what is wrong on this machine.")
        self._say(f"a worker ended ({worker.process.exitcode}); another is started")

    def _started(self) -> _Worker:
        told, teller = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_worked, args=(self._work, self._opened, teller), name="worker")
        process.start()
        teller.close()
        return _Worker(process, told)

    def _end(self) -> None:
        until = monotonic() + _FINISH_S
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.process.join(max(until - monotonic(), 0))
            worker.end(at_once=True)
            worker.process.join()
            worker.told.close()


def _worked(work: Work, opened: socket.socket, teller: Connection) -> None:
    """Do the work in a process of its own, until it is asked to end or the first process is gone."""
    os.environ.pop("NOTIFY_SOCKET", None)          # the first process speaks with systemd
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    Thread(target=_end_with_the_first, daemon=True).start()

    def tell(state: str) -> None:
        with suppress(OSError):                    # the first process is gone; this one ends, too
            teller.send(state)

    work(opened, tell)


def _end_with_the_first() -> None:
    if first := multiprocessing.parent_process():
        first.join()
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _ended_by_signals() -> Iterator[Connection]:
    """Give a connection on which something is to be heard when a signal asked for the end."""
    heard, teller = multiprocessing.Pipe(duplex=False)
    before = {number: signal.signal(number, lambda *_: teller.send(None)) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        heard.close()
        teller.close()
