"""Which documents are not to be answered from, whichever generation is in use: asked anew with every opening.

A withdrawal came signed, is kept in the machine's state, and never goes back with a generation.  A second copy of the
list lies beside that state, so that a damaged or missing database brings nothing back; what either knows is withdrawn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path

from assistant.config import Config
from corpora.durable import canonical, write_whole
from sync.errors import StateError
from sync.state import Withdrawn, read_withdrawn

SYNC, STATE, COPY = "sync", "state.db", "withdrawn.json"
FORMAT, VERSION = "rohnamo-withdrawn", 1


def withdrawn(config: Config) -> tuple[Withdrawn, ...]:
    """Return what is withdrawn on this machine, sorted by document; nothing where it never had contact.

    Raises:
        sync.errors.StateError: neither the machine's state nor the copy of the list can be read.
    """
    home = config.data_dir / SYNC
    copied = _copied(home / COPY)
    try:
        known = read_withdrawn(home / STATE)
    except StateError:
        if copied is None:
            raise
        known = ()
    return tuple(sorted({*known, *(copied or ())}, key=lambda one: (one.document, one.publisher)))


def keep_copy(config: Config, known: Iterable[Withdrawn]) -> None:
    """Write the second copy of the list, where it does not say all of this already.

    Raises:
        corpora.errors.NoSpaceError: the disk is full; the old copy stays.
    """
    path = config.data_dir / SYNC / COPY
    before, now = set(_copied(path) or ()), set(known)
    if not now <= before:
        lines = [{"document": one.document, "publisher": one.publisher, "reason": one.reason,
                  "day": one.day.isoformat()} for one in sorted(before | now, key=lambda one: (one.document,
                                                                                               one.publisher))]
        write_whole(path, canonical({"format": FORMAT, "version": VERSION, "withdrawn": lines}))


def hiding(withdrawn: Iterable[Withdrawn]) -> Callable[[str, str], bool] | None:
    """Return what a snapshot asks of each document and its release, None where nothing is withdrawn."""
    by_document: dict[str, list[Withdrawn]] = {}
    for one in withdrawn:
        by_document.setdefault(one.document, []).append(one)
    if not by_document:
        return None
    return lambda document, release: any(one.applies(document, release) for one in by_document.get(document, ()))


def _copied(path: Path) -> tuple[Withdrawn, ...] | None:
    """Return what the copy says, None where there is none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(path.read_bytes())
        if (found["format"], found["version"]) == (FORMAT, VERSION):
            return tuple(Withdrawn(one["document"], one["publisher"], one["reason"], date.fromisoformat(one["day"]))
                         for one in found["withdrawn"])
    return None
