"""The last step of a restore: what lies ready takes its place, all of it or, after a power cut, at the next start.

    restore.part/new/PATH      ready, whole and flushed
    restore.json               from here on the new state counts: written whole, and removed when all is in place
    restore.part/old/PATH      what stood there

Whatever happens to the power, a program that starts finds the old state, or finishes and finds the new one.  What is
restored is not decided here.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpora.durable import canonical, make_folder, sync_folder, write_whole

FORMAT, VERSION = "rohnamo-restore", 1
JOURNAL, PART = "restore.json", "restore.part"
NEW, OLD = "new", "old"
OWN = frozenset((JOURNAL, PART))     # never restored themselves
_BESIDE = ("-wal", "-shm", "-journal")   # what SQLite keeps beside a database belongs to that one


def commit(root: Path, paths: Sequence[str]) -> None:
    """Let what lies ready at these paths count from now on.

    Raises:
        corpora.errors.NoSpaceError: the disk is full; the old state counts.
    """
    write_whole(root / JOURNAL, canonical({"format": FORMAT, "version": VERSION, "paths": list(paths)}) + b"\n")


def is_unfinished(root: Path) -> bool:
    """Return whether a restore counts that is not all in place."""
    return (root / JOURNAL).exists()


def finish(root: Path) -> None:
    """Put in place what counts; nothing where nothing waits.  Another process that is at it is waited for.

    Raises:
        OSError, ValueError: it cannot be done by this user, or the journal is of another program.
    """
    if not is_unfinished(root):
        return
    with _alone(root):
        if not is_unfinished(root):
            return
        for path in _paths(root / JOURNAL):
            _take(root, path)
        (root / JOURNAL).unlink()
        sync_folder(root)
        shutil.rmtree(root / PART, ignore_errors=True)


def _paths(journal: Path) -> list[str]:
    plain = json.loads(journal.read_bytes())
    if (plain["format"], plain["version"]) != (FORMAT, VERSION):
        raise ValueError(f"{journal.name} is of version {plain['version']}, known is {VERSION}")
    return [str(path) for path in plain["paths"]]


def _take(root: Path, path: str) -> None:
    ready, place, old = root / PART / NEW / path, root / path, root / PART / OLD / path
    if not ready.exists():
        return                                     # it took its place before the power went
    for beside in _BESIDE if place.suffix == ".db" else ():
        place.with_name(place.name + beside).unlink(missing_ok=True)
    if place.is_dir() and not place.is_symlink():
        make_folder(old.parent)
        place.replace(old)
    elif ready.is_dir():
        place.unlink(missing_ok=True)
    make_folder(place.parent)
    ready.replace(place)
    sync_folder(place.parent)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
