"""What a line of the log may hold: an event of a closed set, with numbers, codes and names of ours.

    tell(event, fields) ─ a JSON line: to stderr, or to files that rotate
    any other logger    ─ a line too, without its message: who, where in the program, the type of an error

No text that a person wrote passes here.  A field that is not in the set, or a value that does not look as the field
has to, is written as `?`.  Messages of libraries quote addresses and values, so none of them is written.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from assistant.trace import frames, place, type_of

if TYPE_CHECKING:
    from assistant.log_settings import LogSettings

Field: TypeAlias = str | int | float
LOGGER = logging.getLogger("rohnamo")
LOGGER.addHandler(logging.NullHandler())      # else a warning goes to stderr where nobody opened a log
LOGGER.setLevel(logging.INFO)


class Event(StrEnum):
    """All that is ever told."""

    STARTED = "started"
    STOPPED = "stopped"
    CRASHED = "crashed"                 # a fault of the program
    PAGE_FAILED = "page_failed"         # the machine lacks what a page needs
    MODEL_STARTED = "model_started"
    MODEL_DIED = "model_died"           # by a signal that was none of ours
    GENERATOR_FAILED = "generator_failed"
    SNAPSHOT_IN_USE = "snapshot_in_use"
    SNAPSHOT_FAILED = "snapshot_failed"
    SYNC_DONE = "sync_done"
    SYNC_FAILED = "sync_failed"
    LOG_MOVED = "log_moved"             # the folder for logs cannot be written: stderr
    LIBRARY = "library"                 # some other logger's


_LEVELS = {Event.CRASHED: logging.ERROR, Event.MODEL_DIED: logging.ERROR, Event.SNAPSHOT_FAILED: logging.ERROR,
           Event.PAGE_FAILED: logging.WARNING, Event.GENERATOR_FAILED: logging.WARNING,
           Event.SYNC_FAILED: logging.WARNING, Event.LOG_MOVED: logging.WARNING}
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)
_NAME = re.compile(r"[\w.<>/@:+-]{1,200}", re.ASCII)
FIELDS: Mapping[str, re.Pattern[str]] = {
    "type": _NAME, "file": _NAME, "logger": _NAME, "version": _NAME, "model": _NAME, "code": _CODE,
    "program": re.compile(r"[a-z]{1,20}( [a-z]{1,20}){0,2}"), "signal": re.compile(r"SIG[A-Z0-9]{1,12}"),
    "snapshot": re.compile(r"\d{1,12}:[0-9a-f]{12}"), "line": _NUMBER, "status": _NUMBER, "seconds": _NUMBER,
    "activated": _NUMBER, "refused": _NUMBER, "waiting": _NUMBER}


def tell(event: Event, error: BaseException | None = None, **fields: Field) -> None:
    """Write a line, where a log is open; of an error, its type and where it was raised."""
    if error is not None:
        fields = fields | _origin(error)
    known = {name: checked(name, value) for name, value in fields.items()}
    said = " ".join([event, *(f"{name}={value}" for name, value in known.items())])
    LOGGER.log(_LEVELS.get(event, logging.INFO), "%s", said, extra={"event": event, "fields": known, "error": error})


def checked(name: str, value: Field) -> Field:
    """Return the value of a field, `?` where that is none it can have."""
    shape = FIELDS.get(name)
    return value if shape and shape.fullmatch(str(value)) else "?"


@contextmanager
def opened(settings: LogSettings, program: str) -> Iterator[None]:
    """Write the log of a program that runs for long, until the block ends; warnings of Python are among its lines."""
    handler, moved = _handler(settings, program)
    handler.setLevel(settings.level.upper())
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        if moved:
            tell(Event.LOG_MOVED, moved)
        tell(Event.STARTED, program=program, version=version("rohnamo"))
        yield
        tell(Event.STOPPED, program=program)
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        handler.close()


class JsonLines(logging.Formatter):
    """A record as one JSON object on a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        event: Event = getattr(record, "event", Event.LIBRARY)
        fields: dict[str, Field] = getattr(record, "fields", {}) if event is not Event.LIBRARY else _of_library(record)
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps({"at": at, "level": record.levelname.lower(), "event": event, **fields})


class _Rotating(RotatingFileHandler):
    """Files for their owner alone; a full disk costs lines and nothing else."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(mode=0o600)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: what could not be written would be quoted."""


class _Standard(logging.StreamHandler):  # type: ignore[type-arg]
    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing, as nobody listens any more."""


def _handler(settings: LogSettings, program: str) -> tuple[logging.Handler, OSError | None]:
    """Return where lines go, and why that is not where it was asked for; people at a terminal have lines in words."""
    try:
        if settings.folder:
            settings.folder.mkdir(parents=True, exist_ok=True)
            return _files(settings.folder / f"{program.replace(' ', '-')}.jsonl", settings), None
    except OSError as error:
        return _Standard(sys.stderr), error
    return (logging.NullHandler() if sys.stderr.isatty() else _Standard(sys.stderr)), None


def _files(path: Path, settings: LogSettings) -> logging.Handler:
    return _Rotating(path, maxBytes=settings.max_bytes, backupCount=settings.files - 1, encoding="utf-8")


def _origin(error: BaseException) -> dict[str, Field]:
    last = frames(error)[-1:]
    return {"type": type_of(error), **{key: value for one in last for key, value in (("file", one.file),
                                                                                     ("line", one.line))}}


def _of_library(record: logging.LogRecord) -> dict[str, Field]:
    error = record.exc_info[1] if record.exc_info else None
    found: dict[str, Field] = {"logger": record.name, "file": place(record.pathname), "line": record.lineno}
    found |= {"type": type_of(error)} if error else {}
    return {name: checked(name, value) for name, value in found.items()}
