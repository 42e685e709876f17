"""A machine and the repository that it fetches from, for tests of what may change on it and what may not."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from sync.client import Client
from sync.errors import SyncError
from sync.settings import Settings
from tests.disk import everything
from tests.repository_simulator import NOW, RepositorySimulator

HEALTH, CITY = "min-health", "city-khujand"


class Kiosk:
    """A machine that reads `repository` from a folder, as from a stick.  `now` is its own clock and may be moved."""

    def __init__(self, home: Path, repository: RepositorySimulator, *, settings: Settings | None = None,
                 root: bytes | None = None):
        self.home, self.repository, self.now = home / "kiosk", repository, NOW
        self._folder = home / "stick"
        self._settings, self._root = settings or Settings(device="kiosk-1"), root or repository.trusted_root
        self.client = self._opened()

    def _opened(self) -> Client:
        return Client(self.home, self._root, self._folder, now=lambda: self.now, settings=self._settings)

    def close(self):
        self.client.close()

    def restart(self):
        """Start the program again over the same home."""
        self.client.close()
        self.client = self._opened()

    def lay(self):
        """Write the repository as it is now onto the stick."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        self.repository.write_to(self._folder / "rohnamo")

    def sync(self):
        """Sync with the repository as it is now."""
        self.lay()
        return self.client.sync()

    def update(self):
        """Sync, and use whatever arrives; return the report."""
        report = self.sync()
        for staged in report.staged:
            self.client.activated(staged)
        return report

    def refusal(self) -> SyncError:
        """Sync, expecting that it is refused as a whole or for one publisher; return the error."""
        try:
            report = self.sync()
        except SyncError as error:
            return error
        assert report.failure is not None, report
        return report.failure

    def standing(self):
        """Return all that answers depend on."""
        return (self.client.state.held(), self.client.state.withdrawn(), everything(self.home / "packs"),
                everything(self.home / "staging"))

    def marks(self):
        return {(mark.role, mark.keyset): mark.version for mark in self.client.guards.marks.all()}

    def forget_metadata(self):
        """Lose TUF's folder, as after a power cut."""
        shutil.rmtree(self.home / "tuf")

    def later(self, **delta):
        """Let time pass, for the machine and for those who sign."""
        self.now += timedelta(**delta)
        self.repository.now += timedelta(**delta)


def edition(number: int) -> dict[str, bytes]:
    """Return the files of a release."""
    body = "".join(f"Модда {article}. Ҳар шаҳрванд ҳуқуқ дорад.\n" for article in range(60))
    return {"documents.jsonl": f"{body}Нашри {number}.\n".encode()}
