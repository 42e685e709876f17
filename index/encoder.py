"""Texts become vectors: what an encoder promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[numpy.float32]


class Encoder(Protocol):
    """Turns texts into vectors; made once, used by any number of threads.

    `id` names the model for people; `sha256` tells its weights apart; `dimension` is the length of a vector.
    """

    @property
    def id(self) -> str: ...  # noqa: D102

    @property
    def sha256(self) -> str: ...  # noqa: D102

    @property
    def dimension(self) -> int: ...  # noqa: D102

    def encode_queries(self, texts: list[str]) -> Vectors:
        """Return (n, dimension) float32, rows of unit length, in the order of the texts."""
        ...

    def encode_passages(self, texts: list[str]) -> Vectors:
        """Return (n, dimension) float32, rows of unit length, in the order of the texts."""
        ...
