"""What became of one question: the answer, and all that it was made from.

Nothing is decided here: which status an answer has, what warns of its validity, whom to ask.  Nothing of it is
written anywhere; `--explain` and the measures read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from time import perf_counter

from assistant import abstain, bearing, rumour, validity
from assistant.compose import missing
from assistant.computation import uncomputed
from assistant.conflicts import conflicts
from assistant.drafting import Verdict, Writing
from assistant.evidence import Evidence
from assistant.offices import find_office
from assistant.query import Query
from assistant.records import Answer, AnswerStatus, Citation, Claim, Clarify, Conflict, Office
from assistant.texts import text
from corpora.records import Document, Fact
from index import Hit, Snapshot

EXTRACTIVE = "extractive"
# Share of the topic that the first hit must hold before its office is named to someone who got no answer.
_OF_THE_SERVICE = 0.5
_NONE = Evidence()
_NEAREST_TO = (AnswerStatus.ABSTAINED_NO_EVIDENCE, AnswerStatus.ABSTAINED_NEEDS_CLERK,
               AnswerStatus.ABSTAINED_SUPERSEDED, AnswerStatus.ABSTAINED_UNCLEAR)


@dataclass(frozen=True, slots=True)
class Account:
    """One question and its answer; `evidence` is empty where it was declined before any was looked for."""

    query: Query
    hits: tuple[Hit, ...]
    evidence: Evidence
    answer: Answer
    work: Work
    verdicts: tuple[Verdict, ...] = ()     # on every sentence of a model's draft

    @property
    def chance(self) -> float:
        """How likely the evidence answers the question, 0..1."""
        return abstain.chance(self.query, self.evidence)

    def with_written(self, written: Sequence[Claim], writing: Writing) -> Account:
        """Return the same with verified claims of a draft first, then the composed ones they do not cover."""
        covered = {citation for claim in written for citation in claim.citations}
        kept = (claim for claim in self.answer.claims if claim.computation or not covered & set(claim.citations))
        answer = replace(self.answer, generator=writing.model or EXTRACTIVE, claims=(*written, *kept),
                         warnings=(*self.answer.warnings, *writing.warnings))
        return replace(self, answer=answer, verdicts=tuple(writing.verdicts))


@dataclass(slots=True)
class Work:
    """One question on its way: the day, the time each stage took, the warnings so far."""

    snapshot: Snapshot
    snapshot_id: str
    today: date
    lacking_model: str | None
    timings: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Note how long a stage takes, in milliseconds."""
        started = perf_counter()
        yield
        self.timings[name] = (perf_counter() - started) * 1000

    def answered(self, query: Query, hits: Sequence[Hit], evidence: Evidence, claims: tuple[Claim, ...]) -> Account:
        """Return an answer: whether it is whole and of today, what warns of it, which sources disagree."""
        stated = [citation.document for claim in claims if not claim.computation for citation in claim.citations]
        office = self._office(query, stated[0].service)
        lacking = (*(text(query.language, "missing", name)
                     for name in missing(query, evidence.units, claims, office)),
                   *uncomputed(query, evidence.units, self.snapshot, self.today))
        self.warnings += validity.warnings(_said(claims, evidence), query.language, self.today)
        shown = set(evidence.citations)
        found = tuple(conflict for conflict in conflicts(query, evidence.near, query.at or self.today)
                      if shown.intersection(conflict.citations))
        answer = self._answer(query, _with_cited(hits, claims, found), self._status(query, evidence, lacking), office)
        answer = replace(answer, claims=_later_first(claims, found), missing=lacking, conflicts=found)
        return Account(query, tuple(hits), evidence, answer, self)

    def abstained(self, query: Query, hits: Sequence[Hit], reason: AnswerStatus, evidence: Evidence = _NONE,
                  clarify: Clarify | None = None) -> Account:
        """Return why there is no answer, the nearest documents and, where the service is sure, its office."""
        near = list(hits) if reason in _NEAREST_TO else []
        if reason == AnswerStatus.ABSTAINED_SUPERSEDED:
            near, reason = self._after_lapsed(query, near, evidence)
        sure = near and hits[0].scores["topic"] >= _OF_THE_SERVICE
        office = self._office(query, hits[0].document.service) if sure else None
        answer = self._answer(query, near, reason, office)
        return Account(query, tuple(hits), evidence, replace(answer, clarify=clarify), self)

    def doubted(self, query: Query, hits: Sequence[Hit], evidence: Evidence) -> Account:
        """Return that no official notice confirms an offer of money, and what never to give away."""
        self.warnings += rumour.notices(query.language)
        return self.abstained(query, rumour.nearest(query, hits, self.snapshot), AnswerStatus.ABSTAINED_NO_EVIDENCE,
                              evidence)

    def _status(self, query: Query, evidence: Evidence, lacking: Sequence[str]) -> AnswerStatus:
        best = evidence.best
        if best and bearing.tells_the_past(query, best, evidence.units, self.today):
            return AnswerStatus.ANSWERED_SUPERSEDED
        return AnswerStatus.ANSWERED_PARTLY if lacking else AnswerStatus.ANSWERED

    def _after_lapsed(self, query: Query, hits: Sequence[Hit], evidence: Evidence) -> tuple[list[Hit], AnswerStatus]:
        """Return the hits led by what has lapsed, with its warnings; by its successor where one is on this machine."""
        lapsed = [unit.document for unit in evidence.lapsed]
        known = {document.id: document for document in self.snapshot.documents()}
        following = {found.id for document in lapsed if (found := validity.successor(document, known))}
        if following:
            first = [hit for hit in hits if hit.document.id in following]
            return bearing.led_by(first, hits), AnswerStatus.ABSTAINED_NO_EVIDENCE
        said = [(unit.document, unit.fact) for unit in evidence.lapsed]
        self.warnings += validity.warnings(said, query.language, self.today)
        return bearing.led_by([unit.hit for unit in evidence.lapsed], hits), AnswerStatus.ABSTAINED_SUPERSEDED

    def _office(self, query: Query, service: str) -> Office | None:
        with self.stage("office"):
            return find_office(self.snapshot, service, query.language, self.today) if service else None

    def _answer(self, query: Query, hits: Sequence[Hit], status: AnswerStatus, office: Office | None) -> Answer:
        warnings = tuple(dict.fromkeys((*self.warnings, *self._notices(query.language))))
        return Answer(query.asked or query.text, query.language, query.script, status, query.at or self.today,
                      self.snapshot_id, EXTRACTIVE, hits=tuple((hit, hit.document) for hit in hits), warnings=warnings,
                      office=office, timings_ms=self.timings)

    def _notices(self, language: str) -> Iterator[str]:
        """Yield what stands under every answer: a model that is lacking, search without vectors."""
        if self.lacking_model:
            yield text(language, "warning", "model_missing", model=self.lacking_model)
        if self.snapshot.by_words:
            yield text(language, "warning", "not_full")


