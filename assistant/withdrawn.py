"""Which documents are not to be answered from, whichever generation is in use: asked anew with every opening.

A withdrawal came signed, is kept in the machine's state, and never goes back with a generation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from assistant.config import Config
from sync.state import Withdrawn, read_withdrawn

SYNC, STATE = "sync", "state.db"


def withdrawn(config: Config) -> tuple[Withdrawn, ...]:
    """Return what is withdrawn on this machine, sorted by document; nothing where it never had contact.

    Raises:
        sync.errors.StateError: the machine's state cannot be read.
    """
    return read_withdrawn(config.data_dir / SYNC / STATE)


def hiding(withdrawn: Iterable[Withdrawn]) -> Callable[[str, str], bool] | None:
    """Return what a snapshot asks of each document and its release, None where nothing is withdrawn."""
    by_document: dict[str, list[Withdrawn]] = {}
    for one in withdrawn:
        by_document.setdefault(one.document, []).append(one)
    if not by_document:
        return None
    return lambda document, release: any(one.applies(document, release) for one in by_document.get(document, ()))
