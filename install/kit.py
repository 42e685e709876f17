"""A kit: one folder for a stick, with all that a machine is installed from, and the hash of every file in it.

    KIT/  install.sh  kit.json  MANIFEST  wheels/  sdists/  requirements-PROFILE.txt  debian/
          models/NAME.gguf  release/  root.json  config.toml  units/  docs/

`MANIFEST` is what `sha256sum --check` reads, sorted by path; its own SHA-256 is the kit's fingerprint, which is
compared with the one on paper.  A kit is made in a folder beside it and appears under its name when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST, ABOUT = "MANIFEST", "kit.json"
FORMAT, VERSION = "rohnamo-kit", 1


class KitError(Exception):
    """The kit cannot be gathered, or is not whole.  `hint` is what to do next."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(folder: Path, about: dict[str, Any]) -> str:
    """Write what the kit is and the hash of every file; return its fingerprint.

    Raises:
        KitError: a file's name cannot stand in a manifest that `sha256sum` reads line by line.
    """
    body = {"format": FORMAT, "version": VERSION} | about
    (folder / ABOUT).write_text(json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    lines = [f"{sha256_of(path)}  {path.relative_to(folder)}" for path in files(folder)]
    if any("\\" in line or "\n" in line for line in lines):
        raise KitError("a file of the kit has a line feed or a backslash in its name", "Rename it.")
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8")
    _to_disk(folder)
    return fingerprint(folder)


def files(folder: Path) -> Iterator[Path]:
    """Yield every file of the kit but its manifest, by path."""
    found = [path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST]
    yield from sorted(found, key=lambda path: str(path.relative_to(folder)).encode())


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of the manifest, in hex: it stands for every byte of the kit."""
    return sha256_of(folder / MANIFEST)


def grouped(digest: str) -> str:
    """Return a hash as people compare it: in groups of four."""
    return " ".join(digest[start:start + 4] for start in range(0, len(digest), 4))


def _to_disk(folder: Path) -> None:
    """Let a stick that is pulled out now hold everything."""
    for path in [*files(folder), folder / MANIFEST]:
        with path.open("rb") as file:
            os.fsync(file.fileno())
