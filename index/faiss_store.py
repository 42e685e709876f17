"""The vectors of a snapshot in a FAISS file: written once, then mapped and only read.

Writing through a mapped index would end the process, so nothing here adds to one.  faiss is imported when
a file is written or opened (30-60 ms).  The SQLite file is the truth; this one can always be made again.
"""

from __future__ import annotations

import os
from math import isqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpora.durable import PART, sync_folder
from index.errors import DamagedSnapshotError

if TYPE_CHECKING:
    from index.encoder import Vectors
    from index.vectors import Rows, Scores

# Measured in research: retrieval 7.
_MOST_FLAT, _MOST_HALF = 20_000, 200_000
_PROBES = 32


def index_kind(count: int) -> str:
    """Return the kind of index for so many vectors: exact, exact in 16 bits, or in lists with 8 bits."""
    if count <= _MOST_FLAT:
        return "Flat"
    return "SQfp16" if count <= _MOST_HALF else f"IVF{4 * isqrt(count)},SQ8"


class FaissStore:
    """The vectors of a snapshot's passages; the row of a vector is the number of its passage, from 1."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401
        self._index = index

    @classmethod
    def open(cls, path: Path) -> FaissStore:
        """Return the store of a file, mapped read-only.

        Raises:
            DamagedSnapshotError: the file cannot be read.
        """
        faiss = _faiss()
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        except RuntimeError as error:
            raise DamagedSnapshotError(f"the vectors of {path.parent.name} cannot be read") from error
        lists = faiss.try_extract_index_ivf(index)
        if lists is not None:
            lists.nprobe = _PROBES
        return cls(index)

    @property
    def count(self) -> int:
        """How many vectors there are."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """Return the k nearest rows for each query, best first.

        queries: (n, dimension) float32, rows of unit length.
        Returns scores (n, k) as cosine in [-1, 1] and rows (n, k) int64; -1 where there are fewer than k.
        """
        scores, rows = self._index.search(queries, k)
        return scores, rows


def write_store(path: Path, vectors: Vectors) -> None:
    """Write the vectors of passages 1, 2, … to a file that is whole or absent.

    vectors: (n, dimension) float32, rows of unit length.
    """
    import numpy

    faiss = _faiss()
    count, dimension = vectors.shape
    index = faiss.index_factory(dimension, f"IDMap2,{index_kind(count)}", faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        index.train(vectors)
    index.add_with_ids(vectors, numpy.arange(1, count + 1, dtype=numpy.int64))
    part = path.with_name(path.name + PART)
    faiss.write_index(index, str(part))
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def _faiss() -> Any:  # noqa: ANN401
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import faiss

    return faiss
