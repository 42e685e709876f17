"""One process at a time: a lock that ends with the process that holds it, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.durable import make_folder, space
from sync.errors import LockedError


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Keep all other processes out while the block runs.  The file stays and says nothing.

    Raises:
        LockedError: another one is in.
        NoSpaceError: there is no room for even an empty file.
    """
    with space(path):
        make_folder(path.parent)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError("another process on this machine is fetching releases at this moment") from error
        yield
    finally:
        os.close(file)
