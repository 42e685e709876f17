"""All files of a release in one row of bytes: the unit that is signed, fetched and compared.

There is one spelling of every pack, and a reader refuses any other.  Length and hash of what a compressed pack shall
become are known from what was signed; nothing is given out that is not exactly that, and no more memory is taken.
Files stay in memory, as (path, bytes): no path in a pack ever becomes a place on a disk.  Nothing is signed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sync.errors import PackError
from sync.frame import MOST_BYTES, make_frame, open_frame

_MAGIC, _VERSION = b"rohnamo-pack ", b"1"
_LEVEL = 19
_SEGMENTS = 4
_SEGMENT = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9_-])?")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_LINE = re.compile(rb"(0|[1-9][0-9]{0,8}) ([a-z0-9._/-]+)")
_LONGEST_LINE = 10 + _SEGMENTS * 101


@dataclass(frozen=True, slots=True)
class PackLimits:
    """How much one pack may hold.  `pack` and `file` are in bytes, the list of files included in `pack`."""

    pack: int = MOST_BYTES
    file: int = 48 << 20
    files: int = 20_000


def write_pack(files: Mapping[str, bytes], *, limits: PackLimits = PackLimits()) -> bytes:
    """Return the pack of these files, by path; the same whatever their order.

    Raises:
        PackError: a path may not be in a pack, or there is too much.
    """
    _check({path: len(data) for path, data in files.items()}, limits)
    paths = sorted(files)
    lines = [b"%d %s\n" % (len(files[path]), path.encode()) for path in paths]
    pack = b"".join([_MAGIC, _VERSION, b"\n", *lines, b"\n", *(files[path] for path in paths)])
    if len(pack) > limits.pack:
        raise _too_long(len(pack), limits)
    return pack


def read_pack(data: bytes, *, limits: PackLimits = PackLimits()) -> dict[str, bytes]:
    """Return the files of a pack, by path and in the order of their paths.

    Raises:
        PackError: it is not whole, not spelt as `write_pack` would, or larger than the limits.
    """
    if len(data) > limits.pack:
        raise _too_long(len(data), limits)
    lengths, start = _list(data, limits)
    _check(lengths, limits)
    if list(lengths) != sorted(lengths):
        raise PackError("the files of the pack are not in order")
    if sum(lengths.values()) != len(data) - start:
        raise PackError(f"the pack has {len(data) - start} bytes of content, its list says {sum(lengths.values())}")
    return dict(_cut(data, start, lengths))


def compressed(pack: bytes) -> bytes:
    """Return the pack as one zstd frame, as small as it gets; takes about a second for a megabyte."""
    return make_frame(pack, _LEVEL)


def decompressed(data: bytes, *, produces_length: int, produces_sha256: str, prefix: bytes = b"") -> bytes:
    """Return the pack in a frame, which is exactly what was signed.

    prefix: the older pack that the frame was made with, for a delta.

    Raises:
        PackError: it is no such frame, or produces something else.
    """
    if produces_length > MOST_BYTES:
        raise PackError(f"a pack of {produces_length} bytes is announced, at most {MOST_BYTES} are taken")
    pack = open_frame(data, length=produces_length, prefix=prefix)
    if sha256(pack).hexdigest() != produces_sha256:
        raise PackError("the compressed file gives another pack than was signed")
    return pack


def _list(data: bytes, limits: PackLimits) -> tuple[dict[str, int], int]:
    """Return the lengths by path, in the order of the list, and where the contents begin."""
    lengths: dict[str, int] = {}
    lines = _lines(data)
    if not (magic := next(lines, b"")).startswith(_MAGIC):
        raise PackError("this is no pack")
    if magic != _MAGIC + _VERSION:
        raise PackError(f"the pack is of version {magic[len(_MAGIC):][:20]!r}, known is {_VERSION.decode()}",
                        hint="Update the program on this machine.")
    start = len(magic) + 1
    for line in lines:
        start += len(line) + 1
        if not line:
            return lengths, start
        found = _LINE.fullmatch(line)
        if not found or (path := found[2].decode()) in lengths:
            raise PackError("the list of the pack names a file twice, or says no length or path")
        lengths[path] = int(found[1])
        if len(lengths) > limits.files:
            raise PackError(f"the pack has more than {limits.files} files")
    raise PackError("the list of the pack has no end")


def _lines(data: bytes) -> Iterator[bytes]:
    """Give the lines of the list without their ends, as far as they are no longer than one can be."""
    start = 0
    while (end := data.find(b"\n", start, start + _LONGEST_LINE)) >= 0:
        yield data[start:end]
        start = end + 1


def _check(lengths: Mapping[str, int], limits: PackLimits) -> None:
    if len(lengths) > limits.files:
        raise PackError(f"there are {len(lengths)} files, a pack takes {limits.files}")
    for path, length in lengths.items():
        if not _allowed(path):
            raise PackError(f"{path[:120]!r} may not be the path of a file in a pack",
                            hint="One to four names of a-z 0-9 . _ - with / between them, none that Windows reserves.")
        if length > limits.file:
            raise PackError(f"{path} has {length} bytes, a file in a pack at most {limits.file}")
        if any(folder in lengths for folder in _folders(path)):
            raise PackError(f"a folder of {path} is a file as well")


def _allowed(path: str) -> bool:
    segments = path.split("/")
    return len(segments) <= _SEGMENTS and all(
        _SEGMENT.fullmatch(segment) and not _RESERVED.fullmatch(segment) for segment in segments)


def _folders(path: str) -> Iterable[str]:
    segments = path.split("/")
    return ("/".join(segments[:depth]) for depth in range(1, len(segments)))


def _cut(data: bytes, start: int, lengths: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    for path, length in lengths.items():
        yield path, data[start:start + length]
        start += length


def _too_long(length: int, limits: PackLimits) -> PackError:
    return PackError(f"a pack of {length} bytes, at most {limits.pack} are taken",
                     hint="Publish a part of the documents under another publisher's name.")
