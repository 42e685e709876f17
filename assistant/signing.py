"""Keys of people: the passwords that open them, and the moment that they sign.

A password, or the PIN of a token, is typed where nobody sees it or, where there is no terminal, is a line of standard
input; it is never an argument.  There is one try for each.  What is signed with the keys is the business of `sync`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import typer

from sync.errors import KeyFileError, MissingKeyError

if TYPE_CHECKING:
    from securesystemslib.signer import Signer


def now() -> datetime:
    """Return the moment that is written into what is signed."""
    return datetime.now(UTC)


def new_password(name: str) -> str:
    """Return the password for a new key, typed twice.

    Raises:
        KeyFileError: the two differ, or none was typed.
    """
    password = asked(f"Password for {name}")
    if asked(f"The same password for {name} again") != password:
        raise KeyFileError(f"the two passwords for {name} differ", hint="Run it again. Nothing was written.")
    return password


def opened(files: Iterable[Path]) -> tuple[Signer, ...]:
    """Return the keys in these files, and on the tokens that they tell of, after a password was asked for each.

    Raises:
        KeyFileError: one of them is not there, does not open, or is none of ours.
    """
    paths = tuple(dict.fromkeys(files))
    for path in paths:
        if not path.is_file():
            raise MissingKeyError(f"there is no {path.name} in {path.parent}")
    return tuple(_opened(path) for path in paths)


def _opened(path: Path) -> Signer:
    from sync.keys import TOKEN, open_key
    if path.suffix == TOKEN:
        from sync.token import open_token
        return open_token(path, lambda: asked(f"PIN for {path.name}"))
    return open_key(path, asked(f"Password for {path.name}"))


def asked(text: str) -> str:
    """Return a password that was typed, or is the next line of standard input.

    Raises:
        KeyFileError: none was given.
    """
    if sys.stdin.isatty():
        try:
            typed = str(typer.prompt(text, hide_input=True, err=True))
        except typer.Abort:
            typed = ""
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    if not typed:
        raise KeyFileError(f"{text}: none was given", hint="Run it again and type it, or give it as a line of standard "
                                                           "input. Nothing was written.")
    # The same letters from another keyboard: ӣ is one sign on one, two on another.
    return normalize("NFC", typed)
