"""One child process that is spoken to in lines of JSON.

What it writes is bounded in length and number and is never trusted: a line that is not a small JSON object
ends it.  Its complaints are kept in memory, the last few kilobytes, because they may hold a person's words.
Nothing here knows what the messages mean, or starts a process again.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from signal import Signals
from threading import Thread
from typing import IO, Any

MAX_LINE_BYTES = 60_000       # with a short one after it, a line fits into a pipe that nobody reads
MAX_WAITING = 4_096           # messages nobody has taken yet
_REPORT_BYTES = 4_096
_JOIN_S = 2.0                 # for a thread to see that its pipe has ended
_EXIT_S = 0.2                 # for a process to end after it has closed its pipe

Message = dict[str, Any]


class ChildGoneError(Exception):
    """The child process has ended or was ended; the text says how, with its last complaint."""


class LongLineError(Exception):
    """A message is too long to be sent; nothing was."""


class Child:
    """A running child process.  Threads may use it; `close` ends it and leaves nothing behind."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program and a checked path
            list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._inbox: SimpleQueue[Message | None] = SimpleQueue()
        self._complaints = b""
        self._fault, self._ended_here = "", False
        self._threads = [self._thread(self._read, self._process.stdout),
                         self._thread(self._listen, self._process.stderr)]

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def signal(self) -> str:
        """The name of the signal that ended the process; empty where it runs, ended by itself, or was ended here."""
        code = self._process.poll()
        return "" if code is None or code >= 0 or self._ended_here else _signal_name(-code)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one message.

        Raises:
            LongLineError: it is longer than MAX_LINE_BYTES.
            ChildGoneError: nobody reads any more.
        """
        line = json.dumps(message).encode("ascii") + b"\n"
        if len(line) > MAX_LINE_BYTES:
            raise LongLineError(f"it takes {len(line)} bytes, and {MAX_LINE_BYTES} can be sent")
        try:
            self._stdin.write(line)
            self._stdin.flush()
        except (OSError, ValueError) as error:
            raise self._gone() from error

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message, or None where none came within `timeout_s` seconds.

        Raises:
            ChildGoneError: there will be no more.
        """
        try:
            message = self._inbox.get(timeout=timeout_s)
        except Empty:
            return None
        if message is None:
            self._inbox.put(None)
            raise self._gone()
        return message

    def close(self) -> None:
        """End the process now, wait for it and close its pipes.  Closing twice is closing once."""
        self._end()
        self._process.wait()
        for thread in self._threads:
            thread.join(_JOIN_S)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _end(self) -> None:
        if self._process.poll() is None:
            self._ended_here = True
            self._process.kill()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin  # noqa: S101 - opened above
        return self._process.stdin

    def _thread(self, work: Callable[[Any], None], pipe: IO[bytes] | None) -> Thread:
        thread = Thread(target=work, args=(pipe,), name=f"child-{self.pid}", daemon=True)
        thread.start()
        return thread

    def _read(self, pipe: IO[bytes]) -> None:
        while line := pipe.readline(MAX_LINE_BYTES + 1):
            message = _message(line)
            if message is None or self._inbox.qsize() >= MAX_WAITING:
                self._fault = "it wrote what is no message"
                self._end()
                break
            self._inbox.put(message)
        self._inbox.put(None)

    def _listen(self, pipe: IO[bytes]) -> None:
        while complaint := pipe.read1(4_096):  # type: ignore[attr-defined]
            self._complaints = (self._complaints + complaint)[-_REPORT_BYTES:]

    def _gone(self) -> ChildGoneError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_EXIT_S)
        for thread in self._threads:  # what it said last may still be on its way
            thread.join(_JOIN_S)
        lines = self._complaints.decode("utf-8", "replace").strip().splitlines()
        said = f"; it said: {lines[-1]}" if lines else ""
        return ChildGoneError(f"{self._fault or 'it ended'} (code {self._process.returncode}){said}")


def _signal_name(number: int) -> str:
    return Signals(number).name if number in set(Signals) else f"SIG{number}"


def _message(line: bytes) -> Message | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
