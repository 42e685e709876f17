"""What the header of a GGUF file says, read without an engine.

Every length in the file is checked against the file's size before it is used, so a damaged or hostile header
costs neither memory nor a crash.  Weights are not read: whether they are whole is the hash's business.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from os import SEEK_CUR
from pathlib import Path
from typing import BinaryIO

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_WANTED = ("general.architecture", "general.name", "general.alignment", "split.count")
_ALIGNMENT = 32               # bytes, where the header does not say
_MAX_DIMENSIONS = 4
_MAX_TEXT = 65_536           # bytes of a key, a name or a value that is read

# ggml type -> (elements, bytes) of one block.  A type not listed counts as empty; its offset is checked.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17),
}


class HeaderError(ValueError):
    """The header cannot be read; the text is a clause that says why."""


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a file says it is.  `size` is the bytes it must at least have; `parts` is 1 for a whole model."""

    version: int
    architecture: str
    name: str
    tensors: int
    size: int
    parts: int


def read_header(file: Path) -> GgufHeader:
    """Return the header of a file.

    Raises:
        HeaderError: the file is no GGUF, is cut short, or its header makes no sense.
        OSError: the file cannot be read.
    """
    with file.open("rb") as stream:
        return _Reader(stream, file.stat().st_size).header()


class _Reader:
    """Reads one header front to back."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._size = size
        self._at = 0

    def header(self) -> GgufHeader:
        self._check_magic()
        version = int(self._number("I"))
        if version not in _VERSIONS:
            raise HeaderError(f"it is GGUF version {version}, and this program reads 2 and 3")
        tensors, pairs = self._count(), self._count()
        known = self._pairs(pairs)
        needed = self._tensors(tensors, _whole(known, "general.alignment", _ALIGNMENT))
        if needed > self._size:
            raise HeaderError(f"it is cut short: {self._size} bytes of at least {needed}")
        architecture, name = str(known.get("general.architecture", "")), str(known.get("general.name", ""))
        return GgufHeader(version, architecture, name, tensors, needed, _whole(known, "split.count", 1))

    def _check_magic(self) -> None:
        if self._size == 0:
            raise HeaderError("it is empty")
        magic = self._stream.read(len(MAGIC))
        self._at = len(magic)
        if magic != MAGIC:
            raise HeaderError(f"it begins with {magic!r}, not with {MAGIC!r}, so it is no GGUF file")

    def _pairs(self, count: int) -> dict[str, str | float]:
        known: dict[str, str | float] = {}
        for _ in range(count):
            key, kind = self._text(), int(self._number("I"))
            if key in _WANTED and kind != _ARRAY:
                known[key] = self._text() if kind == _STRING else self._number(_format(kind))
            else:
                self._skip(kind)
        return known

    def _tensors(self, count: int, alignment: int) -> int:
        ends = [self._tensor() for _ in range(count)]
        if alignment <= 0 or not ends:
            raise HeaderError("it holds no tensors")
        return -(-self._at // alignment) * alignment + max(ends)

    def _tensor(self) -> int:
        self._text()
        dimensions = int(self._number("I"))
        if dimensions > _MAX_DIMENSIONS:
            raise HeaderError(f"a tensor has {dimensions} dimensions")
        elements = prod(int(self._number("Q")) for _ in range(dimensions))
        kind, offset = int(self._number("I")), int(self._number("Q"))
        block, size = _BLOCKS.get(kind, (1, 0))
        return offset + elements // block * size

    def _skip(self, kind: int) -> None:
        if kind == _STRING:
            self._pass(self._count())
        elif kind != _ARRAY:
            self._number(_format(kind))
        else:
            self._skip_array()

    def _skip_array(self) -> None:
        kind, count = int(self._number("I")), self._count()
        if kind == _ARRAY:
            raise HeaderError("it holds an array of arrays")
        if kind != _STRING:
            self._pass(count * struct.calcsize(_format(kind)))
            return
        for _ in range(count):
            self._pass(self._count())

    def _text(self) -> str:
        count = self._count()
        if count > _MAX_TEXT:
            raise HeaderError(f"a name in its header is {count} bytes long")
        return self._bytes(count).decode("utf-8", "replace")

    def _count(self) -> int:
        return self._fits(int(self._number("Q")))

    def _number(self, letter: str) -> float:
        form = "<" + letter
        value: float = struct.unpack(form, self._bytes(struct.calcsize(form)))[0]
        return value

    def _bytes(self, count: int) -> bytes:
        read = self._stream.read(self._fits(count))
        if len(read) != count:
            raise HeaderError("it is cut short inside its header")
        self._at += count
        return read

    def _pass(self, count: int) -> None:
        self._stream.seek(self._fits(count), SEEK_CUR)
        self._at += count

    def _fits(self, count: int) -> int:
        if count > self._size - self._at:
            raise HeaderError("it is cut short, or its header is damaged: a length reaches past its end")
        return count


def _whole(known: dict[str, str | float], key: str, default: int) -> int:
    value = known.get(key, default)
    if not isinstance(value, int):
        raise HeaderError(f"its header has no whole number as {key}")
    return value


def _format(kind: int) -> str:
    if kind not in _NUMBERS:
        raise HeaderError(f"its header has a value of the unknown type {kind}")
    return _NUMBERS[kind]
