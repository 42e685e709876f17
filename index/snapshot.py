"""The searchable state on the disk, opened to read: what is in it, and what is found in it.

    question ─ terms ─ lexical ─┬─ fuse ─ push down ─ hits
                     └ vectors ─┘

Nothing is ever written.  Words answer at once; vectors are opened with the first question that needs them, and
search goes on by words alone where they fail.  Any number of threads may ask at the same time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from corpora.records import Document, DocumentId, DocumentStatus, Passage
from index.dense import DenseSearch
from index.encoder import Encoder
from index.errors import DamagedSnapshotError, EncoderError, EncoderMismatchError
from index.fuse import fuse, weights_for
from index.lexical import LexicalSearch
from index.manifest import TABLES, VECTORS, Manifest, check_files, read_manifest
from index.records import Hit, SearchQuery
from index.terms import Question, read_question, share_found, stems_of_text

# How many passages each list gives to the mixing.
_DEPTH = 200
# Shares of the fused score that are kept: of a document that does not hold, of a document's imprint.
_LAPSED, _FACE = 0.6, 0.5
_NOT_HOLDING = (DocumentStatus.VOID, DocumentStatus.SUPERSEDED)
_REMEMBERED = 4096


class Snapshot:
    """A snapshot, open.  `problems` lists what was met since; search goes on in spite of it."""

    def __init__(self, path: Path, manifest: Manifest, dense: DenseSearch | None) -> None:
        self.path, self.manifest = path, manifest
        self.problems: list[str] = []
        self._dense = dense
        self._lock = RLock()
        self._connection = _connected(path / TABLES)
        self._read = lru_cache(64)(self._question)
        self._document = lru_cache(_REMEMBERED)(self._read_document)

    @classmethod
    def open(cls, path: Path, *, encoder: Encoder | None, verify: bool = False) -> Snapshot:
        """Return the snapshot in a directory; sizes are always checked, hashes with `verify`.

        Without an encoder, or where the snapshot is lexical, it is searched by words alone.

        Raises:
            UnknownFormatError: it was written in another format, version or normaliser.
            DamagedSnapshotError: a file is missing or differs from the manifest.
            EncoderMismatchError: its vectors were made by another encoder.
            EncoderError: the encoder cannot be found.
        """
        manifest = read_manifest(path)
        check_files(path, manifest, verify=verify)
        mark, dense = manifest.encoder, None
        if encoder and mark:
            if (encoder.sha256, encoder.dimension) != (mark.sha256, mark.dimension):
                raise EncoderMismatchError(f"the vectors of {path.name} were made by {mark.id}, not by {encoder.id}")
            dense = DenseSearch(path / VECTORS, encoder, manifest.counts["vectors"])
        with _damage(path):
            return cls(path, manifest, dense)

    @property
    def count(self) -> int:
        """How many passages there are."""
        return self.manifest.counts["passages"]

    def search(self, query: SearchQuery, k: int = 10) -> list[Hit]:
        """Return up to k hits, best first; none where nothing is found.  Never raises for what a text holds."""
        with self._reading():
            question = self._read(query)
            lexical = LexicalSearch(self._connection).search(question, _DEPTH)
        dense = self._nearest(query, question)
        with self._reading():
            passages = self._passages({*lexical, *dense})
            hits = self._pushed_down(query, lexical, dense, passages)
            return [self._hit(question, found, passages, rank) for rank, found in enumerate(hits[:k], 1)]
