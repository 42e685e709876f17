"""How a repository begins and how its keys change: the first root, a new publisher, one key for another.

The first root is made where all key holders sit together.  Afterwards every change of keys is prepared in a folder and
signed like a release: the old threshold and the new one both have to agree on a new root.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)

from sync.counted import are, counted
from sync.errors import ExistingRepositoryError, ForeignDirectoryError, ReleaseError, RepositoryError, SigningError
from sync.keys import PublicKey, named
from sync.prepared import Draft, Prepared, write_prepared
from sync.publish import next_role, signed_by, write
from sync.release import REVOCATIONS, checked_publisher
from sync.repository import Repository, State
from sync.roles import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, TOP_LEVEL, Thresholds, stamp


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Who holds the keys of each top-level role, and who sits at the table to sign."""

    keys: Mapping[str, Sequence[PublicKey]]
    signers: Sequence[Signer]
    thresholds: Thresholds = field(default_factory=Thresholds)


def create(folder: Path, ceremony: Ceremony, now: datetime) -> bytes:
    """Write a new repository without publishers and return its first root, which every machine is given.

    Raises:
        ExistingRepositoryError, ForeignDirectoryError: the folder holds something already.
        SigningError: keys or signatures are too few, or one key is given twice.
    """
    _check_free(folder)
    _check_keys(ceremony)
    root = _first_root(ceremony, now)
    files = {ROOT: signed_by(root, ROOT, Metadata(root), ceremony.signers)}
    metadata: Metadata[Any] = Metadata(Targets(delegations=Delegations({}, {})))
    files[TARGETS] = _signed(root, TARGETS, metadata, ceremony, now)
    metadata = Metadata(Snapshot(meta={f"{TARGETS}.json": MetaFile(1)}))
    files[SNAPSHOT] = snapshot = _signed(root, SNAPSHOT, metadata, ceremony, now)
    metadata = Metadata(Timestamp(snapshot_meta=MetaFile(1, len(snapshot), {"sha256": sha256(snapshot).hexdigest()})))
    files[TIMESTAMP] = _signed(root, TIMESTAMP, metadata, ceremony, now)
    write(Repository(folder), files, (), now)
    return files[ROOT]


def add_publisher(repository: Repository, name: str, keys: Sequence[PublicKey], folder: Path, now: datetime,
                  *, threshold: int = 1) -> Prepared:
    """Prepare a publisher who may sign what lies under its own name, to be signed by the targets role and by itself.

    Raises:
        ReleaseError: the name is taken or cannot be one.
        SigningError: there are fewer keys than signatures wanted.
    """
    state = repository.state()
    if checked_publisher(name) in state.files:
        raise ReleaseError(f"there is a publisher {name} already", hint="To change its keys: rohnamo keys rotate.")
    if not 1 <= threshold <= len({key.keyid for key in keys}):
        raise SigningError(f"{name} wants {counted(threshold, 'signature')} and has {counted(len(keys), 'key')}",
                           hint="Give more keys.")
    targets: Metadata[Targets] = next_role(state, TARGETS, now)
    delegations = targets.signed.delegations or Delegations({}, {})
    roles = {**(delegations.roles or {}), name: DelegatedRole(name, [], threshold, True, paths=[f"{name}/*"])}
    targets.signed.delegations = Delegations(delegations.keys, roles)
    for key in keys:
        targets.signed.add_key(key.key, name)
    own = Metadata(Targets())
    stamp(name, own.signed, now)
    who = ", ".join(key.name for key in keys)
    return write_prepared(state, Draft(f"add publisher {name}: {threshold} of {who}", {TARGETS: targets, name: own}),
                          folder)


def rotate(repository: Repository, role: str, old: str, new: PublicKey, folder: Path, now: datetime) -> Prepared:
    """Prepare the replacement of one key of a role by another.  `old` is its id, or the name of its holder.

    A lost key and a stolen one are replaced in the same way, without it.  What the role has signed is signed again by
    the keys it has then.

    Raises:
        SigningError: the role has no such key, or has the new one already.
    """
    state = repository.state()
    return write_prepared(state, _rotated(state, role, old, new, now), folder)


