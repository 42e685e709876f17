"""How good retrieval, answers and abstentions are on a set of questions, split by service.

Measures as in ir_measures, over documents in the order their first passage was found: recall@k is the share of
the expected documents among the first k, success@k whether one of them is there, nDCG@10 with gains of 1.
Nothing is tuned here, and a question is counted once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from assistant.answer import Assistant
from assistant.errors import AssistantError
from assistant.query import understand
from assistant.records import Answer
from assistant.retrieve import retrieve
from assistant.verify import fault

Progress = Callable[[int, int], None]


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


def measures(outcomes: Sequence[Outcome]) -> dict[str, float | int | None]:
    """Return every measure of a set of outcomes; None where nothing of its kind was asked."""
    answerable = [one for one in outcomes if one.asked.answerable]
    abstained = [one for one in outcomes if not one.answered]
    unanswerable = [one for one in outcomes if not one.asked.answerable]
    cited = [document in one.asked.expected_documents for one in outcomes for document in one.cited]
    faults = sum(bool(fault(claim.text, [citation.quote for citation in claim.citations]))
                 for one in outcomes for claim in one.answer.claims)
    declined = [one for one in abstained if not one.asked.answerable]
    times = [sum(one.answer.timings_ms.values()) for one in outcomes]
    return {
        "questions": len(outcomes), "unanswerable": len(unanswerable),
        "recall@1": _mean(_recall(one, 1) for one in answerable),
        "recall@5": _mean(_recall(one, 5) for one in answerable),
        "success@1": _mean(_success(one, 1) for one in answerable),
        "success@5": _mean(_success(one, 5) for one in answerable),
        "nDCG@10": _mean(_ndcg(one, 10) for one in answerable),
        "right answers": _mean(one.right for one in answerable),
        "citation precision": _mean(cited),
        "abstention precision": len(declined) / len(abstained) if abstained else None,
        "abstention recall": len(declined) / len(unanswerable) if unanswerable else None,
        "claims at fault": faults,
        "median ms": median(times) if times else None,
    }


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the measures of all outcomes and of each split, language, style and service."""
    grouped = {kind: _grouped(outcomes, kind) for kind in ("split", "language", "style", "service")}
    return {"all": measures(outcomes)} | grouped


def _grouped(outcomes: Sequence[Outcome], kind: str) -> dict[str, dict[str, float | int | None]]:
    names = sorted({getattr(one.asked, kind) for one in outcomes})
    return {name: measures([one for one in outcomes if getattr(one.asked, kind) == name]) for name in names}


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return fmean(listed) if listed else None


def _recall(outcome: Outcome, k: int) -> float:
    expected = set(outcome.asked.expected_documents)
    return len(expected & set(outcome.found[:k])) / len(expected)


def _success(outcome: Outcome, k: int) -> bool:
    return bool(set(outcome.asked.expected_documents) & set(outcome.found[:k]))


def _ndcg(outcome: Outcome, k: int) -> float:
    expected = set(outcome.asked.expected_documents)
    gained = sum(1 / math.log2(place + 1) for place, document in enumerate(outcome.found[:k], 1)
                 if document in expected)
    return gained / sum(1 / math.log2(place + 1) for place in range(1, min(len(expected), k) + 1))
