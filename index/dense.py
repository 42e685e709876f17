"""Search by vectors: the question is encoded and the nearest passages are looked up.

The store is opened and the model loaded with the first question.  Mixing is done elsewhere (`fuse`).
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from index.encoder import Encoder
from index.errors import DamagedSnapshotError, EncoderError
from index.vectors import VectorStore


class DenseSearch:
    """The nearest passages of a snapshot; `count` is what its manifest promises of its vectors."""

    def __init__(self, name: str, open_store: Callable[[], VectorStore], encoder: Encoder, count: int) -> None:
        self._name, self._open, self._encoder, self._count = name, open_store, encoder, count
        self._store: VectorStore | None = None
        self._lock = Lock()

    def search(self, text: str, k: int) -> dict[int, float]:
        """Return the cosines, -1..1, of the k nearest passages by number, the nearest first.

        Raises:
            DamagedSnapshotError: the vectors cannot be read, or are not those the manifest names.
            EncoderError: the model cannot be loaded.
        """
        store = self._opened()
        if not store.count:
            return {}
        query = self._encoder.encode_queries([text])
        if query.shape != (1, store.dimension):
            raise EncoderError(f"{self._encoder.id} gave a vector of the shape {query.shape}")
        scores, rows = store.search(query, min(k, store.count))
        return {int(row): float(score) for score, row in zip(scores[0], rows[0], strict=True) if row >= 0}

    def _opened(self) -> VectorStore:
        with self._lock:
            if self._store is None:
                store = self._open()
                if (store.count, store.dimension) != (self._count, self._encoder.dimension):
                    raise DamagedSnapshotError(f"the vectors of {self._name} are not those it names")
                self._store = store
            return self._store
