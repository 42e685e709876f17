"""Vectors of passages: how they are searched, made where they are missing, and carried in a file.

A vector is known by the hash of its passage's text and belongs to one encoder; another encoder's are refused.
They are kept to 16 bits (cosines differ by less than 0.001), so that carried and fresh ones are the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from zipfile import BadZipFile

from corpora.durable import write_whole
from index.encoder import BATCH, Encoder
from index.errors import DamagedSnapshotError, EncoderError, EncoderMismatchError, UnknownFormatError
from index.tables import batches, text_key

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from index.encoder import Vectors

    Scores: TypeAlias = NDArray[numpy.float32]
    Rows: TypeAlias = NDArray[numpy.int64]

FORMAT, VERSION = "rohnamo-vectors", 1
Progress: TypeAlias = Callable[[int, int], None]


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


def vectors_of(texts: Sequence[str], encoder: Encoder, known: Mapping[str, Any],
               progress: Progress | None = None) -> Vectors:
    """Return the vectors of passages, (n, dimension) float32 kept to 16 bits; only those not known are made.

    known: text key to vector.  progress is told how many of the missing ones are made, and how many there are.

    Raises:
        EncoderError: the encoder gave vectors of another shape, or not of unit length.
    """
    import numpy

    keys = [text_key(text) for text in texts]
    text_of = dict(zip(keys, texts, strict=True))
    missing = sorted((key for key in text_of if key not in known), key=lambda key: (len(text_of[key]), key))
    made: dict[str, Any] = {}
    for places in batches(list(range(len(missing))), BATCH):
        batch = [missing[place] for place in places]
        made |= zip(batch, _encoded(encoder, [text_of[key] for key in batch]), strict=True)
        if progress:
            progress(len(made), len(missing))
    vectors = numpy.zeros((len(keys), encoder.dimension), dtype=numpy.float16)
    for row, key in enumerate(keys):
        vectors[row] = made[key] if key in made else known[key]
    return vectors.astype(numpy.float32)


def _encoded(encoder: Encoder, texts: list[str]) -> Vectors:
    import numpy

    vectors = encoder.encode_passages(texts)
    if vectors.shape != (len(texts), encoder.dimension):
        raise EncoderError(f"{encoder.id} gave vectors of the shape {vectors.shape} for {len(texts)} texts")
    if not numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1.0, atol=1e-3):
        raise EncoderError(f"{encoder.id} gave vectors that are not of unit length")
    return vectors


def save_vectors(path: Path, encoder: Encoder, vectors: Mapping[str, Any]) -> None:
    """Write vectors by text key to a file (.npz) that travels with a corpus; the same vectors, the same bytes.

    Raises:
        corpora.errors.NoSpaceError: the disk is full; the old file is as it was.
    """
    import numpy

    keys = sorted(vectors)
    rows = numpy.zeros((len(keys), encoder.dimension), dtype=numpy.float16)
    for row, key in enumerate(keys):
        rows[row] = vectors[key]
    about = {"format": FORMAT, "version": VERSION, "encoder": encoder.id, "encoder_sha256": encoder.sha256}
    hashes = numpy.frombuffer(bytes.fromhex("".join(keys)), dtype=numpy.uint8).reshape(len(keys), 32)
    file = BytesIO()
    numpy.savez(file, about=numpy.array(json.dumps(about, sort_keys=True)), hashes=hashes, vectors=rows)
    write_whole(path, file.getvalue())


def load_vectors(path: Path, encoder: Encoder) -> dict[str, Any]:
    """Return the vectors of a file by text key, (dimension,) float16 each.

    Raises:
        EncoderMismatchError: another encoder made them.
        UnknownFormatError: it is a file of another format or version.
        DamagedSnapshotError: it cannot be read.
    """
    import numpy

    try:
        with numpy.load(BytesIO(path.read_bytes()), allow_pickle=False) as file:
            about: dict[str, Any] = dict(json.loads(str(file["about"])))
            hashes, rows = file["hashes"], file["vectors"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile) as error:
        raise DamagedSnapshotError(f"the vectors file {path.name} cannot be read: {error}",
                                   hint="Remove it; the vectors are made again by: rohnamo build --wait.") from error
    if (about.get("format"), about.get("version")) != (FORMAT, VERSION):
        raise UnknownFormatError(f"{path.name} is {about.get('format')} {about.get('version')}, "
                                 f"not {FORMAT} {VERSION}")
    if about.get("encoder_sha256") != encoder.sha256 or rows.shape != (len(hashes), encoder.dimension):
        raise EncoderMismatchError(f"the vectors of {path.name} were made by {about.get('encoder')}, "
                                   f"not by {encoder.id}")
    return {bytes(key).hex(): row for key, row in zip(hashes, rows, strict=True)}
