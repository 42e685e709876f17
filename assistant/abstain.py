"""Whether there is enough to answer from; where there is not, which reason is given.

Thresholds are compared with shares and cosines, never with ranks; they were set on the train part of the
questions and watched on dev (`python training/thresholds.py`), and the test part was never looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence import Evidence, Unit
from assistant.query import Query
from assistant.records import AnswerStatus
from index import Hit


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What must be reached; shares of the question's content words, 0..1."""

    hit_coverage: float = 0.5          # of the best hit, its title and heading
    unit_coverage: float = 0.4         # of the sentence that would be shown, with its title and heading
    scope_coverage: float = 0.3        # below it, the question is not about public services at all


THRESHOLDS = Thresholds()


def before(query: Query, hits: Sequence[Hit], thresholds: Thresholds = THRESHOLDS) -> AnswerStatus | None:
    """Return the reason to abstain that the hits alone give, None where evidence may be looked for."""
    if query.decline:
        return query.decline
    if query.language == "unknown" or not hits:
        return AnswerStatus.ABSTAINED_OUT_OF_SCOPE
    best = max(hit.scores["coverage"] for hit in hits[:3])
    if best < thresholds.scope_coverage:
        return AnswerStatus.ABSTAINED_OUT_OF_SCOPE
    return AnswerStatus.ABSTAINED_NO_EVIDENCE if best < thresholds.hit_coverage else None


def after(query: Query, evidence: Evidence, thresholds: Thresholds = THRESHOLDS) -> AnswerStatus | None:
    """Return the reason to abstain that the evidence gives, None where it carries an answer."""
    best = evidence.best
    if best and best.coverage >= thresholds.unit_coverage:
        return None
    if _would_answer(evidence.lapsed, thresholds):
        return AnswerStatus.ABSTAINED_SUPERSEDED
    return AnswerStatus.ABSTAINED_NO_EVIDENCE


def _would_answer(units: Sequence[Unit], thresholds: Thresholds) -> bool:
    return bool(units) and units[0].coverage >= thresholds.unit_coverage
