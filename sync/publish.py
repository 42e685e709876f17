"""From signed roles to a repository that every machine may read: verify, write, read back.

Everything is checked by a client that knows only the root, with the new files laid over the old ones, before the
first byte is written.  Then targets are written, then roles, then the snapshot role, and the timestamp last, each
flushed to the disk; a power cut in between leaves the old state, and publishing again completes the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, MetaFile, Root, TargetFile, Targets

from sync.counted import are, counted
from sync.errors import ConflictError, ReleaseError, SigningError, SyncError
from sync.keys import named
from sync.pack import decompressed, read_pack
from sync.prepared import Prepared, add_signature
from sync.release import RELEASE, REVOCATIONS, ReleaseInfo
from sync.repository import Repository, State
from sync.revocations import read_revocations
from sync.roles import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, TOP_LEVEL, issued, near_end, stamp
from sync.verify import Verified, verify

_NAME = re.compile("[a-z0-9][a-z0-9._-]{0,99}")
# The timestamp is signed every day and is over after 30: a longer silence is rather a clock that is ahead.
_SILENCE = timedelta(days=30)
Contents = Sequence[tuple[TargetFile, bytes]]


class HostClockError(SyncError):
    """The clock of the host says that nothing was signed for longer than is likely; what it signs would be refused."""

    code: ClassVar[str] = "host_clock"
    next_step: ClassVar[str] = ("Compare the clock with another one and set it. Where it is right and nothing was "
                                "signed for so long: the same with --clock-is-right. Nothing was changed.")


def publish(repository: Repository, prepared: Prepared, online: Sequence[Signer], now: datetime,
            *, root: bytes | None = None) -> Verified:
    """Publish what was prepared and signed, and return what a machine finds afterwards.

    online: the keys of the snapshot and timestamp roles.
    root: the root that is trusted, by default the repository's own first one.

    Raises:
        LockedError: somebody publishes at this moment.
        ConflictError: somebody published since this was prepared.
        SigningError: signatures are wanting.
        ReleaseError: a target is missing, differs, goes backwards, or is not this role's to name.
        PackError: no machine could open the pack.
        RepositoryError: the result would be refused by a machine.  Nothing was changed, whichever it is.
    """
    with repository.lock():
        state = repository.state()
        check_ready(state, prepared)
        contents = tuple(_contents(repository, state, prepared))
        changed = {role: prepared.metadata(role).to_bytes() for role in sorted(prepared.base)}
        write(repository, changed | online_roles(state, changed, online, now), contents, now, root=root)
    return verify(repository.folder, now, root=root)


def refresh(repository: Repository, online: Sequence[Signer], now: datetime) -> Verified:
    """Sign the timestamp anew, and the snapshot role where it is near its end; return what a machine finds.

    `alarms()` of what is returned says which roles people have to gather for.

    Raises:
        SigningError: the keys are not those of the two roles.
        RepositoryError: the result would be refused by a machine; nothing was changed.
    """
    with repository.lock():
        write(repository, online_roles(repository.state(), {}, online, now), (), now)
    return verify(repository.folder, now)


def write(repository: Repository, files: Mapping[str, bytes], contents: Contents, now: datetime,
          *, root: bytes | None = None) -> None:
    """Check the outcome with a client, then write: targets, publishers' roles, targets role, root, snapshot, timestamp.

    Raises:
        RepositoryError: the outcome would be refused; nothing was written.
    """
    overlay = {_place(repository, role, data): data for role, data in files.items()}
    overlay |= {repository.target_path(target).relative_to(repository.folder).as_posix(): data
                for target, data in contents}
    verify(repository.folder, now, root=root, overlay=overlay)
    for target, data in contents:
        repository.write_target(target, data)
    for role in sorted(files, key=_turn):
        repository.write_role(role, files[role])


def online_roles(state: State, changed: Mapping[str, bytes], online: Sequence[Signer], now: datetime,
                 ) -> dict[str, bytes]:
    """Return the snapshot role, where it has to be a new one, and the timestamp that follow on changed roles.

    Raises:
        SigningError: a key of theirs is not among `online`.
    """
    root = Metadata[Root].from_bytes(changed.get(ROOT, state.files[ROOT])).signed
    files, snapshot = {}, state.files[SNAPSHOT]
    named_roles = {role: data for role, data in changed.items() if role not in (ROOT, SNAPSHOT, TIMESTAMP)}
    if named_roles or _to_renew(root, state.metadata(SNAPSHOT), now):
        metadata = next_role(state, SNAPSHOT, now)
        for role, data in named_roles.items():
            metadata.signed.meta[f"{role}.json"] = MetaFile(Metadata.from_bytes(data).signed.version)
        snapshot = files[SNAPSHOT] = signed_by(root, SNAPSHOT, metadata, online)
    timestamp = next_role(state, TIMESTAMP, now)
    version = Metadata.from_bytes(snapshot).signed.version
    timestamp.signed.snapshot_meta = MetaFile(version, len(snapshot), {"sha256": sha256(snapshot).hexdigest()})
    return files | {TIMESTAMP: signed_by(root, TIMESTAMP, timestamp, online)}


def signed_by(root: Root, role: str, metadata: Metadata[Any], signers: Sequence[Signer]) -> bytes:
    """Return a top-level role signed by those of the signers who may.

    Raises:
        SigningError: they are too few.
    """
    may = root.get_delegated_role(role).keyids
    for signer in signers:
        if signer.public_key.keyid in may:
            add_signature(metadata, signer)
    result = root.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    if not result:
        names = ", ".join(sorted(named(root.get_key(keyid)) for keyid in may if keyid not in result.signed))
        raise SigningError(f"{role} wants {counted(result.threshold, 'signature')}, {are(len(result.signed))} there",
                           hint=f"Give {result.missing} more of the keys of {names}.")
    return metadata.to_bytes()


def next_role(state: State, role: str, now: datetime) -> Metadata[Any]:
    """Return the role as it is published with the next version, without signatures."""
    metadata = state.metadata(role)
    metadata.signed.version += 1
    metadata.signatures.clear()
    stamp(role, metadata.signed, now)
    return metadata


def _to_renew(root: Root, snapshot: Metadata[Any], now: datetime) -> bool:
    result = root.get_verification_result(SNAPSHOT, snapshot.signed_bytes, snapshot.signatures)
    return not result or near_end(snapshot.signed, now)


def _check_base(state: State, prepared: Prepared) -> None:
    for role, base in prepared.base.items():
        there = state.files.get(role)
        # What is there already was written by a publishing that was cut off: it is completed.
        unmoved = sha256(there).hexdigest() == base if there else not base
        if not unmoved and there != prepared.metadata(role).to_bytes():
            raise ConflictError(f"{role} {state.version(role)} was published by somebody else since this was prepared; "
                                f"theirs stands")


def check_ready(state: State, prepared: Prepared) -> None:
    """See that nobody published meanwhile, and that all signatures of people are there.

    Raises:
        ConflictError, SigningError: as it is not so.
    """
    _check_base(state, prepared)
    for wanted in prepared.wanted(state):
        if wanted.missing:
            raise SigningError(wanted.line(), hint=f"Have it signed by {wanted.missing} of "
                                                   f"{', '.join(wanted.may_sign) or 'the keys of the role'}.")


def check_clock(state: State, now: datetime) -> None:
    """See that the clock of the host did not run ahead: machines refuse what was signed after now until that day.

    Raises:
        HostClockError: the timestamp was signed more than 30 days before `now`.
    """
    last = issued(state.metadata(TIMESTAMP).signed)
    if last and now - last > _SILENCE:
        raise HostClockError(f"the clock of this host says that it is {now.date()}, {(now - last).days} days after "
                             f"the timestamp was signed last ({last.date()})")


def _contents(repository: Repository, state: State, prepared: Prepared) -> Iterator[tuple[TargetFile, bytes]]:
    for role in prepared.base:
        signed = prepared.metadata(role).signed
        if isinstance(signed, Targets):
            contents = {path: _content(repository, prepared, role, target) for path, target in signed.targets.items()}
            _check_forward(repository, state, role, contents, anew=_begins_anew(state, prepared, role))
            yield from ((signed.targets[path], data) for path, data in contents.items())


def _content(repository: Repository, prepared: Prepared, role: str, target: TargetFile) -> bytes:
    folder, _, name = target.path.rpartition("/")
    if folder != ("" if role == TARGETS else role) or not _NAME.fullmatch(name):
        raise ReleaseError(f"{role} may not name the file {target.path!r}")
    data = prepared.target(target)
    if data is None:
        return repository.read(target)
    if len(data) != target.length or sha256(data).hexdigest() != target.hashes["sha256"]:
        raise ReleaseError(f"{target.path} differs from what was signed", hint="Copy the prepared folder again.")
    return data


def _begins_anew(state: State, prepared: Prepared, role: str) -> bool:
    """Return whether other keys sign for a publisher from now on: its releases may then begin anew."""
    if role in TOP_LEVEL or role not in state.files:
        return False
    return set(prepared.keys(role, state)) != set(state.targets().get_delegated_role(role).keyids)


def _check_forward(repository: Repository, state: State, role: str, contents: Mapping[str, bytes],
                   *, anew: bool) -> None:
    prefix = "" if role == TARGETS else f"{role}/"
    before = state.targets(role).targets if role in state.files else {}
    new, old = contents.get(prefix + REVOCATIONS), before.get(prefix + REVOCATIONS)
    known = read_revocations(repository.read(old)) if old else ()
    if set(known) - set(read_revocations(new) if new else ()):
        raise ReleaseError(f"{role} forgets a revocation: that list only grows", hint="Prepare it again.")
    new, old = contents.get(prefix + RELEASE), before.get(prefix + RELEASE)
    if old and not new and not anew:
        raise ReleaseError(f"{role} takes its release away", hint="Release a new one, or revoke documents.")
    if new:
        release = ReleaseInfo.from_bytes(new, publisher=role)
        _check_release(release, contents, ReleaseInfo.from_bytes(repository.read(old), publisher=role) if old else None)


def _check_release(release: ReleaseInfo, contents: Mapping[str, bytes], before: ReleaseInfo | None) -> None:
    for path in (release.pack.target, *(delta.target for delta in release.deltas)):
        if path not in contents:
            raise ReleaseError(f"release {release.id} lacks {path}", hint="Prepare it again.")
    same = before and release.pack == before.pack and release.sequence == before.sequence
    if before and not same and (release.sequence <= before.sequence or release.number <= before.number):
        raise ReleaseError(f"release {release.id} would go back behind {before.id}",
                           hint="Publish the older content under a higher number.")
    pack = release.pack
    read_pack(decompressed(contents[pack.target], produces_length=pack.length, produces_sha256=pack.sha256))


def _place(repository: Repository, role: str, data: bytes) -> str:
    path = repository.role_path(role, Metadata.from_bytes(data).signed.version)
    return path.relative_to(repository.folder).as_posix()


def _turn(role: str) -> int:
    order = (TARGETS, ROOT, SNAPSHOT, TIMESTAMP)
    return order.index(role) if role in TOP_LEVEL else -1
