"""Which files of a repository may be used here: TUF's own client, unmodified, between two guards of ours.

Before it the time, which the floor corrects (`sync.clock`); after it the marks (`sync.marks`), so that an old copy is
refused even where the client's memory was lost.  It always starts from the root that came with the program; its folder
of metadata is a cache that may be lost at any moment.  Errors are said in our words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata, Root, Signed, TargetFile, Targets
from tuf.api.serialization import DeserializationError
from tuf.ngclient import FetcherInterface, Updater

from sync.clock import Clock, Issue, Reading, set_time
from sync.durable import make_folder, space
from sync.errors import (
    DamagedRepositoryError,
    ExpiredRepositoryError,
    NoRepositoryError,
    OlderRepositoryError,
    ReleaseError,
    SyncError,
    UnreachableError,
    UntrustedRepositoryError,
)
from sync.fetch import NoConnectionError
from sync.marks import Mark, Marks, keyset
from sync.release import canonical, checked_publisher
from sync.roles import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, TOP_LEVEL, issued
from sync.transaction import transaction

_MISSING = (403, 404)


@dataclass(frozen=True, slots=True)
class Places:
    """Where metadata and targets come from, and the folders they come to."""

    metadata_url: str
    targets_url: str
    metadata: Path
    downloads: Path


@dataclass(frozen=True, slots=True)
class Guards:
    """What this machine remembers beside TUF's client."""

    marks: Marks
    clock: Clock


class Trust:
    """One look at a repository.  A new one is made for each attempt."""

    def __init__(self, places: Places, root: bytes, fetcher: FetcherInterface, guards: Guards,
                 reading: Reading) -> None:
        self._places, self._guards, self._reading, self._root = places, guards, reading, root
        with space(places.metadata):
            make_folder(places.metadata)
            make_folder(places.downloads)
            check_root(root)
            self._updater = Updater(str(places.metadata), places.metadata_url, str(places.downloads),
                                    places.targets_url, fetcher, bootstrap=root)
        set_time(self._updater, reading.moment)

    def refresh(self) -> None:
        """Learn what is published now, down to the targets role.

        Raises:
            NoRepositoryError: there is nothing at this address.
            RepositoryError: what is there is refused: untrusted, damaged, expired, from the future or older.
            UnreachableError: nothing came.
        """
        try:
            with space(self._places.metadata), self._explained():
                self._updater.refresh()
        finally:
            self._note_root()
        self._accept({role: self._kept(role) for role in TOP_LEVEL})

    def publishers(self) -> tuple[str, ...]:
        """Return the publishers that the targets role names, in its order."""
        return tuple(name for name in self._delegations() if _is_publisher(name))

    def keyset(self, publisher: str) -> str:
        """Return the name of the keys that may sign for a publisher."""
        return keyset(self._delegations()[publisher].keyids)

    def chain(self, publisher: str, release: bytes) -> bytes:
        """Return what was signed over a release of a publisher, from the root of trust down: canonical JSON.

        release: its `release.json`, which was just verified.
        """
        folder, first = self._places.metadata, Metadata[Root].from_bytes(self._root).signed.version
        later = [f"root_history/{version}.{ROOT}" for version in range(first + 1, self._kept(ROOT).version + 1)]
        role, targets, *roots = (json.loads((folder / f"{name}.json").read_bytes())
                                 for name in (publisher, TARGETS, *later))
        return canonical({"roots": [json.loads(self._root), *roots], "targets": targets, "role": role,
                          "release": release.decode()})

    def target(self, path: str) -> TargetFile | None:
        """Return what is signed of a target, None where nobody who may has signed it.

        Raises:
            RepositoryError: the role that may name it is refused.
            UnreachableError: it did not come.
        """
        with space(self._places.metadata), self._explained():
            target = self._updater.get_targetinfo(path)
        publisher, slash, _ = path.partition("/")
        if slash and publisher in self._delegations():
            self._accept_publisher(publisher)
        return target

    def download(self, target: TargetFile) -> Path:
        """Return a copy of a target that was just verified; it is fetched only where there is none yet.

        Raises:
            DamagedRepositoryError: what came is not what was signed.
            UnreachableError: it did not come.
            PostponedError: it may not come now.
        """
        with space(self._places.downloads), self._explained():
            there = self._updater.find_cached_target(target)
            return Path(there or self._updater.download_target(target))

    def _accept(self, roles: Mapping[str, Signed]) -> None:
        sets = self._keysets()
        marks = [Mark(role, sets[role], signed.version) for role, signed in roles.items()]
        issues = [Issue(role, sets[role], moment) for role, signed in roles.items() if (moment := issued(signed))]
        with transaction(self._guards.marks.connection):
            self._guards.marks.advance(marks)
            self._guards.clock.accept(issues, self._reading)

    def _accept_publisher(self, publisher: str) -> None:
        """Set the mark of a publisher, where the role in the cache is the one that was just verified."""
        meta = self._kept(SNAPSHOT).meta.get(f"{publisher}.json")
        with suppress(OSError, tuf.RepositoryError):
            version = self._kept(publisher).version
            if meta and meta.version == version:
                keys = keyset([*self._delegations()[publisher].keyids, *self._kept(ROOT).roles[SNAPSHOT].keyids])
                self._guards.marks.advance([Mark(publisher, keys, version)])

    def _note_root(self) -> None:
        """Keep the newest root in mind although something after it failed: it says whose word counts no more."""
        with suppress(OSError, tuf.RepositoryError):
            root = self._kept(ROOT)
            if root.version > self._guards.marks.of(ROOT):
                with transaction(self._guards.marks.connection):
                    self._guards.marks.advance([Mark(ROOT, "", root.version)])
                    self._guards.clock.forget(self._keysets())

    def _keysets(self) -> dict[str, str]:
        """Return the name of the keys by whose word each top-level role has its version.

        For targets, and for publishers, the snapshot's count too: TUF lets new snapshot keys mend those versions.
        """
        roles = self._kept(ROOT).roles
        own = {role: roles[role].keyids for role in TOP_LEVEL}
        return {ROOT: "", TIMESTAMP: keyset(own[TIMESTAMP]), SNAPSHOT: keyset(own[SNAPSHOT]),
                TARGETS: keyset([*own[TARGETS], *own[SNAPSHOT]])}

    def _delegations(self) -> Mapping[str, Any]:
        targets: Targets = self._kept(TARGETS)
        return (targets.delegations.roles if targets.delegations else None) or {}

    def _kept(self, role: str) -> Any:  # noqa: ANN401
        """Return a role that TUF's client verified and put into its folder."""
        return Metadata.from_bytes((self._places.metadata / f"{role}.json").read_bytes()).signed

    @contextmanager
    def _explained(self) -> Iterator[None]:
        address = self._places.metadata_url.removesuffix("metadata/")
        carried = urlsplit(address).scheme == "file"
        where = unquote(urlsplit(address).path).rstrip("/") if carried else address
        try:
            yield
        except tuf.ExpiredMetadataError as error:
            raise ExpiredRepositoryError(f"what {where} offers is over: {error}; this machine takes today to be "
                                         f"{self._reading.moment.date()}", hint=_EXPIRED) from error
        except tuf.BadVersionNumberError as error:
            raise OlderRepositoryError(_out_of_order(error, where)) from error
        except tuf.UnsignedMetadataError as error:
            raise UntrustedRepositoryError(f"what {where} offers was signed by somebody else than root.json of this "
                                           f"machine trusts: {error}") from error
        except DeserializationError as error:
            raise DamagedRepositoryError(f"what came from {where} is no metadata",
                                         hint=_TORN if carried else _PORTAL) from error
        except tuf.DownloadHTTPError as error:
            raise _missing_on_stick(error, where) if carried else _missing(error, where) from error
        except (tuf.RepositoryError, tuf.DownloadLengthMismatchError) as error:
            raise DamagedRepositoryError(f"what {where} offers is damaged: {error}",
                                         hint=_TORN if carried else "") from error
        except NoConnectionError as error:
            raise UnreachableError(str(error)) from error
        except tuf.DownloadError as error:
            raise UnreachableError(f"not all came from {where}: {error}", hint=_PULLED if carried else "") from error


