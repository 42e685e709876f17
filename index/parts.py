"""Folders that are being written, read or removed, and who is at it: locks that end with their process.

A folder on its way is `NAME.part`, locked with `flock` while it is written, and takes its place by one rename.
The lock goes with the process, so that what a power cut left is known from what another process writes now.
A folder that is read is locked by all its readers together, and stays until the last of them is done.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
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


def remove_folder(path: Path) -> bool:
    """Remove a folder so that it is there whole or counts as half-written, never anything between.

    Returns False where it is in use, or somebody else removes it.
    """
    part = path.with_name(path.name + PART)
    with _held(path) as held:
        if held:
            path.replace(part)
            sync_folder(path.parent)
            shutil.rmtree(part)
    return held


def in_use(path: Path) -> AbstractContextManager[bool]:
    """Keep a folder from being removed while the block runs; yield False where it is gone or going."""
    return _held(path, fcntl.LOCK_SH)


def alone(path: Path) -> AbstractContextManager[bool]:
    """Keep all other processes out of a folder while the block runs; yield False where one is in, or it is gone."""
    return _held(path)


@contextmanager
def _held(path: Path, kind: int = fcntl.LOCK_EX) -> Iterator[bool]:
    """Lock a folder while the block runs, as far as no other process does; yield whether it is locked and there."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        yield _locked(descriptor, kind) and _is_at(path, descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    """Return whether an open folder still has this name: it may have been removed before it was locked."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise ExistingSnapshotError(f"{target.name} is there already")
