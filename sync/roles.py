"""Who may sign what, for how long: the policy that a new repository begins with.

Thresholds are read from signed metadata afterwards; only how long a signature lasts is looked up here each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tuf.api.metadata import Signed

from sync.rollout import TIME, read_time

ROOT, TARGETS, SNAPSHOT, TIMESTAMP = "root", "targets", "snapshot", "timestamp"
TOP_LEVEL: Final = (ROOT, TARGETS, SNAPSHOT, TIMESTAMP)
# When a signature is over; renewed yearly (root), with each release, or every day (timestamp).
_LASTS: Final[Mapping[str, timedelta]] = {
    ROOT: timedelta(days=3 * 365), TARGETS: timedelta(days=365),
    SNAPSHOT: timedelta(days=60), TIMESTAMP: timedelta(days=30)}
_PUBLISHER_LASTS: Final = timedelta(days=180)
# Fewer days than this left on a role that people sign: time to gather them.
ALARM: Final = timedelta(days=30)
# Clocks of honest machines differ by less than this.
_AHEAD: Final = timedelta(days=1)
_ISSUED = "issued"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many of how many keys sign a top-level role: (signatures, keys)."""

    root: tuple[int, int] = (3, 5)
    targets: tuple[int, int] = (2, 3)
    snapshot: tuple[int, int] = (1, 1)
    timestamp: tuple[int, int] = (1, 1)

    def of(self, role: str) -> tuple[int, int]:
        """Return the numbers for a top-level role."""
        return {ROOT: self.root, TARGETS: self.targets, SNAPSHOT: self.snapshot, TIMESTAMP: self.timestamp}[role]


def stamp(role: str, signed: Signed, now: datetime) -> None:
    """Write into metadata when it was issued and when it is over."""
    moment = now.replace(microsecond=0)
    signed.expires = moment + _LASTS.get(role, _PUBLISHER_LASTS)
    signed.unrecognized_fields[_ISSUED] = moment.strftime(TIME)


def issued(signed: Signed) -> datetime | None:
    """Return when metadata was issued, None where it does not say."""
    text = signed.unrecognized_fields.get(_ISSUED)
    return None if text is None else read_time(text)


def from_future(signed: Signed, now: datetime) -> bool:
    """Return whether metadata was issued later than clocks may differ."""
    moment = issued(signed)
    return moment is not None and moment > now + _AHEAD


def near_end(signed: Signed, now: datetime) -> bool:
    """Return whether fewer days are left than people need to gather and sign."""
    return signed.expires - now < ALARM
