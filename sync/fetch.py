"""Files of a repository arrive here, whole or in parts that are kept until they are whole.

A file whose name begins with its hash never changes, so what has come of it is kept as `parts/HASH.part` and asked
for from there on, also after a restart.  Where the files are, on a server (`sync.line`) or a stick (`sync.folder`), is
all the same.  TUF's client decides what is asked for and verifies what came; the hash is checked here only so that
what was damaged on the way is fetched again at once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from io import BytesIO
from pathlib import Path
from typing import IO, Protocol, TypeVar

from tuf.api.exceptions import (
    DownloadError,
    DownloadLengthMismatchError,
    LengthOrHashMismatchError,
    SlowRetrievalError,
)
from tuf.ngclient import FetcherInterface

from sync.durable import PART, make_folder, space
from sync.traffic import Patience, Priority, Ticking, Traffic

_HASHED = re.compile(r".*/([0-9a-f]{64})\.[^/]*")
_NAMED = re.compile(r".*/((?:metadata|targets)/.*)")
# A damaged file is fetched again so often; more would be paid for by somebody with a metered line.
_DAMAGED_TRIES = 3
# Before there was any connection: somebody may be waiting, and a line that was good may only have broken.
_FIRST_TRIES = 2
# However little each attempt brings.
_MOST_ATTEMPTS = 100
_LONGEST_PAUSE_S = 30.0
_T = TypeVar("_T")


class BrokenLineError(DownloadError):
    """The line broke; what had come stays and the rest may come a moment later."""


class NoConnectionError(BrokenLineError):
    """There is no connection to the server; the message says why, for a person."""


class DamagedPartError(BrokenLineError):
    """What had come cannot be the beginning of the file; it is dropped and the file fetched from its beginning."""


def short(url: str) -> str:
    """Return the name of a file for a person: its path in the repository, without its hash."""
    named = _NAMED.fullmatch(url)
    return re.sub("[0-9a-f]{64}\\.", "", named[1] if named else url)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A file from its byte `start` on."""

    start: int
    chunks: Iterator[bytes]


class Source(Protocol):
    """Where files are read from."""

    def open(self, url: str, start: int, length: int | None) -> AbstractContextManager[Stretch]:
        """Give a file from `start` or from its beginning; `length` is that of the whole file, where it is known."""

    def close(self) -> None:
        """Let go of it."""


class Fetcher(FetcherInterface):
    """Fetches for TUF's client.  `parts`: the folder in which unfinished files wait."""

    def __init__(self, source: Source, parts: Path, traffic: Traffic, *, patience: Patience | None = None,
                 ticking: Ticking = time) -> None:
        self._source, self._parts, self._traffic = source, parts, traffic
        self._patience, self._ticking = patience or Patience(), ticking
        self._reached = False

    def close(self) -> None:
        """Hang up; parts stay."""
        self._source.close()

    def forget_parts(self) -> None:
        """Remove the parts of files that nobody wants any more."""
        for part in self._parts.glob(f"*{PART}"):
            part.unlink()

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """Give a file to read while the block runs; of one with its hash in its name, `max_length` is the length.

        Raises:
            DownloadError: it did not come; DownloadHTTPError: there is none.
            LengthOrHashMismatchError: what came several times is not what was signed.
            PostponedError: it may not come now.
            NoSpaceError: the disk is full; what had come is kept.
        """
        hashed = _HASHED.fullmatch(url)
        if hashed is None:
            yield BytesIO(self._again(lambda: self._small(url, max_length)))
            return
        part = self._parts / f"{hashed[1]}{PART}"
        with space(part):
            make_folder(self._parts)
            self._again(lambda: self._fill(part, url, max_length, hashed[1]), part)
        with part.open("rb") as file:
            yield file
        part.unlink()

    def _fetch(self, url: str) -> Iterator[bytes]:
        with self._source.open(url, 0, None) as stretch:
            yield from stretch.chunks

    def _small(self, url: str, most: int) -> bytes:
        found = bytearray()
        self._traffic.check(Priority.of(url), most)
        with self._source.open(url, 0, None) as stretch:
            for chunk in stretch.chunks:
                found += chunk
                if len(found) > most:
                    raise DownloadLengthMismatchError(f"{short(url)} is longer than {most} bytes")
        return bytes(found)

    def _fill(self, part: Path, url: str, length: int, digest: str) -> None:
        if _size(part) > length:
            part.unlink()
        if (start := _size(part)) < length:
            self._traffic.check(Priority.of(url), length - start)
            with self._source.open(url, start, length) as stretch:
                _append(part, stretch, url, length)
        if _size(part) < length:
            raise BrokenLineError(f"{short(url)} ended early")
        if _digest(part) != digest:
            raise DamagedPartError(f"{short(url)} differs from what was signed")

    def _again(self, attempt: Callable[[], _T], part: Path | None = None) -> _T:
        """Try until it comes; an attempt that brought something new does not count against the line."""
        best, vain, damaged, ends = _size(part), 0, 0, self._ticking.monotonic() + self._patience.connect
        for _ in range(_MOST_ATTEMPTS):
            try:
                done = attempt()
                self._reached = True
                return done
            except (BrokenLineError, SlowRetrievalError) as error:
                failure, damaged = error, damaged + isinstance(error, DamagedPartError)
            finally:
                self._traffic.save()
            vain = 0 if _size(part) > best else vain + 1
            best = max(best, _size(part))
            if isinstance(failure, DamagedPartError) and part:
                part.unlink(missing_ok=True)
            self._reached |= not isinstance(failure, NoConnectionError)
            if vain >= self._patience.tries or damaged >= _DAMAGED_TRIES or (
                    not self._reached and (vain >= _FIRST_TRIES or self._ticking.monotonic() >= ends)):
                break
            self._ticking.sleep(min(self._patience.pause * 2 ** max(vain - 1, 0), _LONGEST_PAUSE_S))
        if isinstance(failure, DamagedPartError):
            raise LengthOrHashMismatchError(str(failure)) from failure
        raise failure


def _append(part: Path, stretch: Stretch, url: str, length: int) -> None:
    with part.open("r+b" if part.exists() else "wb") as file:
        file.truncate(stretch.start)
        file.seek(stretch.start)
        for chunk in stretch.chunks:
            if file.tell() + len(chunk) > length:
                raise DamagedPartError(f"{short(url)} is longer than was signed")
            file.write(chunk)


def _size(part: Path | None) -> int:
    return part.stat().st_size if part and part.exists() else 0


def _digest(part: Path) -> str:
    with part.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
