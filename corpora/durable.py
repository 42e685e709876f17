"""Files that are whole or absent, whatever happens to the power.

A file is written beside its place, flushed to the disk and renamed; then its folder is flushed.
What is left half written ends in `.part` and is never read.  Locks and formats are not known here.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from corpora.errors import NoSpaceError

PART = ".part"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: dict[str, Any]) -> bytes:
    """Return canonical JSON: keys sorted, no spaces, UTF-8, without a line end."""
    return _CANONICAL.encode(value).encode()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is either the old one or the new one, never a part.

    Raises:
        NoSpaceError: the disk is full; the old file is as it was.
    """
    part = path.with_name(path.name + PART)
    with _space(path):
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise
        sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it where they are missing, and flush each new name to the disk.

    Raises:
        NoSpaceError: the disk is full.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    with _space(path):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Flush the names in a folder to the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _space(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpaceError(f"no space left while writing {path.name}") from error
        raise
