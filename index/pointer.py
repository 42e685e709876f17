"""`CURRENT`: which generation was activated last, and that it is the same one still.

    CURRENT, CURRENT.copy   {"checksum", "format", "generation", "manifest_sha256", "version"}

Each is replaced by one rename, the copy first; it is asked where the disk lost or spoilt the other.  Whether the
generation is whole is not known here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from corpora.durable import canonical, write_whole

FORMAT, VERSION = "rohnamo-current", 1
CURRENT, COPY = "CURRENT", "CURRENT.copy"


@dataclass(frozen=True, slots=True)
class Pointer:
    """The generation that was activated; `manifest` is the SHA-256 of its manifest."""

    number: int
    manifest: str

    def write(self, root: Path) -> None:
        """Let it be what was activated last.

        Raises:
            corpora.errors.NoSpaceError: the disk is full; what was activated last is as it was.
        """
        plain = {"format": FORMAT, "version": VERSION, "generation": self.number, "manifest_sha256": self.manifest}
        for name in (COPY, CURRENT):
            write_whole(root / name, canonical(plain | {"checksum": _checksum(plain)}) + b"\n")

    @classmethod
    def read(cls, root: Path) -> tuple[Pointer | None, str]:
        """Return what was activated last, and what is wrong with CURRENT where the copy had to be asked."""
        if pointer := _read(root / CURRENT):
            return pointer, ""
        damaged = (root / CURRENT).exists()
        if not (damaged or (root / COPY).exists()):
            return None, ""
        return _read(root / COPY), f"CURRENT is {'damaged' if damaged else 'missing'}"


def _read(path: Path) -> Pointer | None:
    try:
        found = json.loads(path.read_bytes())
        plain = {name: value for name, value in found.items() if name != "checksum"}
        whole = found["checksum"] == _checksum(plain) and (plain["format"], plain["version"]) == (FORMAT, VERSION)
        return Pointer(int(plain["generation"]), str(plain["manifest_sha256"])) if whole else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _checksum(plain: dict[str, Any]) -> str:
    return sha256(canonical(plain)).hexdigest()
