"""What a model is for and how it is run: the profiles of `models.toml`.

A profile says what a model may do; it does not say whether the model is on this machine.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FORMAT = 1
ADAPTERS = Path(__file__).with_name("adapters")
OTHER = "gguf"                # the profile of a model with a name of its own
_BY_ARCHITECTURE = "by_architecture"


class Role(StrEnum):
    """What a model may do."""

    ANSWER = "answer"
    ENGINE_CHECK = "engine_check"
    ENCODE = "encode"


@dataclass(frozen=True, slots=True)
class Profile:
    """One table of `models.toml`; the words there say what each field means."""

    name: str
    title: str
    kind: str                          # generator | encoder
    role: Role
    licence: str
    may: str
    size: int                          # bytes; 0 where it depends on the file
    sha256: str = ""
    package: str = ""
    extra: str = ""
    dimension: int = 0                 # numbers in a vector, as the model gives it
    truncate: int = 0                  # numbers kept of a vector; 0 is all
    pooling: str = ""
    query_prompt: str = ""
    passage_prompt: str = ""
    max_length: int = 0                # tokens
    files: tuple[str, ...] = ()
    custom_code: bool = False
    architectures: tuple[str, ...] = ()
    template: str = ""
    n_ctx: int = 0                     # tokens
    n_batch: int = 0                   # tokens
    threads: int = 0
    max_tokens: int = 0
    temperature: float = 0.0
    base: str = ""                     # the profile whose file an adapter is loaded beside
    adapter: str = ""                  # a file of `adapters/`
    languages: tuple[str, ...] = ()    # it writes; nothing is any
    brief: bool = False
    abstain_at: float = 0.0            # likelihood, 0..1
    sure_at: float = 0.0               # likelihood, 0..1
    by_name: bool = False

    @property
    def adapter_file(self) -> Path:
        """The adapter as it came with the program."""
        return ADAPTERS / self.adapter

    @property
    def module(self) -> str:
        """The import name of the package that brings the model, or nothing."""
        return self.package.replace("-", "_")

    @property
    def in_folder(self) -> bool:
        """Whether it is an encoder whose files are added as a folder."""
        return self.kind == "encoder" and not self.package

    @property
    def vector_length(self) -> int:
        """How many numbers of a vector are kept."""
        return self.truncate or self.dimension

    def template_of(self, architecture: str) -> str:
        """Return how turns are marked for a model of an architecture."""
        if self.template != _BY_ARCHITECTURE:
            return self.template
        return "gemma" if architecture.startswith("gemma") else "chatml"


@cache
def profiles() -> dict[str, Profile]:
    """Return the profiles by name, the preferred generator first.

    Raises:
        ValueError: the file has another format than this program reads.
    """
    read = tomllib.loads(Path(__file__).with_name("models.toml").read_text("utf-8"))
    if read["format"] != FORMAT:
        raise ValueError(f"models.toml has format {read['format']}, and this program reads {FORMAT}")
    return {name: _profile(name, table) for name, table in read["models"].items()}


def encoder_names() -> tuple[str, ...]:
    """Return what `encoder` may be in the settings: no encoder, those that come with the program, the profiles."""
    return ("none", "static", *(name for name, profile in profiles().items() if profile.kind == "encoder"))


def _profile(name: str, table: dict[str, Any]) -> Profile:
    lists = {field: tuple(table.get(field, ())) for field in ("architectures", "files", "languages")}
    return Profile(**(table | lists | {"name": name, "role": Role(table["role"])}))
