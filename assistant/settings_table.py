"""A table of `config.toml`, read strictly: each setting by a reader of its own, and no other is let in.

A reader takes the value and the folder of the file, and raises ValueError with what the value has to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import SplitResult

from assistant.errors import ConfigError

Reader: TypeAlias = Callable[[object, Path], Any]


def read_settings(table: Mapping[str, Any], name: str, path: Path, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return what the table of this name in the file at `path` says, by setting; without a name, what stands above
    all tables.

    Raises:
        ConfigError: a setting is unknown, or has a value that it cannot have.
    """
    read: dict[str, Any] = {}
    where = f" in [{name}]" if name else ""
    for setting, value in table.items():
        if setting not in readers:
            raise ConfigError(f"{path} has an unknown setting{where}: {setting}", nearest(setting, readers))
        try:
            read[setting] = readers[setting](value, path.parent)
        except ValueError as error:
            raise ConfigError(f"{path}: {setting}{where} cannot be {_shown(value)}", f"It is {error}.") from error
    return read


def nearest(name: str, known: Iterable[str]) -> str:
    """Return what to say to somebody who gave an unknown name: the one that was meant, and all that are known."""
    known = tuple(known)
    near = get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    meant = f'Is "{near[0]}" meant?  ' if near else ""
    return f"{meant}Known are {', '.join(known)}."


def number(least: int, most: int, what: str) -> Reader:
    """Return the reader of a whole number."""
    def read(value: object, _folder: Path) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"{what}, {least:,} to {most:,}")
        return value

    return read


def measure(least: float, most: float, what: str) -> Reader:
    """Return the reader of a number that need not be whole."""
    def read(value: object, _folder: Path) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"{what}, {least:g} to {most:g}")
        return float(value)

    return read


def truth(value: object, _folder: Path) -> bool:
    """Return a value that is true or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def text(value: object, _folder: Path) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def file(value: object, folder: Path) -> Path:
    """Return the path of a file; it is relative to the folder of the settings."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("the path of a file")
    return folder / Path(value).expanduser()


def is_this_machine(parts: SplitResult) -> bool:
    """Return whether an address is of this machine itself."""
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def _shown(value: object) -> str:
    # What has a name and a password before its host is not repeated.
    return "what it says" if "@" in str(value) else repr(value)
