"""What publishers sign: a release, how far it may go, and which documents are withdrawn.

Each is prepared in a folder of its own (`sync.prepared`), signed by people, and published (`sync.publish`).
The repository is read here and never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from tuf.api.metadata import TargetFile

from sync.delta import make_delta
from sync.errors import ReleaseError
from sync.pack import compressed, decompressed, read_pack
from sync.prepared import Draft, Prepared, write_prepared
from sync.proof.lines import Lines
from sync.publish import next_role
from sync.release import (
    MOST_DELTAS,
    RELEASE,
    REVOCATIONS,
    DeltaTarget,
    PackKind,
    PackTarget,
    ReleaseInfo,
    checked_publisher,
)
from sync.repository import Repository, State
from sync.revocations import Revocation, checked, joined, read_revocations, write_revocations
from sync.roles import TARGETS
from sync.rollout import Rollout


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """The pack of a release, the same compressed, and the deltas that lead to it by the hash of the older pack."""

    pack: bytes
    compressed: bytes
    deltas: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReleaseDraft:
    """A release as its publisher wants it.  `diff`: the comparison shown to those who sign, if any."""

    publisher: str
    corpus: str
    number: int
    files: ReleaseFiles
    kind: PackKind = PackKind.TEXT
    rollout: Rollout = field(default_factory=Rollout)
    diff: bytes = b""


def earlier_packs(repository: Repository, publisher: str) -> tuple[bytes, ...]:
    """Return the packs of up to eight releases before the one that is being made, the newest first."""
    packs: dict[str, bytes] = {}
    for signed, info in repository.earlier(publisher):
        target = signed.targets[info.pack.target]
        if info.pack.sha256 not in packs and repository.target_path(target).is_file():
            packs[info.pack.sha256] = decompressed(repository.read(target), produces_length=info.pack.length,
                                                   produces_sha256=info.pack.sha256)
        if len(packs) == MOST_DELTAS:
            break
    return tuple(packs.values())


def release_files(pack: bytes, earlier: Iterable[bytes]) -> ReleaseFiles:
    """Return the files of a release: the pack compressed, and a delta from each of at most eight earlier packs.

    A delta that is no shorter than the compressed pack spares nobody anything and is left out.
    """
    bases = {_digest(old): old for old in islice(earlier, MOST_DELTAS) if old != pack}
    whole = compressed(pack)
    deltas = {base: make_delta(old, pack) for base, old in bases.items()}
    return ReleaseFiles(pack, whole, {base: delta for base, delta in deltas.items() if len(delta) < len(whole)})


def prepare_release(repository: Repository, draft: ReleaseDraft, folder: Path, now: datetime) -> Prepared:
    """Prepare the next release of a publisher for signing.

    Raises:
        ReleaseError: the publisher is unknown, or the number is not higher than the last one.
        RepositoryError: there is no repository to follow on.
    """
    state, before = repository.state(), repository.release(checked_publisher(draft.publisher))
    if draft.number <= (before.number if before else 0):
        raise ReleaseError(f"{draft.publisher} has release {before.number if before else 0} already; "
                           f"{draft.number} is not higher",
                           hint="Take a higher number, also to publish older content again.")
    info = _info(draft, (before.sequence if before else 0) + 1, now)
    contents = {info.pack.target: draft.files.compressed}
    contents |= {delta.target: draft.files.deltas[delta.base_sha256] for delta in info.deltas}
    return _prepared(state, info, contents, folder, now, diff=draft.diff)


def prepare_rollout(repository: Repository, publisher: str, rollout: Rollout, folder: Path, now: datetime) -> Prepared:
    """Prepare the newest release of a publisher to go to more machines, or to fewer.

    Raises:
        ReleaseError: the publisher is unknown or has released nothing.
    """
    before = repository.release(checked_publisher(publisher))
    if before is None:
        raise ReleaseError(f"{publisher} has released nothing yet", hint="Prepare a release first.")
    return _prepared(repository.state(), replace(before, rollout=rollout), {}, folder, now)


def revoke(repository: Repository, revocation: Revocation, folder: Path, now: datetime, *, publisher: str = "",
           ) -> Prepared:
    """Prepare the withdrawal of a document, by the ministry's targets role or by its publisher.

    Raises:
        ReleaseError: the publisher is unknown, the document is withdrawn already, or no reason is given.
    """
    role, path = publisher or TARGETS, f"{publisher}/{REVOCATIONS}" if publisher else REVOCATIONS
    state = repository.state()
    there = state.targets(role).targets.get(path)
    known = read_revocations(repository.read(there)) if there else ()
    if checked(revocation).document in {one.document for one in known}:
        raise ReleaseError(f"{revocation.document} is withdrawn already", hint="Nothing has to be done.")
    data = write_revocations(joined(known, (revocation,)))
    metadata = next_role(state, role, now)
    metadata.signed.targets[path] = target = TargetFile.from_data(path, data, ["sha256"])
    summary = f"{role} {metadata.signed.version}: withdraw {revocation.document}: {revocation.reason}"
    return write_prepared(state, Draft(summary, {role: metadata}, ((target, data),)), folder)


def _info(draft: ReleaseDraft, sequence: int, now: datetime) -> ReleaseInfo:
    name, files, digest = draft.publisher, draft.files, _digest(draft.files.pack)
    deltas = tuple(DeltaTarget(base, f"{name}/{draft.number}.from.{base[:8]}.delta.zst", len(data))
                   for base, data in sorted(files.deltas.items()))
    return ReleaseInfo(
        name, checked_publisher(draft.corpus), draft.number, sequence, now.replace(microsecond=0),
        PackTarget(digest, len(files.pack), f"{name}/{draft.number}.pack.zst"), deltas, draft.kind,
        draft.rollout, _digest(draft.diff) if draft.diff else "", Lines.of(read_pack(files.pack)))


def _prepared(state: State, info: ReleaseInfo, contents: Mapping[str, bytes], folder: Path, now: datetime,
              *, diff: bytes = b"") -> Prepared:
    metadata = next_role(state, info.publisher, now)
    new = {f"{info.publisher}/{RELEASE}": info.to_bytes(), **contents}
    kept = {path: target for path, target in metadata.signed.targets.items()
            if not contents or path.endswith(f"/{REVOCATIONS}")}
    metadata.signed.targets = kept | {path: _target(path, data, info) for path, data in new.items()}
    summary = f"release {info.id} (sequence {info.sequence}), to {info.rollout.percent} % of the machines"
    pairs = tuple((metadata.signed.targets[path], data) for path, data in new.items())
    return write_prepared(state, Draft(summary, {info.publisher: metadata}, pairs, diff), folder)


def _target(path: str, data: bytes, info: ReleaseInfo) -> TargetFile:
    target = TargetFile.from_data(path, data, ["sha256"])
    target.unrecognized_fields["custom"] = _custom(path, info)
    return target


def _custom(path: str, info: ReleaseInfo) -> dict[str, Any]:
    plain: dict[str, Any] = {"seq": info.sequence, "kind": info.kind.value}
    base = next((delta.base_sha256 for delta in info.deltas if delta.target == path), "")
    if base or path == info.pack.target:
        plain |= {"produces_sha256": info.pack.sha256, "produces_length": info.pack.length}
    if base:
        plain["base_sha256"] = base
    return plain | ({"rollout": info.rollout.to_json()} if path.endswith(f"/{RELEASE}") else {})


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
