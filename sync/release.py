"""`release.json`: what a publisher's newest release consists of, under one fixed name that a machine can ask for.

Signed as a target of the publisher's role, so that its hash and length are checked before it is read here; and read
strictly all the same, because a signature says who wrote it, not that it is well made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sync.errors import ReleaseError
from sync.proof.lines import Lines
from sync.rollout import TIME, Rollout, read_time

FORMAT, VERSION = "rohnamo-published-release", 1
RELEASE, REVOCATIONS = "release.json", "revocations.json"
MOST_DELTAS = 8
_PUBLISHER = re.compile("[a-z0-9][a-z0-9._-]{0,99}")
_HASH = re.compile("[0-9a-f]{64}")
# Names of roles that TUF has itself: a publisher of that name would be mistaken for one.
_RESERVED = frozenset({"root", "targets", "snapshot", "timestamp"})


class PackKind(StrEnum):
    """What a pack holds: passages and facts to answer from, or the publisher's own files to look at."""

    TEXT = "text"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class PackTarget:
    """The whole pack.  `sha256` and `length` (bytes) are of the pack itself, `target` is its compressed file."""

    sha256: str
    length: int
    target: str


@dataclass(frozen=True, slots=True)
class DeltaTarget:
    """The way to the pack from an older one.  `length` is that of the delta's file, in bytes."""

    base_sha256: str
    target: str
    length: int


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """One release of a publisher.

    `number` is the edition that people speak of; `sequence` grows by one with each one published and never falls,
    also where the content is an older one again.
    `diff_sha256` is the hash of the comparison that the signers were shown, empty where there was none.
    `lines` is the tree over the lines of the pack, None where it was published before there were proofs.
    """

    publisher: str
    corpus: str
    number: int
    sequence: int
    issued: datetime
    pack: PackTarget
    deltas: tuple[DeltaTarget, ...] = ()
    kind: PackKind = PackKind.TEXT
    rollout: Rollout = field(default_factory=Rollout)
    diff_sha256: str = ""
    lines: Lines | None = None

    @property
    def id(self) -> str:
        """Return the name of the release that a rollout draws by, as in `min-health/12`."""
        return f"{self.publisher}/{self.number}"

    def to_bytes(self) -> bytes:
        """Return the file that is signed: canonical JSON."""
        plain = {
            "format": FORMAT, "version": VERSION, "publisher": self.publisher, "corpus": self.corpus,
            "number": self.number, "sequence": self.sequence, "issued": self.issued.strftime(TIME),
            "kind": self.kind.value, "rollout": self.rollout.to_json(),
            "diff_sha256": self.diff_sha256,
            "pack": {"sha256": self.pack.sha256, "length": self.pack.length, "target": self.pack.target},
            "deltas": [{"base_sha256": delta.base_sha256, "target": delta.target, "length": delta.length}
                       for delta in self.deltas]}
        return canonical(plain | ({"lines": self.lines.to_json()} if self.lines else {}))

    @classmethod
    def from_bytes(cls, data: bytes, *, publisher: str) -> ReleaseInfo:
        """Return what the file of this publisher says.

        Raises:
            ReleaseError: it is of another publisher, format or version, or names a file outside the publisher's.
        """
        plain = read_object(data, RELEASE, FORMAT, VERSION)
        if plain.get("publisher") != publisher:
            raise ReleaseError(f"{RELEASE} of {publisher} speaks of another publisher")
        return _read(lambda: cls._from_json(plain), f"{RELEASE} of {publisher}")

    @classmethod
    def _from_json(cls, plain: Mapping[str, Any]) -> ReleaseInfo:
        publisher, pack = checked_publisher(plain["publisher"]), plain["pack"]
        deltas = tuple(DeltaTarget(_hash(one["base_sha256"]), _own(publisher, one["target"]), _count(one["length"]))
                       for one in plain["deltas"][:MOST_DELTAS])
        return cls(
            publisher, checked_publisher(plain["corpus"]), _count(plain["number"]), _count(plain["sequence"]),
            read_time(plain["issued"]),
            PackTarget(_hash(pack["sha256"]), _count(pack["length"]), _own(publisher, pack["target"])), deltas,
            PackKind(plain["kind"]),
            Rollout.from_json(plain["rollout"]), plain["diff_sha256"] and _hash(plain["diff_sha256"]),
            _tree(plain["lines"]) if "lines" in plain else None)


def checked_publisher(name: object) -> str:
    """Return the name of a publisher or corpus, if it may be one.

    Raises:
        ReleaseError: it has other characters than a-z 0-9 . _ -, or is a name that TUF keeps for itself.
    """
    if not isinstance(name, str) or not _PUBLISHER.fullmatch(name) or name in _RESERVED:
        raise ReleaseError(f"{name!r} cannot be the name of a publisher",
                           hint="Use small Latin letters, digits, dots and hyphens, as in min-health.")
    return name


def canonical(plain: Mapping[str, Any]) -> bytes:
    """Return canonical JSON: keys sorted, no spaces, UTF-8, without a line end."""
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def read_object(data: bytes, name: str, form: str, version: int) -> dict[str, Any]:
    """Return the object in a file of ours.

    Raises:
        ReleaseError: it is not JSON, or of another format or version.
    """
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ReleaseError(f"{name} is not JSON") from error
    if not isinstance(plain, dict) or plain.get("format") != form:
        raise ReleaseError(f"{name} is not a {form}")
    if plain.get("version") != version:
        raise ReleaseError(f"{name} is of version {plain.get('version')}, known is {version}",
                           hint="Update the program on this machine.")
    return plain


def _read(read: Callable[[], ReleaseInfo], name: str) -> ReleaseInfo:
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReleaseError(f"{name} lacks a value or has one of the wrong kind") from error


def _hash(value: object) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError(value)
    return value


def _tree(plain: Mapping[str, Any]) -> Lines:
    count = _count(plain["count"])
    return Lines(count, _hash(plain["root"]) if count else "")


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise ValueError(value)
    return value


def _own(publisher: str, target: object) -> str:
    folder, _, name = str(target).partition("/")
    if not isinstance(target, str) or folder != publisher or not _PUBLISHER.fullmatch(name):
        raise ValueError(target)
    return target
