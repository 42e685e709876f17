"""Folders that are being written: held by one process, swept away when their writer is gone.

A folder on its way is `NAME.part`, locked with `flock` while it is written, and takes its place by one rename.
The lock goes with the process, so that what a power cut left is known from what another process writes now.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpora.durable import PART, make_folder, sync_folder
from index.errors import ExistingSnapshotError


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `target` if the block ends well, and is gone if it does not.

    The files in it are flushed by who writes them.

    Raises:
        ExistingSnapshotError: the target is there already, or another process is writing it.
    """
    part = target.with_name(target.name + PART)
    _refuse_existing(target)
    sweep(target.parent)
    make_folder(target.parent)
    try:
        part.mkdir()
    except FileExistsError as error:
        raise ExistingSnapshotError(f"another process is writing {target.name}",
                                    hint="Wait until it is done.") from error
    with _held(part):
        try:
            yield part
            sync_folder(part)
            _refuse_existing(target)
            part.replace(target)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    sync_folder(target.parent)


def sweep(folder: Path) -> None:
    """Remove the half-written folders in a folder that no process holds."""
    for part in sorted(folder.glob(f"*{PART}/")):
        with _held(part) as held:
            if held:
                shutil.rmtree(part, ignore_errors=True)


def remove_folder(path: Path) -> None:
    """Remove a folder so that it is there whole or counts as half-written, never anything between."""
    part = path.with_name(path.name + PART)
    path.replace(part)
    sync_folder(path.parent)
    shutil.rmtree(part)


@contextmanager
def _held(part: Path) -> Iterator[bool]:
    """Lock a folder while the block runs, as far as no other process does; yield whether it is locked."""
    descriptor = os.open(part, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise ExistingSnapshotError(f"{target.name} is there already")
