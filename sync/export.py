"""The repository on a stick: the same tree, with what a machine needs now and nothing older.

The roots are all there, because a machine walks from the one it knows to the newest.  Files are written as they are
published, the timestamp last, so that a stick pulled out too early holds the old state or none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import Targets

from sync.durable import make_folder, write_whole
from sync.errors import ConflictError, DamagedRepositoryError, ForeignDirectoryError, NoSpaceError
from sync.repository import LOCK, METADATA_FOLDER, TARGETS_FOLDER, Repository, State
from sync.roles import ROOT, SNAPSHOT, TIMESTAMP
from sync.verify import Verified, verify


@dataclass(frozen=True, slots=True)
class Exported:
    """What lies on the stick: files, bytes in all, and what a machine finds there."""

    files: int
    length: int
    verified: Verified


def export(repository: Repository, folder: Path, now: datetime) -> Exported:
    """Copy what is published now into a folder, new or holding an earlier export of the same repository.

    Raises:
        RepositoryError: what is published would be refused by a machine.
        ForeignDirectoryError: the folder holds something else.
        ConflictError: what the folder holds is newer.
        NoSpaceError: there is not enough space; nothing was written.
    """
    verify(repository.folder, now)
    state = repository.state()
    _check_place(repository, state, Repository(folder))
    paths = list(_paths(repository, state))
    _check_space(paths, repository.folder, folder)
    for path in paths:
        place, data = folder / path.relative_to(repository.folder), path.read_bytes()
        if not place.is_file() or place.read_bytes() != data:
            write_whole(place, data)
    verified = verify(folder, now, root=repository.root_path(1).read_bytes())
    _remove_others(folder, {path.relative_to(repository.folder) for path in paths})
    return Exported(len(paths), sum(path.stat().st_size for path in paths), verified)


def _paths(repository: Repository, state: State) -> Iterator[Path]:
    """Yield the files in the order they are written."""
    roles = [role for role in state.files if role not in (ROOT, SNAPSHOT, TIMESTAMP)]
    for role in roles:
        signed: Targets = state.targets(role)
        yield from (repository.target_path(target) for target in signed.targets.values())
    yield from (repository.role_path(role, state.version(role)) for role in roles)
    yield from repository.roots()
    yield from (repository.role_path(role, state.version(role)) for role in (SNAPSHOT, TIMESTAMP))


def _check_place(repository: Repository, state: State, there: Repository) -> None:
    if not there.folder.exists() or (there.folder.is_dir() and not any(there.folder.iterdir())):
        return
    if _cut_off(there):
        return
    there.check()
    if there.root_path(1).read_bytes() != repository.root_path(1).read_bytes():
        raise ForeignDirectoryError(f"{there.folder} holds another repository", hint="Name another folder.")
    try:
        newer = there.state().version(TIMESTAMP) > state.version(TIMESTAMP)
    except DamagedRepositoryError:          # damaged on the stick: what is damaged is written anew
        newer = False
    if newer:
        raise ConflictError(f"what {there.folder} holds is newer than {repository.folder}",
                            hint="Export from the repository that it came from.")


def _cut_off(there: Repository) -> bool:
    """Return whether a first export began here and was cut off before anybody could read it."""
    names = {path.name for path in there.folder.iterdir()}
    return names <= {METADATA_FOLDER, TARGETS_FOLDER} and not (there.metadata / "timestamp.json").exists()


def _check_space(paths: list[Path], source: Path, folder: Path) -> None:
    wanted = sum(path.stat().st_size for path in paths if not (folder / path.relative_to(source)).is_file())
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.is_dir())
    free = shutil.disk_usage(there).free
    if free < wanted:
        raise NoSpaceError(f"{folder} has {free:,} bytes free, {wanted:,} are wanted",
                           hint="Take a larger stick, or remove other files from it.")
    make_folder(folder)


def _remove_others(folder: Path, kept: set[Path]) -> None:
    for name in (Repository(folder).metadata, folder / TARGETS_FOLDER):
        for path in sorted(name.rglob("*")):
            if path.is_file() and path.relative_to(folder) not in kept and path.name != LOCK:
                path.unlink()
