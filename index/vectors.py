"""Vectors of passages: how they are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from index.encoder import Vectors

    Scores: TypeAlias = NDArray[numpy.float32]
    Rows: TypeAlias = NDArray[numpy.int64]


class VectorStore(Protocol):
    """Vectors of unit length under the numbers of their passages; any number of threads may search."""

    @property
    def count(self) -> int: ...  # noqa: D102

    @property
    def dimension(self) -> int: ...  # noqa: D102

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """Return the k nearest rows for each query, best first.

        queries: (n, dimension) float32, rows of unit length.
        Returns scores (n, k) as cosine in [-1, 1] and rows (n, k) int64; -1 where there are fewer than k.
        """
        ...
