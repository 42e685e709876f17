"""To which machines a release goes already.

Pure rules: which machine is in is computed from its id, never drawn, so that asking twice says the same.
A machine outside keeps the release it has; what it was promised never to go back from moves on all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sync.errors import ReleaseError

# A ring is a small group that is named in the configuration of its machines: 0 is the office and its own kiosks.
LAST_RING = 9
TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Rollout:
    """How far a release has come: whole rings up to `ring`, and `percent` of all other machines.

    Nobody takes it before `not_before` (UTC), if that is set.
    """

    percent: int = 100
    ring: int = 0
    not_before: datetime | None = None

    def includes(self, device: str, release: str, now: datetime, *, ring: int = LAST_RING) -> bool:
        """Return whether a machine takes the release.  `ring` is the machine's own; `now` is the floored clock."""
        if self.not_before is not None and now < self.not_before:
            return False
        return ring <= self.ring or bucket(device, release) < self.percent

    def to_json(self) -> dict[str, Any]:
        """Return the plain object that is signed."""
        plain: dict[str, Any] = {"percent": self.percent, "ring": self.ring}
        return plain | ({"not_before": self.not_before.strftime(TIME)} if self.not_before else {})

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Rollout:
        """Return the rollout that was signed.

        Raises:
            ReleaseError: a value is not one that a rollout may have.
        """
        percent, ring, moment = plain.get("percent"), plain.get("ring", 0), plain.get("not_before")
        if not (_within(percent, 100) and _within(ring, LAST_RING) and set(plain) <= {"percent", "ring", "not_before"}):
            raise ReleaseError("the rollout is not a percent from 0 to 100 and a ring from 0 to 9")
        return cls(int(percent or 0), int(ring), None if moment is None else read_time(moment))


def bucket(device: str, release: str) -> int:
    """Return the place of a machine in the queue for one release, 0 to 99."""
    return int.from_bytes(sha256(f"{device}{release}".encode()).digest()[:4], "big") % 100


def read_time(text: object) -> datetime:
    """Return the moment written as 2026-11-25T08:00:00Z.

    Raises:
        ReleaseError: it is written in another way.
    """
    try:
        return datetime.strptime(str(text), TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise ReleaseError(f"{text!r} is not a moment as in 2026-11-25T08:00:00Z") from error


def _within(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
