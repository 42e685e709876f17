"""A rehearsal: everything that may have to be done with keys, on a throw-away repository, each step checked.

Rehearsed on the day of the ceremony, yearly, and with every change of this program.  A machine that was there from
the beginning (TUF's own client, with its memory kept) goes along, and has to accept what it should and nothing else.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata, MetaFile
from tuf.ngclient import Updater

from sync.ceremony import Ceremony, add_publisher, create, rotate
from sync.edition import ReleaseDraft, prepare_release, release_files
from sync.errors import ForeignDirectoryError, SigningError, SyncError
from sync.keys import PublicKey, new_keys, open_key
from sync.pack import write_pack
from sync.pkcs8 import Cost
from sync.prepared import Prepared, sign
from sync.publish import publish, refresh
from sync.repository import Repository
from sync.roles import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, TOP_LEVEL, Thresholds
from sync.verify import FolderFetcher, client

PUBLISHER = "rehearsal-ministry"
FAR = 1_000_000
# The files of a rehearsal protect nothing and are opened a hundred times.
_CHEAP, _PASSWORD = Cost(n=2**4, p=1), "only for the rehearsal"


@dataclass(frozen=True, slots=True)
class Step:
    """What was tried, and what went wrong; `problem` is empty where all went well."""

    name: str
    problem: str = ""


@dataclass
class _Stage:
    """The throw-away repository, its keys by name, the day it is, and the machine that goes along."""

    folder: Path
    random: Callable[[int], bytes]
    now: datetime
    repository: Repository = field(init=False)
    publics: dict[str, PublicKey] = field(default_factory=dict)
    online: list[str] = field(default_factory=lambda: ["snapshot-1", "timestamp-1"])
    root: bytes = b""

    def __post_init__(self) -> None:
        self.repository = Repository(self.folder / "repository")

    def key(self, name: str) -> PublicKey:
        """Return a key, made when it is first asked for."""
        if name not in self.publics:
            made = new_keys(self.folder / "keys", [name], lambda _: _PASSWORD, random=self.random, cost=_CHEAP)
            self.publics[name] = made[0]
        return self.publics[name]

    def signer(self, name: str) -> CryptoSigner:
        """Return a key, opened from its file."""
        return open_key(self.folder / "keys" / f"{self.key(name).name}.key", _PASSWORD)

    def place(self, name: str) -> Path:
        """Return a new folder to prepare something in."""
        return self.folder / "prepared" / name

    def publish(self, prepared: Prepared, names: Sequence[str]) -> None:
        """Have something signed by these and published."""
        for name in names:
            sign(prepared, self.signer(name))
        publish(self.repository, prepared, [self.signer(name) for name in self.online], self.now, root=self.root)

    def visit(self) -> Updater:
        """Let the machine that goes along look, with what it remembers; it raises where it refuses."""
        updater = client(self.folder / "machine", FolderFetcher(self.repository.folder, {}), self.root, self.now)
        updater.refresh()
        return updater

    def replace(self, role: str, old: str, new: str, signers: Sequence[str]) -> None:
        """Replace a key and publish that."""
        self.publish(rotate(self.repository, role, old, self.key(new), self.place(new), self.now), signers)

    def rotate(self, role: str, old: str, new: str, signers: Sequence[str]) -> None:
        """Replace a key and have the machine look."""
        self.replace(role, old, new, signers)
        self.visit()


def rehearse(folder: Path, now: datetime, random: Callable[[int], bytes]) -> Iterator[Step]:
    """Yield each step of a rehearsal in a new folder, as it is done; after a step with a problem there is no other.

    Raises:
        ForeignDirectoryError: the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ForeignDirectoryError(f"{folder} is not empty: a rehearsal begins in a new folder",
                                    hint="Name a folder that does not exist yet.")
    stage = _Stage(folder, random, now)
    for name, step in _STEPS:
        try:
            step(stage)
        except (SyncError, tuf.RepositoryError, tuf.DownloadError) as error:
            yield Step(name, str(error) or type(error).__name__)
            return
        yield Step(name)


def _ceremony(stage: _Stage) -> None:
    keys = {role: [stage.key(f"{role}-{number + 1}") for number in range(Thresholds().of(role)[1])]
            for role in TOP_LEVEL}
    table = ["root-1", "root-2", "root-3", "targets-1", "targets-2", *stage.online]
    stage.root = create(stage.repository.folder, Ceremony(keys, [stage.signer(name) for name in table]), stage.now)
    stage.visit()


def _first_release(stage: _Stage) -> None:
    keys = [stage.key("publisher-1"), stage.key("publisher-2")]
    prepared = add_publisher(stage.repository, PUBLISHER, keys, stage.place("publisher"), stage.now, threshold=2)
    stage.publish(prepared, ["targets-1", "targets-2", "publisher-1", "publisher-2"])
    stage.publish(_release(stage, 1), ["publisher-1", "publisher-2"])
    _wanted(stage.visit().get_targetinfo(f"{PUBLISHER}/release.json"), "the machine does not find the release")


