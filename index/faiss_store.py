"""The vectors of a snapshot in a FAISS file: written once, then only read, and mapped where they are many.

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
from index.manifest import IndexPlan

if TYPE_CHECKING:
    from index.encoder import Vectors
    from index.vectors import Rows, Scores

# Sizes measured in research (retrieval 7), probes by `benchmarks/scale.py`: 64 find 1-2 % more than 32 and cost 1 ms.
_FLAT = "Flat"
_MOST_FLAT, _MOST_HALF = 20_000, 200_000
_PROBES = 64
# Vectors that lists are learnt from, for each list (faiss asks for 39), and those added at a time.
_LEARNT_FROM, _ADDED = 40, 16_384
_SEED = 1


def plan_for(count: int, *, most_flat: int = _MOST_FLAT, most_half: int = _MOST_HALF) -> IndexPlan:
    """Return the plan for so many vectors: exact, exact in 16 bits, or in lists with 8 bits."""
    if count <= most_flat:
        return IndexPlan(_FLAT)
    return IndexPlan("SQfp16") if count <= most_half else IndexPlan(f"IVF{4 * isqrt(count)},SQ8", _PROBES)


class FaissStore:
    """The vectors of a snapshot's passages; the row of a vector is the number of its passage, from 1."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401
        self._index = index

    @classmethod
    def open(cls, path: Path, plan: IndexPlan | None = None) -> FaissStore:
        """Return the store of a file; the plan says how many lists are read, else the file does.

        Exact vectors are few and read into memory: a disk that fails later cannot end the process.  The others are
        mapped, and processes share their pages.

        Raises:
            DamagedSnapshotError: the file cannot be read.
        """
        faiss = _faiss()
        try:
            mapped = faiss.IO_FLAG_MMAP_IFC if plan and plan.kind != _FLAT else 0
            index = faiss.read_index(str(path), mapped | faiss.IO_FLAG_READ_ONLY)
            if plan and plan.probes:
                faiss.extract_index_ivf(index).nprobe = plan.probes
        except RuntimeError as error:
            raise DamagedSnapshotError(f"the vectors of {path.parent.name} cannot be read") from error
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


def write_store(path: Path, vectors: Vectors, plan: IndexPlan | None = None) -> IndexPlan:
    """Write the vectors of passages 1, 2, … to a file that is whole or absent; return the plan it follows.

    vectors: (n, dimension) float32, rows of unit length.  The same vectors give the same bytes; beside them a
    sample is held for learning the lists, and the file as it will be.
    """
    import numpy

    faiss = _faiss()
    count, dimension = vectors.shape
    plan = plan or plan_for(count)
    index = faiss.index_factory(dimension, f"IDMap2,{plan.kind}", faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        index.train(_sample(vectors, _lists(faiss, index)))
    if plan.probes:
        faiss.extract_index_ivf(index).nprobe = plan.probes
    for start in range(0, count, _ADDED):
        stop = min(start + _ADDED, count)
        index.add_with_ids(vectors[start:stop], numpy.arange(start + 1, stop + 1, dtype=numpy.int64))
    part = path.with_name(path.name + PART)
    with part.open("wb") as file:
        # faiss itself passes over a full disk: what it buffers is lost without a word when it closes a file.
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)
    return plan


def _sample(vectors: Vectors, lists: int) -> Vectors:
    """Return enough vectors to learn so many lists from, drawn the same way each time, in their order."""
    import numpy

    wanted = max(_LEARNT_FROM * lists, _ADDED)
    if wanted >= len(vectors):
        return vectors
    drawn: Vectors = vectors[numpy.sort(numpy.random.default_rng(_SEED).choice(len(vectors), wanted, replace=False))]
    return drawn


def _lists(faiss: Any, index: Any) -> int:  # noqa: ANN401
    lists = faiss.try_extract_index_ivf(index)
    return int(lists.nlist) if lists is not None else 0


def _faiss() -> Any:  # noqa: ANN401
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import faiss

    return faiss
