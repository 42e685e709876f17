"""The table `[api]` of `config.toml`: how much a program may ask, and how much is worked on at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.config import Config
from assistant.settings_table import Reader, number, read_settings

MOST_A_MINUTE = 6000


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """per_minute: requests of one key; at_once: answers composed together, on all keys; waiting: more that may wait."""

    per_minute: int = 60
    at_once: int = 2
    waiting: int = 8


def api_settings_of(config: Config) -> ApiSettings:
    """Return the settings of this machine's API, the usual ones where it has none of its own."""
    return config.api or ApiSettings()


def read_table(table: Mapping[str, Any], path: Path) -> ApiSettings:
    """Return what the table of the settings at `path` says.

    Raises:
        ConfigError: a setting is unknown, or has a value that it cannot have.
    """
    return ApiSettings(**read_settings(table, "api", path, READERS))


READERS: Mapping[str, Reader] = {
    "per_minute": number(1, MOST_A_MINUTE, "a whole number of requests"),
    "at_once": number(1, 64, "a whole number of answers"),
    "waiting": number(0, 1000, "a whole number of requests")}
