"""Signs on this machine that an attempt may go well now: a network that appeared, a stick that was put in.

They are looked for by asking the kernel's tables and the folders where sticks are mounted, every few seconds: that
works on every machine, also without NetworkManager and udisks.  A sign is only a reason to try; whether there is a
connection, and whether a stick is to be trusted, shows in the attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from sync.folder import NAME

ROUTES = (Path("/proc/net/route"), Path("/proc/net/ipv6_route"))
MEDIA = (Path("/media"), Path("/run/media"))
_UP = 0x1
_REJECT = 0x200


def default_route(tables: Iterable[Path] = ROUTES) -> bool:
    """Return whether the kernel knows a way out of the local network."""
    for table in tables:
        with suppress(OSError, ValueError, IndexError):
            if any(_leads_out(line.split()) for line in table.read_text(encoding="ascii").splitlines()):
                return True
    return False


def sticks(places: Iterable[Path] = MEDIA) -> frozenset[Path]:
    """Return the mounted folders that hold a folder with our name, whatever is in it."""
    return frozenset(path.parent for place in places for pattern in (f"*/{NAME}", f"*/*/{NAME}")
                     for path in _found(place, pattern))


class Network:
    """Tells when a network appeared.  `connected` says whether there is one."""

    def __init__(self, connected: Callable[[], bool] = default_route) -> None:
        self._connected = connected
        self._was = connected()

    def appeared(self) -> bool:
        """Return whether there is a network now and was none when this was last asked."""
        was, self._was = self._was, self._connected()
        return self._was and not was


class Sticks:
    """Tells which sticks were put in.  `mounted` says which there are; what is there at the start counts as new."""

    def __init__(self, mounted: Callable[[], frozenset[Path]] = sticks) -> None:
        self._mounted = mounted
        self._known: frozenset[Path] = frozenset()

    def appeared(self) -> tuple[Path, ...]:
        """Return the sticks that are there now and were not when this was last asked, sorted."""
        before, self._known = self._known, self._mounted()
        return tuple(sorted(self._known - before))


def _leads_out(row: list[str]) -> bool:
    """Return whether a row of /proc/net/route or of /proc/net/ipv6_route is a default route that is up."""
    if len(row) >= 11:
        return row[1] == "00000000" and row[7] == "00000000" and bool(int(row[3], 16) & _UP)
    nowhere, flags = set(row[0]) == {"0"} and row[1] == "00", int(row[8], 16)
    return nowhere and row[9] != "lo" and bool(flags & _UP) and not flags & _REJECT


def _found(place: Path, pattern: str) -> Iterator[Path]:
    """Yield folders; one that cannot be looked into, as somebody else's mount, is as if it were not there."""
    with suppress(OSError):
        yield from (path for path in place.glob(pattern) if path.is_dir() and not path.is_symlink())