def _release(stage: _Stage, number: int) -> Prepared:
    files = release_files(write_pack({"documents.jsonl": b"{}"}), ())
    return prepare_release(stage.repository, ReleaseDraft(PUBLISHER, "rehearsal", number, files),
                           stage.place(f"release-{number}"), stage.now)


def _too_few(stage: _Stage) -> None:
    _refused(lambda: stage.publish(_release(stage, 2), ["publisher-1"]), "one signature of two was enough")


def _rotate_publisher(stage: _Stage) -> None:
    stage.rotate(PUBLISHER, "publisher-2", "publisher-3", ["targets-1", "targets-2", "publisher-1", "publisher-3"])


def _rotate_targets(stage: _Stage) -> None:
    stage.rotate(TARGETS, "targets-1", "targets-4", ["root-1", "root-2", "root-3", "targets-2", "targets-4"])


def _rotate_snapshot(stage: _Stage) -> None:
    stage.online[0] = "snapshot-2"
    stage.rotate(SNAPSHOT, "snapshot-1", "snapshot-2", ["root-1", "root-2", "root-3"])


def _rotate_timestamp(stage: _Stage) -> None:
    stage.online[1] = "timestamp-2"
    stage.rotate(TIMESTAMP, "timestamp-1", "timestamp-2", ["root-1", "root-2", "root-3"])


def _rotate_root(stage: _Stage) -> None:
    stage.rotate(ROOT, "root-1", "root-6", ["root-1", "root-2", "root-3", "root-6"])


def _lost_key(stage: _Stage) -> None:
    """The file of a root key is gone: the others replace it, without its signature."""
    for path in (stage.folder / "keys").glob("root-2.*"):
        path.unlink()
    _refused(lambda: stage.signer("root-2"), "a lost key opened")
    stage.rotate(ROOT, "root-2", "root-7", ["root-3", "root-4", "root-5"])


def _fast_forward(stage: _Stage) -> None:
    """A thief of the online keys signs versions far ahead: new keys make machines accept ours again."""
    kept = stage.folder / "kept"
    shutil.copytree(stage.repository.folder, kept)
    _thief(stage)
    _refused(stage.visit, "the machine took what the thief could not sign")
    shutil.rmtree(stage.repository.folder)
    kept.rename(stage.repository.folder)
    refresh(stage.repository, [stage.signer(name) for name in stage.online], stage.now)
    _refused(stage.visit, "the machine went back behind what the thief had signed")
    for place, role in enumerate((SNAPSHOT, TIMESTAMP)):
        stage.online[place] = f"{role}-3"
        stage.replace(role, f"{role}-2", f"{role}-3", ["root-3", "root-4", "root-5"])
    stage.visit()
    _wanted(stage.repository.state().version(TIMESTAMP) < FAR, "the versions are still those of the thief")


_STEPS: tuple[tuple[str, Callable[[_Stage], None]], ...] = (
    ("a ceremony: root 3 of 5, targets 2 of 3", _ceremony),
    ("a publisher 2 of 2, and its first release", _first_release),
    ("one signature of two is refused", _too_few),
    ("a new key for a publisher", _rotate_publisher),
    ("a new key for the targets role", _rotate_targets),
    ("a new key for the snapshot role", _rotate_snapshot),
    ("a new key for the timestamp role", _rotate_timestamp),
    ("a new key for the root", _rotate_root),
    ("a root key is lost and replaced", _lost_key),
    ("online keys are stolen and versions run ahead", _fast_forward))


def _thief(stage: _Stage) -> None:
    """Sign a snapshot and a timestamp far ahead with the online keys, and put them in their places."""
    state, signers = stage.repository.state(), [stage.signer(name) for name in stage.online]
    snapshot, timestamp = state.metadata(SNAPSHOT), state.metadata(TIMESTAMP)
    snapshot.signed.version = timestamp.signed.version = FAR
    snapshot.signed.meta[f"{TARGETS}.json"] = MetaFile(FAR)
    data = _signed_alone(snapshot, signers[0])
    timestamp.signed.snapshot_meta = MetaFile(FAR)
    stage.repository.write_role(SNAPSHOT, data)
    stage.repository.write_role(TIMESTAMP, _signed_alone(timestamp, signers[1]))


def _signed_alone(metadata: Metadata[Any], signer: CryptoSigner) -> bytes:
    metadata.sign(signer)
    return metadata.to_bytes()


def _refused(action: Callable[[], object], otherwise: str) -> None:
    try:
        action()
    except (SyncError, tuf.RepositoryError, tuf.DownloadError):
        return
    raise SigningError(otherwise)


def _wanted(outcome: object, otherwise: str) -> None:
    if not outcome:
        raise SigningError(otherwise)
