"""What a snapshot says of itself: `manifest.json`, written last and read first.

It is made of content only (no time, no machine), so that the same input gives the same bytes.
What stands in the files it names is not known here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from corpora.durable import canonical
from index.errors import DamagedSnapshotError, UnknownFormatError
from index.tokens import VERSION as NORMALISER

FORMAT, VERSION = "rohnamo-snapshot", 3
MANIFEST, TABLES, VECTORS = "manifest.json", "passages.sqlite", "vectors.faiss"
LEXICAL, FULL = "lexical", "full"


@dataclass(frozen=True, slots=True)
class EncoderMark:
    """Which encoder made the vectors: its name, the SHA-256 of its weights, the length of a vector."""

    id: str
    sha256: str
    dimension: int


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """How vectors lie in their file: `kind` as faiss names it; `probes`: lists read, None where there are none."""

    kind: str
    probes: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """`counts`: documents, passages, vectors.  `files` maps a name to its length in bytes and its SHA-256."""

    counts: dict[str, int]
    files: dict[str, tuple[int, str]]
    encoder: EncoderMark | None = None
    vectors: IndexPlan | None = None
    normaliser: str = NORMALISER

    @property
    def kind(self) -> str:
        """`full` with the vector of every passage, otherwise `lexical`."""
        return FULL if self.encoder else LEXICAL

    def to_bytes(self) -> bytes:
        """Return the file's content: canonical JSON and a line end."""
        mark = self.encoder
        encoder = {"id": mark.id, "sha256": mark.sha256, "dimension": mark.dimension} if mark else None
        files = {name: {"length": length, "sha256": digest} for name, (length, digest) in self.files.items()}
        plan = self.vectors
        vectors = {"kind": plan.kind, "probes": plan.probes} if plan else None
        plain = {"format": FORMAT, "version": VERSION, "kind": self.kind, "normaliser": self.normaliser,
                 "encoder": encoder, "vectors": vectors, "counts": self.counts, "files": files}
        return canonical(plain) + b"\n"


def read_manifest(directory: Path) -> Manifest:
    """Return the manifest of a snapshot; the files it names are not looked at.

    Raises:
        DamagedSnapshotError: it is missing or cannot be parsed.
        UnknownFormatError: it is of another format or version, or its words were made by another normaliser.
    """
    try:
        content = (directory / MANIFEST).read_bytes()
    except OSError as error:
        raise DamagedSnapshotError(f"{directory.name} has no {MANIFEST}") from error
    return manifest_of(directory.name, content)


def manifest_of(name: str, content: bytes) -> Manifest:
    """Return what the bytes of a manifest say; `name` is the snapshot's.

    Raises:
        DamagedSnapshotError: they cannot be parsed.
        UnknownFormatError: as in `read_manifest`.
    """
    try:
        found = json.loads(content)
        _check_version(name, found)
        return _parsed(found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedSnapshotError(f"{MANIFEST} of {name} cannot be read: {error!r}") from error


def _check_version(name: str, found: dict[str, Any]) -> None:
    if (found["format"], found["version"]) != (FORMAT, VERSION):
        raise UnknownFormatError(f"{name} is {found['format']} {found['version']}, not {FORMAT} {VERSION}")
    if found["normaliser"] != NORMALISER:
        raise UnknownFormatError(f"the words of {name} were made by normaliser {found['normaliser']}, "
                                 f"this program has {NORMALISER}")


def _parsed(found: dict[str, Any]) -> Manifest:
    mark = found["encoder"]
    encoder = EncoderMark(str(mark["id"]), str(mark["sha256"]), int(mark["dimension"])) if mark else None
    plan = found["vectors"]
    vectors = IndexPlan(str(plan["kind"]), int(plan["probes"]) if plan["probes"] else None) if plan else None
    files = {str(name): (int(file["length"]), str(file["sha256"])) for name, file in found["files"].items()}
    counts = {str(name): int(count) for name, count in found["counts"].items()}
    manifest = Manifest(counts, files, encoder, vectors, found["normaliser"])
    needed = {TABLES, VECTORS} if encoder else {TABLES}
    if found["kind"] != manifest.kind or (encoder is None) != (vectors is None):
        raise ValueError("it contradicts itself")
    if set(files) != needed or {*counts} != {"documents", "passages", "vectors"}:
        raise ValueError("it contradicts itself")
    return manifest


def check_files(directory: Path, manifest: Manifest, *, verify: bool) -> None:
    """Check the size of each file, and with `verify` its hash too.

    Raises:
        DamagedSnapshotError: one is missing or differs.
    """
    for name, (length, digest) in manifest.files.items():
        try:
            with (directory / name).open("rb") as file:
                same = file.seek(0, 2) == length and (not verify or (file.seek(0), digest) == (0, _hash(file)))
        except OSError as error:
            raise DamagedSnapshotError(f"{name} of {directory.name} cannot be read") from error
        if not same:
            raise DamagedSnapshotError(f"{name} of {directory.name} is not the file that was built")


def described(path: Path) -> tuple[int, str]:
    """Return the length in bytes and the SHA-256 of a file."""
    with path.open("rb") as file:
        return path.stat().st_size, _hash(file)


def _hash(file: Any) -> str:  # noqa: ANN401
    return file_digest(file, "sha256").hexdigest()
