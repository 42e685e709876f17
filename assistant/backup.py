"""A backup of the data directory, taken while the machine runs.

    hold what is being changed ─ link every file, copy every database ─ let go ─ hash ─ write

A file of ours is never written in place but replaced, so a second name for it keeps what it says at that moment; the
databases are copied by SQLite.  All of it stands in `backup.part` for as long as the file is being written, which may
be minutes; nobody waits meanwhile.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from importlib.metadata import version
from io import BufferedRandom
from pathlib import Path

from assistant import exchange
from assistant.backup_file import BackupError, Kept, Manifest, Progress, write_backup
from assistant.config import Config
from assistant.holdings import drafts
from assistant.withdrawn import SYNC
from corpora.durable import PART, sync_folder
from index.parts import alone
from sync.durable import space
from sync.lock import only_one
from sync.state import explained

HELD = "backup.part"
GENERATIONS = "generations"
# Made anew by whoever needs it, or only of this moment.
_PASSING = {HELD, *exchange.OWN, "logs", "crashes"}
_PASSING_IN_SYNC = {"staging", "downloads", "parts"}
_ENDS = (PART, ".lock", "-wal", "-shm", "-journal")
_DATABASE = ".db"
_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written.  `length` and `sha256` are of the file; `left_out` are links: none is followed."""

    path: Path
    manifest: Manifest
    length: int
    sha256: str
    left_out: tuple[str, ...]


def back_up(config: Config, out: Path, *, now: datetime, progress: Progress, generations: bool = True) -> Backup:
    """Write a backup of the data directory; the file is there whole, for its owner alone, or not at all.

    Raises:
        BackupError: there is nothing to keep, or the place cannot be used.
        sync.errors.LockedError, index.errors.ExistingSnapshotError, corpora.errors.DraftLockedError: this machine is
            taking a release, building or reading documents at this moment.
        sync.errors.StateError: a database cannot be read.
    """
    root, out = config.data_dir, out.absolute()
    _check(root, out)
    exchange.finish(root)
    part = out.with_name(out.name + PART)
    with space(out), _held(config, generations) as (held, left_out):
        files = tuple(_listed(held))
        if not files:
            raise BackupError(f"there is nothing in {root}", "Name the data directory with --data-dir.")
        manifest = Manifest(now, version("rohnamo"), files)
        try:
            with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                write_backup(file, manifest, held, progress)
                length, digest = _flushed(file)
            part.replace(out)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_folder(out.parent)
    return Backup(out, manifest, length, digest, left_out)


def _check(root: Path, out: Path) -> None:
    if not root.is_dir():
        raise BackupError(f"there is no data directory {root}", "Name it with --data-dir.")
    if out.exists():
        raise BackupError(f"{out} is there already", "Name a new file; a backup is never written over another.")
    if not out.parent.is_dir():
        raise BackupError(f"{out.parent} is no folder", "Make it first, or put the stick in.")
    if out.resolve().is_relative_to(root.resolve()):
        raise BackupError("a backup inside the data directory is lost with it", "Name a place on another disk.")


@contextmanager
def _held(config: Config, generations: bool) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Give a folder that says what the data directory says at one moment, and the names of what is left out."""
    root = config.data_dir
    held = root / HELD
    shutil.rmtree(held, ignore_errors=True)
    try:
        with _quiet(config):
            left_out = _link(root, held, set() if generations else {GENERATIONS})
        yield held, tuple(sorted(left_out))
    finally:
        shutil.rmtree(held, ignore_errors=True)


@contextmanager
def _quiet(config: Config) -> Iterator[None]:
    """Keep everybody from changing anything while the block runs; it takes well under a second."""
    root = config.data_dir
    with ExitStack() as stack:
        if (root / SYNC).is_dir():
            stack.enter_context(only_one(root / SYNC / "receive.lock"))
            stack.enter_context(only_one(root / SYNC / "sync.lock"))
        if config.generations.is_dir() and not stack.enter_context(alone(config.generations)):
            raise BackupError("a snapshot is being built at this moment", "Wait until it is done.")
        for draft in drafts(config):
            stack.enter_context(draft.unchanged())
        for path in _files(root, set()):
            if path.suffix == _DATABASE:
                stack.enter_context(_unwritten(path))
        yield


@contextmanager
def _unwritten(path: Path) -> Iterator[None]:
    with (explained(path, damaged=f"Restore {path.name} from the last backup, or move it away."),
          closing(sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)) as connection):
        connection.execute("BEGIN IMMEDIATE")
        yield


def _link(root: Path, held: Path, but: set[str]) -> list[str]:
    """Give every file a second name under `held`; return the links, which are not followed."""
    left_out: list[str] = []
    for path in _files(root, but, left_out):
        kept = held / path.relative_to(root)
        kept.parent.mkdir(0o700, parents=True, exist_ok=True)
        if path.suffix == _DATABASE:
            with closing(sqlite3.connect(path, timeout=_WAIT_S)) as source, closing(sqlite3.connect(kept)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE").close()   # one file, without a log beside it
            continue
        try:
            os.link(path, kept)
        except OSError:                            # the disk knows no second names, or the file is another user's
            shutil.copyfile(path, kept)
    return left_out


def _files(root: Path, but: set[str], links: list[str] | None = None) -> Iterator[Path]:
    """Yield the files that belong into a backup, sorted."""
    for folder, folders, names in os.walk(root):
        place = Path(folder)
        inside = str(place.relative_to(root))
        passing = _PASSING | but if inside == "." else _PASSING_IN_SYNC if inside == SYNC else set()
        linked = [name for name in (*folders, *names) if (place / name).is_symlink()]
        if links is not None:
            links += [str((place / name).relative_to(root)) for name in linked]
        folders[:] = sorted(name for name in folders if name not in {*passing, *linked} and not name.endswith(PART))
        yield from (place / name for name in sorted(names) if name not in {*passing, *linked, "lock"}
                    and not name.endswith(_ENDS) and (place / name).is_file())


def _listed(held: Path) -> Iterator[Kept]:
    paths = sorted(str(path.relative_to(held)) for path in held.rglob("*") if path.is_file())
    for path in paths:
        with (held / path).open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
            yield Kept(path, file.tell(), digest)


def _flushed(file: BufferedRandom) -> tuple[int, str]:
    file.flush()
    os.fsync(file.fileno())
    length = file.tell()
    file.seek(0)
    return length, file_digest(file, "sha256").hexdigest()
