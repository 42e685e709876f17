"""The tree over the lines of a release: its top is signed, so that one line can be shown without the others.

A Merkle tree as in RFC 9162 over every line of every `.jsonl` file, the files in the order of their paths.  Only the
top travels with a release; a proof carries a line and its neighbours on the way up, one for each doubling.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sync.proof.verify_proof import leaf, node

_LINES = ".jsonl"


@dataclass(frozen=True, slots=True)
class Lines:
    """How many lines a release has, and the top of the tree over them; empty where it has none."""

    count: int = 0
    root: str = ""

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Lines:
        """Return the top over the files of a pack, by path."""
        row = [leaf(path, line) for path, line in _lines(files)]
        count = len(row)
        while len(row) > 1:
            row = _above(row)
        return cls(count, row[0].hex()) if row else cls()

    def to_json(self) -> dict[str, object]:
        """Return it as it is signed in `release.json`."""
        return {"count": self.count, "root": self.root}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a release with its way to the top."""

    text: str
    index: int
    way: tuple[bytes, ...]

    def to_json(self) -> dict[str, object]:
        """Return it as it stands in a proof."""
        return {"line": self.text, "index": self.index, "way": [one.hex() for one in self.way]}


class Tree:
    """The whole tree over the files of a pack: about 64 bytes a line while it is there."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._places = list(_lines(files))
        self._rows = [[leaf(path, line) for path, line in self._places]]
        while len(self._rows[-1]) > 1:
            self._rows.append(_above(self._rows[-1]))

    def find(self, path: str, name: str) -> Line | None:
        """Return the line of a file whose object has this id, None where there is none."""
        return next(self.all(path, "id", name), None)

    def all(self, path: str, key: str, value: str) -> Iterator[Line]:
        """Yield the lines of a file whose object has this value."""
        said = json.dumps({key: value}, ensure_ascii=False, separators=(",", ":"))[1:-1].encode()
        for index, (file, line) in enumerate(self._places):
            if file == path and said in line and json.loads(line)[key] == value:      # only a few are read
                yield Line(line.decode(), index, tuple(self._way(index)))

    def _way(self, index: int) -> Iterator[bytes]:
        for row in self._rows[:-1]:
            if index ^ 1 < len(row):
                yield row[index ^ 1]
            index >>= 1


def _lines(files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for path in sorted(files):
        if path.endswith(_LINES):
            yield from ((path, line) for line in files[path].removesuffix(b"\n").split(b"\n") if files[path])


def _above(row: list[bytes]) -> list[bytes]:
    pairs = [node(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
    return pairs + row[-1:] if len(row) % 2 else pairs
