"""One file that holds the data of a machine: a tar in zstd, of which every byte is known before it is read.

    backup.json     what there is, with length and SHA-256, in order
    data/SHA256     the content of each file of the list, in the same order

A tar of any other shape is refused: names in it are never used as paths, and nothing larger than announced is written.
Which files belong into it, and what becomes of them, is decided elsewhere.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BufferedIOBase
from pathlib import Path
from shutil import disk_usage
from typing import IO, Any, BinaryIO, TypeAlias

from backports import zstd

from assistant.errors import AssistantError
from corpora.durable import canonical, make_folder
from sync.rollout import TIME, read_time

FORMAT, VERSION = "rohnamo-backup", 1
MANIFEST = "backup.json"
Stream: TypeAlias = IO[bytes] | BufferedIOBase
Progress = Callable[[int, int], None]    # megabytes done, of how many
_BLOCK, _PIECE, _MB = tarfile.BLOCKSIZE, 1 << 20, 1_000_000
_END = bytes(2 * _BLOCK)
_MOST_MANIFEST = 1 << 28                 # bytes: about a million files
# A bit that fell over in the list itself is seen by the checksum of zstd.
_WRITING: dict[int, int] = {zstd.CompressionParameter.compression_level: 3, zstd.CompressionParameter.checksum_flag: 1}
_READING: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 27}
_AGAIN = "Take another backup; nothing was changed by this one."


class BackupError(AssistantError):
    """A backup cannot be made, or a file is no whole backup."""

    code = "backup"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the list: its path from the data directory, its length in bytes and its hash."""

    path: str
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, sorted by path, when and by which version of the program it was made."""

    made: datetime
    program: str
    files: tuple[Kept, ...]

    @property
    def length(self) -> int:
        """Return how many bytes the files have together."""
        return sum(one.length for one in self.files)

    def to_bytes(self) -> bytes:
        """Return canonical JSON and a line end."""
        files = [{"path": one.path, "length": one.length, "sha256": one.sha256} for one in self.files]
        return canonical({"format": FORMAT, "version": VERSION, "made": self.made.strftime(TIME),
                          "program": self.program, "files": files}) + b"\n"


def write_backup(file: BinaryIO, manifest: Manifest, root: Path, progress: Progress) -> None:
    """Write the files of a list, which lie under `root`.

    Raises:
        BackupError: one of them is not what the list says.
    """
    done = 0
    with zstd.ZstdFile(file, "wb", options=_WRITING) as packed:
        _put(packed, MANIFEST, manifest.to_bytes())
        for one in manifest.files:
            packed.write(_header(f"data/{one.sha256}", one.length))
            with (root / one.path).open("rb") as source:
                if _copied(source, packed, one.length) != one.sha256 or source.read(1):
                    raise BackupError(f"{one.path} changed while it was read", "Run it again in a moment.")
            packed.write(bytes(-one.length % _BLOCK))
            done += one.length
            progress(done // _MB, manifest.length // _MB)
        packed.write(_END)


def read_backup(path: Path, into: Path, progress: Progress) -> Manifest:
    """Write all that a backup holds under a new folder, readable to its owner alone and flushed; return the list.

    Raises:
        BackupError: it is no whole backup of a known version, or there is no room; what was written is to be removed.
    """
    done = 0
    with _opened(path) as packed:
        manifest = _manifest(packed)
        if disk_usage(into.parent).free < manifest.length:
            raise BackupError(f"there is no room for {manifest.length // _MB} MB", "Free some space first.")
        make_folder(into)
        for one in manifest.files:
            _expect(packed, _header(f"data/{one.sha256}", one.length))
            make_folder((into / one.path).parent)
            with os.fdopen(os.open(into / one.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                if _copied(packed, file, one.length) != one.sha256:
                    raise BackupError(f"{one.path} is not what it was when the backup was made", _AGAIN)
                file.flush()
                os.fsync(file.fileno())
            _expect(packed, bytes(-one.length % _BLOCK))
            done += one.length
            progress(done // _MB, manifest.length // _MB)
        _expect(packed, _END)
        if packed.read(1):
            raise BackupError("the backup goes on where it should end", _AGAIN)
    return manifest


@contextmanager
def _opened(path: Path) -> Iterator[Stream]:
    try:
        with zstd.ZstdFile(path, "rb", options=_READING) as packed:
            yield packed
    except (zstd.ZstdError, EOFError) as error:
        raise BackupError(f"{path.name} is damaged, cut off, or no backup", _AGAIN) from error


def _manifest(packed: Stream) -> Manifest:
    try:
        length = tarfile.TarInfo.frombuf(start := packed.read(_BLOCK), "utf-8", "strict").size
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise BackupError("this is no backup of ours", _AGAIN) from error
    if not 0 < length <= _MOST_MANIFEST or start != _header(MANIFEST, length):
        raise BackupError("this is no backup of ours", _AGAIN)
    manifest = read_manifest(_exactly(packed, length))
    _expect(packed, bytes(-length % _BLOCK))
    return manifest


def read_manifest(data: bytes) -> Manifest:
    """Return the list in these bytes.

    Raises:
        BackupError: it is of another version, or not as it would have been written.
    """
    try:
        plain: dict[str, Any] = json.loads(data)
        if (plain["format"], plain["version"]) != (FORMAT, VERSION):
            raise BackupError(f"the backup is {plain['format']} of version {plain['version']}, known is {VERSION}",
                              "Use the version of the program that made it, or a newer one.")
        files = tuple(Kept(one["path"], one["length"], one["sha256"]) for one in plain["files"])
        manifest = Manifest(read_time(plain["made"]), plain["program"], files)
        if manifest.to_bytes() != data or not _sound(files):
            raise ValueError("it is written in another way")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BackupError("the list of the backup cannot be read", _AGAIN) from error
    return manifest


def _sound(files: tuple[Kept, ...]) -> bool:
    """Return whether every path stays in the folder, none is also the folder of another, and numbers are numbers."""
    paths = [one.path for one in files]
    folders = {path[:at] for path in paths for at, sign in enumerate(path) if sign == "/"}
    return (paths == sorted(set(paths)) and not folders & set(paths) and all(map(_inside, paths))
            and all(type(one.length) is int and one.length >= 0 and len(bytes.fromhex(one.sha256)) == 32
                    for one in files))


def _inside(path: str) -> bool:
    return path.isprintable() and all(part not in ("", ".", "..") and len(part.encode()) < 256
                                      for part in path.split("/"))


def _header(name: str, length: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = length, 0o600
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


def _put(packed: Stream, name: str, data: bytes) -> None:
    packed.write(_header(name, len(data)) + data + bytes(-len(data) % _BLOCK))


def _expect(packed: Stream, wanted: bytes) -> None:
    if _exactly(packed, len(wanted)) != wanted:
        raise BackupError("the backup is not as it was written", _AGAIN)


def _exactly(packed: Stream, length: int) -> bytes:
    pieces, left = [], length
    while left and (piece := packed.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _copied(source: Stream, target: Stream, length: int) -> str:
    """Copy as many bytes, or what there is of them, and return their SHA-256."""
    digest, left = sha256(), length
    while left and (piece := source.read(min(left, _PIECE))):
        digest.update(piece)
        target.write(piece)
        left -= len(piece)
    return digest.hexdigest()
