"""Vectors made on this machine, kept while they are made, so that a build that was killed goes on where it was.

    ENCODER.npz             what was made before, one file for each encoder
    ENCODER-KEY-PROCESS.npz parts made since, some thousands of vectors or half a minute of work each

ENCODER is the beginning of the encoder's hash.  Parts are folded into the one file when all vectors are there, but a
few vectors of a small change wait for others in parts of their own.
Everything here can be made again: a file that cannot be read is removed.
"""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from corpora.durable import PART, make_folder
from index.encoder import Encoder
from index.errors import DamagedSnapshotError, EncoderMismatchError, UnknownFormatError
from index.tables import text_key
from index.vectors import Progress, load_vectors, making, save_vectors

_PART, _PART_S = 4096, 30.0
# So few vectors and parts do not make the whole file anew.
_FEW, _MOST_PARTS = 256, 8
_LETTERS = 16


class VectorFolder:
    """The kept vectors of one encoder; a part is written after `part` vectors or half a minute, what comes first."""

    def __init__(self, folder: Path, encoder: Encoder, *, part: int = _PART,
                 clock: Callable[[], float] = monotonic) -> None:
        self._folder, self._encoder = folder, encoder
        self._part, self._clock = part, clock
        self._name = encoder.sha256[:_LETTERS]

    def known(self) -> Mapping[str, Any]:
        """Return the vectors that are kept, by text key."""
        return together(*(self._loaded(path) for path in self._files()))

    def complete(self, texts: Sequence[str], known: Mapping[str, Any], progress: Progress | None = None) -> None:
        """Make the vectors of the texts that are neither kept nor known; what no text needs goes at times.

        Raises:
            EncoderError: the encoder gave something unusable; what was made before is kept.
            corpora.errors.NoSpaceError: the disk is full.
        """
        make_folder(self._folder)
        self._sweep()
        kept = together(self.known(), known)
        held: dict[str, Any] = {}
        since = self._clock()
        for made in making(texts, self._encoder, kept, progress):
            held |= made
            if len(held) >= self._part or self._clock() - since >= _PART_S:
                self._save_part(held)
                held, since = {}, self._clock()
        self._fold(texts, held)

    def _save_part(self, vectors: Mapping[str, Any]) -> None:
        name = f"{self._name}-{min(vectors)[:_LETTERS]}-{os.getpid()}.npz"
        save_vectors(self._folder / name, self._encoder, vectors)

    def _fold(self, texts: Sequence[str], held: Mapping[str, Any]) -> None:
        parts = [path for path in self._files() if path != self._whole]
        if not parts and not held:
            return
        if self._whole.exists() and len(held) <= _FEW and len(parts) < _MOST_PARTS:
            if held:
                self._save_part(held)
            return
        kept = together(held, self.known())
        save_vectors(self._whole, self._encoder, kept, {key for key in map(text_key, texts) if key in kept})
        for path in parts:
            path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what processes were writing when they were killed."""
        for path in self._folder.glob(f"{self._name}-*-*.npz{PART}"):
            if not _runs(path.name.split("-")[-1].partition(".")[0]):
                path.unlink(missing_ok=True)

    @property
    def _whole(self) -> Path:
        return self._folder / f"{self._name}.npz"

    def _files(self) -> Iterator[Path]:
        yield from sorted(self._folder.glob(f"{self._name}*.npz"))

    def _loaded(self, path: Path) -> Mapping[str, Any]:
        try:
            return load_vectors(path, self._encoder)
        except EncoderMismatchError:
            return {}
        except (DamagedSnapshotError, UnknownFormatError):
            path.unlink(missing_ok=True)
            return {}


def _runs(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        return True
    return True


def together(*maps: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return several maps as one to read from, the first ones first; nothing is copied."""
    read_only: list[Any] = [*maps]
    return ChainMap(*read_only)
