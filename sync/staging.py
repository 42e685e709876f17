"""Verified packs, before and after they are in use.

    staging/min-health/HASH.pack                 verified, waits to be built and activated
    packs/min-health/HASH.pack                   in use: the next delta starts from it
    chains/min-health/HASH.chain                 what was signed over a pack, for whoever wants proof (`sync.proof`)

Nothing lies in any folder that was not verified; a file is whole or absent, and its hash is checked whenever it is
read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from sync.durable import make_folder, space, sync_folder, write_whole
from sync.outcome import Staged

_PACK, _CHAIN = ".pack", ".chain"


class Staging:
    """The folders in a machine's home."""

    def __init__(self, home: Path) -> None:
        self.staging, self.packs, self.chains = home / "staging", home / "packs", home / "chains"

    def find(self, publisher: str, digest: str) -> bytes | None:
        """Return a pack that is here, None where it is not or was damaged."""
        return next((data for _, data in self._found(publisher, digest)), None)

    def whole(self, publisher: str, digest: str) -> Path | None:
        """Return where a pack lies that is here and was not damaged."""
        return next((path for path, _ in self._found(publisher, digest)), None)

    def place(self, publisher: str, digest: str) -> Path:
        """Return where a pack waits, whether it does or not."""
        return self._path(self.staging, publisher, digest)

    def put(self, publisher: str, digest: str, pack: bytes) -> Path:
        """Write a verified pack and return where it waits."""
        path = self.place(publisher, digest)
        write_whole(path, pack)
        return path

    def chain(self, publisher: str, digest: str) -> Path:
        """Return where the metadata that vouches for a pack lies, whether it does or not."""
        return self.chains / publisher / f"{digest}{_CHAIN}"

    def put_chain(self, publisher: str, digest: str, chain: bytes) -> None:
        """Write the metadata that vouches for a pack."""
        write_whole(self.chain(publisher, digest), chain)

    def use(self, staged: Staged) -> Path:
        """Move a pack to those in use, and return where it is.  Doing it twice is harmless."""
        place = self._path(self.packs, staged.publisher, staged.release.pack.sha256)
        with space(place):
            make_folder(place.parent)
            if staged.path.exists():
                staged.path.replace(place)
                sync_folder(place.parent)
                sync_folder(staged.path.parent)
        return place

    def sweep(self, publisher: str, *, used: Collection[str], waiting: Collection[str] = ()) -> None:
        """Remove what a publisher has here beside the packs of these hashes."""
        both = {*used, *waiting}
        for folder, suffix, wanted in ((self.packs, _PACK, used), (self.staging, _PACK, waiting),
                                       (self.chains, _CHAIN, both)):
            for path in sorted((folder / publisher).glob("*")):
                if path.suffix != suffix or path.stem not in wanted:
                    path.unlink()

    def _found(self, publisher: str, digest: str) -> Iterator[tuple[Path, bytes]]:
        for path in (self._path(self.packs, publisher, digest), self.place(publisher, digest)):
            with suppress(FileNotFoundError):
                data = path.read_bytes()
                if sha256(data).hexdigest() == digest:
                    yield path, data

    def _path(self, folder: Path, publisher: str, digest: str) -> Path:
        return folder / publisher / f"{digest}{_PACK}"
