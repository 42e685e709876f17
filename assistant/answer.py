"""The way from a question to an answer; one function that reads top to bottom.

    query -> retrieve -> evidence -> abstain? -> compose -> generate -> verify -> Answer

It opens no socket, writes no file and keeps nothing of what was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from time import perf_counter

from assistant import abstain, validity
from assistant.compose import cite, compose, missing
from assistant.errors import AssistantError
from assistant.evidence import Evidence, gather
from assistant.generate import Generator
from assistant.offices import find_office
from assistant.prompt import MAX_EVIDENCE, cited_sentences, compose_prompt
from assistant.query import Query, understand
from assistant.records import Answer, AnswerStatus, Claim
from assistant.retrieve import retrieve
from assistant.texts import text
from index import Hit, Snapshot

EXTRACTIVE = "extractive"
# A citizen reads the composed answer meanwhile; later than this nobody waits (seconds).
DEADLINE_S = 60.0
# Share of the topic that the first hit must hold before its office is named to someone who got no answer.
_OF_THE_SERVICE = 0.5


@dataclass(slots=True)
class Assistant:
    """Answers from one snapshot.  `generator` None means facts and extracts only."""

    snapshot: Snapshot
    snapshot_id: str
    today: Callable[[], date]
    generator: Generator | None = None
    lacking_model: str | None = None   # a model that was wanted and cannot be used

    def ask(self, question: str, *, language: str = "auto", at: date | None = None) -> Answer:
        """Return the answer, or the reason there is none; never raises for "no answer".

        Raises:
            UnusableQuestionError: the question cannot be read.
        """
        work = _Work(self, self.today())
        with work.stage("query"):
            query = understand(question, language=language, at=at, today=work.today)
        with work.stage("retrieve"):
            hits = retrieve(self.snapshot, query)
        if reason := abstain.before(query, hits):
            return work.abstained(query, hits, reason)
        with work.stage("evidence"):
            evidence = gather(query, hits, self.snapshot, work.today)
        if reason := abstain.after(query, hits, evidence):
            return work.abstained(query, hits, reason)
        with work.stage("compose"):
            claims = compose(evidence.units)
        with work.stage("generate"):
            claims = work.generated(query, evidence, claims)
        return work.answered(query, hits, evidence, claims)


@dataclass(slots=True)
class _Work:
    """One question on its way: the day, the time each stage took, the warnings so far."""

    assistant: Assistant
    today: date
    timings: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    wording: str = EXTRACTIVE

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self.timings[name] = (perf_counter() - started) * 1000

    def generated(self, query: Query, evidence: Evidence, composed: tuple[Claim, ...]) -> tuple[Claim, ...]:
        """Return verified generated claims, then the composed ones they do not cover; the composed ones else."""
        generator = self.assistant.generator
        if not generator:
            return composed
        citations = [citation for unit in evidence.units for citation in unit.citations][:MAX_EVIDENCE]
        prompt = compose_prompt(query.text, [citation.quote for citation in citations], query.language)
        try:
            draft = generator.generate(prompt, deadline_s=DEADLINE_S, cancelled=lambda: False)
        except AssistantError:
            self.warnings.append(text(query.language, "warning", "model_failed", model=generator.name))
            return composed
        if not generator.shows_text:
            self.warnings.append(text(query.language, "warning", "engine_check", model=generator.name))
            return composed
        written = cite(cited_sentences(draft.text), citations)
        if not written:
            self.warnings.append(text(query.language, "warning", "draft_dropped"))
            return composed
        self.wording = generator.name
        covered = {citation for claim in written for citation in claim.citations}
        return written + tuple(claim for claim in composed if not covered & set(claim.citations))

    def answered(self, query: Query, hits: Sequence[Hit], evidence: Evidence, claims: tuple[Claim, ...]) -> Answer:
        documents = [citation.document for claim in claims for citation in claim.citations]
        lacking = missing(query, evidence.units)
        lapsed = any(not validity.holds(unit.document, unit.fact, self.today) for unit in evidence.units)
        status = (AnswerStatus.ANSWERED_SUPERSEDED if lapsed else
                  AnswerStatus.ANSWERED_PARTLY if lacking else AnswerStatus.ANSWERED)
        self.warnings += validity.warnings(documents, query.language, self.today)
        if documents[0].language != query.language:
            self.warnings.append(text(query.language, "warning", "other_language"))
        return self._answer(query, hits, status, claims, documents[0].service,
                            tuple(text(query.language, "missing", name) for name in lacking))

    def abstained(self, query: Query, hits: Sequence[Hit], reason: AnswerStatus) -> Answer:
        near = reason in (AnswerStatus.ABSTAINED_NO_EVIDENCE, AnswerStatus.ABSTAINED_NEEDS_CLERK,
                          AnswerStatus.ABSTAINED_SUPERSEDED)
        sure = near and hits and hits[0].scores["topic"] >= _OF_THE_SERVICE
        return self._answer(query, hits if near else (), reason, (), hits[0].document.service if sure else "")

    def _answer(self, query: Query, hits: Sequence[Hit], status: AnswerStatus, claims: tuple[Claim, ...],
                service: str, lacking: tuple[str, ...] = ()) -> Answer:
        snapshot = self.assistant.snapshot
        with self.stage("office"):
            office = find_office(snapshot, service, query.language, self.today) if service else None
        return Answer(query.text, query.language, query.script, status, query.at or self.today,
                      self.assistant.snapshot_id, self.wording, claims, tuple((hit, hit.document) for hit in hits),
                      lacking, (*self.warnings, *self._notices(query.language)), office=office, timings_ms=self.timings)

    def _notices(self, language: str) -> Iterator[str]:
        """Yield what stands under every answer: a model that is lacking, search without vectors."""
        if self.assistant.lacking_model:
            yield text(language, "warning", "model_missing", model=self.assistant.lacking_model)
        if self.assistant.snapshot.problems or self.assistant.snapshot.manifest.kind == "lexical":
            yield text(language, "warning", "not_full")