def rotate_stolen(repository: Repository, publisher: str, old: str, new: PublicKey, folder: Path,
                  now: datetime) -> Prepared:
    """Prepare the same for a publisher whose key a thief has published with: the releases go with the old key.

    The next one is the first under the new keys, whatever number and sequence the thief has gone to.  What was
    withdrawn stays so.

    Raises:
        SigningError: the publisher has no such key, or has the new one already.
        ReleaseError: there is no such publisher.
    """
    if publisher in TOP_LEVEL:
        raise ReleaseError(f"{publisher} is no publisher", hint="Leave out --stolen: it has no releases.")
    state = repository.state()
    draft = _rotated(state, publisher, old, new, now)
    targets = draft.roles[publisher].signed.targets
    for path in set(targets) - {f"{publisher}/{REVOCATIONS}"}:
        del targets[path]
    return write_prepared(state, replace(draft, summary=f"{draft.summary}; its releases begin anew"), folder)


def _rotated(state: State, role: str, old: str, new: PublicKey, now: datetime) -> Draft:
    delegator = ROOT if role in TOP_LEVEL else TARGETS
    if role != ROOT and role not in state.files:
        state.targets(role)
    metadata = next_role(state, delegator, now)
    key = _find(_keys(metadata.signed, role), role, old)
    if new.keyid in _keys(metadata.signed, role):
        raise SigningError(f"{new.name} is a key of {role} already", hint="Make a new key: rohnamo keys new.")
    metadata.signed.revoke_key(key.keyid, role)
    metadata.signed.add_key(new.key, role)
    roles = {delegator: metadata}
    if role == TARGETS or role not in TOP_LEVEL:
        roles[role] = next_role(state, role, now)
    return Draft(f"{role}: key {named(key)} gives way to {new.name}", roles)


def renew(repository: Repository, role: str, folder: Path, now: datetime) -> Prepared:
    """Prepare a role to be signed again as it is, because it is over soon: root, targets or a publisher's.

    Raises:
        ReleaseError: there is no such role, or it is one that the host signs by itself.
    """
    state = repository.state()
    if role in (SNAPSHOT, TIMESTAMP):
        raise ReleaseError(f"{role} is signed by the host", hint="Run: rohnamo release refresh.")
    if role != ROOT:
        state.targets(role)
    metadata = next_role(state, role, now)
    summary = f"{role} {metadata.signed.version}: the same until {metadata.signed.expires.date()}"
    return write_prepared(state, Draft(summary, {role: metadata}), folder)


def holders(state: State, role: str) -> tuple[str, ...]:
    """Return who holds the keys of a role, sorted by name."""
    delegator = state.root if role in TOP_LEVEL else state.targets()
    return tuple(sorted(named(key) for key in _keys(delegator, role).values()))


def _check_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        try:
            Repository(folder).check()
        except RepositoryError as error:
            raise ForeignDirectoryError(f"{folder} is not empty: a repository begins in a new folder",
                                        hint="Name a folder that does not exist yet.") from error
        raise ExistingRepositoryError(f"there is a repository in {folder} already")


def _check_keys(ceremony: Ceremony) -> None:
    seen: set[str] = set()
    for role in TOP_LEVEL:
        keys = [key.keyid for key in ceremony.keys.get(role, ())]
        wanted = ceremony.thresholds.of(role)[1]
        if len(keys) != wanted:
            raise SigningError(f"{role} wants {counted(wanted, 'key')}, {are(len(keys))} given",
                               hint="Give the .pub files of all.")
        if seen.intersection(keys) or len(set(keys)) != len(keys):
            raise SigningError(f"a key of {role} is given twice", hint="Each role and person has a key of its own.")
        seen.update(keys)


def _first_root(ceremony: Ceremony, now: datetime) -> Root:
    root = Root(consistent_snapshot=True)
    for role in TOP_LEVEL:
        root.roles[role] = Role([], ceremony.thresholds.of(role)[0])
        for key in ceremony.keys[role]:
            root.add_key(key.key, role)
    stamp(ROOT, root, now)
    return root


def _signed(root: Root, role: str, metadata: Metadata[Any], ceremony: Ceremony, now: datetime) -> bytes:
    stamp(role, metadata.signed, now)
    return signed_by(root, role, metadata, ceremony.signers)


def _keys(delegator: Root | Targets, role: str) -> dict[str, Key]:
    return {keyid: delegator.get_key(keyid) for keyid in delegator.get_delegated_role(role).keyids}


def _find(keys: Mapping[str, Key], role: str, wanted: str) -> Key:
    found = [key for keyid, key in keys.items() if wanted in (keyid, named(key))]
    if len(found) != 1:
        raise SigningError(f"{role} has no one key {wanted}",
                           hint=f"It has: {', '.join(f'{named(key)} ({keyid[:8]})' for keyid, key in keys.items())}.")
    return found[0]
