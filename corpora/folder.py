"""A folder that says of itself which corpus it is: `corpus.toml` in it.

    name = "seed"
    documents = "documents"      # the folder within it that holds the documents
    vectors = "vectors.npz"      # optional: the vectors of its passages, checked by whoever uses them

A folder without the file is documents and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from corpora.errors import MetadataError

FILE = "corpus.toml"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class CorpusFolder:
    """What to read of a path given by a person; `name` is None where the path does not say."""

    documents: Path
    name: str | None = None
    vectors: Path | None = None


def read_folder(path: Path) -> CorpusFolder:
    """Return what to read of a file or folder.

    Raises:
        MetadataError: its `corpus.toml` breaks the rules.
    """
    described = path / FILE
    if not described.is_file():
        return CorpusFolder(path)
    try:
        found = tomllib.loads(described.read_text(encoding="utf-8"))
        name, documents = str(found["name"]), path / str(found["documents"])
        vectors = path / str(found["vectors"]) if "vectors" in found else None
    except (OSError, ValueError, KeyError) as error:
        raise MetadataError(f"{described} cannot be read: {error}", hint=f"Correct {FILE}.") from error
    inside = all(part.resolve().is_relative_to(path.resolve()) for part in (documents, vectors or path))
    if not is_corpus_name(name) or not inside:
        raise MetadataError(f"{described} names a corpus or a folder that cannot be used",
                            hint="A name has small Latin letters, digits and hyphens; the folders lie within.")
    return CorpusFolder(documents, name, vectors if vectors and vectors.is_file() else None)


def is_corpus_name(name: str) -> bool:
    """Return whether a name can stand for a corpus."""
    return bool(_NAME.fullmatch(name))
