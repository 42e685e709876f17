"""What a machine says of itself: a report of fixed fields, signed by its key.

Read strictly, because whoever holds a machine holds its key.  Nothing that a citizen wrote is in it: errors are
codes and counters are numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sync.audit import Head
from sync.device import SIGNATURE_BYTES, DeviceKey, device_id, signed
from sync.errors import BadBatchError, ReleaseError
from sync.release import canonical, checked_publisher, read_object
from sync.rollout import TIME, read_time

FORMAT, VERSION = "rohnamo-status", 1
PURPOSE = b"rohnamo-status 1\n"
MOST_ERRORS, MOST_COUNTERS, MOST_PUBLISHERS = 10, 64, 256
_CODE = re.compile("[a-z0-9][a-z0-9_.-]{0,63}")
_HASH = re.compile("[0-9a-f]{64}|")
_VERSION_TEXT = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a machine.

    `sequences` is the release in use of each publisher, `generation` the SHA-256 of the manifest that answers, empty
    where none does; `free_bytes` of the disk with its data; `errors` the codes of the last failures, newest first.
    `clock_bad` is set where the clock went back behind what was signed, or is far ahead of it.
    """

    sequences: Mapping[str, int]
    generation: str
    app_version: str
    free_bytes: int
    clock_bad: bool = False
    errors: tuple[str, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    audit: Head = field(default_factory=Head)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The state of a machine at a moment; of two reports the one with the higher counter is the newer."""

    device: str
    counter: int
    made: datetime
    status: Status

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is signed."""
        status = self.status
        return canonical({
            "format": FORMAT, "version": VERSION, "device": self.device, "counter": self.counter,
            "made": self.made.strftime(TIME), "sequences": dict(status.sequences), "generation": status.generation,
            "app_version": status.app_version, "free_bytes": status.free_bytes, "clock_bad": status.clock_bad,
            "errors": list(status.errors), "counters": dict(status.counters),
            "audit": {"number": status.audit.number, "hash": status.audit.hash}})


def write_report(report: StatusReport, key: DeviceKey) -> bytes:
    """Return the signed report: the signature (64 bytes), then what it signs.

    Raises:
        BadBatchError: a field has a value that would be refused on the other side.
    """
    body = report.to_bytes()
    data = key.sign(PURPOSE, body) + body
    read_report(data, key.public)
    return data


def read_report(data: bytes, public: bytes) -> StatusReport:
    """Return the report of the machine that holds this key.

    Raises:
        BadBatchError: another key signed it, or it is not well made.
    """
    signature, body = data[:SIGNATURE_BYTES], data[SIGNATURE_BYTES:]
    if not signed(public, signature, PURPOSE, body):
        raise BadBatchError("the report is not signed by the machine that sent it")
    try:
        report = _from_json(read_object(body, "the report", FORMAT, VERSION))
        if report.device != device_id(public) or report.to_bytes() != body:
            raise ValueError(report.device)
    except (ReleaseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadBatchError("the report is signed but not well made") from error
    return report


def _from_json(plain: Mapping[str, Any]) -> StatusReport:
    status = Status(
        _numbers(plain["sequences"], checked_publisher, MOST_PUBLISHERS), _text(plain["generation"], _HASH),
        _text(plain["app_version"], _VERSION_TEXT), _count(plain["free_bytes"]), _truth(plain["clock_bad"]),
        _errors(plain["errors"]), _numbers(plain["counters"], lambda name: _text(name, _CODE), MOST_COUNTERS),
        Head(_count(plain["audit"]["number"]), _text(plain["audit"]["hash"], _HASH)))
    return StatusReport(plain["device"], _count(plain["counter"]), read_time(plain["made"]), status)


def _numbers(plain: Mapping[str, object], name: Callable[[str], str], most: int) -> dict[str, int]:
    if len(plain) > most:
        raise ValueError(len(plain))
    return {name(key): _count(value) for key, value in plain.items()}


def _errors(plain: list[object]) -> tuple[str, ...]:
    if not isinstance(plain, list) or len(plain) > MOST_ERRORS:
        raise ValueError(plain)
    return tuple(_text(one, _CODE) for one in plain)


def _text(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(value)
    return value


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError(value)
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value
