"""The files of added models: where they lie, how one comes in whole, whether one is still the same.

    models/verified.json       hashes already computed, by name: file, size, time of change, hash
    models/NAME/model.toml     what was added: file, hash, size, role, architecture, from where
    models/NAME/HASH.gguf      the file itself, named by its hash
    models/NAME/HASH/          or the folder itself, where a model is one

A model is there from the moment its model.toml names it, and that is the last thing written; until then the
one before it stays.  Nothing here judges whether a file may be added.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from shutil import disk_usage

from assistant.profile import Role

Progress = Callable[[int, int], None]
Mark = dict[str, str | int]

FORMAT = 1
_BLOCK = 1 << 20              # bytes
_SPARE = 64 << 20             # bytes left free on the disk after a model was added
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Record:
    """What model.toml says was added.  `file` may be a folder; `size` is bytes; `added_from` its name or a package."""

    file: str
    sha256: str
    size: int
    role: Role
    architecture: str
    added_from: str


UNREADABLE = Record("unreadable", "", 0, Role.ENGINE_CHECK, "", "")


def is_name(name: str) -> bool:
    """Return whether a model's folder may have this name."""
    return _NAME.fullmatch(name) is not None


class Weights:
    """The folder `models` of a data directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the names of the added models, sorted."""
        names = [file.parent.name for file in self._folder.glob("*/model.toml")]
        return sorted(name for name in names if is_name(name))

    def record(self, name: str) -> Record | None:
        """Return what was added under a name, or None; a record that cannot be read is UNREADABLE."""
        if not is_name(name):
            return None
        try:
            read = tomllib.loads((self._folder / name / "model.toml").read_text("utf-8"))
            return Record(Path(str(read["file"])).name, str(read["sha256"]), int(read["size"]),
                          Role(read["role"]), str(read["architecture"]), str(read["added_from"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            return UNREADABLE

    def path(self, name: str, record: Record) -> Path:
        """Return where the file of a record lies, whole or not."""
        return self._folder / name / record.file

    def is_whole(self, name: str, record: Record, *, anew: bool = False) -> bool:
        """Return whether the file still has its hash.

        It is read only if it changed since the last time, or `anew`.
        """
        path = self.path(name, record)
        try:
            now, known = _mark(path), self._remembered().get(name, {})
            if now["size"] != record.size:
                return False
            if anew or known | now != known:
                known = now | {"sha256": hash_of(path)}
                self._remember(name, known)
            return known["sha256"] == record.sha256
        except (OSError, KeyError):
            return False

    @contextmanager
    def incoming(self, name: str, size: int, *, folder: bool = False) -> Iterator[Path]:
        """Give a file, or a folder, of this model's folder to write to; whatever happens, it is gone afterwards.

        Raises:
            OSError: the disk has no room for `size` bytes, or cannot be written to.
        """
        home = self._folder / name
        home.mkdir(parents=True, exist_ok=True)
        place = _empty_place(home, folder=folder)
        try:
            free = disk_usage(home).free
            if free < size + _SPARE:
                raise OSError(errno.ENOSPC, f"{size} bytes are wanted and {free} are free on the disk")
            yield place
        finally:
            _remove(place)
            if not any(home.iterdir()):
                home.rmdir()

    def keep(self, name: str, incoming: Path, record: Record) -> None:
        """Put a checked file or folder in its place, make model.toml name it, then remove what it replaces."""
        path = self.path(name, record)
        if incoming.is_dir():
            _remove(path)    # a damaged copy of the same; a folder takes no other folder's place
        incoming.replace(path)
        _sync(path.parent)
        fields = {"format": FORMAT, "name": name} | asdict(record)
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in fields.items()]
        _write(path.with_name("model.toml"), "".join(lines))
        self._remember(name, _mark(path) | {"sha256": record.sha256})
        for old in path.parent.iterdir():
            if old.name not in (path.name, "model.toml"):
                _remove(old)

    def _remembered(self) -> dict[str, Mark]:
        try:
            read = json.loads((self._folder / "verified.json").read_text("utf-8"))
            return {name: dict(entry) for name, entry in read.items() if name != "format"}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _remember(self, name: str, mark: Mark) -> None:
        entries = {"format": FORMAT} | self._remembered() | {name: mark}
        with suppress(OSError):    # where nothing can be written, the file is hashed again next time
            _write(self._folder / "verified.json", json.dumps(entries, indent=1) + "\n")


def copied(sources: Sequence[Path], target: Path, progress: Progress | None = None) -> str:
    """Write the sources one after another, to the disk itself, and return the hash of what was read."""
    total, done, digest = sum(source.stat().st_size for source in sources), 0, sha256()
    with target.open("wb") as out:
        for block in _blocks(sources):
            digest.update(block)
            out.write(block)
            done += len(block)
            if progress:
                progress(done, total)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def copied_folder(source: Path, names: Sequence[str], target: Path, progress: Progress | None = None) -> str:
    """Copy the named files of a folder into an empty one, to the disk itself, and return the folder's hash."""
    sizes = {name: (source / name).stat().st_size for name in names}
    total, done, hashes = sum(sizes.values()), 0, {}
    for name in names:
        before, path = done, target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        told = (lambda part, _, before=before: progress(before + part, total)) if progress else None
        hashes[name] = copied([source / name], path, told)
        done += sizes[name]
    for folder in (*(path for path in target.rglob("*") if path.is_dir()), target):
        _sync(folder)
    return _of_all(hashes)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex; of a folder, that of the lines "HASH  NAME" of its files, by name."""
    if path.is_dir():
        return hash_of_files(path, _names(path))
    digest = sha256()
    for block in _blocks([path]):
        digest.update(block)
    return digest.hexdigest()


def hash_of_files(folder: Path, names: Sequence[str]) -> str:
    """Return the hash that a folder with these files alone has."""
    return _of_all({name: hash_of(folder / name) for name in names})


def _of_all(hashes: dict[str, str]) -> str:
    return sha256("".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()).hexdigest()


def _names(folder: Path) -> list[str]:
    """Return everything in a folder that is no folder, with "/"."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def _blocks(paths: Sequence[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block


def _mark(path: Path) -> Mark:
    stat = path.stat()
    if not path.is_dir():
        return {"file": path.name, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    stats = {name: (path / name).stat() for name in _names(path)}
    looks = json.dumps([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()])
    return {"file": path.name, "size": sum(stat.st_size for stat in stats.values()),
            "looks": sha256(looks.encode()).hexdigest()}


def _empty_place(home: Path, *, folder: bool) -> Path:
    if folder:
        return Path(tempfile.mkdtemp(prefix="incoming-", dir=home))
    handle, place = tempfile.mkstemp(prefix="incoming-", dir=home)
    os.close(handle)
    return Path(place)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    place = path.with_name(f".{path.name}.{os.getpid()}")
    with place.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    place.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Write a folder's names to the disk; where a system cannot, the rename alone has to do."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
