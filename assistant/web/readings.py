"""The notices that were just given at a desk: read one after the other, and begun as cards when they are.

One thread and one sandbox for a desk; others wait their turn and see how many are before them.  What still waits is
in memory alone: after a power cut it is given again, and a file whose cards are there already is not begun twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from threading import Lock

from assistant.access.store import opened_store
from assistant.errors import AssistantError
from assistant.log import Event, tell
from assistant.notices.notice import cards_of, read_notice
from assistant.review.reviews import Begun
from assistant.web.desk import Desk
from corpora.errors import CorpusError
from corpora.sandbox import Sandbox
from corpora.suspicion import visible
from index import Snapshot
from index.errors import SnapshotError
from sync.errors import SyncError

# What waits is held in memory, in bytes; what was read before is told of so many files: as many as one form brings.
MOST_WAITING, MOST_TOLD = 100 * 1024 * 1024, 1000
_NAME_LETTERS = 150
# Faults that have words of their own (`[clerk_fault]`).
_TOLD = frozenset({"unreadable_file", "encrypted_file", "empty_file", "unsupported_file", "too_large", "too_slow",
                   "hostile_file", "no_space"})


def fault_of(error: CorpusError | SyncError) -> str:
    """Return the key in `[clerk_fault]` of why a file cannot be used."""
    return error.code if error.code in _TOLD else "other"


class Turn(StrEnum):
    """How far the reading of a file is."""

    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    FAILED = "failed"


@dataclass(slots=True)
class Reading:
    """A file that was given.  numbers: of its cards; `anew` says whether they were begun now; fault: why not."""

    name: str
    turn: Turn = Turn.WAITING
    numbers: tuple[int, ...] = ()
    anew: bool = True
    fault: str = ""


class Readings:
    """The files given at one desk, in order."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, Lock()
        self._told: deque[Reading] = deque(maxlen=MOST_TOLD)
        self._waiting = 0                       # bytes
        self._thread = ThreadPoolExecutor(1, "readings")
        self._sandbox = Sandbox()

    def close(self) -> None:
        """Stop after the file that is being read; what waits is not read any more."""
        self._thread.shutdown(cancel_futures=True)
        self._sandbox.close()

    def give(self, files: Sequence[tuple[str, bytes]], who: str) -> None:
        """Take files, each a name and its bytes; one for which there is no room is told as such."""
        for name, data in files:
            reading = Reading(visible(PurePath(name.replace("\\", "/")).name)[-_NAME_LETTERS:] or "?")
            with self._lock:
                self._told.appendleft(reading)
                fits = self._waiting + len(data) <= MOST_WAITING
                self._waiting += len(data) * fits
            if fits:
                self._thread.submit(self._read, reading, data, who)
            else:
                reading.turn, reading.fault = Turn.FAILED, "busy"

    def told(self) -> tuple[Reading, ...]:
        """Return the files given last, the newest first."""
        with self._lock:
            return tuple(self._told)

    @property
    def under_way(self) -> bool:
        """Whether a file is being read or waits."""
        return any(one.turn in (Turn.WAITING, Turn.READING) for one in self.told())

    def _read(self, reading: Reading, data: bytes, who: str) -> None:
        reading.turn = Turn.READING
        try:
            begun = self._begun(reading.name, data, who)
            reading.numbers, reading.anew, reading.turn = begun.numbers, begun.anew, Turn.READ
        except (CorpusError, SyncError) as error:
            reading.fault, reading.turn = fault_of(error), Turn.FAILED
        except Exception as error:  # a fault of ours costs one file, not the others
            tell(Event.CRASHED, error)
            reading.fault, reading.turn = "internal", Turn.FAILED
        finally:
            with self._lock:
                self._waiting -= len(data)

    def _begun(self, name: str, data: bytes, who: str) -> Begun:
        now = self._desk.now()
        read = read_notice(name, data, self._sandbox)
        with ExitStack() as stack:
            cards = cards_of(read, now.date(), self._snapshot(stack))
        with opened_store(self._desk.config) as store:
            return store.reviews.begin(read, cards, data, who, now)

    def _snapshot(self, stack: ExitStack) -> Snapshot | None:
        """Return the documents of this machine, for the value of the indicator; None where there are none."""
        try:
            return stack.enter_context(self._desk.current.assistant()).snapshot
        except (AssistantError, SnapshotError):
            return None