def _said(claims: Sequence[Claim], evidence: Evidence) -> Iterator[tuple[Document, Fact | None]]:
    """Yield the documents that the claims quote, each with the fact it states there."""
    cited = [(unit.fact, one) for unit in evidence.units for one in unit.citations]
    for quoted in (citation for claim in claims if not claim.computation for citation in claim.citations):
        yield quoted.document, next((fact for fact, one in cited if one.passage.id == quoted.passage.id
                                     and one.span[0] < quoted.span[1] and quoted.span[0] < one.span[1]), None)


def _with_cited(hits: Sequence[Hit], claims: Sequence[Claim], found: Sequence[Conflict]) -> tuple[Hit, ...]:
    """Return the hits, and behind them the passages that only a computation or a conflict cites."""
    cited = [citation for claim in claims for citation in claim.citations]
    cited += [citation for conflict in found for citation in conflict.citations]
    known = {hit.passage.id for hit in hits}
    further: dict[str, Citation] = {one.passage.id: one for one in cited if one.passage.id not in known}
    return (*hits, *(Hit(one.passage, one.document, {}, len(hits) + at) for at, one in enumerate(further.values(), 1)))


def _later_first(claims: Sequence[Claim], found: Sequence[Conflict]) -> tuple[Claim, ...]:
    """Return the claims in order, but of sources that disagree the later act's first."""
    order = [citation.passage.id for conflict in found for citation in conflict.citations]

    def place(claim: Claim) -> int:
        return next((order.index(one.passage.id) for one in claim.citations if one.passage.id in order), -1)

    return tuple(sorted(claims, key=place)) if order else tuple(claims)
