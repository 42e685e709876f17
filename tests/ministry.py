"""A ministry with a real repository on disk: its people's keys at hand, its clock set by the test."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from sync import durable
from sync.ceremony import Ceremony, add_publisher, create
from sync.edition import ReleaseDraft, ReleaseFiles, prepare_release
from sync.keys import PublicKey
from sync.pack import compressed, write_pack
from sync.prepared import sign
from sync.publish import publish
from sync.repository import Repository
from sync.roles import TOP_LEVEL, Thresholds
from sync.verify import verify
from tests.repository_simulator import NOW, digest, signer

TABLE = ("root-1", "root-2", "root-3", "targets-1", "targets-2", "snapshot-1", "timestamp-1")


def public(name: str) -> PublicKey:
    """Return the public half of the key of this name."""
    return PublicKey.of(name, signer(name))


def keys() -> Mapping[str, list[PublicKey]]:
    """Return the keys of a first ceremony: five for the root, three for targets, one each for the others."""
    return {role: [public(f"{role}-{number + 1}") for number in range(Thresholds().of(role)[1])] for role in TOP_LEVEL}


def packed(content: bytes) -> bytes:
    """Return a pack of one document."""
    return write_pack({"documents.jsonl": content})


class Ministry:
    """A repository with the publishers min-health (1 of 2) and min-labour (2 of 2)."""

    def __init__(self, folder: Path):
        self.folder, self.now = folder, NOW
        self.repository = Repository(folder / "repository")
        self.online = ["snapshot-1", "timestamp-1"]
        self.places = 0
        self.root = create(self.repository.folder, Ceremony(keys(), [signer(name) for name in TABLE]), self.now)
        for name, threshold in (("min-health", 1), ("min-labour", 2)):
            self.add(name, threshold)

    def copied(self, folder: Path) -> Ministry:
        """Return the same ministry over a copy of its repository, to be changed."""
        shutil.copytree(self.repository.folder, folder / "repository")
        copy = object.__new__(Ministry)
        copy.__dict__ |= self.__dict__ | {"folder": folder, "repository": Repository(folder / "repository"),
                                          "online": list(self.online)}
        return copy

    def add(self, name: str, threshold: int = 1) -> None:
        """Add a publisher with two keys."""
        publics = [public(f"{name}-1"), public(f"{name}-2")]
        prepared = add_publisher(self.repository, name, publics, self.place(), self.now, threshold=threshold)
        self.publish(prepared, "targets-1", "targets-2", f"{name}-1", f"{name}-2")

    def place(self) -> Path:
        """Return a folder that does not exist yet."""
        self.places += 1
        return self.folder / f"prepared-{self.places}"

    def prepare(self, number: int, *, publisher: str = "min-health", content: bytes = b"", **values):
        """Prepare a release of one document, with a delta from a pack that no machine holds."""
        pack = packed(content or f"{publisher} {number}".encode())
        files = ReleaseFiles(pack, compressed(pack), {digest(b"older"): b"delta to " + pack})
        return prepare_release(self.repository, ReleaseDraft(publisher, "health", number, files, **values),
                               self.place(), self.now)

    def publish(self, prepared, *names):
        """Have it signed by these and publish it."""
        for name in names:
            sign(prepared, signer(name))
        return publish(self.repository, prepared, [signer(name) for name in self.online], self.now, root=self.root)

    def release(self, number: int, **values):
        """Publish a release of min-health."""
        return self.publish(self.prepare(number, **values), "min-health-1")

    def verified(self):
        """Return what a machine finds."""
        return verify(self.repository.folder, self.now, root=self.root)

    def later(self, **span) -> None:
        """Let time go by."""
        self.now += timedelta(**span)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, but the lock, to see whether something changed."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "publish.lock"}


def drawn(seed: int):
    """Return a source of randomness that is the same each time."""
    return random.Random(seed).randbytes  # noqa: S311


class PowerCut(Exception):
    """The power went."""


def cut_after(patch, count: int, module: str) -> None:
    """Let the power go before the write of this number that a module makes."""
    left = iter(range(count))

    def write(path, data, **values):
        if next(left, None) is None:
            raise PowerCut
        durable.write_whole(path, data, **values)

    patch.setattr(f"{module}.write_whole", write)
