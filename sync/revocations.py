"""Which documents were withdrawn: a list that only grows.

One is signed by the ministry (`revocations.json`, any document), one by each publisher (`P/revocations.json`).
A machine joins what it reads to what it knows and never forgets; what is withdrawn is not answered from,
whichever release is in use.  A corrected edition therefore comes under another document id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sync.errors import ReleaseError
from sync.release import canonical, read_object

FORMAT, VERSION = "rohnamo-revocations", 1
_LONGEST_REASON = 500
_DOCUMENT = re.compile(r"[^\x00-\x20\x7f/\\]{1,200}")


@dataclass(frozen=True, slots=True)
class Revocation:
    """A document that is withdrawn, why in words for people, and since when."""

    document: str
    reason: str
    day: date


def read_revocations(data: bytes) -> tuple[Revocation, ...]:
    """Return the list in a file, in its order.

    Raises:
        ReleaseError: the file is of another format or version, or a line of it is not well made.
    """
    plain = read_object(data, "revocations.json", FORMAT, VERSION)
    try:
        return tuple(checked(Revocation(one["document"], one["reason"], date.fromisoformat(one["day"])))
                     for one in plain["revocations"])
    except (KeyError, TypeError, ValueError) as error:
        raise ReleaseError("revocations.json lacks a value or has one of the wrong kind") from error


def write_revocations(revocations: Iterable[Revocation]) -> bytes:
    """Return the file: canonical JSON, in the given order."""
    lines = [{"document": one.document, "reason": one.reason, "day": one.day.isoformat()} for one in revocations]
    return canonical({"format": FORMAT, "version": VERSION, "revocations": lines})


def joined(known: Iterable[Revocation], read: Iterable[Revocation]) -> tuple[Revocation, ...]:
    """Return what is withdrawn by either list; what was known stays as it was, new ones come after it."""
    first: dict[str, Revocation] = {}
    for one in (*known, *read):
        first.setdefault(one.document, one)
    return tuple(first.values())


def checked(revocation: Revocation) -> Revocation:
    """Return the revocation, if it names a document and says why.

    Raises:
        ReleaseError: the id cannot be one, or the reason is missing or too long.
    """
    if not isinstance(revocation.document, str) or not _DOCUMENT.fullmatch(revocation.document):
        raise ReleaseError(f"{revocation.document!r} cannot be the id of a document")
    if not isinstance(revocation.reason, str) or not 0 < len(revocation.reason.strip()) <= _LONGEST_REASON:
        raise ReleaseError(f"a reason is wanted for {revocation.document}, of at most {_LONGEST_REASON} characters",
                           hint="Say in a sentence why it is withdrawn: people at the desk will read it.")
    return revocation
