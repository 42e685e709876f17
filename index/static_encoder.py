"""Our own encoder: a question or a passage is the sum of learnt vectors of its words and their letters.

A look-up in a table of 8-bit rows with numpy alone; the order of words is not seen.  A word is met folded,
stemmed and in groups of three to five letters, so that spelling without Tajik letters is the same spelling; a word
in Latin letters is also read as Tajik.  How the table is learnt: `training/encoder.py`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from hashlib import file_digest, shake_128
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile
from zlib import crc32

from index import tokens
from index.errors import EncoderError
from index.persian import persian_letters, skeleton
from index.scripts import latin_to_folded

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from index.encoder import Vectors

WEIGHTS = Path(__file__).with_name("static_encoder.npz")
FORMAT, VERSION = "rohnamo-static-encoder", 1
SHORTEST, LONGEST = 3, 5               # letters in a group
_READINGS = 4                          # of a Latin word that are looked for in the table
_WORDS_KEPT = 1 << 15                  # vectors of words kept in memory: 256 numbers each, 32 MB at most
_LONGEST_WORD = 40                     # letters of a word that are read; longer ones are no words
_LEAST_BONES = 2                       # consonants that tell a word in Persian letters from others
_LEAST_LENGTH = 1e-6                   # of a vector that is brought to length 1
_PERSIAN = re.compile("[\u0600-\u06ff]")
# A word that stands twice says less than two words; chosen on the dev part.
REPEATED = 0.7


def word_features(folded: str) -> tuple[list[str], list[str]]:
    """Return the names of a folded word's features: itself and its stems; its consonants and groups of letters."""
    stems = {f"~{tokens.stem(folded, language)}" for language in ("tg", "ru", "en")}
    marked = f"<{folded}>"
    bones = skeleton(folded)
    groups = [f"^{bones}"] if len(bones) >= _LEAST_BONES else []
    groups += [marked[start:start + size] for size in range(SHORTEST, LONGEST + 1)
              for start in range(len(marked) - size + 1)]
    return [f"={folded}", *sorted(stems)], groups


def key_of(feature: str) -> int:
    """Return the number a feature stands under in the table, 32 bits."""
    return crc32(feature.encode("utf-8", "replace"))


@dataclass(frozen=True, eq=False)
class Table:
    """What was learnt: `keys` (n,) uint32 ascending; `rows` (n, dimension) int8; `scales` (n,) float32.

    `unknown` is the length of the vector of a word of which nothing but letters is known.
    """

    keys: NDArray[numpy.uint32]
    rows: NDArray[numpy.int8]
    scales: NDArray[numpy.float32]
    unknown: float

    @cached_property
    def _places(self) -> dict[int, int]:
        return {int(key): place for place, key in enumerate(self.keys)}

    def known(self, features: Sequence[str]) -> list[int]:
        """Return the rows of the features that have one."""
        places = (self._places.get(key_of(feature)) for feature in features)
        return [place for place in places if place is not None]

    def word(self, word: str) -> Any:  # noqa: ANN401
        """Return the vector of a clean word, (dimension,) float32, not of unit length."""
        import numpy

        forms = self.forms(word[:_LONGEST_WORD])
        bag = self.bag(forms)
        places = numpy.array([place for place, _ in bag], dtype=numpy.int64)
        shares = numpy.array([share for _, share in bag], dtype=numpy.float32)
        vector = (shares * self.scales[places]) @ self.rows[places]
        if not any(self.known(word_features(form)[0]) for form in forms):
            vector += self.unknown * _drawn(forms[-1], len(vector))
        return vector

    def bag(self, forms: Sequence[str]) -> list[tuple[int, float]]:
        """Return the rows of a word in its forms, each with its share."""
        found = []
        for form in forms:
            wholes, groups = word_features(form)
            found += [(place, 1.0) for place in self.known(wholes)]
            found += [(place, len(groups) ** -0.5) for place in self.known(groups)]
        return found

    def forms(self, word: str) -> list[str]:
        """Return a word folded and, after it, what it says where it is Tajik in Latin letters; Persian ones are read.

        A Latin word that the table knows is read as Tajik only where the table knows that reading too.
        """
        folded = tokens.fold(word)
        if _PERSIAN.search(word):
            return [persian_letters(word)]
        readings = latin_to_folded(word)[:_READINGS]
        known = [reading for reading in readings if self.known(word_features(reading)[0])]
        if not known and not self.known([f"={folded}"]):
            known = readings
        return [folded, *known[:1]]


