"""The table `[server]` of `config.toml`: the chat server that may word answers.

No secret stands in it: the key of the server is in a file of its own.  Nothing is opened here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.errors import ConfigError
from assistant.settings_table import Reader, file, is_this_machine, measure, number, read_settings, text, truth

_LEAST_S, _MOST_S = 0.1, 120.0     # that a setting may tell us to wait
_MOST_AT_ONCE = 64
_GUIDE = "docs/use-a-model-server.md shows the whole table."


@dataclass(frozen=True, slots=True)
class Server:
    """An OpenAI-compatible chat server that may word answers."""

    url: str                           # up to and with /v1
    model: str                         # as the server calls it
    key_file: Path | None = None       # holds the key alone; relative to the data directory
    grammar: bool = False              # whether it is a llama.cpp server, which takes our grammar
    at_once: int = 4                   # drafts it writes for us at the same time
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 20.0       # without a word from it, also before the first


def read_table(table: Mapping[str, Any], path: Path) -> Server:
    """Return what the table of the settings at `path` says; the file of the key is relative to its folder.

    Raises:
        ConfigError: a setting is unknown, lacking, or has a value that it cannot have.
    """
    read = read_settings(table, "server", path, READERS)
    if lacking := [name for name in ("url", "model") if name not in read]:
        raise ConfigError(f"{path} does not say the {' and '.join(lacking)} of the [server]", _GUIDE)
    server = Server(**read)
    _check_address(server, path)
    return server


def _check_address(server: Server, path: Path) -> None:
    try:
        parts = urlsplit(server.url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(f"{path}: the url of the [server] is no plain http or https address",
                          "Write it like http://10.0.0.5:8080/v1; a key goes into key_file, not into the address.")
    if server.key_file and parts.scheme == "http" and not is_this_machine(parts):
        raise ConfigError(f"{path}: the key of the [server] would travel readable for others",
                          "Use an https address, or a server without a key.")


def _url(value: object, folder: Path) -> str:
    return text(value, folder).rstrip("/")


READERS: Mapping[str, Reader] = {
    "url": _url, "model": text, "key_file": file, "grammar": truth,
    "at_once": number(1, _MOST_AT_ONCE, "a whole number"),
    "connect_timeout_s": measure(_LEAST_S, _MOST_S, "a number of seconds"),
    "read_timeout_s": measure(_LEAST_S, _MOST_S, "a number of seconds")}
