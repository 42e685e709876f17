"""One finding about this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.  `state` is ok, note (works, with less) or bad (does not answer)."""

    name: str
    state: str
    message: str
    next_step: str = ""

    def to_json(self) -> dict[str, str]:
        """Return a plain object."""
        return {"name": self.name, "state": self.state, "message": self.message, "next_step": self.next_step}

    def lines(self) -> list[str]:
        """Return the finding for a person, and the next step where there is one."""
        step = [f"{'':6}→ {self.next_step}"] if self.next_step else []
        return [f"{self.state:5} {self.name}: {self.message}", *step]


def worst(checks: Iterable[Check]) -> int:
    """Return the exit code: 1 where something keeps this machine from answering."""
    return int(any(check.state == "bad" for check in checks))
