"""A release that arrived takes its place: nothing that was not tried ever answers.

    sync.client ─ staging ─ holdings ─ index.build ─ trial ─ activate ─ note it ─ collect the rest

What does not pass is refused, told, and not tried again under the same circumstances; what is in use goes on
answering.  Power may go at any step: what was verified waits in staging, and the next attempt goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version

from assistant.config import Config
from assistant.errors import AssistantError
from assistant.holdings import FILES, Pack, entries, packs_in_use
from assistant.received import Received, Refusal
from assistant.source_files import keep_files
from assistant.trial import Trial, check_kind
from assistant.update import candidate
from assistant.withdrawn import SYNC
from corpora.errors import CorpusError
from corpora.errors import NoSpaceError as NoCorpusSpaceError
from index import Generations, SnapshotError
from index.errors import ExistingSnapshotError, NoSpaceError
from sync.audit import Action, AuditLog
from sync.client import Client
from sync.errors import PackError
from sync.lock import only_one
from sync.outbox import Outbox
from sync.outcome import Staged, SyncReport
from sync.release import PackKind
from sync.state import Refused
from sync.transaction import transaction

Progress = Callable[[int, int], None]
_FAULTS = (AssistantError, CorpusError, SnapshotError, PackError)
# Not the release's fault: it waits, and is tried again at the next attempt.
_PASSING = (NoSpaceError, NoCorpusSpaceError, ExistingSnapshotError)


def receive(config: Config, client: Client, *, progress: Progress | None = None) -> Received:
    """Fetch what is published, take it into use, and return what came of it.

    progress: is told how many vectors are made, of how many.

    Raises:
        sync.errors.LockedError: another process is at it.
        sync.errors.SyncError: the repository was not reached or is refused as a whole; what is in use stays.
        SnapshotError, CorpusError: there is no room to build, or somebody else is building; what arrived waits.
    """
    with only_one(config.data_dir / SYNC / "receive.lock"):
        report = client.sync()
        taking = _Taking(config, client, report, progress)
        taking.all()
        return Received(report, Generations(config.generations).current(), tuple(taking.activated),
                        tuple(taking.refused))


@dataclass(slots=True)
class _Taking:
    """One round of taking what is staged."""

    config: Config
    client: Client
    report: SyncReport
    progress: Progress | None
    activated: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def all(self) -> None:
        for revocation in self.report.revoked:
            self._record(Action.REVOKED, document=revocation.document)
        staged = [one for one in self.report.staged if self._is_worth_trying(one)]
        for one in staged:
            if one.release.kind is PackKind.FILES:
                self._take([one], self._keep)
        texts = [one for one in staged if one.release.kind is not PackKind.FILES]
        if self._is_lacking():
            self._take([], self._build)
        if texts:
            self._take(texts, self._build)

    def _take(self, staged: Sequence[Staged], take: Callable[[Sequence[Staged]], None]) -> None:
        """Take these into use together; where that does not pass, each by itself, so that one does not hold others."""
        try:
            take(staged)
        except _PASSING:
            raise
        except _FAULTS as error:
            if len(staged) == 1:
                self._refuse(staged[0], error)
            for one in staged if len(staged) > 1 else ():
                self._take([one], take)

    def _build(self, staged: Sequence[Staged]) -> None:
        packs = packs_in_use(self.config, but=[one.publisher for one in staged]) + [_pack(one) for one in staged]
        found = entries(self.config, packs)
        trial = Trial(self.config, staged, packs, sum(len(entry.passages) for entry in found),
                      self.client.state.withdrawn())
        with candidate(self.config, found, progress=self.progress) as built:
            if built.new:
                trial.check(built)
            # From here on a power cut leaves the releases noted, and what answers is built again from them.
            self.client.state.set_unbuilt(True)
            for one in staged:
                self.client.activated(one)
            generation = built.activate().generation
        self.client.state.set_unbuilt(False)
        for one in staged:
            self._told(one, generation=str(generation))
        if not staged:
            self._record(Action.ACTIVATED, release="those in use", generation=str(generation))

    def _keep(self, staged: Sequence[Staged]) -> None:
        for one in staged:
            keep_files(self.config.data_dir / FILES, _pack(one).contents(),
                       packs_in_use(self.config, but=[one.publisher]))
            self.client.activated(one)
            self._told(one)

    def _told(self, staged: Staged, **detail: str) -> None:
        self._record(Action.ACTIVATED, release=staged.release.id, **detail)
        self.activated.append(staged.release.id)

    def _refuse(self, staged: Staged, error: Exception) -> None:
        code, state = str(getattr(error, "code", "failed")), self.client.state
        refusal = Refusal(staged.publisher, staged.release.number, code, str(error), getattr(error, "hint", ""))
        refused = Refused(staged.release.pack.sha256, staged.release.number, str(error),
                          self._circumstances(staged.publisher), self.report.reading.moment)
        with transaction(state.connection):
            state.refuse(staged.publisher, refused)
            self._record(Action.REFUSED, release=staged.release.id, code=code)
        self.refused.append(refusal)

    def _is_worth_trying(self, staged: Staged) -> bool:
        """Return whether a release was not refused before in the same circumstances; if it was, say so again."""
        before = self.client.state.refused().get(staged.publisher)
        if not before or (before.sha256, before.circumstances) != (
                staged.release.pack.sha256, self._circumstances(staged.publisher)):
            return True
        self.refused.append(Refusal(staged.publisher, before.number, "refused_before", before.reason))
        return False

    def _circumstances(self, publisher: str) -> str:
        """Return what decides, besides a release itself, whether it passes: this program, and what else is in use."""
        others = sorted((name, one.sha256) for name, one in self.client.state.held().items() if name != publisher)
        return sha256(f"{version('rohnamo')} {self.config.encoder} {others}".encode()).hexdigest()[:16]

    def _is_lacking(self) -> bool:
        """Return whether what answers is not what is held, or nothing answers though something is."""
        state = self.client.state
        return state.is_unbuilt() or (bool(state.held()) and not Generations(self.config.generations).current())

    def _record(self, action: Action, **detail: str) -> None:
        AuditLog(Outbox(self.client.state.connection)).record(action, detail, self.report.reading.moment.date())


def _pack(staged: Staged) -> Pack:
    check_kind(staged)
    return Pack(staged.publisher, staged.release.number, staged.release.pack.sha256, staged.path)
