"""The way from a question to an answer; one function that reads top to bottom.

    query -> retrieve -> evidence -> abstain? -> compose -> generate -> verify -> Answer

It opens no socket, writes no file and keeps nothing of what was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from assistant import abstain, rumour
from assistant.account import EXTRACTIVE, Account, Work
from assistant.clarify import clarify
from assistant.compose import compose
from assistant.drafting import Drafting, Writing
from assistant.evidence import gather
from assistant.follow_up import Previous, carried
from assistant.generate import never
from assistant.query import understand
from assistant.records import Answer, AnswerStatus, Claim
from assistant.retrieve import retrieve
from index import Snapshot

__all__ = ["EXTRACTIVE", "Account", "Assistant"]


@dataclass(slots=True)
class Assistant:
    """Answers from one snapshot.  Without generators in `drafting`: facts and extracts only."""

    snapshot: Snapshot
    snapshot_id: str
    today: Callable[[], date]
    drafting: Drafting = field(default_factory=Drafting)
    lacking_model: str | None = None   # a model that was wanted and cannot be used

    def ask(self, question: str, *, language: str = "auto", at: date | None = None,
            previous: Previous | None = None) -> Answer:
        """Return the answer, or the reason there is none; never raises for "no answer".

        previous: what may be carried of the answer before, for "and for a child?".

        Raises:
            UnusableQuestionError: the question cannot be read.
        """
        return self.worded(self.account(question, language=language, at=at, previous=previous)).answer

    def account(self, question: str, *, language: str = "auto", at: date | None = None,
                previous: Previous | None = None) -> Account:
        """Return the composed answer with all it was made from; no model is asked.  Raises as `ask`."""
        work = Work(self.snapshot, self.snapshot_id, self.today(), self.lacking_model)
        with work.stage("query"):
            query = understand(question, language=language, at=at, today=work.today)
            query = carried(query, previous, self._titles, work.today) if previous else query
        with work.stage("retrieve"):
            hits = retrieve(self.snapshot, query)
        if reason := abstain.before(query, hits):
            return work.abstained(query, hits, reason)
        if back := clarify(query, hits):
            return work.abstained(query, hits, AnswerStatus.ABSTAINED_UNCLEAR, clarify=back)
        with work.stage("evidence"):
            evidence = gather(query, hits, self.snapshot, work.today)
        if rumour.is_doubtful(query, evidence.units, work.today):
            return work.doubted(query, hits, evidence)
        if reason := abstain.after(query, hits, evidence):
            return work.abstained(query, hits, reason, evidence)
        with work.stage("compose"):
            claims = compose(query, evidence.units, self.snapshot, work.today)
        return work.answered(query, hits, evidence, claims)

    def anyway(self, account: Account) -> tuple[Claim, ...]:
        """Return what would have been shown, had nothing been declined for want of evidence; for measuring."""
        return compose(account.query, account.evidence.units, self.snapshot, account.work.today)

    def worded(self, account: Account) -> Account:
        """Return the same with what a model wrote of it and was verified, before what that does not cover."""
        writing = self.writing(account)
        if not self.drafting.generators or not account.answer.claims:
            return account
        with account.work.stage("generate"):
            written = tuple(writing)
        return account.with_written(written, writing)

    def writing(self, account: Account, *, cancelled: Callable[[], bool] = never) -> Writing:
        """Return the draft of an answer, its claims verified one by one as they are read; nothing is asked before."""
        return self.drafting.begin(account.query, account.evidence.citations, cancelled=cancelled)

    @property
    def _titles(self) -> frozenset[str]:
        return frozenset(document.title for document in self.snapshot.documents())
