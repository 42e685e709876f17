"""The facts of the seed corpus as its metadata gives them, read without ingesting anything."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from corpora.records import FactType

_DOCUMENTS = Path(__file__).parents[1] / "corpora" / "seed" / "documents"


def seed_facts() -> Iterator[tuple[str, FactType, str, str]]:
    """Yield the language, type, quote and audience of every fact, in the order of files."""
    for path in sorted(_DOCUMENTS.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for fact in table.get("fact", ()):
            yield table["language"], FactType(fact["type"]), fact["quote"], fact.get("audience", "")
