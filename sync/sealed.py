"""Files that only one key opens: what a stick carries, so that whoever finds it reads nothing.

X25519 agreement with a key made for this one file, HKDF-SHA256, ChaCha20-Poly1305; the layout is written down in
docs/formats.md.  Sealing says nothing of who sealed: a batch inside is signed by its machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.durable import write_whole
from sync.errors import (
    ExistingKeyError,
    KeyFileError,
    MissingKeyError,
    ReleaseError,
    SealedError,
    WrongPasswordError,
)
from sync.keys import KEY, PUBLIC, SHORTEST_PASSWORD
from sync.pkcs8 import Cost, encrypted, opened
from sync.release import canonical, read_object

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORMAT, VERSION = "rohnamo-sealing-key", 1
MAGIC = b"rohnamo-sealed 1\n"
_KEY_BYTES, _HINT_BYTES = 32, 8
_HEAD = len(MAGIC) + _HINT_BYTES + _KEY_BYTES
# Each file has a key of its own, so that a nonce never meets the same key twice.
_NONCE = bytes(12)
_WRONG = "Type the password again; mind the keyboard's language and capitals. Nothing was opened or changed."


def seal(data: bytes, recipient: X25519PublicKey, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """Return the data so that only the recipient's key opens it."""
    once = X25519PrivateKey.from_private_bytes(random(_KEY_BYTES))
    head = MAGIC + _hint(recipient) + once.public_key().public_bytes_raw()
    secret = _secret(once.exchange(recipient), head, recipient)
    return head + ChaCha20Poly1305(secret).encrypt(_NONCE, data, head)


def unseal(data: bytes, key: X25519PrivateKey) -> bytes:
    """Return what was sealed to this key.

    Raises:
        SealedError: it is no sealed file, is sealed to another key, or is damaged.
    """
    head, body = data[:_HEAD], data[_HEAD:]
    if not data.startswith(MAGIC) or len(head) < _HEAD:
        raise SealedError("this is not a sealed file, or is of a version that is not known")
    if head[len(MAGIC):-_KEY_BYTES] != _hint(key.public_key()):
        raise SealedError("the file is sealed to another key")
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(head[-_KEY_BYTES:]))
        return ChaCha20Poly1305(_secret(shared, head, key.public_key())).decrypt(_NONCE, body, head)
    except (InvalidTag, ValueError) as error:
        raise SealedError("the sealed file is damaged", hint="Export it again from the machine.") from error


def new_sealing_key(path: Path, password: str, *, random: Callable[[int], bytes] = os.urandom,
                    cost: Cost | None = None) -> X25519PublicKey:
    """Make the pair of key files of a ministry, NAME.key (opens with the password) and NAME.pub (for the machines).

    Raises:
        ExistingKeyError: one of them is there already; nothing was made.
        KeyFileError: the password is too short.
    """
    for place in (path.with_suffix(KEY), path.with_suffix(PUBLIC)):
        if place.exists():
            raise ExistingKeyError(f"{place.name} is there already")
    if len(password) < SHORTEST_PASSWORD:
        raise KeyFileError(f"the password is shorter than {SHORTEST_PASSWORD} characters",
                           hint="Take five words that are not a sentence. Nothing was written.")
    private = X25519PrivateKey.from_private_bytes(random(_KEY_BYTES))
    # PKCS #8 holds any kind of key; the writer asks for no more than that.
    body = encrypted(cast("Ed25519PrivateKey", private), password, random, cost or Cost())
    write_whole(path.with_suffix(KEY), body, mode=0o600)
    write_whole(path.with_suffix(PUBLIC), canonical({
        "format": FORMAT, "version": VERSION, "public": private.public_key().public_bytes_raw().hex()}))
    return private.public_key()


def open_sealing_key(path: Path, password: str) -> X25519PrivateKey:
    """Return the key that opens what was sealed.

    Raises:
        MissingKeyError: there is no such file.
        WrongPasswordError: the password does not open it.
        KeyFileError: it is no key file of this kind.
    """
    try:
        key = opened(_read(path), password, path.name)
    except WrongPasswordError as error:
        raise WrongPasswordError(error.message, hint=_WRONG) from error
    if not isinstance(key, X25519PrivateKey):
        raise KeyFileError(f"{path.name} signs and does not open sealed files",
                           hint="Name the key whose public half the machines were given.")
    return key


def read_sealing_key(path: Path) -> X25519PublicKey:
    """Return the public half, which machines seal to.

    Raises:
        MissingKeyError: there is no such file.
        KeyFileError: it is none of ours.
    """
    try:
        plain = read_object(_read(path), path.name, FORMAT, VERSION)
        return X25519PublicKey.from_public_bytes(bytes.fromhex(plain["public"]))
    except (ReleaseError, KeyError, TypeError, ValueError) as error:
        raise KeyFileError(f"{path.name} is not the public half of a sealing key") from error


def _secret(shared: bytes, head: bytes, recipient: X25519PublicKey) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=head + recipient.public_bytes_raw()).derive(shared)


def _hint(recipient: X25519PublicKey) -> bytes:
    digest = Hash(SHA256())
    digest.update(recipient.public_bytes_raw())
    return digest.finalize()[:_HINT_BYTES]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingKeyError(f"there is no {path.name} in {path.parent}") from error
    except OSError as error:
        raise KeyFileError(f"{path.name} cannot be read: {error.strerror}") from error
