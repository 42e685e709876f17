"""The keys of programs that ask over the API: `api-keys.json` in the data directory, for its owner alone.

`rohnamo-api-keys`, version 1 (docs/formats.md).  A key is 256 random bits, so its SHA-256 is enough to know it by and
says nothing of it; the key itself is shown once and kept nowhere.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from assistant.config import Config
from assistant.errors import AssistantError
from assistant.settings_table import nearest
from sync.durable import write_whole
from sync.errors import LockedError
from sync.lock import only_one

FILE, FORMAT, VERSION = "api-keys.json", "rohnamo-api-keys", 1
PREFIX = "rohnamo-"                    # so that a key is known for one where it turns up
_LOCK = "api-keys.lock"
_KEY_BYTES = 32
_MODE = 0o600
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")


class ApiKeyError(AssistantError):
    """A key cannot be made or revoked, or the list of keys cannot be used."""

    code = "api_key"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key: who it is for, the SHA-256 of it, and the days it was made and revoked."""

    name: str
    sha256: str
    made: date
    revoked: date | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"name": self.name, "sha256": self.sha256, "made": self.made.isoformat(),
                "revoked": self.revoked.isoformat() if self.revoked else None}


def new_key(config: Config, name: str, today: date) -> str:
    """Return a new key for a program of this name; it is not to be had again.

    Raises:
        ApiKeyError: the name is none, or was given before; another process changes the keys.
        NoSpaceError: the disk is full.
    """
    if not _NAME.fullmatch(name):
        raise ApiKeyError(f"{name!r} is no name of a program", "Take small Latin letters, digits, dots and dashes.")
    key = PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    with _alone(config):
        known = all_keys(config)
        if any(one.name == name for one in known):
            raise ApiKeyError(f"there was a key for {name} already",
                              "Take another name, as name-2; rohnamo api-keys list shows those that are taken.")
        _write(config, [*known, ApiKey(name, _hash(key), today)])
    return key


def revoke(config: Config, name: str, today: date) -> ApiKey:
    """Let a key open nothing any more, from the next request on, and return what is known of it.

    Raises:
        ApiKeyError: no key has this name; another process changes the keys.
        NoSpaceError: the disk is full.
    """
    with _alone(config):
        known = all_keys(config)
        if not (named := [one for one in known if one.name == name]):
            raise ApiKeyError(f"there is no key for {name}", nearest(name, [one.name for one in known] or ["none"]))
        revoked = replace(named[0], revoked=named[0].revoked or today)
        _write(config, [revoked if one.name == name else one for one in known])
    return revoked


def all_keys(config: Config) -> list[ApiKey]:
    """Return what is known of the keys, in the order in which they were made.

    Raises:
        ApiKeyError: the list cannot be read.
    """
    path = config.data_dir / FILE
    try:
        return _read(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ApiKeyError(f"{FILE} cannot be read: {error}",
                          "Restore it from the last backup, or move it away and make the keys anew.") from error


def owner_of(keys: Iterable[ApiKey], key: str) -> str | None:
    """Return whose key this is; None where it is nobody's, or was revoked."""
    given = _hash(key)
    return next((one.name for one in keys if one.sha256 == given and one.revoked is None), None)


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    try:
        with only_one(config.data_dir / _LOCK):
            yield
    except LockedError as error:
        raise ApiKeyError("another process changes the keys at this moment", "Try again.") from error


def _read(data: bytes) -> list[ApiKey]:
    plain = json.loads(data)
    if (plain["format"], plain["version"]) != (FORMAT, VERSION):
        raise ValueError(f"it is {plain['format']}, version {plain['version']}; known is {FORMAT}, version {VERSION}")
    return [ApiKey(str(row["name"]), str(row["sha256"]), date.fromisoformat(row["made"]),
                   date.fromisoformat(row["revoked"]) if row["revoked"] else None) for row in plain["keys"]]


def _write(config: Config, keys: Sequence[ApiKey]) -> None:
    plain = {"format": FORMAT, "version": VERSION, "keys": [one.to_json() for one in keys]}
    write_whole(config.data_dir / FILE, f"{json.dumps(plain, indent=1)}\n".encode(), mode=_MODE)


def _hash(key: str) -> str:
    return sha256(key.encode(errors="replace")).hexdigest()
