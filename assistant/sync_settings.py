"""The table `[sync]` of `config.toml`: where releases come from, how often, and how much may pass over the line.

A machine without the table, or without a source in it, takes what is brought on a stick.  All trust begins with
`root.json` in the data directory, whatever the table says.  Fetching itself is not done here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as hour
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.config import Config
from assistant.errors import ConfigError
from assistant.settings_table import Reader, is_this_machine, number, read_settings, truth
from sync.rollout import LAST_RING

if TYPE_CHECKING:
    from sync.client import Client
    from sync.traffic import Allowance, Ticking

ROOT, HOME = "root.json", "sync"
MOST_MINUTES = 7 * 24 * 60
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """What `[sync]` says.

    `daily_bytes` and `rate` (bytes a second) are no limit where they are None.  Where there are `windows`, the line is
    metered and whole packs come only in these hours, by the clock on the wall in Dushanbe.
    """

    source: str | Path | None = None             # the address of a repository, or its folder
    ring: int = LAST_RING                        # 0 is the office and its own kiosks
    every_minutes: int = 60
    daily_bytes: int | None = None
    rate: int | None = None
    windows: tuple[tuple[hour, hour], ...] = ()
    sticks: bool = False                         # whether a stick that is put in is read without being asked
    inbox: str | None = None                     # where the outbox is sent to
    sealing: Path | None = None                  # the ministry's public key, for the outbox on a stick
    unanswered: bool = False                     # whether questions without an answer are told, without names

    def allowance(self) -> Allowance:
        """Return what may pass over a line."""
        from sync.traffic import Allowance, Window
        return Allowance(self.daily_bytes, self.rate, bool(self.windows),
                         tuple(Window(start, end) for start, end in self.windows))


def settings_of(config: Config) -> SyncSettings:
    """Return the settings of this machine, the usual ones where it has none of its own."""
    return config.sync or SyncSettings()


def home_of(config: Config) -> Path:
    """Return the folder in which fetching keeps all that it must not forget."""
    return config.data_dir / HOME


def open_client(config: Config, source: str | Path | None = None, *, ticking: Ticking | None = None,
                now: Callable[[], datetime] | None = None) -> Client:
    """Return what fetches for this machine, from `source` or else from where the settings say.

    Raises:
        ConfigError: there is no root of trust, or no source.
        StateError: the machine's own database cannot be used.
    """
    settings = settings_of(config)
    root, place = read_root(config), source or settings.source
    if place is None:
        raise ConfigError("this machine has no source of releases",
                          f'Write source = "https://…" under [sync] in {config.data_dir / "config.toml"}, '
                          "or name a stick with --from.")
    from sync.client import Client
    from sync.settings import Settings
    from sync.traffic import Allowance
    # Nothing passes over a line from a stick: it is what brings what a line may not.
    allowance = Allowance() if isinstance(place, Path) else settings.allowance()
    return Client(home_of(config), root, place, now=now or utc_now,
                  settings=Settings(ring=settings.ring, allowance=allowance, ticking=ticking or time))


def read_root(config: Config) -> bytes:
    """Return the root metadata that all trust begins with.

    Raises:
        ConfigError: it is not there, or cannot be read.
    """
    path = config.data_dir / ROOT
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError("this machine is not set up for sync: it has no root of trust",
                          f"Copy {ROOT}, given at the key ceremony, to {path}.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}",
                          "Let the user that runs this program read it.") from error


def utc_now() -> datetime:
    """Return the time on this machine's clock."""
    return datetime.now(UTC)


def read_table(table: Mapping[str, Any], path: Path) -> SyncSettings:
    """Return what the table of the settings at `path` says; the names of files in it are relative to its folder.

    Raises:
        ConfigError: a setting is unknown, or has a value that it cannot have.
    """
    return SyncSettings(**read_settings(table, "sync", path, READERS))


def _source(value: object, folder: Path) -> str | Path:
    if isinstance(value, str) and "://" in value:
        return _address(value, folder)
    return _path(value, folder)


def _address(value: object, _folder: Path) -> str:
    usable = False
    if isinstance(value, str):
        try:
            parts = urlsplit(value)
            usable = bool(parts.hostname) and parts.port != 0 and (
                parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts)))
        except ValueError:
            usable = False
    if not isinstance(value, str) or not usable or parts.username is not None or parts.query or parts.fragment:
        raise ValueError("a plain address like https://releases.example.tj/rohnamo, without a name or password in it")
    return value


def _path(value: object, folder: Path) -> Path:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("the path of a file or folder, or an https address where one is asked for")
    return folder / Path(value).expanduser()


def _windows(value: object, _folder: Path) -> tuple[tuple[hour, hour], ...]:
    found = [_HOURS.fullmatch(one) if isinstance(one, str) else None for one in value] \
        if isinstance(value, list) else [None]
    if not found or None in found:
        raise ValueError('a list of hours like ["02:00-06:00"], by the clock in Dushanbe')
    return tuple((hour(int(one[1]), int(one[2])), hour(int(one[3]), int(one[4]))) for one in found if one)


READERS: Mapping[str, Reader] = {
    "source": _source, "ring": number(0, LAST_RING, "a whole number"),
    "every_minutes": number(1, MOST_MINUTES, "a whole number of minutes"),
    "daily_bytes": number(1, 2**50, "a whole number of bytes a day"),
    "rate": number(1, 2**40, "a whole number of bytes a second"),
    "windows": _windows, "sticks": truth, "inbox": _address, "sealing": _path, "unanswered": truth}
