"""The table `[kiosk]` of `config.toml`: the screen, how long it waits for people, where it prints, what it may tell.

A machine without the table has the usual settings.  The PIN of the staff stands in no setting: it has a file of its
own (`assistant.staff_pin`).  What the pages make of the settings is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.config import Config
from assistant.settings_table import Reader, measure, number, read_settings, truth
from assistant.web.settings import KioskSettings

# People must have time to read, and to say that they are still there: WCAG 2.2.1 asks for 20 seconds.
_LEAST_IDLE_S, _LEAST_WARN_S, _MOST_S = 30, 20, 3600
_QUEUE = re.compile(r"[\w.][\w.+-]{0,126}", re.ASCII)


def kiosk_settings_of(config: Config) -> KioskSettings:
    """Return the settings of this machine's pages, the usual ones where it has none of its own."""
    return config.kiosk or KioskSettings()


def read_table(table: Mapping[str, Any], path: Path) -> KioskSettings:
    """Return what the table of the settings at `path` says.

    Raises:
        ConfigError: a setting is unknown, or has a value that it cannot have.
    """
    return KioskSettings(**read_settings(table, "kiosk", path, READERS))


def _queue(value: object, _folder: Path) -> str:
    """Return the name of a print queue: no option of a command, no path."""
    if not isinstance(value, str) or (value and not _QUEUE.fullmatch(value)):
        raise ValueError("the name of a print queue, as lpstat -e lists it, or empty")
    return value


READERS: Mapping[str, Reader] = {
    "idle_s": number(_LEAST_IDLE_S, _MOST_S, "a whole number of seconds"),
    "warn_s": number(_LEAST_WARN_S, _MOST_S, "a whole number of seconds"),
    "screen_inches": measure(7, 100, "the diagonal of the screen in inches"),
    "stale_days": number(1, 3650, "a whole number of days"),
    "printer": _queue, "receipt_printer": _queue, "feedback": truth, "downloads": truth}
