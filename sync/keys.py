"""Signing keys: ed25519, each in a file of its own that opens with a password, beside the public half.

    aziz.key    PKCS #8, encrypted, readable by its owner only
    aziz.pub    JSON, to hand to whoever prepares a repository

A key that never leaves a token has `aziz.token` in place of the first (`sync.token`) and the same second.

Passwords and randomness are passed in; nothing is asked, logged or taken from a command line here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey

from sync.durable import write_whole
from sync.errors import ExistingKeyError, KeyFileError, MissingKeyError, ReleaseError
from sync.pkcs8 import Cost, encrypted, opened
from sync.release import canonical, checked_publisher, read_object

FORMAT, VERSION = "rohnamo-public-key", 1
KEY, TOKEN, PUBLIC = ".key", ".token", ".pub"
SHORTEST_PASSWORD = 12
# Signed beside each key, so that a message can say whose signature is wanted.
_NAME = "x-rohnamo-name"
_ED25519, _ON_TOKENS = "ed25519", ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key and the name of who holds it."""

    name: str
    key: Key

    @classmethod
    def of(cls, name: str, signer: Signer) -> PublicKey:
        """Return the public half of a key, with the name of its holder signed beside it wherever it is named."""
        key = signer.public_key
        return cls(name, SSlibKey(key.keyid, key.keytype, key.scheme, dict(key.keyval), {_NAME: name}))

    @property
    def keyid(self) -> str:
        """Return the id that metadata knows the key by."""
        return self.key.keyid

    @property
    def fingerprint(self) -> str:
        """Return the first 32 characters of the id in groups of four, to be read aloud and compared."""
        return " ".join(self.keyid[at:at + 4] for at in range(0, 32, 4))

    def to_bytes(self) -> bytes:
        """Return the content of the public file."""
        return canonical({"format": FORMAT, "version": VERSION, "name": self.name, "keyid": self.keyid,
                          "key": self.key.to_dict()})


def named(key: Key) -> str:
    """Return who holds a key that stands in signed metadata, or the start of its id."""
    return str(key.unrecognized_fields.get(_NAME) or key.keyid[:8])


def new_keys(folder: Path, names: Iterable[str], password: Callable[[str], str],
             *, random: Callable[[int], bytes] = os.urandom, cost: Cost | None = None) -> tuple[PublicKey, ...]:
    """Make a key for each name, each with the password that `password(name)` returns, and return the public halves.

    Raises:
        ExistingKeyError: one of the files is there already; none was made then.
        KeyFileError: a password is too short.
    """
    places = {name: new_place(folder, name) for name in names}
    secrets = {name: _strong(password(name), name) for name in places}
    return tuple(_new_key(place, secrets[name], random, cost or Cost()) for name, place in places.items())


def new_place(folder: Path, name: str, suffix: str = KEY) -> Path:
    """Return where a new key is written.

    Raises:
        ExistingKeyError: a key of this name is there already, in a file or on a token.
        KeyFileError: the name cannot be one.
    """
    for place in (folder / f"{checked_name(name)}{ending}" for ending in (KEY, TOKEN)):
        if place.exists():
            raise ExistingKeyError(f"{place.name} is there already")
    return folder / f"{name}{suffix}"


def show(path: Path) -> PublicKey:
    """Return the public half of a key; `path` is the key file or the public one, and no password is needed.

    Raises:
        MissingKeyError: there is no public file.
        KeyFileError: it is none of ours.
    """
    data = read(path.with_suffix(PUBLIC))
    try:
        plain = read_object(data, path.name, FORMAT, VERSION)
        name, key = checked_name(plain["name"]), Key.from_dict(plain["keyid"], plain["key"])
        genuine = isinstance(key, SSlibKey) and key.keyid == _keyid(key)
    except (ReleaseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeyFileError(f"{path.name} is not a public key of ours") from error
    if not genuine:
        raise KeyFileError(f"the id in {path.name} is not that of its key", hint="Do not use it; ask its holder.")
    return PublicKey(name, key)


def open_key(path: Path, password: str) -> CryptoSigner:
    """Return the key, ready to sign.

    Raises:
        MissingKeyError: there is no such file.
        WrongPasswordError: the password does not open it.
        KeyFileError: it is no key file, is not protected, or holds another kind of key.
    """
    data = read(path)
    if b"BEGIN PRIVATE KEY" in data:
        raise KeyFileError(f"{path.name} is not protected by a password", hint="Replace this key: rohnamo keys rotate.")
    key = opened(data, password, path.name)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path.name} does not hold an ed25519 key")
    return CryptoSigner(key)


def _new_key(path: Path, password: str, random: Callable[[int], bytes], cost: Cost) -> PublicKey:
    private = Ed25519PrivateKey.from_private_bytes(random(32))
    public = PublicKey.of(path.stem, CryptoSigner(private))
    write_whole(path, encrypted(private, password, random, cost), mode=0o600)
    write_whole(path.with_suffix(PUBLIC), public.to_bytes())
    return public


def read(path: Path) -> bytes:
    """Return the content of a key file.

    Raises:
        MissingKeyError: there is no such file.
        KeyFileError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingKeyError(f"there is no {path.name} in {path.parent}") from error
    except OSError as error:
        raise KeyFileError(f"{path.name} cannot be read: {error.strerror}") from error


def _strong(password: str, name: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise KeyFileError(f"the password for {name} is shorter than {SHORTEST_PASSWORD} characters",
                           hint="Take five words that are not a sentence. Nothing was written.")
    return password


def checked_name(name: str) -> str:
    """Return the name, if a key may have it.

    Raises:
        KeyFileError: it may not.
    """
    try:
        return checked_publisher(name)
    except ReleaseError as error:
        raise KeyFileError(f"{name!r} cannot be the name of a key",
                           hint="Use small Latin letters, digits, dots and hyphens, as in root-1.") from error


def _keyid(key: SSlibKey) -> str:
    """Return the id that belongs to a key, empty for one of a kind that nobody signs with here."""
    text = key.keyval["public"]
    if key.scheme == _ED25519:
        return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))).keyid
    return SSlibKey.from_crypto(load_pem_public_key(text.encode())).keyid if key.scheme in _ON_TOKENS else ""
