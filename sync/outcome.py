"""What came of a sync, for each publisher."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sync.clock import Reading
from sync.errors import SyncError
from sync.release import ReleaseInfo
from sync.revocations import Revocation


class Progress(StrEnum):
    """How far the newest release of a publisher has come on this machine, a closed set."""

    STAGED = "staged"            # verified and waiting to be built and activated
    UNCHANGED = "unchanged"      # it is in use
    NOTHING = "nothing"          # the publisher has released nothing yet
    HELD_BACK = "held_back"      # it goes to other machines first
    POSTPONED = "postponed"      # it may not come over this line now
    FAILED = "failed"            # `error` says why; what is in use stays


@dataclass(frozen=True, slots=True)
class Staged:
    """A verified pack that is not in use yet, and where it waits; `keyset` names the keys that signed it."""

    release: ReleaseInfo
    path: Path
    keyset: str = ""

    @property
    def publisher(self) -> str:
        """Return whose it is."""
        return self.release.publisher


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one publisher.  `number` and `sequence` are of what is published, 0 where that is not known."""

    publisher: str
    progress: Progress
    number: int = 0
    sequence: int = 0
    staged: Staged | None = None
    error: SyncError | None = None


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What came of a sync.  `revoked`: what is withdrawn since the one before; `length`: bytes that passed."""

    reading: Reading
    outcomes: tuple[Outcome, ...]
    revoked: tuple[Revocation, ...] = ()
    length: int = 0
    requests: int = 0

    @property
    def staged(self) -> tuple[Staged, ...]:
        """Return what waits to be built and activated."""
        return tuple(outcome.staged for outcome in self.outcomes if outcome.staged)

    @property
    def failure(self) -> SyncError | None:
        """Return the first error, None where every publisher's newest release is here or on its way."""
        return next((outcome.error for outcome in self.outcomes if outcome.progress is Progress.FAILED), None)

    def of(self, publisher: str) -> Outcome:
        """Return the outcome of a publisher.

        Raises:
            KeyError: the repository names no such publisher.
        """
        return {outcome.publisher: outcome for outcome in self.outcomes}[publisher]
