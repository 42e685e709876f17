"""A repository: signed metadata and targets in a folder that any static server, or a stick, can hold.

    metadata/  1.root.json 2.root.json ... N.targets.json N.min-health.json N.snapshot.json timestamp.json
    targets/   revocations.json and min-health/release.json ..., each with its hash before its name

Files with a number or a hash in their name never change; only timestamp.json is replaced, and it is written last, so
that whoever reads sees the old state whole or the new one whole.  What it holds is trusted by `sync.verify`, not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tuf.api.exceptions import RepositoryError as TufError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

from sync.durable import write_whole
from sync.errors import (
    DamagedRepositoryError,
    ForeignDirectoryError,
    LockedError,
    NoRepositoryError,
    ReleaseError,
)
from sync.lock import only_one
from sync.release import RELEASE, ReleaseInfo
from sync.roles import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, TOP_LEVEL

METADATA_FOLDER, TARGETS_FOLDER, LOCK = "metadata", "targets", "publish.lock"


@dataclass(frozen=True, slots=True)
class State:
    """What is published now: one metadata file for each role, as bytes, by the role's name."""

    files: Mapping[str, bytes]

    def metadata(self, role: str) -> Metadata[Any]:
        """Return the metadata of a role, a new object each time."""
        return Metadata.from_bytes(self.files[role])

    @property
    def root(self) -> Root:
        """Return who may sign the top-level roles."""
        return Metadata[Root].from_bytes(self.files[ROOT]).signed

    def targets(self, role: str = TARGETS) -> Targets:
        """Return what a role that signs targets names.

        Raises:
            ReleaseError: there is no publisher of this name.
        """
        if role not in self.files:
            known = ", ".join(self.publishers) or "none"
            raise ReleaseError(f"there is no publisher {role} in this repository; there is {known}",
                               hint="Mind the spelling, or add the publisher first.")
        return Metadata[Targets].from_bytes(self.files[role]).signed

    @property
    def publishers(self) -> tuple[str, ...]:
        """Return the names of the publishers, sorted."""
        return tuple(sorted(set(self.files) - set(TOP_LEVEL)))

    def version(self, role: str) -> int:
        """Return the version of a role, 0 where there is none."""
        return int(self.metadata(role).signed.version) if role in self.files else 0


class Repository:
    """The repository in a folder.  Opening reads nothing and trusts nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.metadata = folder / METADATA_FOLDER
        self._targets = folder / TARGETS_FOLDER

    def state(self) -> State:
        """Return what is published now.

        Raises:
            NoRepositoryError: the folder is empty or not there.
            ForeignDirectoryError: it holds something else.
            DamagedRepositoryError: a file of it is missing or cannot be read.
        """
        self.check()
        try:
            return self._state()
        except FileNotFoundError as error:
            raise DamagedRepositoryError(f"{Path(error.filename).name} is missing in {self.folder}") from error
        except (TufError, KeyError, AttributeError) as error:
            raise DamagedRepositoryError(f"the metadata in {self.folder} cannot be read") from error

    def check(self) -> None:
        """See that there is a repository at all.

        Raises:
            NoRepositoryError: the folder is empty or not there.
            ForeignDirectoryError: it holds something else.
        """
        if not self.folder.is_dir() or not any(self.folder.iterdir()):
            raise NoRepositoryError(f"{self.folder} is empty or not there: it is no repository")
        if not self.root_path(1).is_file() or not (self.metadata / "timestamp.json").is_file():
            raise ForeignDirectoryError(f"{self.folder} is no repository: it has no {METADATA_FOLDER}/1.root.json "
                                        f"with a timestamp.json beside it")

    def root_path(self, version: int) -> Path:
        """Return where a version of the root lies, whether there is one or not."""
        return self.metadata / f"{version}.{ROOT}.json"

    def role_path(self, role: str, version: int) -> Path:
        """Return where a version of a role lies, whether there is one or not."""
        return self.metadata / (f"{role}.json" if role == TIMESTAMP else f"{version}.{role}.json")

    def roots(self) -> tuple[Path, ...]:
        """Return all versions of the root, the oldest first: a machine walks from the one it knows to the newest."""
        found: list[Path] = []
        while (path := self.root_path(len(found) + 1)).is_file():
            found.append(path)
        return tuple(found)

    def target_path(self, target: TargetFile) -> Path:
        """Return where the content of a target lies, whether it is there or not."""
        folder, _, name = target.path.rpartition("/")
        return self._targets / folder / f"{target.hashes['sha256']}.{name}"

    def read(self, target: TargetFile) -> bytes:
        """Return the content of a target.

        Raises:
            DamagedRepositoryError: it is missing or differs from what was signed.
        """
        path = self.target_path(target)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DamagedRepositoryError(f"{target.path} is missing in {self.folder}") from error
        if len(data) != target.length or sha256(data).hexdigest() != target.hashes["sha256"]:
            raise DamagedRepositoryError(f"{target.path} in {self.folder} differs from what was signed")
        return data

    def release(self, publisher: str) -> ReleaseInfo | None:
        """Return the newest release of a publisher, None where there is none yet."""
        target = self.state().targets(publisher).targets.get(f"{publisher}/{RELEASE}")
        return ReleaseInfo.from_bytes(self.read(target), publisher=publisher) if target else None

    def earlier(self, publisher: str) -> Iterator[tuple[Targets, ReleaseInfo]]:
        """Yield the releases of a publisher whose files are still here, the newest first."""
        for version in range(self.state().version(publisher), 0, -1):
            path = self.role_path(publisher, version)
            signed = Metadata[Targets].from_bytes(path.read_bytes()).signed if path.is_file() else None
            target = signed.targets.get(f"{publisher}/{RELEASE}") if signed else None
            if signed and target and self.target_path(target).is_file():
                yield signed, ReleaseInfo.from_bytes(self.read(target), publisher=publisher)

    def write_target(self, target: TargetFile, data: bytes) -> None:
        """Write the content of a target under its hash, where it is not there already."""
        path = self.target_path(target)
        if not path.is_file() or path.read_bytes() != data:
            write_whole(path, data)

    def write_role(self, role: str, data: bytes) -> None:
        """Write the metadata of a role under its version."""
        version = Metadata.from_bytes(data).signed.version
        write_whole(self.role_path(role, version), data)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep all others from writing.

        Raises:
            LockedError: somebody is writing.
            NoRepositoryError, ForeignDirectoryError: there is nothing to write into.
        """
        self.check()
        with ExitStack() as stack:
            try:
                stack.enter_context(only_one(self.folder / LOCK))
            except LockedError as error:
                raise LockedError(f"somebody is publishing into {self.folder} at this moment",
                                  hint="Wait a minute, look at what they published, then publish again.") from error
            yield

    def _state(self) -> State:
        timestamp = (self.metadata / "timestamp.json").read_bytes()
        version = Metadata[Timestamp].from_bytes(timestamp).signed.snapshot_meta.version
        snapshot = self.role_path(SNAPSHOT, version).read_bytes()
        named = Metadata[Snapshot].from_bytes(snapshot).signed.meta
        files = {name.removesuffix(".json"): meta.version for name, meta in named.items()}
        roles = {role: self.role_path(role, number).read_bytes() for role, number in files.items()}
        state = State({ROOT: self.roots()[-1].read_bytes(), TIMESTAMP: timestamp, SNAPSHOT: snapshot, **roles})
        for role in state.files:
            state.metadata(role)
        return state
