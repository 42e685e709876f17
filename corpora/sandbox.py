"""Files are read in a child process that may do little, and is stopped when it does too much.

One child serves many files, over pipes, and is replaced when it dies or a file breaks a cap.  What it
answers is JSON of a bounded length, never trusted before it is checked: the parent itself parses no byte
of a document.  What the child forbids itself is in `sandbox_worker`; which files are given, in `ingest`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any, Self

from corpora import errors
from corpora.draft import Entry
from corpora.errors import CorpusError, HostileFileError, TooLargeError, TooSlowError
from corpora.extract.blocks import WordBox
from corpora.extract.progress import Progress, unseen
from corpora.metadata import Metadata
from corpora.records import Document, Passage

MB = 1024 * 1024
LENGTH = struct.Struct(">Q")          # stands before every message, in bytes
_READ_BYTES = 1 * MB
_EXIT_SECONDS = 0.5                   # for a child to end after it has closed its pipe
# A scanned page takes more than this, so a small file cannot buy time with pages it only claims.
_SCAN_BYTES = 8 * 1024
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TESSDATA_PREFIX", "VIRTUAL_ENV")
_WORKER = (sys.executable, "-P", "-m", "corpora.sandbox_worker")
_ERRORS = {kind.code: kind for kind in vars(errors).values()
           if isinstance(kind, type) and issubclass(kind, CorpusError)}


@dataclass(frozen=True, slots=True)
class Caps:
    """What reading one file may cost; sizes in bytes, times in seconds of the wall clock."""

    file_bytes: int = 200 * MB
    text_bytes: int = 50 * MB
    text_per_byte: int = 20               # of the file, beyond the first megabyte of text
    memory_bytes: int = 1536 * MB         # of the child's addresses
    pages: int = 5_000
    seconds: float = 60.0
    seconds_per_mb: float = 3.0
    seconds_per_scan: float = 30.0        # for each page that goes to text recognition

    def text(self, size: int) -> int:
        """Return how many bytes of text a file of `size` bytes may give."""
        return min(self.text_bytes, self.text_per_byte * size + MB)

    def answer(self, size: int) -> int:
        """Return how many bytes the child may answer for a file of `size` bytes."""
        return 3 * self.text(size) + 2 * MB


USUAL = Caps()


class Sandbox:
    """Reads files, each within its caps; the child starts with the first file and ends with `close`."""

    def __init__(self, caps: Caps = USUAL, command: Sequence[str] = _WORKER, *, pages: Progress = unseen) -> None:
        self._caps, self._command, self._pages = caps, tuple(command), pages
        self._child: Child | None = None
        self.started = 0                      # children so far

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child, with whatever it started.  Closing twice is closing once."""
        child, self._child = self._child, None
        if child:
            child.end()

    def read(self, name: str, data: bytes, metadata: Metadata) -> Entry:
        """Return a file's bytes as an entry without origin; `name` is the file's, fit to be shown.

        Raises:
            TooLargeError, TooSlowError, HostileFileError: the file broke a cap or the child.
            CorpusError: what else its reader has against it.
        """
        if len(data) > self._caps.file_bytes:
            raise oversized(name, self._caps)
        try:
            answer = self._ask(name, data, metadata)
            entry = _refused(answer) or _entry(answer, data, metadata)
        except OverdueError as error:
            self.close()
            raise TooSlowError(f"{name} took more than {error.seconds:.0f} s to read and was stopped") from error
        except GoneError as error:
            self.close()
            raise HostileFileError(f"{name} broke its reader: {error}") from error
        except BaseException:
            self.close()                      # an answer half read would be taken for the next one's
            raise
        if answer.get("last"):
            self.close()
        if isinstance(entry, CorpusError):
            raise entry
        return entry

    def _ask(self, name: str, data: bytes, metadata: Metadata) -> dict[str, Any]:
        """Return the child's last word on a file; each page it sends to text recognition earns time."""
        if self._child is None:
            self._child, self.started = Child(self._command, self._caps), self.started + 1
        seconds = self._caps.seconds + self._caps.seconds_per_mb * len(data) / MB
        begun, scans, most = monotonic(), 0, self._caps.answer(len(data))
        head = json.dumps({"name": name, "size": len(data), "metadata": asdict(metadata)}).encode()
        self._child.send(LENGTH.pack(len(head)) + head, begun, seconds)
        self._child.send(data, begun, seconds)
        while (answer := self._child.receive(begun, seconds, most)).get("say") in ("scan", "page"):
            if answer["say"] == "page":
                self._pages(int(answer.get("done", 0)), int(answer.get("whole", 0)))
                continue
            scans += 1
            if scans > self._caps.pages:
                raise TooLargeError(f"{name} has more than {self._caps.pages} pages to recognise")
            if scans <= 1 + len(data) // _SCAN_BYTES:
                seconds += self._caps.seconds_per_scan
        return answer


