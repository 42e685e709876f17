"""How good retrieval, answers and abstentions are on a set of questions, split by service.

Rankings are measured as in `assistant.ranking`, over documents in the order their first passage was found; one answer
is judged in `assistant.grading`.  Nothing is tuned here, and a question is counted once.  Saved runs are in
`assistant.comparison`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

from assistant import grading
from assistant.account import Account
from assistant.answer import Assistant
from assistant.drafted import Drafted, drafted, timed
from assistant.drafted import measures as drafted_measures
from assistant.errors import AssistantError
from assistant.grading import SCORES, Expected, Grade, expected
from assistant.intervals import interval, interval_of
from assistant.ranking import ranking_measures
from assistant.records import Answer
from corpora.records import DocumentId

Progress = Callable[[int, int], None]
Scores = dict[str, float | int | None]
# What is measured of one question, so that a set has a mean and an interval; each of the questions it is asked of.
MEASURES = ("R@1", "R@5", "nDCG@10", "Success@1", "Success@5", "RR@10", "right answers", "answered", "right shown",
            "right place", "citation precision", "citation recall", "expected documents", "CRAG", "abstention recall")
# Shares of coverage at which the risk is told.
COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.88, 0.95, 1.0)
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
    """What became of one question.  `found` are document ids in the order of hits, `chance` how sure it was, 0..1."""

    asked: Asked
    found: tuple[str, ...]
    answer: Answer
    wanted: Expected | None = None
    chance: float = 0.0
    would_be: Grade | None = None      # of what would have been shown, where it was declined for want of evidence
    draft: Drafted | None = None       # a model's, where one was asked

    @property
    def answered(self) -> bool:
        """Whether claims were shown."""
        return bool(self.answer.claims)

    @property
    def grade(self) -> Grade:
        """What the answer is worth."""
        return grading.grade(self.answer, self.wanted)

    @property
    def measures(self) -> dict[str, float]:
        """What is measured of this question, each in [0, 1] but CRAG in [-1, 1]; nothing that cannot be asked of it."""
        found = {"CRAG": SCORES[self.grade], **self._shown}
        if not self.wanted:
            return found | {"abstention recall": float(not self.answered)}
        right = float(self.grade == Grade.RIGHT)
        found |= ranking_measures(self.asked.expected_documents, self.found)
        return found | {"right answers": right, "answered": float(self.answered)}

    @property
    def _shown(self) -> dict[str, float]:
        """What is measured of an answer that is shown."""
        if not self.answered:
            return {}
        cited = [one.document.id in (self.wanted.documents if self.wanted else ()) for one in
                 grading.citations(self.answer)]
        found = {"right shown": float(self.grade == Grade.RIGHT), "expected documents": fmean(cited),
                 "citation precision": grading.supporting(self.answer),
                 "citation recall": grading.supported(self.answer),
                 "right place": grading.in_place(self.answer, self.wanted) if self.wanted else None}
        return {name: value for name, value in found.items() if value is not None}


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
        account, draft = assistant.account(asked.question), None
        found = tuple(dict.fromkeys(hit.document.id for hit in account.hits))
        wanted = expected_of(assistant, asked)
        if assistant.drafting.generators:
            account, draft = _worded(assistant, account, wanted)
        anyway = replace(account.answer, claims=account.answer.claims or assistant.anyway(account))
        outcomes.append(Outcome(asked, found, account.answer, wanted, account.chance, grading.grade(anyway, wanted),
                                draft))
        if progress:
            progress(number, len(questions))
    return outcomes


def _worded(assistant: Assistant, account: Account, wanted: Expected | None) -> tuple[Account, Drafted | None]:
    """Return the account as a model words it and its draft, which is asked for, not shown, where it was declined."""
    writing = assistant.writing(account)
    written, seconds = timed(writing)
    draft = drafted(writing, seconds, account, wanted)
    return account.with_written(written, writing) if account.answer.claims else account, draft


def expected_of(assistant: Assistant, asked: Asked) -> Expected | None:
    """Return what is expected; a document that the snapshot lacks can only be named."""
    if not asked.answerable:
        return None
    found = (assistant.snapshot.document(DocumentId(name)) for name in asked.expected_documents)
    wanted = expected([document for document in found if document], asked.expected_values)
    return replace(wanted, documents=frozenset(asked.expected_documents))


def measures(outcomes: Sequence[Outcome]) -> Scores:
    """Return every measure of a set of outcomes; None where nothing of its kind was asked."""
    declined, unanswerable = _declined(outcomes)
    times = [sum(one.answer.timings_ms.values()) for one in outcomes]
    return {
        "questions": len(outcomes), "unanswerable": sum(unanswerable),
        **{name: _mean(values) for name, values in _values(outcomes).items()},
        "abstention precision": _precision(declined, unanswerable), "abstention F1": f1(declined, unanswerable),
        "over-refusal": _mean([refused for refused, none in zip(declined, unanswerable, strict=True) if not none]),
        "altered numbers": sum(grading.altered(one.answer) for one in outcomes),
        "median ms": median(times) if times else None,
    }


def _declined(outcomes: Sequence[Outcome]) -> tuple[list[bool], list[bool]]:
    return [not one.answered for one in outcomes], [not one.asked.answerable for one in outcomes]


def _precision(declined: Sequence[bool], unanswerable: Sequence[bool]) -> float | None:
    return _mean([none for refused, none in zip(declined, unanswerable, strict=True) if refused])


def f1(declined: Sequence[bool], unanswerable: Sequence[bool]) -> float | None:
    """Return the F1 of declining what cannot be answered, 0..1; None where everything can be."""
    both = sum(map(min, declined, unanswerable))
    return 2 * both / (sum(declined) + sum(unanswerable)) if any(unanswerable) else None


def risk_coverage(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """Return the share of wrong answers among those shown, were only the surest share of questions answered.

    Over all questions, answerable or not, the surest first; `threshold` is the chance at which that share is reached.
    Those declined before any evidence come last, and count as wrong once they would have to be answered.
    """
    ranked = sorted(outcomes, key=lambda one: (-one.chance, one.asked.qid))
    rows = []
    for share in COVERAGES:
        shown = ranked[:max(round(share * len(ranked)), 1)]
        wrong = fmean(one.would_be != Grade.RIGHT for one in shown)
        rows.append({"coverage": share, "risk": wrong, "threshold": shown[-1].chance})
    return rows


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the measures of all outcomes and of each split, language, style and service.

    `intervals` has the same groups: [low, high] of each measure that is a mean over questions, at 95 %.
    """
    groups = {kind: _grouped(outcomes, kind) for kind in _KINDS}
    return {"all": measures(outcomes), "risk": risk_coverage(outcomes),
            "drafts": drafted_measures([one.draft for one in outcomes if one.draft]),
            **{kind: {name: measures(some) for name, some in named.items()} for kind, named in groups.items()},
            "intervals": {"all": _intervals(outcomes)} | {
                kind: {name: _intervals(some) for name, some in named.items()} for kind, named in groups.items()}}


def _grouped(outcomes: Sequence[Outcome], kind: str) -> dict[str, list[Outcome]]:
    names = sorted({getattr(one.asked, kind) for one in outcomes})
    return {name: [one for one in outcomes if getattr(one.asked, kind) == name] for name in names}


def _intervals(outcomes: Sequence[Outcome]) -> dict[str, list[float] | None]:
    declined, unanswerable = _declined(outcomes)

    def f1_of(places: Sequence[int]) -> float | None:
        return f1([declined[place] for place in places], [unanswerable[place] for place in places])

    spread = interval_of(f1_of, len(outcomes))
    return {name: list(interval(values)) if values else None for name, values in _values(outcomes).items()} | {
        "abstention F1": list(spread) if spread else None}


def _values(outcomes: Sequence[Outcome]) -> dict[str, list[float]]:
    """Return one value a question of each measure, of those questions that have it."""
    measured = [one.measures for one in outcomes]
    return {name: [each[name] for each in measured if name in each] for name in MEASURES}


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
