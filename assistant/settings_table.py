"""A table of `config.toml`, read strictly: each setting by a reader of its own, and no other is let in.

A reader takes the value and the folder of the file, and raises ValueError with what the value has to be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from assistant.config import nearest
from assistant.errors import ConfigError

Reader: TypeAlias = Callable[[object, Path], Any]


def read_settings(table: Mapping[str, Any], name: str, path: Path, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return what the table of this name in the file at `path` says, by setting.

    Raises:
        ConfigError: a setting is unknown, or has a value that it cannot have.
    """
    read: dict[str, Any] = {}
    for setting, value in table.items():
        if setting not in readers:
            raise ConfigError(f"{path} has an unknown setting in [{name}]: {setting}", nearest(setting, readers))
        try:
            read[setting] = readers[setting](value, path.parent)
        except ValueError as error:
            raise ConfigError(f"{path}: {setting} in [{name}] cannot be {value!r}", f"It is {error}.") from error
    return read


def number(least: int, most: int, what: str) -> Reader:
    """Return the reader of a whole number."""
    def read(value: object, _folder: Path) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"{what}, {least:,} to {most:,}")
        return value

    return read


def truth(value: object, _folder: Path) -> bool:
    """Return a value that is true or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value
