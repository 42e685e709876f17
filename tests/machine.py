"""A machine that receives and answers at the same time, and what may never be seen in its answers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from assistant.answer import Assistant
from assistant.config import Config
from assistant.current import Current
from assistant.errors import NoSnapshotError
from assistant.receive import receive
from assistant.sync_settings import open_client
from assistant.update import current_snapshot
from assistant.withdrawn import withdrawn
from sync.errors import StateError, SyncError
from sync.state import State
from tests import faulty_origin
from tests.editions import HEALTH, QUESTION, SUBJECTS
from tests.faulty_origin import serving
from tests.repository_simulator import NOW


class Hands:
    """Time that passes only where somebody waits."""

    def __init__(self):
        self.time = 0.0

    def monotonic(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


@dataclass(frozen=True)
class Line:
    """A line: what is served, and which faults it has at which share of a body, by the end of a path."""

    files: dict[str, bytes]
    faults: dict[str, list[tuple[str, float]]] = field(default_factory=dict)

    @contextmanager
    def served(self):
        """Give the address while the block runs."""
        with serving(self.files) as origin:
            for end, faults in self.faults.items():
                origin.plan(end, [_fault(*one) for one in faults])
            yield origin.url


def _fault(name, at):
    return getattr(faulty_origin, name)(503 if name == "Status" else at)


class Machine:
    """A machine whose program answers all the time.  `last` is the newest release answered from, by publisher."""

    def __init__(self, folder: Path, name: str, root: bytes):
        self.name = name
        self.config = Config(folder / name, generator="extractive", encoder="none")
        self.config.data_dir.mkdir()
        (self.config.data_dir / "root.json").write_bytes(root)
        self.now = NOW
        self.current = Current(self.config, self._open, withdrawn)
        self.last: dict[str, int] = {}
        self.gone: set[str] = set()

    def _open(self, config):
        return Assistant(*current_snapshot(config, encoder=None), lambda: NOW.date())

    def receive(self, source):
        """Take what is published on a stick or a line, and return what came of it as plain values."""
        if isinstance(source, Line):
            with source.served() as address:
                return self.receive(address)
        with open_client(self.config, source, ticking=Hands(), now=lambda: self.now) as client:
            try:
                received = receive(self.config, client)
            except SyncError as error:
                return {"error": error.code}
            failure = received.report.failure
            return {"error": failure.code if failure else "", "activated": received.activated,
                    "refused": [f"{one.publisher}/{one.number}" for one in received.refused]}

    def held(self):
        with State(self.config.data_dir / "sync" / "state.db") as state:
            return {publisher: one.number for publisher, one in state.held().items()}

    def settle(self):
        """Wait until what is in force answers, and no thread is left."""
        for _ in range(2):
            if behind := self.current._behind:
                behind.join()

    def faults(self, ministry):
        """Ask; yield in sentences what is wrong with what answers."""
        gone = self._withdrawn()
        if lost := self.gone - gone:
            yield f"{sorted(lost)} are forgotten to be withdrawn"
        self.gone |= gone
        try:
            with self.current.assistant() as assistant:
                yield from self._faults(assistant, ministry, gone)
        except NoSnapshotError:
            if self.last:
                yield "it answered and does not any more"

    def _faults(self, assistant, ministry, gone):
        snapshot, served = assistant.snapshot, {}
        for document in snapshot.documents():
            texts = [passage.text for passage in snapshot.passages(document.id)]
            served.setdefault(snapshot.release(document.id), {})[document.id] = texts
        for release, documents in served.items():
            publisher, _, number = release.partition("/")
            expected = {name: texts for name, texts in ministry.good.get(release, {}).items() if name not in gone}
            since = {name: texts for name, texts in documents.items() if name not in gone}
            if since != documents:
                yield f"{release} is answered from with {sorted(documents.keys() - since.keys())}, which are withdrawn"
            if not expected.items() >= since.items() or expected.keys() - since.keys() - self._known_since(gone):
                yield f"{release} is not answered from as it was released"
            if int(number) < self.last.get(publisher, 0):
                yield f"{release} answers after {self.last[publisher]}"
            self.last[publisher] = int(number)
        if {release.partition("/")[0] for release in served} != set(self.last):
            yield f"only {sorted(served)} answer"
        shown = {citation.passage.id for claim in assistant.ask(QUESTION.format(SUBJECTS[HEALTH][0])).claims
                 for citation in claim.citations}
        if not shown <= {passage.id for name in snapshot.documents() for passage in snapshot.passages(name.id)}:
            yield "an answer cites what is not in its snapshot"

    def _known_since(self, gone):
        """Return what was withdrawn between two looks, on the way."""
        return self._withdrawn() - gone

    def _withdrawn(self):
        try:
            return {one.document for one in withdrawn(self.config)}
        except StateError:
            if self.last:
                raise
            return set()               # the database is being made
