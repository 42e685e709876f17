"""Signing keys that never leave a token (PKCS #11): elliptic curves, P-256 or P-384.

    aziz.token  JSON: the label of the token and the number of the key on it; nothing secret
    aziz.pub    as for a key in a file (`sync.keys`)

The key is made on the token with the token's own tool; only its public half is read here.  The PIN is passed in and
kept nowhere.  The extra `token` and the token's module, which the environment names, are for those who sign: whoever
verifies needs neither.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import HSMSigner, Signer

from sync.durable import write_whole
from sync.errors import KeyFileError, ReleaseError, TokenError, WrongPasswordError
from sync.keys import PUBLIC, TOKEN, PublicKey, new_place, read, show
from sync.release import canonical, read_object

FORMAT, VERSION = "rohnamo-token-key", 1
# What securesystemslib reads the place of the module from.
MODULE = "PYKCS11LIB"
_TRIAL = b"rohnamo tries the key on this token"
_ELLIPTIC = "Name with --token-key the number of an EC key on P-256 or P-384, as the token's own tool lists it."
_PIN = "Type the PIN again; most tokens lock themselves after three wrong ones. Nothing was signed."
_LOCKED = "Unlock it with its own tool and its PUK; if that is lost too, replace the key: rohnamo keys rotate."
_ANOTHER = "Put in the token that the key was read from, or name the .token file of the key on this one."


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Where a key is: the label of its token, and its number on it (CKA_ID; 2 is slot 9c of a PIV token)."""

    label: str
    number: int = HSMSigner.SCHEME_KEYID

    def to_bytes(self) -> bytes:
        """Return the content of the token file."""
        return canonical({"format": FORMAT, "version": VERSION, "label": self.label, "number": self.number})


def add_key(folder: Path, name: str, where: TokenKey, pin: Callable[[], str]) -> PublicKey:
    """Read the public half of a key on a token, write it beside where the key is, and return it.

    pin: is called where the token shows its keys to nobody else.

    Raises:
        ExistingKeyError: there is a key of this name in the folder.
        WrongPasswordError: the PIN does not open the token.
        TokenError: the token or the key on it cannot be used.
    """
    place = new_place(folder, name, TOKEN)
    with _explained(where):
        _, key = HSMSigner.import_(where.number, where.label, lambda _: pin())
    public = PublicKey.of(name, HSMSigner(where.number, key, lambda _: "", where.label))
    write_whole(place, where.to_bytes())
    write_whole(place.with_suffix(PUBLIC), public.to_bytes())
    return public


def open_token(path: Path, pin: Callable[[], str]) -> Signer:
    """Return the key that a token file tells of, ready to sign for as long as the token stays in.

    pin: is called once, after the token was found.

    Raises:
        MissingKeyError: there is no such file, or no public one beside it.
        WrongPasswordError: the PIN does not open the token.
        TokenError: the token or the key on it cannot be used.
        KeyFileError: it is no token file, or the token holds another key.
    """
    where, public = _read(path), show(path)
    try:
        with _explained(where):
            typed = pin()
            signer = HSMSigner(where.number, public.key, lambda _: typed, where.label)  # type: ignore[arg-type]
            public.key.verify_signature(signer.sign(_TRIAL), _TRIAL)
    except UnverifiedSignatureError as error:
        raise KeyFileError(f"the token {where.label} holds another key than {path.with_suffix(PUBLIC).name}",
                           hint=_ANOTHER) from error
    return signer


def _read(path: Path) -> TokenKey:
    try:
        plain = read_object(read(path), path.name, FORMAT, VERSION)
        return TokenKey(str(plain["label"]), int(plain["number"]))
    except (ReleaseError, KeyError, TypeError, ValueError) as error:
        raise KeyFileError(f"{path.name} does not say where a key on a token is",
                           hint="Write it again: rohnamo keys new NAME --token LABEL.") from error


@contextmanager
def _explained(where: TokenKey) -> Iterator[None]:
    """See that the token is in, and say what keeps it from being used."""
    try:
        import pkcs11
    except ImportError as error:
        raise TokenError("a key on a token needs the extra `token`",
                         hint="Run: pip install 'rohnamo[token]'. Nothing was signed.") from error
    _check_in(pkcs11, where.label)
    try:
        yield
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
        raise WrongPasswordError(f"the PIN does not open the token {where.label}", hint=_PIN) from error
    except pkcs11.PinLocked as error:
        raise TokenError(f"the token {where.label} is locked after too many wrong PINs", hint=_LOCKED) from error
    except pkcs11.PKCS11Error as error:
        raise TokenError(f"the token {where.label} does not do it: {_named(error)}") from error
    except ValueError as error:         # how securesystemslib says that there is no such key, or of another kind
        raise TokenError(f"key {where.number} of the token {where.label} cannot be used: {error}",
                         hint=_ELLIPTIC) from error


def _check_in(pkcs11: Any, label: str) -> None:  # noqa: ANN401 - a module that need not be there
    module = os.environ.get(MODULE, "")
    if not module:
        raise TokenError("which module speaks with the token is not known",
                         hint=f"Set {MODULE} to its file, as /usr/lib/x86_64-linux-gnu/opensc-pkcs11.so of the Debian "
                              "package opensc-pkcs11.")
    try:
        there = [token.label for token in pkcs11.lib(module).get_tokens(token_flags=pkcs11.TokenFlag.TOKEN_INITIALIZED)]
    except pkcs11.PKCS11Error as error:
        raise TokenError(f"the module {module} cannot be used: {_named(error)}",
                         hint=f"Correct {MODULE}, or install the module of this token.") from error
    if there.count(label) != 1:
        raise TokenError(f"{'two tokens are' if label in there else 'there is no token'} called {label!r} here",
                         hint=f"Put it in, and no other of that name. Here are: {', '.join(sorted(there)) or 'none'}.")


def _named(error: Exception) -> str:
    """Return what the module says; much of it has a name only."""
    return str(error) or type(error).__name__
