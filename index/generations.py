"""The snapshots of one machine, numbered, and which of them is in use.

`CURRENT` names it and is replaced by one rename; a snapshot never changes.  Whatever happens to the power, the
old or the new one is in use.  What a snapshot holds is not looked at; its hashes are, when it is activated.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from corpora import errors as corpora_errors
from corpora.durable import canonical, make_folder, write_whole
from index.errors import GenerationError, NoSpaceError, SnapshotError
from index.manifest import MANIFEST, check_files, read_manifest
from index.parts import remove_folder, sweep

FORMAT, VERSION = "rohnamo-current", 1
_NAME = re.compile("[0-9]{4,}")


@dataclass(frozen=True, slots=True)
class Generation:
    """A whole snapshot of this machine.  `counts`: documents, passages, vectors."""

    number: int
    kind: str                          # lexical | full
    counts: dict[str, int]


class Generations:
    """The generations in a folder, which is made when the first is.

    `problems` says in sentences what was wrong when `current` was last asked.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[str] = []
        self._current = root / "CURRENT"

    def path(self, number: int) -> Path:
        """Return the folder of a generation, whether there is one or not."""
        return self.root / f"{number:04d}"

    def new_path(self) -> Path:
        """Return the folder for the next generation, after sweeping away what earlier builds left half done."""
        make_folder(self.root)
        sweep(self.root)
        return self.path(max((*self._numbers(), self._named() or 0)) + 1)

    def list(self) -> tuple[Generation, ...]:
        """Return the whole generations, the oldest first."""
        found = ((number, self._readable(number)) for number in sorted(self._numbers()))
        return tuple(generation for _, generation in found if generation)

    def current(self) -> int | None:
        """Return the number in use, None where none was activated yet.

        Where `CURRENT` is damaged, or what it names is, the newest whole one is in use and `problems` says so.
        """
        self.problems = []
        if not self._current.exists():
            return None
        number, trouble = self._activated()
        if not trouble:
            return number
        newest = max((one.number for one in self.list()), default=None)
        self.problems = [f"{trouble}; " + (f"generation {newest} is used" if newest else "there is no other")]
        return newest

    def verify(self, number: int) -> None:
        """Check every byte of a generation.

        Raises:
            GenerationError: there is none of this number.
            DamagedSnapshotError: a file is missing or differs.
            UnknownFormatError: it was written in another format or version.
        """
        path = self._existing(number)
        check_files(path, read_manifest(path), verify=True)

    def activate(self, number: int) -> None:
        """Put a generation in use, after checking the size of its files.

        Raises:
            GenerationError: there is none of this number.
            DamagedSnapshotError: a file is missing or has another size; the current one stays.
            NoSpaceError: the disk is full; the current one stays.
        """
        path = self._existing(number)
        check_files(path, read_manifest(path), verify=False)
        plain = {"format": FORMAT, "version": VERSION, "generation": number, "manifest_sha256": _manifest_hash(path)}
        try:
            write_whole(self._current, canonical(plain | {"checksum": _checksum(plain)}) + b"\n")
        except corpora_errors.NoSpaceError as error:
            raise NoSpaceError(f"no space left while activating generation {number}") from error

    def roll_back(self) -> int:
        """Put the newest whole generation before the current one in use and return its number.

        Raises:
            GenerationError: there is none before it.
        """
        current = self.current()
        older = [one.number for one in self.list() if current and one.number < current]
        if not older:
            raise GenerationError(f"there is no generation before {current}" if current else "none is in use")
        self.activate(older[-1])
        return older[-1]

    def prune(self, keep: int = 2) -> tuple[int, ...]:
        """Remove all but the current generation and the newest others, `keep` in all; return what was removed.

        What is newer than the current one is left: it may be about to be activated.
        """
        current = self.current() or 0
        older = sorted((number for number in self._numbers() if number < current), reverse=True)
        removed = tuple(sorted(older[max(keep - 1, 0):]))
        for number in removed:
            remove_folder(self.path(number))
        return removed

    def _numbers(self) -> set[int]:
        names = [path.name for path in self.root.iterdir()] if self.root.is_dir() else []
        return {int(name) for name in names if _NAME.fullmatch(name) and self.path(int(name)).name == name}

    def _existing(self, number: int) -> Path:
        path = self.path(number)
        if not path.is_dir():
            raise GenerationError(f"there is no generation {number}")
        return path

    def _readable(self, number: int) -> Generation | None:
        path = self.path(number)
        try:
            manifest = read_manifest(path)
            check_files(path, manifest, verify=False)
        except SnapshotError:
            return None
        return Generation(number, manifest.kind, manifest.counts)

    def _named(self) -> int | None:
        """Return the number CURRENT names, None where it is missing or damaged."""
        try:
            found = json.loads(self._current.read_bytes())
            plain = {name: value for name, value in found.items() if name != "checksum"}
            whole = found["checksum"] == _checksum(plain) and (plain["format"], plain["version"]) == (FORMAT, VERSION)
            return int(plain["generation"]) if whole else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _activated(self) -> tuple[int | None, str]:
        """Return the number CURRENT names, and what is wrong with it or the generation, if anything is."""
        number = self._named()
        if number is None:
            return None, "CURRENT is damaged"
        if not self._readable(number):
            return number, f"generation {number}, which CURRENT names, is damaged or missing"
        named = json.loads(self._current.read_bytes())["manifest_sha256"]
        same = named == _manifest_hash(self.path(number))
        return number, "" if same else f"generation {number} is not the one that was activated"


def _manifest_hash(path: Path) -> str:
    return sha256((path / MANIFEST).read_bytes()).hexdigest()


def _checksum(plain: dict[str, Any]) -> str:
    return sha256(canonical(plain)).hexdigest()
