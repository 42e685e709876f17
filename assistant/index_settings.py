"""The table `[index]` of `config.toml`: the PostgreSQL that holds the snapshots where they are not on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.settings_table import Reader, read_settings


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """`server` is its address; a password stands in none."""

    server: str | None = None


def read_table(table: Mapping[str, Any], path: Path) -> IndexSettings:
    """Return what the table of the settings at `path` says.

    Raises:
        ConfigError: a setting is unknown, or has a value that it cannot have.
    """
    return IndexSettings(**read_settings(table, "index", path, READERS))


def _server(value: object, _folder: Path) -> str:
    if not isinstance(value, str) or not value.startswith("postgresql://"):
        raise ValueError("an address that begins with postgresql:// (docs/serve-from-postgresql.md); a password "
                         "belongs in ~/.pgpass")
    return value


READERS: Mapping[str, Reader] = {"server": _server}
