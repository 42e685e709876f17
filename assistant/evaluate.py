"""How good retrieval, answers and abstentions are on a set of questions, split by service.

Rankings are measured as in `assistant.ranking`, over documents in the order their first passage was found.
Nothing is tuned here, and a question is counted once.  Saved runs are in `assistant.comparison`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from assistant.answer import Assistant
from assistant.errors import AssistantError
from assistant.intervals import interval
from assistant.query import understand
from assistant.ranking import ranking_measures
from assistant.records import Answer
from assistant.retrieve import retrieve
from assistant.verify import fault

Progress = Callable[[int, int], None]
Scores = dict[str, float | int | None]
# What is measured of one question, so that a set has a mean and an interval; the last where nothing can be found.
MEASURES = ("R@1", "R@5", "nDCG@10", "Success@1", "Success@5", "RR@10", "right answers", "abstention recall")
_KINDS = ("split", "language", "style", "service")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the set with what a right answer names."""

    qid: str
    question: str
    language: str
    style: str
    service: str
    split: str
    answerable: bool
    expected_documents: tuple[str, ...]
    expected_values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question.  `found` are document ids in the order of hits."""

    asked: Asked
    found: tuple[str, ...]
    answer: Answer

    @property
    def answered(self) -> bool:
        """Whether claims were shown."""
        return bool(self.answer.claims)

    @property
    def cited(self) -> list[str]:
        """The document of every citation shown."""
        return [citation.document.id for claim in self.answer.claims for citation in claim.citations]

    @property
    def right(self) -> bool:
        """Whether the first claim stands on an expected document and every expected value is shown."""
        shown = " ".join(" ".join(claim.text.split()) for claim in self.answer.claims)
        return (self.answered and bool(set(self.cited) & set(self.asked.expected_documents))
                and all(value in shown for value in self.asked.expected_values))

    @property
    def measures(self) -> dict[str, float]:
        """What is measured of this question, each in [0, 1]; of one without an answer only the abstention."""
        if not self.asked.answerable:
            return {"abstention recall": float(not self.answered)}
        return ranking_measures(self.asked.expected_documents, self.found) | {"right answers": float(self.right)}


def read_questions(path: Path, split: str | None = None) -> list[Asked]:
    """Return the questions of a .jsonl file, of one split or of all.

    Raises:
        AssistantError: the file cannot be read.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        asked = [_asked(row) for row in rows]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise AssistantError(f"{path.name} cannot be read as questions: {error}",
                             "One JSON object a line, as in tests/golden/questions.jsonl.") from error
    return [one for one in asked if split in (None, "all", one.split)]


def _asked(row: dict[str, Any]) -> Asked:
    named = {name: row[name] for name in Asked.__slots__}
    if row["answerable"] and not row["expected_documents"]:
        raise ValueError(f"{row['qid']} is answerable and expects no document")
    return Asked(**(named | {name: tuple(row[name]) for name in ("expected_documents", "expected_values")}))


def run(assistant: Assistant, questions: Sequence[Asked], progress: Progress | None = None) -> list[Outcome]:
    """Ask every question as it is typed, its language unsaid."""
    outcomes = []
    for number, asked in enumerate(questions, 1):
        query = understand(asked.question, today=assistant.today())
        hits = retrieve(assistant.snapshot, query)
        found = tuple(dict.fromkeys(hit.document.id for hit in hits))
        outcomes.append(Outcome(asked, found, assistant.ask(asked.question)))
        if progress:
            progress(number, len(questions))
    return outcomes


def measures(outcomes: Sequence[Outcome]) -> Scores:
    """Return every measure of a set of outcomes; None where nothing of its kind was asked."""
    abstained = [one for one in outcomes if not one.answered]
    cited = [document in one.asked.expected_documents for one in outcomes for document in one.cited]
    faults = sum(bool(fault(claim.text, [citation.quote for citation in claim.citations]))
                 for one in outcomes for claim in one.answer.claims)
    times = [sum(one.answer.timings_ms.values()) for one in outcomes]
    return {
        "questions": len(outcomes), "unanswerable": sum(not one.asked.answerable for one in outcomes),
        **{name: _mean(values) for name, values in _values(outcomes).items()},
        "citation precision": _mean(cited),
        "abstention precision": _mean([not one.asked.answerable for one in abstained]),
        "claims at fault": faults,
        "median ms": median(times) if times else None,
    }


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the measures of all outcomes and of each split, language, style and service.

    `intervals` has the same groups: [low, high] of each measure that is a mean over questions, at 95 %.
    """
    groups = {kind: _grouped(outcomes, kind) for kind in _KINDS}
    return {"all": measures(outcomes),
            **{kind: {name: measures(some) for name, some in named.items()} for kind, named in groups.items()},
            "intervals": {"all": _intervals(outcomes)} | {
                kind: {name: _intervals(some) for name, some in named.items()} for kind, named in groups.items()}}


def _grouped(outcomes: Sequence[Outcome], kind: str) -> dict[str, list[Outcome]]:
    names = sorted({getattr(one.asked, kind) for one in outcomes})
    return {name: [one for one in outcomes if getattr(one.asked, kind) == name] for name in names}


def _intervals(outcomes: Sequence[Outcome]) -> dict[str, list[float] | None]:
    return {name: list(interval(values)) if values else None for name, values in _values(outcomes).items()}


def _values(outcomes: Sequence[Outcome]) -> dict[str, list[float]]:
    """Return one value a question of each measure, of those questions that have it."""
    measured = [one.measures for one in outcomes]
    return {name: [each[name] for each in measured if name in each] for name in MEASURES}


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
