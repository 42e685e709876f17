"""The vectors of a generation in PostgreSQL, by pgvector: exact while they are few, by an HNSW graph when many.

Filled once, in the transaction that copies a snapshot (`index.server_copy`), then only read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.rows import Connection

if TYPE_CHECKING:
    from index.encoder import Vectors
    from index.vectors import Rows, Scores

# An exact look at 21,000 vectors of 256 numbers took 14 ms (ADR 0023); above, the graph is asked.
MOST_EXACT = 20_000
# pgvector's own limit for a graph over 32-bit numbers.
_MOST_NUMBERS = 2_000


class PgvectorStore:
    """The vectors of a generation's passages; the row of a vector is the number of its passage, from 1."""

    def __init__(self, tables: Connection, count: int, dimension: int) -> None:
        self._tables, self._count, self._dimension = tables, count, dimension

    @classmethod
    def open(cls, tables: Connection) -> PgvectorStore:
        """Return the store of a generation.

        Raises:
            ServerError: no server answers, or the generation has no vectors.
        """
        count, = tables.execute("SELECT count(*) FROM vectors").fetchone()
        dimension, = tables.execute("SELECT atttypmod FROM pg_attribute WHERE attrelid = 'vectors'::regclass "
                                    "AND attname = 'vector'").fetchone()
        return cls(tables, int(count), int(dimension))

    @property
    def count(self) -> int:
        """How many vectors there are."""
        return self._count

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._dimension

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """Return the k nearest rows for each query, best first, equals by number.

        queries: (n, dimension) float32, rows of unit length.
        Returns scores (n, k) as cosine in [-1, 1] and rows (n, k) int64; -1 where there are fewer than k.

        Raises:
            ServerError: no server answers.
        """
        import numpy

        scores = numpy.full((len(queries), k), -numpy.inf, dtype=numpy.float32)
        rows = numpy.full((len(queries), k), -1, dtype=numpy.int64)
        for place, query in enumerate(queries):
            found = sorted(self._nearest(literal(query), k))
            scores[place, :len(found)] = [-distance for distance, _ in found]
            rows[place, :len(found)] = [number for _, number in found]
        return scores, rows

    def _nearest(self, query: str, k: int) -> list[Any]:
        # pgvector gives the inner product with its sign changed, so that the nearest come first.
        return self._tables.execute("SELECT vector <#> ?::vector, number FROM vectors "
                                    "ORDER BY vector <#> ?::vector LIMIT ?", (query, query, k)).fetchall()


def literal(vector: Any) -> str:  # noqa: ANN401
    """Return a vector, (dimension,) float32, as pgvector reads it, without loss."""
    return str(vector.tolist())


def graph_for(count: int, dimension: int) -> str:
    """Return the statement that makes the graph of so many vectors; empty where they are looked at one by one."""
    if count <= MOST_EXACT or dimension > _MOST_NUMBERS:
        return ""
    return "CREATE INDEX ON vectors USING hnsw (vector vector_ip_ops) WITH (m = 16, ef_construction = 128)"


def vectors_in(file: Path) -> Iterator[tuple[int, Any]]:
    """Yield the vectors of a snapshot's FAISS file by number: (dimension,) float32, as that file searches them."""
    import faiss

    index = faiss.read_index(str(file))
    lists = faiss.try_extract_index_ivf(index)
    if lists is not None:
        lists.make_direct_map()
    for number in range(1, index.ntotal + 1):
        yield number, index.reconstruct(number)