def oversized(name: str, caps: Caps) -> TooLargeError:
    """Return the refusal of a file that is larger than the cap, to be raised before it is read."""
    return TooLargeError(f"{name} is larger than {caps.file_bytes / MB:.0f} MB and was not opened")


class OverdueError(Exception):
    """The time of a file is over."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class GoneError(Exception):
    """The child died, or said what it never should; the text says which."""


class Child:
    """One running child and its two pipes."""

    def __init__(self, command: Sequence[str], caps: Caps) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, json.dumps(asdict(caps)), str(os.getpid())], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, bufsize=0, start_new_session=True, cwd="/", env=_environment())
        assert self._process.stdin  # noqa: S101 - opened above
        assert self._process.stdout  # noqa: S101
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)

    def send(self, data: bytes, begun: float, seconds: float) -> None:
        """Write all of the bytes."""
        rest = memoryview(data)
        while rest:
            _wait(self._in, select.POLLOUT, begun, seconds)
            try:
                rest = rest[os.write(self._in, rest[:_READ_BYTES]):]
            except BrokenPipeError as error:
                raise self._gone() from error

    def receive(self, begun: float, seconds: float, most: int) -> dict[str, Any]:
        """Return the next message, which may have `most` bytes."""
        length, = LENGTH.unpack(self._take(LENGTH.size, begun, seconds))
        if length > most:
            raise GoneError("it answered more than a file may hold")
        try:
            message = json.loads(self._take(length, begun, seconds))
        except (ValueError, RecursionError) as error:
            raise GoneError("it answered what is no message") from error
        if not isinstance(message, dict):
            raise GoneError("it answered what is no message")
        return message

    def _take(self, length: int, begun: float, seconds: float) -> bytes:
        taken = bytearray()
        while len(taken) < length:
            _wait(self._out, select.POLLIN, begun, seconds)
            piece = os.read(self._out, min(length - len(taken), _READ_BYTES))
            if not piece:
                raise self._gone()
            taken += piece
        return bytes(taken)

    def _gone(self) -> GoneError:
        """Return how the child ended."""
        try:
            code = self._process.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return GoneError("it closed its pipe")
        if code < 0:
            with suppress(ValueError):
                return GoneError(f"it ended by {signal.Signals(-code).name}")
        return GoneError(f"it ended with code {code}")

    def end(self) -> None:
        """Kill the child and all it started, wait for it and close its pipes."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]


def _wait(number: int, event: int, begun: float, seconds: float) -> None:
    """Return when a pipe is ready, or raise when the time is over."""
    poll = select.poll()
    poll.register(number, event)
    left = begun + seconds - monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise OverdueError(seconds)


def _environment() -> dict[str, str]:
    """Return what the child needs to know of ours; no proxy, key or token is among it."""
    kept = {key: os.environ[key] for key in _ENVIRONMENT if key in os.environ}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[1]),
                   "OPENBLAS_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "MALLOC_ARENA_MAX": "2"}


def _refused(answer: dict[str, Any]) -> CorpusError | None:
    """Return the refusal an answer is, or None where it is none."""
    if answer.get("say") != "refused":
        return None
    kind = _ERRORS.get(str(answer.get("code")), HostileFileError)
    return kind(str(answer.get("message")), hint=str(answer.get("hint") or ""))


def _entry(answer: dict[str, Any], data: bytes, metadata: Metadata) -> Entry:
    """Return the entry an answer holds, if it is one of the file that was asked about."""
    try:
        document = Document.from_json(answer["document"])
        passages = tuple(Passage.from_json(passage) for passage in answer["passages"])
        boxes = tuple(WordBox.from_json(box) for box in answer["boxes"])
        sound = (document.id == metadata.id and document.sha256 == sha256(data).hexdigest()
                 and all(isinstance(text, str) for text in (document.title, document.language, *document.notes))
                 and all(_sound(passage, document) for passage in passages))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GoneError("it answered what is no document") from error
    if not sound:
        raise GoneError("it answered what is not this document")
    return Entry(document, passages, boxes=boxes)


def _sound(passage: Passage, document: Document) -> bool:
    return (passage.document == document.id and isinstance(passage.id, str) and isinstance(passage.text, str)
            and type(passage.start) is int and type(passage.end) is int
            and passage.end - passage.start == len(passage.text))
