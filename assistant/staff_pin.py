"""The PIN that opens the page for the staff: set by an admin, kept as a slow hash, checked slowly.

    data_dir/staff.pin    scrypt N r p SALT HASH, for its owner alone

A PIN is short: what keeps guessers out is that few tries are allowed (`assistant.web.staff`), and that nobody else
reads the file.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from assistant.config import Config
from assistant.errors import ConfigError

FILE, LEAST, MOST = "staff.pin", 6, 64
# OWASP's scrypt at 16 MB of memory: a third of a second on a kiosk.
_COST = (2**14, 8, 5)                  # N, r, p
_SALT_BYTES, _MOST_MEMORY = 16, 64 * 1024 * 1024
_SET = "Set it: rohnamo serve --set-pin."


def pin_path(config: Config) -> Path:
    """Return where the PIN's hash lies."""
    return config.data_dir / FILE


def set_pin(config: Config, pin: str) -> None:
    """Keep a PIN in place of the one before.

    Raises:
        ConfigError: it is too short or too long, or one digit again and again.
    """
    if not LEAST <= len(pin) <= MOST or len(set(pin)) < 3:
        raise ConfigError("this PIN is too easy to guess",
                          f"Take {LEAST} to {MOST} digits or letters, at least three of them different.")
    salt = os.urandom(_SALT_BYTES)
    line = f"scrypt {' '.join(map(str, _COST))} {salt.hex()} {_hashed(pin, salt).hex()}\n"
    path = pin_path(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def has_pin(config: Config) -> bool:
    """Return whether a PIN is set."""
    return pin_path(config).is_file()


def is_pin(config: Config, given: str) -> bool:
    """Return whether this is the PIN; slow on purpose.

    Raises:
        ConfigError: none is set, or its file is damaged.
    """
    try:
        kind, n, r, p, salt, known = pin_path(config).read_text(encoding="ascii").split()
        if kind != "scrypt" or (int(n), int(r), int(p)) != _COST:
            raise ValueError(kind)
        return hmac.compare_digest(_hashed(given[:MOST], bytes.fromhex(salt)), bytes.fromhex(known))
    except FileNotFoundError as error:
        raise ConfigError("no PIN is set for the staff", _SET) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{FILE} cannot be read", _SET) from error


def _hashed(pin: str, salt: bytes) -> bytes:
    n, r, p = _COST
    return hashlib.scrypt(pin.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=32)
