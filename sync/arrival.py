"""The newest release of each publisher, from `release.json` to a verified pack in staging.

The smallest signed way is taken: the pack that is here already, a delta from the one in use, or the whole pack.  A
transport file has its length and hash checked before it is opened (`sync.trust`), and what it produces has its own
checked before anybody reads it (`sync.pack`, `sync.delta`).  What fails for one publisher is told and stays with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from tuf.api.metadata import TargetFile

from sync.audit import Action, AuditLog
from sync.clock import Reading
from sync.delta import apply_delta
from sync.errors import (
    DamagedRepositoryError,
    NoSpaceError,
    OlderRepositoryError,
    PackError,
    PostponedError,
    ReleaseError,
    SyncError,
    UnreachableError,
)
from sync.outbox import Outbox
from sync.outcome import Outcome, Progress, Staged
from sync.pack import decompressed, read_pack
from sync.proof.lines import Lines
from sync.release import RELEASE, REVOCATIONS, DeltaTarget, ReleaseInfo
from sync.revocations import Revocation, read_revocations
from sync.settings import Settings
from sync.staging import Staging
from sync.state import Held, State
from sync.transaction import transaction
from sync.trust import Trust


class Arrivals:
    """What arrives in one sync; `trust` was refreshed.  `revoked` grows as withdrawals are read."""

    def __init__(self, trust: Trust, state: State, staging: Staging, settings: Settings, reading: Reading) -> None:
        self._trust, self._state, self._staging = trust, state, staging
        self._settings, self._reading = settings, reading
        self.revoked: list[Revocation] = []

    def all(self) -> Iterator[Outcome]:
        """Yield an outcome for each publisher; once the line is broken the rest is not tried.

        Raises:
            SyncError: the ministry's own list of withdrawals cannot be read.
        """
        self._read_revocations("")
        broken: UnreachableError | None = None
        for publisher in self._trust.publishers():
            outcome = Outcome(publisher, Progress.FAILED, error=broken) if broken else self._one(publisher)
            broken = outcome.error if isinstance(outcome.error, UnreachableError) else None
            yield outcome

    def _one(self, publisher: str) -> Outcome:
        info = None
        try:
            self._read_revocations(publisher)
            data = self._release(publisher)
            if data is None:
                return Outcome(publisher, Progress.NOTHING)
            info = ReleaseInfo.from_bytes(data, publisher=publisher)
            progress, staged = self._arrive(info, self._state.held().get(publisher))
            self._keep_chain(info, data)
            return Outcome(publisher, progress, info.number, info.sequence, staged)
        except SyncError as error:
            progress = Progress.POSTPONED if isinstance(error, PostponedError) else Progress.FAILED
            number, sequence = (info.number, info.sequence) if info else (0, 0)
            return Outcome(publisher, progress, number, sequence, error=error)

    def _read_revocations(self, publisher: str) -> None:
        target = self._trust.target(f"{publisher}/{REVOCATIONS}" if publisher else REVOCATIONS)
        if target:
            self._withdraw(read_revocations(self._trust.download(target).read_bytes()), publisher)

    def _withdraw(self, read: Iterable[Revocation], publisher: str) -> None:
        """Add to what is withdrawn, together with the records that say so."""
        connection, day = self._state.connection, self._reading.moment.date()
        with transaction(connection):
            new = self._state.revoke(read, publisher)
            audit = AuditLog(Outbox(connection))
            for one in new:
                audit.record(Action.REVOKED, {"document": one.document}, day)
        self.revoked += new

    def _release(self, publisher: str) -> bytes | None:
        target = self._trust.target(f"{publisher}/{RELEASE}")
        return self._trust.download(target).read_bytes() if target else None

    def _keep_chain(self, info: ReleaseInfo, release: bytes) -> None:
        """Keep what was signed over a release, where a quote of it can be proven and it is not here yet.

        Where that cannot be read or written, the release is used all the same, and the next attempt tries again.
        """
        there = self._staging.chain(info.publisher, info.pack.sha256).is_file()
        if info.lines and info.lines.count and not there:
            with suppress(OSError, NoSpaceError):
                self._staging.put_chain(info.publisher, info.pack.sha256, self._trust.chain(info.publisher, release))

    def _arrive(self, info: ReleaseInfo, held: Held | None) -> tuple[Progress, Staged | None]:
        check_order(info, held, self._trust.keyset(info.publisher))
        self._staging.sweep(info.publisher, used=[held.sha256] if held else [], waiting=[info.pack.sha256])
        same = held and (held.sequence, held.sha256) == (info.sequence, info.pack.sha256)
        if same and self._staging.find(info.publisher, info.pack.sha256) is not None:
            return Progress.UNCHANGED, None
        settings = self._settings
        if not info.rollout.includes(settings.device, info.id, self._reading.moment, ring=settings.ring):
            return Progress.HELD_BACK, None
        return Progress.STAGED, self._stage(info, held)

    def _stage(self, info: ReleaseInfo, held: Held | None) -> Staged:
        pack = self._staging.find(info.publisher, info.pack.sha256)
        if pack is None:
            pack = self._fetched(info, held)
            files = read_pack(pack, limits=self._settings.limits)
            if info.lines and info.lines != Lines.of(files):
                raise ReleaseError(f"release {info.number} of {info.publisher} has other lines than it says",
                                   hint="Tell the publisher: the release has to be prepared again.")
        return Staged(info, self._staging.put(info.publisher, info.pack.sha256, pack),
                      self._trust.keyset(info.publisher))

    def _fetched(self, info: ReleaseInfo, held: Held | None) -> bytes:
        whole = self._target(info.pack.target)
        old = self._staging.find(info.publisher, held.sha256) if held else None
        if held and old is not None:
            for delta in _ways(info, held, whole.length):
                with suppress(PackError, DamagedRepositoryError, ReleaseError):    # then the whole pack will do
                    return apply_delta(old, self._transport(self._target(delta.target), info),
                                       produces_length=info.pack.length, produces_sha256=info.pack.sha256)
        return decompressed(self._transport(whole, info), produces_length=info.pack.length,
                            produces_sha256=info.pack.sha256)

    def _transport(self, target: TargetFile, info: ReleaseInfo) -> bytes:
        """Return a verified file and remove it: what it is worth, the pack it produces will hold."""
        self._check_space(target.length, info)
        path: Path = self._trust.download(target)
        data = path.read_bytes()
        path.unlink()
        return data

    def _target(self, path: str) -> TargetFile:
        target = self._trust.target(path)
        if target is None:
            raise ReleaseError(f"{path} is spoken of in {RELEASE}, but nobody has signed it",
                               hint="Tell the publisher: the release has to be prepared again.")
        return target

    def _check_space(self, length: int, info: ReleaseInfo) -> None:
        """See that the file twice (as it comes and as it is verified), its pack and a tenth more have room."""
        wanted, free = (2 * length + info.pack.length) * 11 // 10, self._settings.free(self._staging.staging.parent)
        if free < wanted:
            raise NoSpaceError(f"release {info.number} of {info.publisher} needs {wanted} bytes of free space, "
                               f"{free} are there", hint="Free some space; it is fetched at the next attempt.")


def check_order(info: ReleaseInfo, held: Held | None, keyset: str) -> None:
    """See that a release does not come before the one in use, where the same keys signed both.

    Raises:
        OlderRepositoryError: it does.
        ReleaseError: it is another one under the same sequence.
    """
    if held is None or not held.binds(keyset):
        return
    if info.sequence < held.sequence:
        raise OlderRepositoryError(f"release {info.number} of {info.publisher} (sequence {info.sequence}) is older "
                                   f"than release {held.number} ({held.sequence}), which is in use")
    if info.sequence == held.sequence and info.pack.sha256 != held.sha256:
        raise ReleaseError(f"{info.publisher} published two different packs as sequence {info.sequence}",
                           hint="Tell the publisher: the content has to be published again under the next sequence.")


def _ways(info: ReleaseInfo, held: Held, most: int) -> list[DeltaTarget]:
    """Return the deltas from what is held that are shorter than the whole pack, the shortest first."""
    return sorted((delta for delta in info.deltas if delta.base_sha256 == held.sha256 and delta.length < most),
                  key=lambda delta: delta.length)
