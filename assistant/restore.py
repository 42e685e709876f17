"""A backup becomes the data directory: verified whole beside it, then put in place in one step (`assistant.exchange`).

What a machine knows now that a backup cannot know does not go backwards: marks, the floor of the clock, what is
withdrawn, the outbox, the audit logs, what machines told a ministry, keys of programs that were revoked.  Where this
machine's own state can be read it stays, raised to what the backup knows; where it cannot, the backup's takes its
place.  Everything else is as it was when the backup was made; what the backup does not have stays.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from assistant import exchange
from assistant.access.store import FILE as DESKS
from assistant.api.keys import FILE as KEYS
from assistant.api.keys import ApiKeyError, all_keys
from assistant.backup import GENERATIONS
from assistant.backup_file import BackupError, Manifest, Progress, read_backup
from assistant.config import Config
from assistant.review.reviews import FOLDER as CARDS
from assistant.waiting import INBOX
from assistant.withdrawn import COPY, STATE, SYNC, keep_copy, withdrawn
from corpora.durable import make_folder, sync_folder
from index import Generations
from index.parts import alone
from sync.errors import StateError
from sync.lock import only_one
from sync.restored import attached, drop_sent, forget_machine, go_on, machine_of, raise_to
from sync.state import State, Withdrawn

_SERVICES = "Stop the services first: docs/back-up-a-machine.md."


@dataclass(slots=True)
class Restored:
    """A backup that was put in place.  `kept` says in sentences what of this machine stayed, and why."""

    manifest: Manifest
    kept: list[str] = field(default_factory=list)


def restore(root: Path, file: Path, *, as_new_machine: bool, progress: Progress) -> Restored:
    """Put a backup in the place of a data directory, which may be empty.

    as_new_machine: the key of the machine that the backup is of, and what it had to tell, are left out.

    Raises:
        BackupError: it is no whole backup, or it may not take this place; nothing was changed.
        sync.errors.LockedError: fetching goes on at this moment.
    """
    exchange.finish(root)
    part = root / exchange.PART
    if not root.is_dir():
        make_folder(root.parent)
        root.mkdir(0o700)
    with _removed_if_empty(root), _stopped(root):
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(0o700)
            sync_folder(root)
            restored = Restored(read_backup(file, part / exchange.NEW, progress))
            paths = _joined(root, part, as_new_machine, restored.kept)
            _flush(part / exchange.NEW)
            exchange.commit(root, paths)
        except BaseException:
            if not exchange.is_unfinished(root):
                shutil.rmtree(part, ignore_errors=True)
            raise
        exchange.finish(root)
    return restored


@contextmanager
def _removed_if_empty(root: Path) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):
            root.rmdir()


@contextmanager
def _stopped(root: Path) -> Iterator[None]:
    """Keep others out as far as they can be seen: who fetches, who builds, who answers."""
    generations = Generations(root / GENERATIONS)
    with ExitStack() as stack:
        if (root / SYNC).is_dir():
            for name in ("watch.lock", "receive.lock", "sync.lock"):
                stack.enter_context(only_one(root / SYNC / name))
        current = generations.current()
        for folder in (generations.root, generations.path(current)) if current else ():
            if not stack.enter_context(alone(folder)):
                raise BackupError("this machine answers, or builds a snapshot, at this moment", _SERVICES)
        yield


def _joined(root: Path, part: Path, as_new_machine: bool, kept: list[str]) -> list[str]:
    """Make of what was read what shall be, and return the paths that take their place."""
    new = part / exchange.NEW
    paths = sorted(path.name for path in new.iterdir())
    if own := exchange.OWN & set(paths):
        raise BackupError(f"no backup of ours holds {', '.join(sorted(own))}", "Take another one.")
    for name, join in ((SYNC, _sync), (DESKS, _desks), (INBOX, _inbox), (KEYS, _keys)):
        if (new / name).exists():
            paths = [path for path in paths if path != name] + join(root, part, as_new_machine, kept)
    if DESKS not in paths:
        paths = [path for path in paths if path != CARDS]   # cards stand with the database that tells of them
    return paths


def _sync(root: Path, part: Path, as_new_machine: bool, kept: list[str]) -> list[str]:
    """Join the two states, in a copy of the one that stays."""
    new = part / exchange.NEW
    backup, now = new / SYNC / STATE, _copied(root / SYNC / STATE, part / "now.db")
    if not backup.exists():
        return [] if now else [SYNC]
    if now and not as_new_machine:
        _same_machine(machine_of(backup), machine_of(now))
    gone = {*_withdrawn(Config(root)), *_withdrawn(Config(new))}
    stays = now if now and _opens(now) else None
    if as_new_machine:
        forget_machine(backup)
    _join(stays or backup, backup if stays else now, later=not stays)
    keep_copy(Config(new), gone)
    if not stays:
        return [SYNC]
    kept.append("what this machine knows of releases, and what it has to tell, stayed")
    stays.replace(backup)
    return [path for path in (f"{SYNC}/{STATE}", f"{SYNC}/{COPY}") if (new / path).exists()]


def _join(state: Path, other: Path | None, *, later: bool) -> None:
    with State(state) as opened:                   # an older one is brought to this version
        opened.set_unbuilt(True)                   # what is held may not be what the generations were built from
    if other:
        raise_to(state, other)
    if other and later:
        drop_sent(state, other)
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").close()
    with state.open("rb") as file:
        os.fsync(file.fileno())


def _same_machine(backup: str, here: str) -> None:
    if backup and here and backup != here:
        raise BackupError("the backup is of another machine, and this one has a key of its own",
                          "With --as-new-machine this one stays what it is; to take over from the other one, restore "
                          "into an empty data directory.")


def _desks(root: Path, part: Path, _as_new_machine: bool, kept: list[str]) -> list[str]:
    """Take the database of the desks whose audit log is the longer; one that is another log is never replaced."""
    ready = part / exchange.NEW / DESKS
    both = [DESKS, *([CARDS] if (part / exchange.NEW / CARDS).exists() else [])]
    copy = _copied(root / DESKS, part / "desks.db")
    if not copy:
        return both
    here, there = _chain(copy), _chain(ready)
    shorter = min(len(here), len(there))
    if here[:shorter] != there[:shorter]:
        raise BackupError("the audit log of the desks here is another one than that of the backup",
                          f"Move {DESKS} and {CARDS} away to where they are kept, then restore again.")
    if len(here) < len(there):
        return both
    if _version(copy) > _version(ready):           # of a newer program: its log goes on in the older database
        with attached(ready, copy) as connection:
            go_on(connection)
        return both
    kept.append("accounts, cards and audit log of the desks stayed: they are later than the backup")
    return []


def _inbox(root: Path, part: Path, _as_new_machine: bool, kept: list[str]) -> list[str]:
    if not _copied(root / INBOX, part / "inbox.db"):
        return [INBOX]
    kept.append("what machines told stayed: it is later than the backup")
    return []


def _keys(root: Path, _part: Path, _as_new_machine: bool, kept: list[str]) -> list[str]:
    """Let a key of a program that was revoked open nothing again."""
    with suppress(ApiKeyError):
        if all_keys(Config(root)):
            kept.append("the keys of programs stayed: one that was revoked is not known again")
            return []
    return [KEYS]


def _copied(path: Path, to: Path) -> Path | None:
    """Copy a database of this machine, None where there is none that can be read."""
    with suppress(sqlite3.DatabaseError, OSError):
        if path.is_file():
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as copy:
                if source.execute("PRAGMA quick_check").fetchone() == ("ok",):
                    source.backup(copy)
                    copy.execute("PRAGMA journal_mode = DELETE").close()
                    return to
    return None


def _opens(path: Path) -> bool:
    """Return whether this program opens the state; one of a newer program it does not."""
    with suppress(StateError):
        State(path).close()
        return True
    return False


def _withdrawn(config: Config) -> tuple[Withdrawn, ...]:
    with suppress(StateError):
        return withdrawn(config)
    return ()


def _chain(path: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit'").fetchone():
            return []
        return connection.execute("SELECT number, hash FROM audit ORDER BY number").fetchall()


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _flush(folder: Path) -> None:
    for place, _, _ in os.walk(folder):
        sync_folder(Path(place))
    sync_folder(folder.parent)
