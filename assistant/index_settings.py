"""The table `[index]` of `config.toml`: the PostgreSQL that holds the snapshots where they are not on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ConfigError
from assistant.settings_table import Reader, read_settings


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """`server` is its address; a password stands in none."""

    server: str


def read_table(table: Mapping[str, Any], path: Path) -> IndexSettings:
    """Return what the table of the settings at `path` says.

    Raises:
        ConfigError: a setting is unknown, lacking, or has a value that it cannot have.
    """
    read = read_settings(table, "index", path, READERS)
    if "server" not in read:
        raise ConfigError(f"{path} does not say the server of the [index]", "docs/serve-from-postgresql.md shows it.")
    return IndexSettings(**read)


def _server(value: object, _folder: Path) -> str:
    if not isinstance(value, str) or not value.startswith("postgresql://"):
        raise ValueError("an address that begins with postgresql:// (docs/serve-from-postgresql.md); a password "
                         "belongs in ~/.pgpass")
    return value


READERS: Mapping[str, Reader] = {"server": _server}
