"""What a crash leaves behind: a small file in `crashes/` of the data directory, without anything that was asked.

    a fault that was told (Event.CRASHED) ─┐
    a model ended by a signal ─────────────┼─ crashes/NAME.json   (docs/formats.md: rohnamo-crash)
    this process ended by a signal ────────┘   NAME.native, made a report by the next start

The same crash has one file, however often it happens, so that a loop of them neither fills nor wears out a disk.
What cannot be written is not written: nothing here ever fails for its caller.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assistant.log import LOGGER, Event, tell
from assistant.trace import Frame, Raised, place, raised
from corpora.durable import canonical, make_folder, write_whole
from corpora.errors import CorpusError

FOLDER, FORMAT, VERSION = "crashes", "rohnamo-crash", 1
# Different crashes that are kept; further ones of the same within the time are not counted.
MOST, _COUNTED = 20, timedelta(minutes=1)
_MOST_BYTES = 100_000
_NATIVE = ".native"
_SIGNALS = {"Segmentation fault": "SIGSEGV", "Aborted": "SIGABRT", "Bus error": "SIGBUS",
            "Floating-point exception": "SIGFPE", "Illegal instruction": "SIGILL"}
_FATAL = re.compile(rf"^(?:Fatal Python error|Windows fatal exception): ({'|'.join(_SIGNALS)})\b", re.MULTILINE)
_FRAME = re.compile(r'^  File "([^"\n]+)", line (\d+) in ([\w<>]+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Crash:
    """A crash: the program it was in (`ask`, `serve`, `model`), the signal where one ended it, the errors."""

    program: str
    errors: tuple[Raised, ...] = ()
    signal: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"program": self.program, "signal": self.signal or None, "errors": [asdict(one) for one in self.errors]}


def keep(data_dir: Path, crash: Crash, now: datetime | None = None) -> None:
    """Keep a crash where there is a data directory; one that is known already is counted."""
    moment, folder = now or datetime.now(UTC), data_dir / FOLDER
    if not data_dir.is_dir():
        return
    with suppress(Exception):
        plain = crash.to_json()
        path = folder / f"{sha256(canonical(plain)).hexdigest()[:16]}.json"
        known = read(path)
        if known and datetime.fromisoformat(known["last"]) + _COUNTED > moment:
            return
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        head = {"format": FORMAT, "version": VERSION, "rohnamo": version("rohnamo"), "last": stamp,
                "first": known["first"] if known else stamp, "times": known["times"] + 1 if known else 1}
        make_folder(folder)
        write_whole(path, canonical(head | plain) + b"\n")
        for old in kept(data_dir)[MOST:]:
            old.unlink()


def kept(data_dir: Path) -> list[Path]:
    """Return the files of the crashes that are kept, the newest first."""
    found = [(path.stat().st_mtime_ns, path) for path in (data_dir / FOLDER).glob("*.json")]
    return [path for _, path in sorted(found, reverse=True)]


def read(path: Path) -> dict[str, Any] | None:
    """Return the report in a file; None where it is none of ours."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        if path.stat().st_size <= _MOST_BYTES:
            found: dict[str, Any] = json.loads(path.read_bytes())
            datetime.fromisoformat(found["last"])
            if (found["format"], found["version"]) == (FORMAT, VERSION) and isinstance(found["times"], int):
                return found
    return None


@contextmanager
def watched(data_dir: Path, program: str) -> Iterator[None]:
    """Keep the crashes of this process while the block runs, those of its threads too."""
    reports = _Reports(data_dir, program)
    threads, unraisable = threading.excepthook, sys.unraisablehook
    LOGGER.addHandler(reports)
    threading.excepthook = lambda failed: _told(failed.exc_value)
    sys.unraisablehook = lambda failed: _told(failed.exc_value)
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = threads, unraisable
        LOGGER.removeHandler(reports)


@contextmanager
def natively_watched(data_dir: Path, program: str) -> Iterator[None]:
    """Have Python write where it was when a signal ends this process; what the last one left becomes a report."""
    path = data_dir / FOLDER / f"{program.replace(' ', '-')}{_NATIVE}"
    if left := _left(path):
        keep(data_dir, Crash(program, *left))
        with suppress(OSError):
            path.unlink()
    with ExitStack() as stack:
        if data_dir.is_dir() and not faulthandler.is_enabled():
            with suppress(OSError, CorpusError):
                make_folder(path.parent)
                file = stack.enter_context(path.open("w", encoding="utf-8"))
                stack.callback(_removed, path)
                faulthandler.enable(file, all_threads=False)
                stack.callback(faulthandler.disable)
        yield


def _removed(path: Path) -> None:
    """Remove a file that was not needed, and its folder where that is empty."""
    with suppress(OSError):
        path.unlink()
        path.parent.rmdir()


class _Reports(logging.Handler):
    """Keeps what is told of crashes."""

    def __init__(self, data_dir: Path, program: str) -> None:
        super().__init__(logging.ERROR)
        self._data_dir, self._program = data_dir, program

    def emit(self, record: logging.LogRecord) -> None:
        event, error = getattr(record, "event", None), getattr(record, "error", None)
        if event is Event.CRASHED and error is not None:
            keep(self._data_dir, Crash(self._program, raised(error)))
        elif event is Event.MODEL_DIED:
            keep(self._data_dir, Crash("model", signal=str(getattr(record, "fields", {}).get("signal", ""))))


def _told(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, SystemExit):
        tell(Event.CRASHED, error)


def _left(path: Path) -> tuple[tuple[Raised, ...], str] | None:
    """Return what a process that was ended by a signal left, None where none was."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")[:_MOST_BYTES]
    except OSError:
        return None
    fatal = _FATAL.search(text)
    if not fatal:
        return None
    way = tuple(Frame(place(file), int(line), function) for file, line, function in _FRAME.findall(text))[::-1]
    return (Raised("", way),), _SIGNALS[fatal[1]]
