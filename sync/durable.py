"""Files that are whole or absent, whatever happens to the power.

A file is written beside its place, flushed to the disk and renamed; then its folder is flushed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sync.errors import NoSpaceError

PART = ".part"
_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that it is either the old one or the new one, never a part; its folders are made.

    Raises:
        NoSpaceError: the disk is full; the old file is as it was.
    """
    part = path.with_name(path.name + PART)
    with space(path):
        make_folder(path.parent)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
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
    """Make a folder and those above it where they are missing, and flush each new name to the disk."""
    if path.is_dir():
        return
    make_folder(path.parent)
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
def space(path: Path) -> Iterator[None]:
    """Say that the disk is full where the system does."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpaceError(f"no space left while writing {path.name}") from error
        raise
