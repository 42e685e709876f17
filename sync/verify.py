"""Whether a folder is a repository that a machine would accept: asked of TUF's own client, which starts from the root.

The same check runs before the newest file is put in its place (`overlay`), after it, and over a stick.  The client
begins with nothing but the root, so that no earlier visit can hide a fault.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata, Snapshot, Targets
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from sync.clock import set_time
from sync.errors import (
    DamagedRepositoryError,
    ExpiredRepositoryError,
    FutureRepositoryError,
    UntrustedRepositoryError,
)
from sync.release import RELEASE, ReleaseInfo
from sync.repository import Repository
from sync.roles import SNAPSHOT, TARGETS, TIMESTAMP, TOP_LEVEL, from_future, near_end

HERE = "repository:///"
# Of the 30 days of a timestamp, which the host signs every day: a week without it is no slip any more.
_HOST_ALARM = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RoleState:
    """A role as published.  `alarm`: few days are left, or none: 30 of what people sign, 7 of the timestamp."""

    name: str
    version: int
    expires: datetime
    alarm: bool
    over: bool = False

    def line(self) -> str:
        """Return the alarm for people."""
        when = f"was over on {self.expires.date()}, machines take nothing new from it" if self.over \
            else f"is over on {self.expires.date()}"
        return f"{self.name} {self.version} {when}: gather its signers"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a machine would find: the roles, top-level ones first, and the newest release of each publisher."""

    roles: tuple[RoleState, ...]
    releases: tuple[ReleaseInfo, ...]
    targets: int

    def alarms(self) -> tuple[str, ...]:
        """Return a sentence for each role that has to be signed anew soon.  The timestamp is left to the host."""
        return tuple(role.line() for role in self.roles if role.alarm and role.name != TIMESTAMP)


def verify(folder: Path, now: datetime, *, root: bytes | None = None,
           overlay: Mapping[str, bytes] | None = None) -> Verified:
    """Return what a machine that holds `root` would find, after every hash and signature was checked.

    root: the root that is trusted; by default the folder's own first one, which says that it is whole but not whose
        it is.
    overlay: content of files that are about to be written, by their path in the folder.

    A publisher whose role is over does not stand in the way of the others: it has an alarm and no release.

    Raises:
        NoRepositoryError, ForeignDirectoryError: there is none.
        UntrustedRepositoryError, DamagedRepositoryError, ExpiredRepositoryError, FutureRepositoryError: it is refused.
    """
    repository = Repository(folder)
    if overlay is None:
        repository.check()
    fetcher = FolderFetcher(folder, overlay or {})
    with tempfile.TemporaryDirectory() as home, _explained(folder):
        updater = client(Path(home), fetcher, root or _first(repository, overlay), now)
        updater.refresh()
        return _walk(updater, Path(home), now, fetcher)


def client(home: Path, fetcher: FetcherInterface, root: bytes, now: datetime) -> Updater:
    """Return TUF's own client at a given time, with what it remembers in `home`; it asks for what lies under `HERE`."""
    (home / "downloads").mkdir(parents=True, exist_ok=True)
    updater = Updater(str(home), f"{HERE}metadata/", str(home / "downloads"), f"{HERE}targets/", fetcher,
                      UpdaterConfig(), bootstrap=root)
    set_time(updater, now)
    return updater


def _walk(updater: Updater, home: Path, now: datetime, fetcher: FolderFetcher) -> Verified:
    targets = _kept(home, TARGETS)
    publishers = sorted(targets.delegations.roles or {}) if targets.delegations else []
    states, releases = [_role_state(home, name, now) for name in TOP_LEVEL], []
    count = _download_all(updater, targets)
    for publisher in publishers:
        try:
            info = updater.get_targetinfo(f"{publisher}/{RELEASE}")
        except tuf.ExpiredMetadataError:
            states.append(_over(home, publisher, fetcher))
            continue
        states.append(_role_state(home, publisher, now))
        count += _download_all(updater, _kept(home, publisher))
        if info:
            data = Path(updater.download_target(info)).read_bytes()
            releases.append(ReleaseInfo.from_bytes(data, publisher=publisher))
    return Verified(tuple(states), tuple(releases), count)


def _download_all(updater: Updater, role: Targets) -> int:
    for path in role.targets:
        info = updater.get_targetinfo(path)
        if info is None:
            raise DamagedRepositoryError(f"{path} is named by a role that may not name it")
        updater.download_target(info)
    return len(role.targets)


def _kept(home: Path, role: str) -> Targets:
    return Metadata[Targets].from_file(str(home / f"{role}.json")).signed


def _role_state(home: Path, name: str, now: datetime) -> RoleState:
    signed = Metadata.from_file(str(home / f"{name}.json")).signed
    if from_future(signed, now):
        raise FutureRepositoryError(f"{name} {signed.version} was signed later than this machine's clock says "
                                    f"it is now ({now.date()})")
    alarm = signed.expires - now < _HOST_ALARM if name == TIMESTAMP else near_end(signed, now)
    return RoleState(name, signed.version, signed.expires, alarm)


def _over(home: Path, name: str, fetcher: FolderFetcher) -> RoleState:
    version = Metadata[Snapshot].from_file(str(home / f"{SNAPSHOT}.json")).signed.meta[f"{name}.json"].version
    signed = Metadata.from_bytes(b"".join(fetcher.fetch(f"{HERE}metadata/{version}.{name}.json"))).signed
    return RoleState(name, version, signed.expires, alarm=True, over=True)


def _first(repository: Repository, overlay: Mapping[str, bytes] | None) -> bytes:
    path = repository.root_path(1)
    return (overlay or {}).get(path.relative_to(repository.folder).as_posix()) or path.read_bytes()


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except tuf.ExpiredMetadataError as error:
        raise ExpiredRepositoryError(f"the repository in {folder} is too old to be accepted: {error}") from error
    except tuf.UnsignedMetadataError as error:
        raise UntrustedRepositoryError(f"the repository in {folder} was not signed by those who are trusted: "
                                       f"{error}") from error
    except tuf.DownloadHTTPError as error:
        raise DamagedRepositoryError(f"{error} in {folder}") from error
    except (tuf.RepositoryError, tuf.DownloadError) as error:
        raise DamagedRepositoryError(f"the repository in {folder} is damaged: {error}") from error


class FolderFetcher(FetcherInterface):
    """Reads from a folder; what lies in the overlay is taken from there instead."""

    def __init__(self, folder: Path, overlay: Mapping[str, bytes]) -> None:
        self._folder, self._overlay = folder, overlay

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix(HERE)
        data = self._overlay.get(path)
        if data is None:
            try:
                data = (self._folder / path).read_bytes()
            except OSError as error:
                raise tuf.DownloadHTTPError(f"{path} is missing", 404) from error
        yield data
