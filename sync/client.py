"""A machine takes what was published: verified packs in its staging folder, and nothing else.

    lock - time - refresh (TUF) - marks - withdrawals - each publisher: release.json - rollout - pack or delta - staging

Every step either refuses or leaves something that is whole; running it again goes on from there.  Nothing that is in
use is touched, and nothing is built or activated here: the caller does that and says so with `activated`.  A fault of
one publisher does not keep the others from arriving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tuf.ngclient import FetcherInterface

from sync.arrival import Arrivals, check_order
from sync.clock import Clock, Reading
from sync.device import device_key
from sync.errors import SyncError
from sync.fetch import Fetcher
from sync.folder import FolderSource, repository_in
from sync.line import Line
from sync.lock import only_one
from sync.marks import Marks
from sync.outcome import Progress, Staged, SyncReport
from sync.settings import Settings
from sync.staging import Staging
from sync.state import Attempt, Held, State
from sync.traffic import Patience, Traffic
from sync.trust import Guards, Places, Trust

STATE, LOCK = "state.db", "sync.lock"
_STICK_PATIENCE = Patience(tries=2, pause=0.0)
_UNFINISHED = frozenset({Progress.FAILED, Progress.POSTPONED})


class Client:
    """Fetches from one source into one home.

    home: the folder that this machine keeps its state, its packs and unfinished files in.
    root: the root metadata that came with the program; all trust begins there.
    source: the address of a repository, or the folder of one, or of a stick.
    now: asks the machine's clock, once for each sync; in UTC.
    fetcher: takes the place of HTTP and folders, for tests; then `source` is the address it understands.
    """

    def __init__(self, home: Path, root: bytes, source: str | Path, *, now: Callable[[], datetime],
                 fetcher: FetcherInterface | None = None, settings: Settings | None = None) -> None:
        self._home, self._root, self._source, self._fetcher = home, root, source, fetcher
        self.state = State(home / STATE)
        given = settings or Settings()
        self.settings = replace(given, device=given.device or device_key(self.state.connection).id)
        self.guards = Guards(Marks(self.state.connection, given.least), Clock(self.state.connection, now, given.built))
        self._staging = Staging(home)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the state."""
        self.state.close()

    def sync(self) -> SyncReport:
        """Return what is published and what of it is here now.

        Raises:
            LockedError: another process is at it.
            SyncError: the repository was not reached, or is refused as a whole; what is in use stays.
        """
        with only_one(self._home / LOCK):
            reading = self.guards.clock.read()
            try:
                report = self._sync(reading)
            except SyncError as error:
                self.state.note(Attempt(reading.moment, error.code, error.message))
                raise
            failure = report.failure
            code, message = (failure.code, failure.message) if failure else ("", "")
            self.state.note(Attempt(reading.moment, code, message, report.length))
            return report

    def activated(self, staged: Staged) -> None:
        """Note that a pack is in use: the next delta starts from it, and older packs of its publisher go.

        Raises:
            OlderRepositoryError: a later release by the same keys was in use; nothing changed.
        """
        info = staged.release
        with only_one(self._home / LOCK):
            check_order(info, self.state.held().get(info.publisher), staged.keyset)
            self._staging.use(staged)
            self.state.hold(info.publisher, Held(info.pack.sha256, info.number, info.sequence, staged.keyset))
            self._staging.sweep(info.publisher, used=[info.pack.sha256])

    def _sync(self, reading: Reading) -> SyncReport:
        traffic = Traffic(self.state, self.settings.allowance, reading.moment, ticking=self.settings.ticking)
        with self._opened(traffic) as (fetcher, address):
            trust = Trust(self._places(address), self._root, fetcher, self.guards, reading)
            trust.refresh()
            arrivals = Arrivals(trust, self.state, self._staging, self.settings, reading)
            outcomes = tuple(arrivals.all())
            if not _UNFINISHED & {outcome.progress for outcome in outcomes}:
                self._tidy(fetcher)
        return SyncReport(reading, outcomes, tuple(arrivals.revoked), traffic.length, traffic.requests)

    @contextmanager
    def _opened(self, traffic: Traffic) -> Iterator[tuple[FetcherInterface, str]]:
        """Give what fetches, and the address of the repository."""
        if self._fetcher:
            yield self._fetcher, _slashed(str(self._source))
            return
        settings, parts = self.settings, self._home / "parts"
        if isinstance(self._source, Path):
            there = FolderSource(repository_in(self._source), traffic)
            yield Fetcher(there, parts, traffic, patience=_STICK_PATIENCE, ticking=settings.ticking), there.address
            return
        with closing(Line(traffic, settings.patience, settings.ticking)) as line:
            yield (Fetcher(line, parts, traffic, patience=settings.patience, ticking=settings.ticking),
                   _slashed(self._source))

    def _tidy(self, fetcher: FetcherInterface) -> None:
        """Remove what earlier attempts left of releases that nobody wants any more."""
        if isinstance(fetcher, Fetcher):
            fetcher.forget_parts()
        for path in (self._home / "downloads").glob("*.zst"):
            path.unlink()

    def _places(self, address: str) -> Places:
        return Places(f"{address}metadata/", f"{address}targets/", self._home / "tuf", self._home / "downloads")


def _slashed(address: str) -> str:
    return address if address.endswith("/") else f"{address}/"
