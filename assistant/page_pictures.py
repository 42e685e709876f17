"""Pages of files as pictures with marks, made in a child process that may do little and is stopped when it does much.

One page is made at a time; pictures that were made are kept in memory, those used last, and never on a disk.  What
the child answers is checked before it is believed.  Where the files lie is known to `source_page`.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import Any
from weakref import finalize

from assistant.quote_place import Quote
from corpora.sandbox import LENGTH, MB, Caps, Child, GoneError, OverdueError

ZOOMS = (100, 150, 200)                # percent
CAPS = Caps(file_bytes=100 * MB, memory_bytes=1024 * MB, seconds=8.0)
_ANSWER_BYTES, _CACHE_BYTES = 16 * MB, 48 * MB
_MOST_BOXES, _MOST_QUOTES, _QUOTE_LETTERS = 400, 40, 20_000
_WORKER = (sys.executable, "-P", "-m", "assistant.page_worker")
Box = tuple[float, float, float, float]


class PictureError(Exception):
    """A page cannot be drawn or looked at."""


@dataclass(frozen=True, slots=True)
class Look:
    """A page of a file: how many there are, its height by its width, and where each quote stands on it.

    `rest` are the words of each quote that are not on the page: all, none, or what goes on overleaf.
    """

    pages: int
    shape: float
    marks: tuple[tuple[Box, ...], ...]
    rest: tuple[str, ...]


class Pictures:
    """Draws pages; any number of threads may ask, and wait for each other.  Closing twice is closing once."""

    def __init__(self, caps: Caps = CAPS, command: Sequence[str] = _WORKER) -> None:
        self._caps, self._command = caps, tuple(command)
        # The child dies with the thread that started it, so one thread lives as long as this does and does it all.
        self._thread = ThreadPoolExecutor(1, "pictures")
        self._child: Child | None = None
        self._ending = finalize(self, lambda: None)
        self._kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self.drawn = 0                 # pictures made, those kept not counted

    def close(self) -> None:
        """End the child."""
        self._thread.shutdown()
        self._end()

    def look(self, data: bytes, page: int, quotes: Sequence[Quote]) -> Look:
        """Return what a page of a file is, and where quotes stand on it.

        Raises:
            PictureError: there is no such page, or the file is damaged, too large or too slow.
        """
        asked = [[quote.text[:_QUOTE_LETTERS], quote.before[-_QUOTE_LETTERS:]] for quote in quotes[:_MOST_QUOTES]]
        answer = self._thread.submit(self._ask, data, page, {"zoom": 0, "quotes": asked}).result()
        return _look(answer, len(asked))

    def picture(self, data: bytes, page: int, zoom: int) -> bytes:
        """Return a page as WebP.  Raises as `look` does."""
        return self._thread.submit(self._picture, data, page, zoom).result()

    def _picture(self, data: bytes, page: int, zoom: int) -> bytes:
        key = (sha256(data).hexdigest(), page, zoom)
        if key not in self._kept:
            self._kept[key] = _webp(self._ask(data, page, {"zoom": zoom}))
            self.drawn += 1
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and sum(map(len, self._kept.values())) > _CACHE_BYTES:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _ask(self, data: bytes, page: int, request: dict[str, Any]) -> dict[str, Any]:
        if len(data) > self._caps.file_bytes:
            raise PictureError(f"the file is larger than {self._caps.file_bytes // MB} MB")
        head = json.dumps(request | {"size": len(data), "page": page}).encode()
        begun = monotonic()
        try:
            child = self._running()
            child.send(LENGTH.pack(len(head)) + head, begun, self._caps.seconds)
            child.send(data, begun, self._caps.seconds)
            answer = child.receive(begun, self._caps.seconds, _ANSWER_BYTES)
        except (OverdueError, GoneError, OSError) as error:
            self._end()
            raise PictureError(f"the page could not be made: {error}") from error
        except BaseException:
            self._end()                # an answer half read would be taken for the next one's
            raise
        if "refused" in answer:
            raise PictureError(str(answer["refused"])[:200])
        return answer

    def _running(self) -> Child:
        if self._child is None:
            self._child = Child(self._command, self._caps)
            self._ending = finalize(self, self._child.end)
        return self._child

    def _end(self) -> None:
        self._child = None
        self._ending()


def _look(answer: dict[str, Any], asked: int) -> Look:
    """Return what the child says of a page, if it can be so."""
    try:
        marks = tuple(tuple(_box(box) for box in boxes) for boxes in answer["marks"])
        found = Look(int(answer["pages"]), float(answer["shape"]), marks, tuple(map(str, answer["rest"])))
        sound = (found.pages >= 1 and 0.01 <= found.shape <= 100 and len(marks) == len(found.rest) == asked
                 and sum(map(len, marks)) <= _MOST_BOXES)
    except (KeyError, TypeError, ValueError) as error:
        raise PictureError("the page's description is none") from error
    if not sound:
        raise PictureError("the page's description cannot be")
    return found


def _box(sides: Sequence[float]) -> Box:
    x0, y0, x1, y1 = (min(max(float(side), 0.0), 1.0) for side in sides)
    return x0, y0, x1, y1


def _webp(answer: dict[str, Any]) -> bytes:
    try:
        data = b64decode(answer["webp"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise PictureError("the page's picture is none") from error
    if not (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        raise PictureError("the page's picture is none")
    return data
