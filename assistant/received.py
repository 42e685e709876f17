"""What came of taking releases, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.outcome import Outcome, Progress, SyncReport

_SAID = {Progress.UNCHANGED: "is in use", Progress.NOTHING: "has released nothing yet",
         Progress.HELD_BACK: "goes to other machines first", Progress.POSTPONED: "waits for a better line",
         Progress.STAGED: "has arrived", Progress.FAILED: "did not arrive"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A verified release that was not taken into use, and why."""

    publisher: str
    number: int
    code: str
    reason: str
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"publisher": self.publisher, "number": self.number, "code": self.code, "reason": self.reason,
                "next_step": self.hint}


@dataclass(frozen=True, slots=True)
class Received:
    """What came of one round: what was published, what is in use since, and what was refused.

    `generation` is the one that answers, None where none does; `activated` names releases as `min-health/12`, `dropped`
    publishers that the ministry names no more; `answers` is the number of the release that answers, by publisher.
    """

    report: SyncReport
    generation: int | None
    activated: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    dropped: tuple[str, ...] = ()
    answers: Mapping[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether some publisher's newest release is neither in use nor waiting for its turn."""
        return bool(self.refused or self.report.failure)

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        report = self.report
        return {"generation": self.generation, "activated": list(self.activated),
                "refused": [one.to_json() for one in self.refused], "dropped": list(self.dropped),
                "answers": dict(self.answers),
                "publishers": [_plain(outcome) for outcome in report.outcomes],
                "withdrawn": [{"document": one.document, "reason": one.reason} for one in report.revoked],
                "bytes": report.length, "requests": report.requests}

    def lines(self) -> Iterator[str]:
        """Yield what a person should know."""
        refused = {one.publisher: one for one in self.refused}
        for outcome in self.report.outcomes:
            yield self._line(outcome, refused.get(outcome.publisher))
            if hint := _hint(outcome, refused.get(outcome.publisher)):
                yield f"  → {hint}"
        for one in self.report.revoked:
            yield f"{one.document} is withdrawn: {one.reason}"
        for publisher in self.dropped:
            yield f"{publisher} is no publisher any more: its documents are out of use"
        answers = f"generation {self.generation} answers" if self.generation else "nothing answers yet"
        yield f"{answers}; {self.report.length:,} bytes in {self.report.requests} requests"

    def _line(self, outcome: Outcome, refusal: Refusal | None) -> str:
        name = f"{outcome.publisher}: release {outcome.number}" if outcome.number else outcome.publisher
        if refusal:
            return f"{name} was refused: {refusal.reason}"
        if f"{outcome.publisher}/{outcome.number}" in self.activated:
            return f"{name} is in use now"
        answers = self.answers.get(outcome.publisher, outcome.number)
        if outcome.progress is Progress.UNCHANGED and answers != outcome.number:
            return f"{name} is held, release {answers} answers"
        why = f": {outcome.error.message}" if outcome.error else ""
        return f"{name} {_SAID[outcome.progress]}{why}"


def _plain(outcome: Outcome) -> dict[str, Any]:
    error = outcome.error
    return {"publisher": outcome.publisher, "progress": outcome.progress.value, "number": outcome.number,
            "sequence": outcome.sequence,
            "error": {"code": error.code, "message": error.message, "next_step": error.hint} if error else None}


def _hint(outcome: Outcome, refusal: Refusal | None) -> str:
    return refusal.hint if refusal else outcome.error.hint if outcome.error else ""
