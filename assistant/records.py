"""What an answer is: the object of `ask --json`.

A citation can only be built from a passage and a span of it, so its quote is verbatim by construction.
Records only; nothing here decides what to answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from corpora.records import Document, Passage
from index import Hit


class AnswerStatus(StrEnum):
    """The closed set of outcomes, in three families."""

    ANSWERED = "answered"
    ANSWERED_PARTLY = "answered_partly"
    ANSWERED_SUPERSEDED = "answered_superseded"
    ABSTAINED_NO_EVIDENCE = "abstained_no_evidence"
    ABSTAINED_OUT_OF_SCOPE = "abstained_out_of_scope"
    ABSTAINED_NEEDS_CLERK = "abstained_needs_clerk"
    ABSTAINED_UNCLEAR = "abstained_unclear"
    ABSTAINED_PERSONAL_DATA = "abstained_personal_data"
    ABSTAINED_SUPERSEDED = "abstained_superseded"
    ABSTAINED_UNSAFE = "abstained_unsafe"
    FAILED_INPUT = "failed_input"
    FAILED_NO_SNAPSHOT = "failed_no_snapshot"
    FAILED_INTERNAL = "failed_internal"


class ClaimKind(StrEnum):
    """Where a claim's words come from."""

    FACT = "fact"
    EXTRACT = "extract"
    GENERATED = "generated"


@dataclass(frozen=True, slots=True)
class Citation:
    """A pointer from a claim to the exact text that supports it."""

    passage: Passage
    document: Document
    span: tuple[int, int]              # code points of passage.text, end exclusive

    def __post_init__(self) -> None:
        start, end = self.span
        if self.passage.document != self.document.id or not 0 <= start < end <= len(self.passage.text):
            raise ValueError(f"no citation: {self.span} is not a stretch of passage {self.passage.id}")

    @property
    def quote(self) -> str:
        """The cited text, verbatim."""
        return self.passage.text[self.span[0]:self.span[1]]

    def to_json(self) -> dict[str, Any]:
        """Return the CITATION object of the contracts."""
        document = self.document
        return {"passage_id": self.passage.id, "document_id": document.id, "title": document.title,
                "publisher": document.publisher, "act": document.act.to_json() if document.act else None,
                "locator": self.passage.locator.to_json(), "quote": self.quote, "span": list(self.span),
                "status": document.status, "valid_from": document.valid_from,
                "valid_until": document.valid_until, "source_url": document.source_url,
                "sha256": document.sha256}


@dataclass(frozen=True, slots=True)
class Computation:
    """A number worked out in code from cited facts: "11 × 78", "858", "сомонӣ"."""

    expression: str
    value: str
    unit: str

    def to_json(self) -> dict[str, str]:
        """Return the plain object of the contracts."""
        return {"expression": self.expression, "value": self.value, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Claim:
    """One checkable sentence with the citations it stands on; never without one."""

    text: str
    kind: ClaimKind
    citations: tuple[Citation, ...]
    computation: Computation | None = None

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("a claim without a citation cannot be shown")

    def to_json(self) -> dict[str, Any]:
        """Return the plain object of the contracts."""
        plain = {"text": self.text, "kind": self.kind,
                 "citations": [citation.to_json() for citation in self.citations]}
        return plain | ({"computation": self.computation.to_json()} if self.computation else {})


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sources that disagree, the later act first, and a sentence that says about what."""

    why: str
    citations: tuple[Citation, ...]

    def __post_init__(self) -> None:
        if len(self.citations) < 2:
            raise ValueError("one source cannot disagree with itself")

    def to_json(self) -> dict[str, Any]:
        """Return the plain object of the contracts."""
        return {"why": self.why, "citations": [citation.to_json() for citation in self.citations]}


@dataclass(frozen=True, slots=True)
class Clarify:
    """One question back to the asker, with answers to choose from; each can be asked as it stands."""

    question: str
    options: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the plain object of the contracts."""
        return {"question": self.question, "options": list(self.options)}


@dataclass(frozen=True, slots=True)
class Office:
    """Whom to ask, as far as the documents say."""

    name: str
    citation: Citation
    address: str | None = None
    phone: str | None = None
    hours: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the plain object of the contracts."""
        return {"name": self.name, "address": self.address, "phone": self.phone, "hours": self.hours,
                "citation": self.citation.to_json()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is shown: claims with their citations, or the reason there are none."""

    question: str
    language: str                      # tg | ru | en | unknown
    script: str                        # Cyrl | Latn | Arab | mixed
    status: AnswerStatus
    as_of: date
    snapshot: str | None
    generator: str
    claims: tuple[Claim, ...] = ()
    hits: tuple[tuple[Hit, Document], ...] = ()
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    clarify: Clarify | None = None
    office: Office | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)

    def to_json(self, qid: str | None = None) -> dict[str, Any]:
        """Return the object of `ask --json`."""
        plain: dict[str, Any] = {} if qid is None else {"qid": qid}
        return plain | {
            "question": self.question, "language": self.language, "script": self.script,
            "status": self.status, "as_of": self.as_of.isoformat(), "snapshot": self.snapshot,
            "generator": self.generator, "claims": [claim.to_json() for claim in self.claims],
            "hits": [hit_json(hit, document) for hit, document in self.hits],
            "missing": list(self.missing), "conflicts": [conflict.to_json() for conflict in self.conflicts],
            "warnings": list(self.warnings), "clarify": self.clarify.to_json() if self.clarify else None,
            "office": self.office.to_json() if self.office else None,
            "timings_ms": {stage: round(value, 2) for stage, value in self.timings_ms.items()}}


def hit_json(hit: Hit, document: Document) -> dict[str, Any]:
    """Return the HIT object of the contracts."""
    return {"passage_id": hit.passage.id, "document_id": document.id, "title": document.title,
            "file": document.file, "source_url": document.source_url,
            "locator": hit.passage.locator.to_json(), "rank": hit.rank,
            "scores": {stage: round(score, 6) for stage, score in hit.scores.items()},
            "text": hit.passage.text}
