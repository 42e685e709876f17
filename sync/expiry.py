"""Until when the metadata that is held here holds: what is over is not accepted anew, and serves on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Timestamp

METADATA = "tuf"
# It is signed anew every day, for so many days that the alarm of other roles would always ring.
BRIEF = frozenset((Timestamp.type,))


def expiries(folder: Path) -> Iterator[tuple[str, datetime | None]]:
    """Yield each role in a folder of TUF's client with the moment after which it is over, sorted by name.

    The moment is None where the file cannot be read.
    """
    for path in sorted(folder.glob("*.json")):
        try:
            yield path.stem, Metadata.from_bytes(path.read_bytes()).signed.expires
        except (OSError, RepositoryError, ValueError):
            yield path.stem, None
