"""A release that arrived takes its place: nothing that was not tried ever answers.

    sync.client ─ staging ─ holdings ─ index.build ─ trial ─ activate ─ note it ─ collect the rest

What does not pass is refused, told, and not tried again under the same circumstances; what is in use goes on
answering.  Power may go at any step: what was verified waits in staging, and the next attempt goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version

from assistant.admission import AdmissionError
from assistant.config import Config
from assistant.errors import AssistantError, NoSnapshotError
from assistant.holdings import FILES, ClashError, Pack, entries, packs_in_use
from assistant.received import Received, Refusal
from assistant.source_files import keep_files
from assistant.status import answering
from assistant.trial import Trial, check_kind
from assistant.update import candidate
from assistant.withdrawn import SYNC, keep_copy
from corpora.errors import CorpusError, FormatError
from corpora.errors import NoSpaceError as NoCorpusSpaceError
from index import Generations, SnapshotError
from index.errors import ExistingSnapshotError, NoSpaceError
from sync.audit import Action, AuditLog
from sync.client import Client
from sync.lock import only_one
from sync.outbox import Outbox
from sync.outcome import Staged, SyncReport
from sync.release import PackKind
from sync.staging import Staging
from sync.state import Refused
from sync.transaction import transaction

Progress = Callable[[int, int], None]
_FAULTS = (AssistantError, CorpusError, SnapshotError)
# What a release makes the program stumble over is the release's fault as well: one publisher never holds the others.
_STUMBLES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
# Not the release's fault: it waits, and is tried again at the next attempt; so does a pack damaged on the disk.
_PASSING = (NoSpaceError, NoCorpusSpaceError, ExistingSnapshotError)
_TELL = "Nothing can be done about it on this machine: tell the publisher. What was in use before goes on answering."


def receive(config: Config, client: Client, *, progress: Progress | None = None) -> Received:
    """Fetch what is published, take it into use, and return what came of it.

    progress: is told how many vectors are made, of how many.

    Raises:
        sync.errors.LockedError: another process is at it.
        sync.errors.SyncError: the repository was not reached or is refused as a whole, or what arrived was damaged on
            this machine; what is in use stays.
        SnapshotError, CorpusError: there is no room to build, or somebody else is building; what arrived waits.
    """
    with only_one(config.data_dir / SYNC / "receive.lock"):
        report = client.sync()
        keep_copy(config, client.state.withdrawn())
        taking = _Taking(config, client, report, progress)
        taking.all()
        return Received(report, Generations(config.generations).current(), tuple(taking.activated),
                        tuple(taking.refused.values()), tuple(taking.dropped), answering(config) or {})


@dataclass(slots=True)
class _Taking:
    """One round of taking what is staged."""

    config: Config
    client: Client
    report: SyncReport
    progress: Progress | None
    activated: list[str] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)

    def all(self) -> None:
        if self._is_lacking():
            self._take([], self._build)
        texts = [one for one in self.report.staged if one.release.kind is not PackKind.FILES]
        while worth := [one for one in texts if self._is_worth_trying(one)]:
            self._take(worth, self._build)
            texts = [one for one in texts if one.release.id not in self.activated]
        for one in self.report.staged:
            if one.release.kind is PackKind.FILES and self._is_worth_trying(one):
                self._take([one], self._keep)
        if not self.activated and self._is_lacking():         # no release is to blame: why it cannot be built is told
            with suppress(NoSnapshotError):
                self._build([])

    def _take(self, staged: Sequence[Staged], take: Callable[[Sequence[Staged]], None]) -> None:
        """Take these into use together; where that does not pass, each by itself, so that one does not hold others.

        The one whose questions were not answered comes first: what draws them to itself then meets them in use.
        """
        try:
            take(staged)
        except _PASSING:
            raise
        except (*_FAULTS, *_STUMBLES) as error:
            if len(staged) == 1:
                self._refuse(staged[0], error)
                return
            failed = getattr(error, "publisher", "")
            for one in sorted(staged, key=lambda one: one.publisher != failed):
                self._take([one], take)

    def _build(self, staged: Sequence[Staged]) -> None:
        gone = self._gone()
        others = packs_in_use(self.config, but=[*gone, *(one.publisher for one in staged)])
        packs = others + [_pack(one) for one in staged]
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
            self._drop(gone)
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
        self.refused.pop(staged.publisher, None)

    def _gone(self) -> list[str]:
        """Return the publishers of releases in use that the ministry names no more."""
        return sorted(set(self.client.state.held()) - {outcome.publisher for outcome in self.report.outcomes})

    def _drop(self, gone: Sequence[str]) -> None:
        with transaction(self.client.state.connection):
            self.client.state.drop(gone)
            for publisher in gone:
                self._record(Action.REVOKED, publisher=publisher)
        for publisher in gone:
            Staging(self.config.data_dir / SYNC).sweep(publisher, used=())
        self.dropped += gone

    def _refuse(self, staged: Staged, error: Exception) -> None:
        code, state = str(getattr(error, "code", "failed")), self.client.state
        reason = f"this program stumbles over it: {error!r}" if isinstance(error, _STUMBLES) else str(error)
        hint = error.hint if isinstance(error, (AdmissionError, ClashError, FormatError)) else ""
        refusal = Refusal(staged.publisher, staged.release.number, code, reason, hint or _TELL)
        refused = Refused(staged.release.pack.sha256, staged.release.number, reason,
                          self._circumstances(staged.publisher), self.report.reading.moment)
        with transaction(state.connection):
            state.refuse(staged.publisher, refused)
            self._record(Action.REFUSED, release=staged.release.id, code=code)
        self.refused[staged.publisher] = refusal

    def _is_worth_trying(self, staged: Staged) -> bool:
        """Return whether a release was not refused before in the same circumstances; if it was, say so again."""
        before = self.client.state.refused().get(staged.publisher)
        if not before or (before.sha256, before.circumstances) != (
                staged.release.pack.sha256, self._circumstances(staged.publisher)):
            return True
        self.refused.setdefault(staged.publisher, Refusal(staged.publisher, before.number, "refused_before",
                                                          before.reason, _TELL))
        return False

    def _circumstances(self, publisher: str) -> str:
        """Return what decides, besides a release itself, whether it passes: this program, and what else is in use."""
        others = sorted((name, one.sha256) for name, one in self.client.state.held().items() if name != publisher)
        return sha256(f"{version('rohnamo')} {self.config.encoder} {others}".encode()).hexdigest()[:16]

    def _is_lacking(self) -> bool:
        """Return whether what answers is not what is held and named by the ministry, or nothing answers."""
        state, generations = self.client.state, Generations(self.config.generations)
        current = generations.current(verify=True)
        damaged = bool(state.held()) and bool(generations.problems or not current)
        return state.is_unbuilt() or damaged or bool(self._gone())

    def _record(self, action: Action, **detail: str) -> None:
        AuditLog(Outbox(self.client.state.connection)).record(action, detail, self.report.reading.moment.date())


def _pack(staged: Staged) -> Pack:
    check_kind(staged)
    return Pack(staged.publisher, staged.release.number, staged.release.pack.sha256, staged.path)
