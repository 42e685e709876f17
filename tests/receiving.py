"""A kiosk that takes releases into use, and what publishers put on its stick: small documents, no encoder."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

from assistant.config import Config
from assistant.receive import receive
from assistant.update import current_snapshot
from corpora.release import MANIFEST, Manifest, described, packed_text
from index import Generations, SearchQuery
from sync.client import Client
from sync.settings import Settings
from tests.entries import entry
from tests.repository_simulator import NOW, RepositorySimulator

HEALTH, LABOUR = "min-health", "min-labour"
FEE = "Барои иҷозатномаи моҳигирӣ {} сомонӣ гирифта мешавад."
ASKED = "Барои иҷозатномаи моҳигирӣ чанд сомонӣ гирифта мешавад?"


def fishing(fee, name="fishing"):
    """Return a document about the fee for fishing."""
    return entry(name, ("Боҷ", FEE.format(fee)), ("Муҳлат", "Иҷозатномаи моҳигирӣ дар 5 рӯз дода мешавад."),
                 title="Иҷозатномаи моҳигирӣ", status="in_force", service="fishing")


def bees(name="bees"):
    """Return a document about bees."""
    return entry(name, ("Қоида", "Хоҷагии занбӯрпарварӣ дар ҷамоат ба қайд гирифта мешавад."),
                 title="Занбӯрпарварӣ", status="in_force", service="bees")


def texts(number, *entries, corpus="health", admission=b""):
    """Return the texts of a release, as they travel."""
    return packed_text(entries, corpus=corpus, number=number, admission=admission)


def remade(files, **changed):
    """Return texts with other bytes in `documents` or `passages`, under a manifest that names them."""
    others = {name: data for name, data in files.items() if name != MANIFEST}
    others |= {f"{name}.jsonl": data for name, data in changed.items()}
    listed = {path: described(data) for path, data in others.items()}
    return others | {MANIFEST: Manifest("health", 1, {}, listed).to_bytes()}


def asking(*questions, least=1.0):
    """Return admission questions; each is (question, documents, values)."""
    head = {"format": "rohnamo-admission", "version": 1, "day": "2026-11-25", "least": least}
    lines = [{"question": question, "documents": documents, "values": values}
             for question, documents, values in questions]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *lines)).encode()


class Receiver:
    """The kiosk; `repository` is what its stick holds when it is asked."""

    def __init__(self, folder: Path, publishers=(HEALTH, LABOUR)):
        self.config = Config(folder / "data", encoder="none")
        self.repository, self._stick, self.now = RepositorySimulator(publishers), folder / "stick", NOW
        self.client = self._opened()

    def _opened(self) -> Client:
        return Client(self.config.data_dir / "sync", self.repository.trusted_root, self._stick,
                      now=lambda: self.now, settings=Settings(device="kiosk-1"))

    def close(self):
        self.client.close()

    def restart(self):
        """Start the program again over the same data."""
        self.client.close()
        self.client = self._opened()

    def receive(self):
        """Take what is published now; return what came of it."""
        shutil.rmtree(self._stick, ignore_errors=True)
        self._stick.mkdir()
        self.repository.write_to(self._stick / "rohnamo")
        return receive(self.config, self.client)

    def release(self, number, *entries, publisher=HEALTH, admission=b"", **values):
        """Publish a release of these documents and take it; return what came of it."""
        self.repository.publish(publisher, texts(number, *entries, admission=admission), number, **values)
        return self.receive()

    def dismiss(self, publisher):
        """Name a publisher no more."""
        del self.repository.roles["targets"].signed.delegations.roles[publisher]
        self.repository.update("targets")

    def later(self, **span):
        """Let time go by."""
        self.now += timedelta(**span)
        self.repository.now += timedelta(**span)

    @property
    def generation(self):
        return Generations(self.config.generations).current()

    def found(self, question=ASKED):
        """Return the texts that are found for a question."""
        snapshot, _ = current_snapshot(self.config, encoder=None)
        with snapshot:
            return [hit.passage.text for hit in snapshot.search(SearchQuery(question, "tg"))]

    def documents(self):
        """Return the ids of the documents that are answered from, with their releases."""
        snapshot, _ = current_snapshot(self.config, encoder=None)
        with snapshot:
            return {one.id: snapshot.release(one.id) for one in snapshot.documents()}

    def held(self):
        return {name: one.number for name, one in self.client.state.held().items()}
