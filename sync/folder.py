"""A repository in a folder, as on a stick: read like one on a server, and never trusted more.

It is looked for under one name, never by what else the stick holds.  Files are copied, with a cap, and only the copies
are parsed; what is no ordinary file within the folder is not there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from tuf.api.exceptions import DownloadHTTPError

from sync.errors import ForeignDirectoryError, NoRepositoryError
from sync.fetch import BrokenLineError, DamagedPartError, Stretch, short
from sync.traffic import Traffic

NAME = "rohnamo"
_CHUNK = 64 * 1024
_MISSING = 404


def repository_in(place: Path) -> Path:
    """Return the repository in a folder: its folder `rohnamo`, as on a stick, or itself.

    Raises:
        NoRepositoryError: the folder is empty or not there.
        ForeignDirectoryError: it holds something else.
    """
    for folder in (place / NAME, place):
        if (folder / "metadata" / "timestamp.json").is_file():
            return folder
    if not place.is_dir() or not any(place.iterdir()):
        raise NoRepositoryError(f"{place} is empty or not there: it is no repository")
    raise ForeignDirectoryError(f"{place} holds no repository, and no folder {NAME} with one",
                                hint=f"Export to the folder {NAME} of the stick: rohnamo release export.")


class FolderSource:
    """Reads files of a repository from a folder.  `address`: what the addresses of its files begin with."""

    def __init__(self, folder: Path, traffic: Traffic) -> None:
        self._folder = folder.resolve()
        self.address = f"{self._folder.as_uri()}/"
        self._traffic = traffic

    def close(self) -> None:
        """Nothing is held between two files."""

    @contextmanager
    def open(self, url: str, start: int, length: int | None) -> Iterator[Stretch]:
        """Give a file from its byte `start` on.

        Raises:
            DownloadHTTPError: there is no such file.
            DamagedPartError: it has another length.
            BrokenLineError: the stick was pulled out, or cannot be read here.
        """
        self._traffic.requests += 1
        file = self._opened(url)
        try:
            if length is not None and os.fstat(file).st_size != length:
                raise DamagedPartError(f"{short(url)} has another length than was signed")
            os.lseek(file, start, os.SEEK_SET)
            yield Stretch(start, self._chunks(file, url))
        finally:
            os.close(file)

    def _opened(self, url: str) -> int:
        path = self._folder / unquote(url.removeprefix(self.address))
        try:
            if not path.resolve().is_relative_to(self._folder):
                raise FileNotFoundError(path)
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError, RuntimeError) as error:
            raise DownloadHTTPError(f"{short(url)} is not there", _MISSING) from error
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise DownloadHTTPError(f"{short(url)} is no ordinary file", _MISSING)
        return file

    def _chunks(self, file: int, url: str) -> Iterator[bytes]:
        try:
            while chunk := os.read(file, _CHUNK):
                self._traffic.length += len(chunk)
                yield chunk
        except OSError as error:
            raise BrokenLineError(f"{short(url)} cannot be read") from error
