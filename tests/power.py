"""What the power may leave on a disk when it goes, of what real code did (`tests.recorder`).

    recording(root) ─ steps ─ crashes ─ InMemory, or lay

A disk is what was flushed, with any part of the rest: the first names that were changed or some of them, and of a file
that was not flushed the old bytes, the new ones, half, zeros or noise.  This is harsher than any real file system;
torn sectors and disks that lie about a flush are not modelled.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

from tests.recorder import ROOT, Flushed, Named, Said, Step, Unnamed, Written

SUBSETS = 24
CONTENTS = ("old", "all", "half", "zeros", "noise")


class Disk:
    """What is safe on a disk, and what waits to be flushed: changes of names in order, contents of files."""

    def __init__(self) -> None:
        self._names: dict[int, dict[str, int]] = {}
        self._waiting: list[Named | Unnamed] = []
        self._safe: dict[int, bytes] = {}
        self._data: dict[int, bytes] = {}

    def take(self, step: Step) -> None:
        match step:
            case Named() | Unnamed():
                self._waiting.append(step)
            case Written(node, data):
                self._data[node] = data
            case Flushed(node) if node in self._data:
                self._safe[node] = self._data[node]
            case Flushed(node):
                self._flush_names(node)

    def _flush_names(self, folder: int) -> None:
        """Keep the names of a folder; what went from it to another folder is gone from here, and only that."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if one.folder == folder:
                _apply(self._names, [one])
            elif isinstance(one, Named) and one.before and one.before[0] == folder:
                self._names[folder].pop(one.before[1], None)
                self._waiting.append(replace(one, before=None))
            else:
                self._waiting.append(one)

    def left(self, chance: random.Random) -> Iterator[dict[str, bytes | None]]:
        """Yield what may be found when the power goes now: the bytes by path, None for a folder."""
        for chosen in self._choices(chance):
            names = {folder: dict(held) for folder, held in self._names.items()}
            _apply(names, chosen)
            found = dict(_reached(names, self._data))
            unsafe = any(self._safe.get(node) != self._data[node] for node in found.values() if node in self._data)
            for content in CONTENTS if unsafe else ("all",):
                yield {path: self._found(node, content) for path, node in found.items()}

    def _choices(self, chance: random.Random) -> Iterator[list[Named | Unnamed]]:
        for count in range(len(self._waiting) + 1):
            yield self._waiting[:count]
        for _ in range(SUBSETS if len(self._waiting) > 1 else 0):
            yield [one for one in self._waiting if chance.random() < 0.5]

    def _found(self, node: int, content: str) -> bytes | None:
        data = self._data.get(node)
        safe = self._safe.get(node, b"")
        return data if data is None or data == safe else _spoilt(safe, data, content)


@cache
def _spoilt(safe: bytes, data: bytes, content: str) -> bytes:
    match content:
        case "old":
            return safe
        case "half":
            return data[:len(data) // 2]
        case "zeros":
            return bytes(len(data))
        case "noise":
            return random.Random(len(data)).randbytes(len(data))   # noqa: S311
    return data


def _apply(names: dict[int, dict[str, int]], steps: Iterable[Named | Unnamed]) -> None:
    for step in steps:
        held = names.setdefault(step.folder, {})
        if isinstance(step, Unnamed):
            held.pop(step.name, None)
            continue
        held[step.name] = step.node
        if step.before:
            folder, name = step.before
            if names.get(folder, {}).get(name) == step.node:
                del names[folder][name]


def _reached(names: dict[int, dict[str, int]], files: dict[int, bytes], folder: int = ROOT,
             over: str = "") -> Iterator[tuple[str, int]]:
    for name, node in names.get(folder, {}).items():
        yield over + name, node
        if node not in files:
            yield from _reached(names, files, node, f"{over}{name}/")


def crashes(steps: Iterable[Step], seed: int = 1) -> Iterator[tuple[object, dict[str, bytes | None]]]:
    """Yield each disk that the power may leave after each step, once, with what the program had said last."""
    disk, said, chance, seen = Disk(), None, random.Random(seed), set()   # noqa: S311
    for step in steps:
        disk.take(step)
        if isinstance(step, Said):
            said = step.what
        for left in disk.left(chance):
            key = (said, frozenset(left.items()))
            if key not in seen:
                seen.add(key)
                yield said, left


def lay(left: dict[str, bytes | None], root: Path) -> None:
    """Write such a disk into a folder."""
    for name, data in left.items():
        path = root / name
        (path if data is None else path.parent).mkdir(parents=True, exist_ok=True)
        if data is not None:
            path.write_bytes(data)


class InMemory:
    """A path on such a disk, to read from."""

    def __init__(self, files: dict[str, bytes | None], at: str = "") -> None:
        self._files, self._at = files, at

    @property
    def name(self) -> str:
        return self._at.rpartition("/")[2]

    def __truediv__(self, name: str) -> InMemory:
        return InMemory(self._files, f"{self._at}/{name}" if self._at else name)

    def exists(self) -> bool:
        return self._at in self._files

    def is_dir(self) -> bool:
        return self._files.get(self._at, b"") is None

    def iterdir(self) -> Iterator[InMemory]:
        start = f"{self._at}/"
        return (self / path[len(start):] for path in self._files
                if path.startswith(start) and "/" not in path[len(start):])

    def read_bytes(self) -> bytes:
        data = self._files.get(self._at)
        if data is None:
            raise FileNotFoundError(self._at)
        return data

    def open(self, _mode: str) -> BytesIO:
        return BytesIO(self.read_bytes())
