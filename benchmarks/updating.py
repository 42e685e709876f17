"""How long a machine takes from "the timestamp changed" to "the new answer is served", and what it costs on the line:

    python -m benchmarks.updating [--documents 2000]

The documents are those of `benchmarks.deltas` (SYNTHETIC), served over HTTP on this machine; the machine runs in a
process of its own, with our encoder: it refreshes, fetches, verifies, builds, tries the admission questions, activates
and answers.  The first round has everything to do, in the second one document of all has changed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from assistant.config import Config
from assistant.encoders import open_encoder
from assistant.receive import receive
from assistant.update import current_snapshot
from benchmarks.deltas import Corpus, Writing
from corpora import Document, Entry, Passage
from corpora.records import DocumentId, PassageId
from corpora.release import packed_text
from index import SearchQuery
from sync.client import Client
from sync.settings import Settings
from tests.faulty_origin import serving
from tests.repository_simulator import RepositorySimulator

ROOT, PUBLISHER = Path(__file__).parents[1], "min-health"
# Seconds, bytes on the wire with all metadata, requests, MB.
BUDGETS = {"one changed": {"seconds": 10, "bytes": 6_000, "memory_mb": 300}, "nothing new": {"bytes": 2_000,
           "requests": 2}, "first": {"bytes": 4_500_000}}
ASKED = 12


def entries(corpus: Corpus) -> Iterator[Entry]:
    """Yield the documents as they come out of a draft."""
    for number, passages in sorted(corpus.documents.items()):
        name, start, cut = DocumentId(f"{number * 7919 % 100_003:06}-d"), 0, []
        for text in (" ".join(sentences) for sentences in passages):
            digest = sha256(text.encode()).hexdigest()[:10]
            cut.append(Passage(PassageId(f"{name}:{digest}-{start}"), name, text, start, start + len(text)))
            start += len(text) + 1
        yield Entry(Document(name, passages[0][0], "tg", f"{name}.txt", sha256(str(passages).encode()).hexdigest(),
                             "text/plain", "benchmark 1"), tuple(cut))


def admission(corpus: Corpus) -> bytes:
    """Return questions that have to find their document."""
    head = {"format": "rohnamo-admission", "version": 1, "day": "2026-11-25", "least": 0.0}
    asked = sorted(corpus.documents)[::max(len(corpus.documents) // ASKED, 1)][:ASKED]
    lines = [{"question": corpus.documents[number][0][0], "documents": [f"{number * 7919 % 100_003:06}-d"],
              "values": []} for number in asked]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *lines)).encode()


def round_once(data_dir: Path, address: str, root: Path, question: str) -> None:
    """Be the machine for one round, and print what it took."""
    config, started = Config(data_dir), perf_counter()
    with Client(data_dir / "sync", root.read_bytes(), address, now=lambda: datetime.now(UTC),
                settings=Settings(device="kiosk-1")) as client:
        received = receive(config, client)
    snapshot, name = current_snapshot(config, encoder=open_encoder(config))
    with snapshot:
        (hit, *_) = snapshot.search(SearchQuery(question, "tg"), 1)
    took = perf_counter() - started
    peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print(json.dumps({"seconds": round(took, 2), "bytes": received.report.length, "requests": received.report.requests,
                      "memory_mb": round(int(peak) / 1024), "snapshot": name, "right": question in hit.passage.text}))


def measured(what: str, arguments: list[str]) -> None:
    """Run the machine for one round and print its measures beside the budgets."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.updating", "--round", *arguments], check=True,
                          capture_output=True, text=True, cwd=ROOT)
    found = json.loads(done.stdout)
    budgets = BUDGETS.get(what, {})
    over = [name for name, limit in budgets.items() if found[name] > limit]
    print(f"{what:<14}{found['seconds']:>8.2f} s {found['bytes']:>10,} bytes {found['requests']:>3} requests "
          f"{found['memory_mb']:>5} MB   snapshot {found['snapshot']}, "
          f"{'answers from it' if found['right'] else 'DOES NOT ANSWER'}"
          f"{'   budget ' + str(budgets) if budgets else ''}{'  OVER: ' + ', '.join(over) if over else ''}")


def main() -> None:
    """Print every measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=2_000)
    options.add_argument("--round", nargs=4, metavar="ARGUMENT", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.round:
        data_dir, address, root, question = given.round
        round_once(Path(data_dir), address, Path(root), question)
        return
    corpus = Corpus(Writing(), given.documents)
    repository = RepositorySimulator((PUBLISHER,), now=datetime.now(UTC).replace(microsecond=0))
    repository.publish(PUBLISHER, packed_text(entries(corpus), corpus="benchmark", number=1,
                                              admission=admission(corpus)), 1)
    print(f"SYNTHETIC, {len(corpus.documents):,} documents, {sum(map(len, corpus.documents.values())):,} passages")
    with tempfile.TemporaryDirectory() as folder, serving(repository.files) as origin:
        root = Path(folder, "root.json")
        root.write_bytes(repository.trusted_root)
        number, question = min(corpus.documents), corpus.documents[min(corpus.documents)][0][0]
        arguments = [str(Path(folder, "data")), origin.url, str(root)]
        measured("first", [*arguments, question])
        for edition in (2, 3):
            corpus.documents[number][0][0] = changed = Writing(seed=edition).sentence()
            repository.publish(PUBLISHER, packed_text(entries(corpus), corpus="benchmark", number=edition,
                                                      admission=admission(corpus)), edition)
            measured("one changed", [*arguments, changed])
        measured("nothing new", [*arguments, changed])


if __name__ == "__main__":
    main()
