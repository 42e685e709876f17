"""What lies prepared for signatures on this machine, for people who look: how far the signing is, and what it changes.

It is read as whoever signs would read it, and nothing here can open a key or sign.  Which keys count is what the folder
says of the repository; whether the signatures suffice is decided again when it is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from tuf.api.exceptions import RepositoryError as TufError
from tuf.api.metadata import Metadata, Root, Targets

from assistant.config import Config
from sync.errors import SyncError
from sync.release import RELEASE, ReleaseInfo, checked_publisher, read_object
from sync.repository import Repository
from sync.roles import ROOT, TARGETS, TOP_LEVEL

FOLDER, PREPARED, DIFF = "prepared", "prepared.json", "diff.json"
_FORMAT, _DIFF_FORMAT, _VERSION = "rohnamo-prepared", "rohnamo-diff", 1
# A whole corpus that is new has some megabytes of comparison; what is larger is read at a terminal.
_MOST_BYTES = 64_000_000
_FAULTS = (OSError, SyncError, TufError, KeyError, TypeError, ValueError, AttributeError)

_ROW = {"id": str, "title": str, "language": str}
_SIDE = {"right": bool, "status": str, "claim": str}
_STATED = (type(None), {"value": str, "unit": str, "quote": str})
# What of a comparison is shown: whoever can write the folder can write anything into it.
_SHAPE = {"before": (type(None), int), "size": {"fetched": int, "fetched_anew": int},
          "warnings": [{"kind": str, "document": str, "text": str}],
          "answers": {"asked": int, "right": int, "worse": int, "more": int,
                      "changed": [{"question": str, "before": _SIDE, "after": _SIDE}]}}
_PARTS = {
    "documents": {"before": int, "after": int, "added": [_ROW], "removed": [_ROW], "changed": [
        _ROW | {"fields": [{"field": str, "before": object, "after": object}], "text": [[[str]]], "more": int}]},
    "facts": [{"title": str, "type": str, "language": str, "before": _STATED, "after": _STATED}],
    "files": {"before": int, "after": int, "added": list, "removed": list}}


@dataclass(frozen=True, slots=True)
class Signed:
    """How many good signatures a role has, of how many."""

    role: str
    good: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A prepared folder.  `digest` is what all signers compare; `broken`: it is not whole, and nothing else is known.

    diff: the comparison whose hash is in what is signed, None where there is none; `wrong_diff`: there is another.
    """

    name: str
    folder: Path
    summary: str = ""
    digest: str = ""
    signed: tuple[Signed, ...] = ()
    releases: tuple[ReleaseInfo, ...] = ()
    diff: Mapping[str, Any] | None = field(default=None, repr=False)
    wrong_diff: bool = False
    broken: bool = False

    @property
    def waits(self) -> bool:
        """Return whether signatures are missing."""
        return any(one.good < one.wanted for one in self.signed)


def prepared_folder(config: Config) -> Path:
    """Return where prepared folders are looked for; it may be a link to another place."""
    return config.data_dir / FOLDER


def read_waiting(config: Config) -> tuple[Waiting, ...]:
    """Return the prepared folders, by name."""
    root = prepared_folder(config)
    found = sorted(path for path in root.iterdir() if (path / PREPARED).is_file()) if root.is_dir() else ()
    return tuple(map(read_prepared, found))


def read_prepared(folder: Path) -> Waiting:
    """Return what lies in a folder; a broken one is told as such."""
    try:
        plain = read_object(_bytes(folder / PREPARED), PREPARED, _FORMAT, _VERSION)
        roles = sorted(role if role in TOP_LEVEL else checked_publisher(role) for role in plain["base"])
        metadata = {role: Metadata.from_bytes(_bytes(folder / "metadata" / f"{role}.json")) for role in roles}
        digest = sha256(b"".join(metadata[role].signed_bytes for role in roles)).hexdigest()
        releases = tuple(_releases(folder, metadata))
        diff, wrong = _diff(folder, releases)
        return Waiting(folder.name, folder, str(plain["summary"]), digest,
                       tuple(_signed(folder, role, metadata) for role in roles), releases, diff, wrong)
    except _FAULTS:
        return Waiting(folder.name, folder, broken=True)


def _releases(folder: Path, metadata: Mapping[str, Metadata[Any]]) -> Iterator[ReleaseInfo]:
    for role in sorted(metadata.keys() - TOP_LEVEL):
        if target := metadata[role].signed.targets.get(f"{role}/{RELEASE}"):
            yield ReleaseInfo.from_bytes(Repository(folder).read(target), publisher=role)


def _diff(folder: Path, releases: tuple[ReleaseInfo, ...]) -> tuple[Mapping[str, Any] | None, bool]:
    """Return the comparison that is signed, or None and whether another lies there."""
    path = folder / DIFF
    if not path.is_file():
        return None, False
    data = _bytes(path)
    if sha256(data).hexdigest() not in {one.diff_sha256 for one in releases}:
        return None, True
    plain = read_object(data, DIFF, _DIFF_FORMAT, _VERSION)
    parts = {name: shape for name, shape in _PARTS.items() if name in plain}
    if not _fits(plain, _SHAPE | parts):
        raise ValueError(f"{path} has another shape")
    return plain, False


def _fits(value: object, shape: Any) -> bool:  # noqa: ANN401
    """Return whether a value is as a shape says: a type, one of several, a list of one, or an object with names."""
    match shape:
        case dict():
            return isinstance(value, dict) and all(name in value and _fits(value[name], one)
                                                   for name, one in shape.items())
        case list():
            return isinstance(value, list) and all(_fits(one, shape[0]) for one in value)
        case tuple():
            return any(_fits(value, one) for one in shape)
    return isinstance(value, shape)


def _signed(folder: Path, role: str, metadata: Mapping[str, Metadata[Any]]) -> Signed:
    """Return how far a role is by whoever may sign it: for the root by the old one and by the new one."""
    results = [delegator.get_verification_result(role, metadata[role].signed_bytes, metadata[role].signatures)
               for delegator in _delegators(folder, role, metadata)]
    least = max(results, key=lambda one: one.missing)
    return Signed(role, least.threshold - least.missing, least.threshold)


def _delegators(folder: Path, role: str, metadata: Mapping[str, Metadata[Any]]) -> tuple[Root | Targets, ...]:
    name = ROOT if role in TOP_LEVEL else TARGETS
    old = Metadata.from_bytes(_bytes(folder / "trust" / f"{name}.json")).signed
    new = metadata[name].signed if name in metadata else old
    return (old, new) if role == ROOT else (new,)


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path} is too large")
    return path.read_bytes()
