"""The key of this machine, made at its first start: it signs what the machine says of itself and opens nothing.

The key and the counter of reports are one row of the machine's state, so that they live and are lost together.
A machine that lost its state is a new machine and is enrolled anew; the copy of an image must not hold the row.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.transaction import transaction

PUBLIC_BYTES, SIGNATURE_BYTES = 32, 64
_TABLE = """CREATE TABLE IF NOT EXISTS device (
    one INTEGER PRIMARY KEY CHECK (one = 1), seed BLOB NOT NULL, counter INTEGER NOT NULL)"""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """The key of a machine.  `private` never leaves it."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """Return the public half, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        """Return the id that the machine goes by in rollouts, batches and reports."""
        return device_id(self.public)

    def sign(self, purpose: bytes, data: bytes) -> bytes:
        """Return the signature, 64 bytes.  `purpose` keeps one kind of message from being taken for another."""
        return self.private.sign(purpose + data)


def device_key(connection: sqlite3.Connection, random: Callable[[int], bytes] = os.urandom) -> DeviceKey:
    """Return the key of this machine, which is made where there is none."""
    with transaction(connection):
        connection.execute(_TABLE)
        row = connection.execute("SELECT seed FROM device").fetchone()
        if row is None:
            row = (random(32),)
            connection.execute("INSERT INTO device VALUES (1, ?, 0)", row)
    return DeviceKey(Ed25519PrivateKey.from_private_bytes(row[0]))


def next_counter(connection: sqlite3.Connection, now: datetime) -> int:
    """Return a number higher than any before.  The machine must have its key.

    It is the time in seconds where that is higher, so that a state that was restored from a copy does not repeat
    numbers that were sent since.
    """
    with transaction(connection):
        connection.execute("UPDATE device SET counter = max(counter + 1, ?)", (int(now.timestamp()),))
        return int(connection.execute("SELECT counter FROM device").fetchone()[0])


def device_id(public: bytes) -> str:
    """Return the id of the machine that holds this key: 32 hexadecimal digits."""
    return sha256(public).hexdigest()[:32]


def fingerprint(device: str) -> str:
    """Return an id in groups of four, to be read aloud and compared."""
    return " ".join(device[at:at + 4] for at in range(0, len(device), 4))


def signed(public: bytes, signature: bytes, purpose: bytes, data: bytes) -> bool:
    """Return whether the holder of this key signed the data for this purpose."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, purpose + data)
    except (InvalidSignature, ValueError):
        return False
    return True