_EXPIRED = ("If that date is wrong, set the clock of this machine. If it is right, tell those who publish that it has "
            "to be signed anew, or bring a newer stick. What is in use goes on answering.")
_PORTAL = "Perhaps a network wants somebody to log in first: open any page on this line, then try again."
_TORN = ("Nothing was changed. Have the stick written anew (rohnamo release export), and eject it before it is taken "
         "out.")
_PULLED = "Put the stick in again and leave it in until this ends. Nothing is lost."


def check_root(root: bytes) -> None:
    """See that these bytes are a root of trust: root metadata that its own keys signed.

    Raises:
        UntrustedRepositoryError: they are not.
    """
    try:
        metadata = Metadata[Root].from_bytes(root)
        metadata.signed.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
    except (tuf.RepositoryError, ValueError, AttributeError) as error:
        raise UntrustedRepositoryError("root.json of this machine is no root of trust",
                                       hint="Copy root.json, given at the key ceremony, to the data directory "
                                            "again.") from error


def _out_of_order(error: tuf.BadVersionNumberError, where: str) -> str:
    """Return what a version that does not fit means; TUF tells a step back from files that do not belong together."""
    if " must be >= " in str(error):
        return f"what {where} offers is older than what this machine has seen"
    return f"what {where} offers does not fit together: {error}"


def _missing(error: tuf.DownloadHTTPError, where: str) -> SyncError:
    if error.status_code not in _MISSING:
        return UnreachableError(f"{where} does not give what was asked for: {error}")
    if f"{TIMESTAMP}.json" in str(error):
        return NoRepositoryError(f"there is no repository at {where}",
                                 hint="Correct the address in the settings, or ask those who run the server.")
    return DamagedRepositoryError(f"a file is missing at {where}: {error}",
                                  hint="Try again in an hour; if it stays so, tell those who run the server.")


def _missing_on_stick(error: tuf.DownloadHTTPError, where: str) -> SyncError:
    return DamagedRepositoryError(f"{where} is not whole: {error}", hint=_TORN)


def _is_publisher(name: str) -> bool:
    try:
        return checked_publisher(name) == name
    except ReleaseError:
        return False
