"""The snapshots of one machine, numbered, and which of them is in use.

`CURRENT` (`index.pointer`) names it; a snapshot never changes.  Whatever happens to the power, the old or the new one
is in use.  What a snapshot holds is not looked at; its hashes are, before it is put in use and whenever one is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

from corpora import errors as corpora_errors
from corpora.durable import make_folder, sync_folder
from index.errors import ExistingSnapshotError, GenerationError, NoSpaceError, SnapshotError, UnknownFormatError
from index.manifest import MANIFEST, check_files, read_manifest
from index.parts import alone, remove_folder, sweep
from index.pointer import CURRENT, Pointer

CANDIDATE = "candidate"
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

    def path(self, number: int) -> Path:
        """Return the folder of a generation, whether there is one or not."""
        return self.root / f"{number:04d}"

    def new_path(self) -> Path:
        """Return the folder for the next generation, after sweeping away what earlier builds left half done."""
        make_folder(self.root)
        sweep(self.root)
        return self.path(max((*self._numbers(), self._last())) + 1)

    @contextmanager
    def candidate(self) -> Iterator[Path]:
        """Yield the path for a snapshot that is looked at before it gets a number; if it got none, it is removed.

        Raises:
            ExistingSnapshotError: another process is at it.
        """
        make_folder(self.root)
        path = self.root / CANDIDATE
        with alone(self.root) as held:
            if not held:
                raise ExistingSnapshotError("another process is building a snapshot", hint="Wait until it is done.")
            sweep(self.root)
            remove_folder(path)
            try:
                yield path
            finally:
                remove_folder(path)

    def adopt(self, candidate: Path) -> int:
        """Give a candidate the number of the next generation and return it; it is not in use by that."""
        path = self.new_path()
        candidate.replace(path)
        sync_folder(self.root)
        return int(path.name)

    def list(self) -> tuple[Generation, ...]:
        """Return the whole generations, the oldest first."""
        found = ((number, self._readable(number)) for number in sorted(self._numbers()))
        return tuple(generation for _, generation in found if generation)

    def folders(self) -> tuple[Path, ...]:
        """Return the folder of every generation, whole or not, the oldest first."""
        return tuple(self.path(number) for number in sorted(self._numbers()))

    def current(self, *, verify: bool = False) -> int | None:
        """Return the number in use, None where none was activated yet; sizes are checked, with `verify` every byte.

        Where what was activated is damaged, or is another snapshot by now, the newest whole one before it is in
        use, or else the newest after it; `problems` says so.
        """
        pointer, trouble = Pointer.read(self.root)
        answers = pointer.number if pointer else None
        if (pointer or trouble) and (wrong := self._wrong(pointer, verify=verify)):
            trouble, answers = trouble or wrong, self._nearest(answers, verify=verify)
        used = f"generation {answers} is used" if answers else "there is no other"
        self.problems = [f"{trouble}; {used}"] if trouble else []
        return answers

    def activation(self) -> bytes:
        """Return what changes with every activation, empty before the first; it is read for each question."""
        try:
            return (self.root / CURRENT).read_bytes()
        except FileNotFoundError:
            return b""

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
        """Put a generation in use, after checking every byte of it.

        Raises:
            GenerationError: there is none of this number.
            DamagedSnapshotError: a file is missing or differs; the current one stays.
            NoSpaceError: the disk is full; the current one stays.
        """
        self.verify(number)
        try:
            Pointer(number, _manifest_hash(self.path(number))).write(self.root)
        except corpora_errors.NoSpaceError as error:
            raise NoSpaceError(f"no space left while activating generation {number}") from error

    def roll_back(self) -> int:
        """Put the newest whole generation before the one activated last in use and return its number.

        Raises:
            GenerationError: there is none before it.
        """
        current = self._last() or self.current()
        before = next(self._whole_before(current or 0), None)
        if not before:
            raise GenerationError(f"there is no generation before {current}" if current else "none is in use")
        self.activate(before)
        return before

    def prune(self, keep: int = 2) -> tuple[int, ...]:
        """Remove all but the current generation and the newest whole ones before it, `keep` in all; return which.

        What is newer than the current one is left: it may be about to be activated.  What somebody reads is left
        too (`index.parts.in_use`), for the next time.
        """
        current = self.current() or 0
        kept = set(islice(self._whole_before(current), max(keep - 1, 0)))
        unwanted = sorted(number for number in self._numbers() - kept if number < current)
        return tuple(number for number in unwanted if remove_folder(self.path(number)))

    def _numbers(self) -> set[int]:
        names = [path.name for path in self.root.iterdir()] if self.root.is_dir() else []
        return {int(name) for name in names if _NAME.fullmatch(name) and self.path(int(name)).name == name}

    def _existing(self, number: int) -> Path:
        path = self.path(number)
        if not path.is_dir():
            raise GenerationError(f"there is no generation {number}")
        return path

    def _whole_before(self, number: int) -> Iterator[int]:
        """Yield the generations before one of which every byte is as it was built, the newest first."""
        for older in sorted((one for one in self._numbers() if one < number), reverse=True):
            if self._readable(older, verify=True):
                yield older

    def _nearest(self, number: int | None, *, verify: bool) -> int | None:
        """Return the newest whole generation before a number, else the newest after it: that may be unproven."""
        order = sorted(self._numbers() - {number}, key=lambda one: (number is not None and one > number, -one))
        return next((one for one in order if self._readable(one, verify=verify)), None)

    def _readable(self, number: int, *, verify: bool = False) -> Generation | None:
        path = self.path(number)
        try:
            manifest = read_manifest(path)
            check_files(path, manifest, verify=verify)
        except SnapshotError:
            return None
        return Generation(number, manifest.kind, manifest.counts)

    def _unknown(self, number: int) -> str:
        """Return what to say of a generation that another version of the program wrote, empty of any other."""
        try:
            read_manifest(self.path(number))
        except UnknownFormatError as error:
            return f"generation {number} was built by another version of this program ({error})"
        except SnapshotError:
            pass
        return ""

    def _last(self) -> int:
        """Return the number that was activated last, 0 where that is not known."""
        pointer, _ = Pointer.read(self.root)
        return pointer.number if pointer else 0

    def _wrong(self, pointer: Pointer | None, *, verify: bool) -> str:
        """Return what is wrong with the generation that was activated."""
        if not pointer:
            return "what was activated last is not known"
        if older := self._unknown(pointer.number):
            return older
        if not self._readable(pointer.number, verify=verify):
            return f"generation {pointer.number}, which CURRENT names, is damaged or missing"
        same = pointer.manifest == _manifest_hash(self.path(pointer.number))
        return "" if same else f"generation {pointer.number} is not the one that was activated"


def _manifest_hash(path: Path) -> str:
    return sha256((path / MANIFEST).read_bytes()).hexdigest()
