"""What this machine holds and how its last attempts went: for `rohnamo sync status` and `rohnamo doctor`.

Looks and changes nothing: the machine's own database is copied and the copy is asked, so that it may be in use
meanwhile.  No connection is opened; what is newer elsewhere is not known here.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from assistant.config import Config
from assistant.errors import ConfigError
from assistant.sync_settings import home_of, read_root, settings_of
from assistant.update import generations_of
from index import Generations, Snapshot, SnapshotError
from index.server_generations import ServerGenerations
from sync.batch import Kind
from sync.client import STATE
from sync.clock import Clock, Reading
from sync.device import DeviceKey, device_key
from sync.errors import ReleaseError, SyncError, UntrustedRepositoryError
from sync.marks import Mark, Marks
from sync.outbox import Count, Outbox
from sync.release import RELEASE, PackKind, ReleaseInfo
from sync.state import Attempt, Held, Refused, State, Withdrawn, explained
from sync.trust import check_root

# A timestamp is signed for so many days: who heard nothing for longer may have been kept from what is new.
STALE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Known:
    """The release of a publisher: the one held, the newest that was heard of, and why that is not in use.

    `instead` is the number of the release that answers in place of the one held, as after a roll-back: 0 where none of
    the publisher's does, None where it is the one held.
    """

    publisher: str
    held: Held | None
    newest: ReleaseInfo | None = None
    refused: Refused | None = None
    instead: int | None = None

    @property
    def issued(self) -> datetime | None:
        """Return when the release in use was issued, where that is still known."""
        return self.newest.issued if self.newest and self.held and self.newest.sequence == self.held.sequence else None

    def to_json(self, moment: datetime) -> dict[str, Any]:
        """Return a plain object."""
        held, issued = self.held, self.issued
        return {"publisher": self.publisher, "number": held.number if held else None,
                "sequence": held.sequence if held else None, "issued": issued and issued.isoformat(),
                "age_days": (moment - issued).days if issued else None,
                "answers_instead": self.instead,
                "newest": self.newest.number if self.newest else None,
                "refused": {"number": self.refused.number, "reason": self.refused.reason} if self.refused else None}

    def line(self, moment: datetime) -> str:
        """Return what a person should know."""
        held, newest, issued = self.held, self.newest, self.issued
        age = f", issued {_ago(issued, moment)}" if issued else ""
        said = f"release {held.number} (sequence {held.sequence}){age}" if held else "no release is in use"
        if self.instead is not None:
            said += f", is held; {f'release {self.instead}' if self.instead else 'none of its releases'} answers"
        if self.refused:
            said += f"; release {self.refused.number} was not taken into use: {self.refused.reason}"
        elif newest and newest.sequence > (held.sequence if held else 0):
            said += f"; release {newest.number} is published and not in use here yet"
        return f"{self.publisher}: {said}"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The state of sync on this machine at a moment, which is the floored clock's where that is known.

    `problem` says what it lacks to be set up, empty where it lacks nothing; `reading` is None where it never tried;
    `last_failure` is None where the last attempt went well.
    """

    moment: datetime
    source: str
    problem: str
    hint: str
    free_bytes: int
    generation: int | None
    device: DeviceKey | None = None
    reading: Reading | None = None
    floor: datetime | None = None
    releases: tuple[Known, ...] = ()
    last_success: Attempt | None = None
    last_failure: Attempt | None = None
    marks: tuple[Mark, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    outbox: dict[Kind, Count] | None = None
    spent_today: int = 0

    @property
    def silent_days(self) -> int | None:
        """Return for how many days no attempt went well, None where none ever did."""
        return (self.moment - self.last_success.at).days if self.last_success else None


def read_status(config: Config, now: datetime) -> SyncStatus:
    """Return the state of sync on this machine.

    Raises:
        StateError: the machine's own database cannot be used.
        NoSpaceError: the disk is full.
    """
    source, problem, hint = settings_of(config).source, "", ""
    try:
        check_root(read_root(config))
    except (ConfigError, UntrustedRepositoryError) as error:
        problem, hint = error.message, error.hint
    whole = next(path for path in (config.data_dir, *config.data_dir.parents) if path.exists())
    generation = None
    with suppress(SnapshotError):                  # the server that holds them does not answer: the doctor says so
        generation = generations_of(config).current()
    base = SyncStatus(now, str(source or ""), problem, hint, shutil.disk_usage(whole).free, generation)
    path = home_of(config) / STATE
    if not path.is_file():
        return base
    with _copied(path) as state:
        return _filled(base, state, config, now)


def step_after(attempt: Attempt) -> str:
    """Return what to do after an attempt that failed, empty where nobody knows."""
    return attempt.hint or next_step(attempt.code)


def next_step(code: str) -> str:
    """Return what to do after an attempt that failed with this code, empty where the code is none of sync's."""
    classes = [SyncError]
    for one in classes:
        classes += one.__subclasses__()
    return next((one.next_step for one in classes if one.code == code), "")


def _filled(base: SyncStatus, state: State, config: Config, now: datetime) -> SyncStatus:
    clock = Clock(state.connection, lambda: now)
    reading, held, refused = clock.read(), state.held(), state.refused()
    newest, answers = _newest(home_of(config)), answering(config)
    releases = tuple(Known(name, held.get(name), newest.get(name), refused.get(name),
                           _instead(name, held.get(name), newest.get(name), answers))
                     for name in sorted({*held, *newest, *refused}))
    last = next(iter(state.attempts(1)), None)
    has_key = state.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'device'").fetchone()
    return SyncStatus(
        reading.moment, base.source, base.problem, base.hint, base.free_bytes, base.generation,
        device_key(state.connection) if has_key else None, reading, clock.floor(), releases, state.last_success(),
        last if last and last.code else None, Marks(state.connection).all(), state.withdrawn(),
        Outbox(state.connection).counts(), state.spent(reading.moment.date()))


@contextmanager
def _copied(path: Path) -> Iterator[State]:
    """Give a copy of the machine's database; what opening it makes or mends stays in the copy."""
    with TemporaryDirectory(prefix="rohnamo-status-") as folder:
        copy = Path(folder) / path.name
        # Not `mode=ro`, which leaves its files for locking behind: only who may write may clear them away.
        with (explained(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as source,
              closing(sqlite3.connect(copy)) as target):
            source.execute("PRAGMA query_only = ON").close()
            source.backup(target)
        with State(copy) as state:
            yield state


def _newest(home: Path) -> dict[str, ReleaseInfo]:
    """Return the newest release that was heard of, by publisher; TUF's client keeps the file that says so."""
    found = {}
    for path in sorted((home / "downloads").glob(f"*{quote(f'/{RELEASE}', '')}")):
        with suppress(OSError, ReleaseError):
            publisher = path.name.removesuffix(quote(f"/{RELEASE}", ""))
            found[publisher] = ReleaseInfo.from_bytes(path.read_bytes(), publisher=publisher)
    return found


def _instead(name: str, held: Held | None, newest: ReleaseInfo | None, answers: Mapping[str, int] | None,
             ) -> int | None:
    if not held or answers is None or answers.get(name) == held.number:
        return None
    texts = newest is not None and newest.kind is PackKind.TEXT     # a publisher's files are no part of a snapshot
    return answers.get(name, 0 if texts else None)


def answering(config: Config) -> dict[str, int] | None:
    """Return the number of the release that answers, by publisher, None where no snapshot can be read."""
    generations = generations_of(config)
    with suppress(SnapshotError):
        if number := generations.current():
            with _opened(generations, number) as snapshot:
                named = (release.rpartition("/") for release in snapshot.releases())
                return {publisher: int(release) for publisher, _, release in named}
    return None


def _opened(generations: Generations | ServerGenerations, number: int) -> Snapshot:
    if isinstance(generations, ServerGenerations):
        return generations.open(number, encoder=None)
    return Snapshot.open(generations.path(number), encoder=None)


def _ago(then: datetime, moment: datetime) -> str:
    days = (moment - then).days
    return f"{days} days ago" if days > 1 else "yesterday" if days == 1 else "today"
