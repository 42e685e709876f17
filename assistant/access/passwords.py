"""Passwords of people: kept as Argon2id, compared slowly on purpose, and long enough to be worth it.

The same letters from another keyboard are the same password: ӣ is one sign on one, two on another.
"""

from __future__ import annotations

import os
from functools import cache
from unicodedata import normalize

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from assistant.errors import ConfigError

LEAST, MOST, LEAST_DIFFERENT = 12, 128, 5
# RFC 9106, second recommendation, on one lane: 64 MiB, three passes; a quarter of a second on a desk's machine.
_MEMORY_KIB, _PASSES, _LANES = 64 * 1024, 3, 1
_SALT_BYTES, _HASH_BYTES = 16, 32
_COST = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}$"


def check_password(password: str, name: str) -> None:
    """Refuse a password that is soon guessed.

    Raises:
        ConfigError: it is too short or too long, of too few different signs, or has the name of its account in it.
    """
    plain = normalize("NFC", password)
    if not LEAST <= len(plain) <= MOST or len(set(plain)) < LEAST_DIFFERENT or name in plain.casefold():
        raise ConfigError("this password is too easy to guess",
                          f"Take {LEAST} to {MOST} signs, {LEAST_DIFFERENT} or more of them different, without the "
                          f"name of the account: four words that do not belong together are good.")


def hashed(password: str) -> str:
    """Return what is kept of a password: a PHC string, which holds the cost and a fresh salt."""
    return _argon2id(os.urandom(_SALT_BYTES)).derive_phc_encoded(_bytes(password))


def is_password(kept: str | None, given: str) -> bool:
    """Return whether this is the password; where nothing is kept, as slowly, that it is not."""
    try:
        Argon2id.verify_phc_encoded(_bytes(given[:MOST]), kept or _nobodys())
    except InvalidKey:
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Return whether a password was kept at another cost than is usual now."""
    return not kept.startswith(_COST)


@cache
def _nobodys() -> str:
    """Return the hash of a password that nobody has."""
    return hashed(os.urandom(_HASH_BYTES).hex())


def _argon2id(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=_HASH_BYTES, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB)


def _bytes(password: str) -> bytes:
    return normalize("NFC", password).encode()