@lru_cache(maxsize=_WORDS_KEPT)
def _word(table: Table, word: str) -> Any:  # noqa: ANN401
    return table.word(word)


def _drawn(folded: str, dimension: int) -> Any:  # noqa: ANN401
    """Return a vector of length 1 that only this word's stem has, so that rare names and numbers meet themselves."""
    import numpy

    drawn = shake_128(tokens.stem(folded, "tg").encode("utf-8", "replace")).digest(dimension)
    vector = numpy.frombuffer(drawn, dtype=numpy.int8).astype(numpy.float32) + 0.5
    return vector / numpy.linalg.norm(vector)


class StaticEncoder:
    """The encoder that ships with the project; questions and passages are encoded alike.

    The table is read with the first text.  Any number of threads may use one.
    """

    bits = 8                           # vectors lose 0.005 to 0.007 of recall@10 by it

    def __init__(self, path: Path = WEIGHTS) -> None:
        self._path, self._lock = path, Lock()

    @property
    def id(self) -> str:
        """The name of the encoder and the version of its file."""
        return f"rohnamo static {VERSION}"

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the weights and of how words are read, in hex.

        Raises:
            EncoderError: the weights are missing.
        """
        try:
            with self._path.open("rb") as file:
                digest = file_digest(file, "sha256")
        except OSError as error:
            raise EncoderError(f"the weights {self._path.name} cannot be read: {error}",
                               hint="Install the project again.") from error
        digest.update(f"tokens {tokens.VERSION}".encode())
        return digest.hexdigest()

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._table.rows.shape[1])

    def encode_queries(self, texts: list[str]) -> Vectors:
        """Return (n, dimension) float32, rows of unit length, in the order of the texts.

        A text without words has the vector of an empty word.

        Raises:
            EncoderError: the weights cannot be read.
        """
        import numpy

        table = self._table
        vectors = numpy.zeros((len(texts), self.dimension), dtype=numpy.float32)
        for row, text in zip(vectors, texts, strict=True):
            counts = Counter(tokens.words(text) or [""])
            shares = numpy.array([*counts.values()], dtype=numpy.float32) ** REPEATED
            row[:] = shares @ numpy.array([_word(table, word) for word in counts])
            row /= numpy.linalg.norm(row)
        return vectors

    def encode_passages(self, texts: list[str]) -> Vectors:
        """Return (n, dimension) float32, rows of unit length, in the order of the texts."""
        return self.encode_queries(texts)

    def encode_words(self, words: list[str]) -> Vectors:
        """Return (n, dimension) float32, rows of unit length: single clean words, in their order.

        Raises:
            EncoderError: the weights cannot be read.
        """
        import numpy

        table = self._table
        vectors = numpy.array([_word(table, word) for word in words], dtype=numpy.float32)
        vectors /= numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), _LEAST_LENGTH)
        return vectors

    @property
    def _table(self) -> Table:
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> Table:
        return load_table(self._path)


@cache
def shipped() -> StaticEncoder:
    """Return the encoder that ships with the project, one for the whole process: its table is read once."""
    return StaticEncoder()


def load_table(path: Path) -> Table:
    """Return the table of a file of weights.

    Raises:
        EncoderError: it is missing, damaged, or of another format.
    """
    import numpy

    try:
        with numpy.load(BytesIO(path.read_bytes()), allow_pickle=False) as file:
            about: dict[str, Any] = json.loads(str(file["about"]))
            table = Table(file["keys"], file["rows"], file["scales"].astype(numpy.float32), float(about["unknown"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise EncoderError(f"the weights {path.name} cannot be read: {error}",
                           hint="Install the project again.") from error
    if (about.get("format"), about.get("version")) != (FORMAT, VERSION):
        raise EncoderError(f"{path.name} is {about.get('format')} {about.get('version')}, not {FORMAT} {VERSION}",
                           hint="Install the project again.")
    return table
