"""What real code does to a folder, step by step: names given and taken, files written, what was flushed.

The tree is looked at around each call of `os` that changes names or flushes, so that what SQLite and faiss write is
seen too.  Inodes have numbers of ours, as the system gives its own anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = 0
_CHANGING = ("replace", "rename", "unlink", "remove", "mkdir", "rmdir")


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a folder leads to a file or folder from now on, and no longer from where it was `before`."""

    folder: int
    name: str
    node: int
    before: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class Unnamed:
    folder: int
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    node: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Flushed:
    """`path` is from the folder that is watched; `after` is the name that was given last by a rename."""

    node: int
    path: str
    after: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Said:
    """The program has told that something is done."""

    what: object


Step = Named | Unnamed | Written | Flushed | Said


class Recorder:
    """Sees what becomes of a folder; `steps` is what happened."""

    def __init__(self, root: Path) -> None:
        self.root, self.steps = root, []
        self._names: dict[tuple[int, str], int] = {}
        self._data: dict[int, bytes | None] = {}
        self._nodes, self._made, self._renamed = {root.stat().st_ino: ROOT}, ROOT, ""

    def say(self, what: object) -> None:
        self.look()
        self.steps.append(Said(what))

    def flushed(self, descriptor: int) -> None:
        path = os.path.relpath(Path(f"/proc/self/fd/{descriptor}").readlink(), self.root)
        self.steps.append(Flushed(self._node(os.fstat(descriptor).st_ino), path, self._renamed))

    def look(self) -> None:
        """Note what is another way than it was."""
        names: dict[tuple[int, str], int] = {}
        data: dict[int, bytes | None] = {}
        self._scan(self.root, ROOT, names, data)
        self._note_names({node: place for place, node in self._names.items()}, names)
        self.steps += [Unnamed(*place) for place, node in self._names.items()
                       if node not in data and place not in names]
        self.steps += [Written(node, content) for node, content in data.items()
                       if content is not None and content != self._data.get(node)]
        self._names, self._data = names, data
        self._nodes = {number: node for number, node in self._nodes.items() if node in data or node == ROOT}

    def _note_names(self, was, names) -> None:
        for place, node in names.items():
            if self._names.get(place) != node:
                self._renamed = place[1] if node in was else self._renamed
                self.steps.append(Named(*place, node, was.get(node)))

    def _scan(self, path: Path, folder: int, names, data) -> None:
        for entry in sorted(os.scandir(path), key=lambda one: one.name):
            node = names[folder, entry.name] = self._node(entry.inode())
            data[node] = None if entry.is_dir() else Path(entry.path).read_bytes()
            if entry.is_dir():
                self._scan(Path(entry.path), node, names, data)

    def _node(self, number: int) -> int:
        """Return our own number of an inode, which the system gives anew when a file is gone."""
        if number not in self._nodes:
            self._made += 1
            self._nodes[number] = self._made
        return self._nodes[number]


@contextmanager
def recording(root: Path) -> Iterator[Recorder]:
    """Record what the block does to a folder."""
    recorder = Recorder(root)

    def seen(honest, flush=False):
        def call(*values, **named):
            recorder.look()
            result = honest(*values, **named)
            recorder.look()
            if flush:
                recorder.flushed(*values)
            return result

        return call

    recorder.look()
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in _CHANGING:
            monkeypatch.setattr(os, name, seen(getattr(os, name)))
        monkeypatch.setattr(os, "fsync", seen(os.fsync, flush=True))
        yield recorder
