"""The table `[logs]` of `config.toml`: where the lines of the log go, and how much of the disk they may take.

A machine without the table writes to stderr, which systemd keeps in its journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.config import Config
from assistant.settings_table import Reader, number, read_settings

LEVELS = ("info", "warning", "error")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """`folder` None is stderr.  Each program keeps at most `files` of `max_bytes` each: the one it writes, and old."""

    folder: Path | None = None
    max_bytes: int = 1_000_000
    files: int = 5
    level: str = "info"


def log_settings_of(config: Config) -> LogSettings:
    """Return the settings of this machine, the usual ones where it has none of its own."""
    return config.logs or LogSettings()


def read_table(table: Mapping[str, Any], path: Path) -> LogSettings:
    """Return what the table of the settings at `path` says; a folder is relative to that of the file.

    Raises:
        ConfigError: a setting is unknown, or has a value that it cannot have.
    """
    return LogSettings(**read_settings(table, "logs", path, READERS))


def _folder(value: object, folder: Path) -> Path:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("the path of a folder")
    return folder / Path(value).expanduser()


def _level(value: object, _folder: Path) -> str:
    if value not in LEVELS:
        raise ValueError(f"one of {', '.join(LEVELS)}")
    return str(value)


READERS: Mapping[str, Reader] = {
    "folder": _folder, "max_bytes": number(10_000, 1_000_000_000, "a whole number of bytes"),
    "files": number(2, 100, "a whole number of files"), "level": _level}
