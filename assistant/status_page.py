"""How the state of sync is shown: lines for a person, one object for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from assistant.status import SyncStatus, step_after
from sync.clock import LONG_AGO, ClockState, Reading
from sync.counted import said
from sync.device import fingerprint
from sync.state import Attempt, Withdrawn

# The withdrawals that are told one by one; the list itself only grows.
_LAST_WITHDRAWN = 5
_CLOCKS = {
    ClockState.GOOD: "right as far as this machine can tell",
    ClockState.BEHIND: "behind: it says less than the last signature; the signature's time is taken for the time",
    ClockState.AHEAD: "far ahead: nothing was heard for more than a year; set it, or sync"}


def status_lines(status: SyncStatus) -> list[str]:
    """Return what a person should know."""
    return [f"{name:10} {line}" for name, line in _rows(status)]


def clock_words(reading: Reading) -> str:
    """Return what is known of the clock."""
    return _CLOCKS[reading.state]


def _rows(status: SyncStatus) -> Iterator[tuple[str, str]]:
    if status.problem:
        yield "problem", status.problem
        yield "", f"→ {status.hint}"
    yield "source", status.source or "sticks only: rohnamo sync now --from STICK"
    releases = [known.line(status.moment) for known in status.releases] or ["none yet"]
    yield from _named("releases", releases)
    yield "answers", f"generation {status.generation}" if status.generation else "no snapshot yet"
    yield from _attempts(status)
    if status.reading and status.floor:
        known = f" (not before {status.floor.day} {status.floor:%B %Y})" if status.floor > LONG_AGO else ""
        yield "clock", f"{clock_words(status.reading)}{known}"
    if status.marks:
        yield "accepted", ", ".join(f"{mark.role} {mark.version}" for mark in status.marks)
    yield from _named("withdrawn", _withdrawn(status.withdrawn))
    if status.outbox:
        counts = [f"{kind.value}: {said(count.waiting, 'waits', 'wait')}, {count.sent} arrived, {count.dropped} dropped"
                  for kind, count in status.outbox.items() if count.added]
        yield from _named("outbox", counts or ["empty"])
    yield "traffic", f"{status.spent_today:,} bytes today"
    yield "space", f"{status.free_bytes // 1_000_000:,} MB free"
    if status.device:
        yield "machine", fingerprint(status.device.id)
        yield "key", status.device.public.hex()


def _attempts(status: SyncStatus) -> Iterator[tuple[str, str]]:
    success, failure = status.last_success, status.last_failure
    yield "success", f"{_written(success.at)}, {success.length:,} bytes came" if success else "none yet"
    if failure:
        yield "failure", f"{_written(failure.at)}: {failure.message}"
        if step := step_after(failure):
            yield "", f"→ {step}"


def _withdrawn(withdrawn: tuple[Withdrawn, ...]) -> list[str]:
    newest = sorted(withdrawn, key=lambda one: one.day, reverse=True)[:_LAST_WITHDRAWN]
    shown = [f"{one.document}, {one.day}: {one.reason}" for one in newest]
    rest = len(withdrawn) - len(shown)
    return [*shown, f"and {rest} more"] if rest else shown or ["nothing"]


def _named(name: str, lines: list[str]) -> Iterator[tuple[str, str]]:
    for at, line in enumerate(lines):
        yield "" if at else name, line


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def status_json(status: SyncStatus) -> dict[str, Any]:
    """Return a plain object."""
    device, reading = status.device, status.reading
    return {
        "set_up": not status.problem, "problem": status.problem, "source": status.source,
        "releases": [known.to_json(status.moment) for known in status.releases], "generation": status.generation,
        "last_success": _attempt_json(status.last_success), "last_failure": _attempt_json(status.last_failure),
        "clock": {"state": reading.state.value, "moment": reading.moment.isoformat(),
                  "floor": status.floor and status.floor.isoformat()} if reading else None,
        "marks": [asdict(mark) for mark in status.marks],
        "withdrawn": [{"document": one.document, "publisher": one.publisher, "reason": one.reason,
                       "day": one.day.isoformat()} for one in status.withdrawn],
        "outbox": {kind.value: asdict(count) for kind, count in (status.outbox or {}).items()},
        "spent_today": status.spent_today, "free_bytes": status.free_bytes,
        "device": {"id": device.id, "fingerprint": fingerprint(device.id), "key": device.public.hex()}
        if device else None}


def _attempt_json(attempt: Attempt | None) -> dict[str, Any] | None:
    if attempt is None:
        return None
    return {"at": attempt.at.isoformat(), "code": attempt.code, "message": attempt.message, "length": attempt.length,
            "next_step": step_after(attempt) if attempt.code else ""}
