"""How fast large collections are built and searched, each number beside its budget:

    python benchmarks/scale.py [--sizes 10000,100000] [--million] [--json]

Passages are made from the seed's own (`variations`).  Questions are those of the train and dev parts, Tajik and
Russian apart, asked warm in a process of their own: by words, and with our own encoder beside them.  How much of an
exact search the FAISS file finds is measured on the passages' true vectors.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import numpy
from shelf import DAY, seed
from variations import varied

from assistant.evaluate import read_questions
from assistant.query import Query, understand
from assistant.retrieve import retrieve
from corpora import Entry
from index import Encoder, Snapshot, build_snapshot
from index.faiss_store import FaissStore
from index.manifest import VECTORS, read_manifest
from index.static_encoder import StaticEncoder
from index.tables import encoded_text, text_key
from index.vectors import vectors_of

if TYPE_CHECKING:
    from index.encoder import Vectors

ROOT = Path(__file__).parents[1]
MILLION = 1_000_000
BLOCK = 100_000               # vectors compared at a time
# Milliseconds of a Tajik question, seconds of a build by words and with our encoder.
BUDGETS = {"tg p95, ms": {10_000: 30.0, 100_000: 60.0, MILLION: 250.0}, "build, s": {100_000: 480.0}}
QUESTIONS, WARMING, DEPTH = 220, 20, 10


def measure(entries: Sequence[Entry], size: int, folder: Path) -> list[dict[str, Any]]:
    """Return what was measured at a size, a row for search by words, one with vectors, one for the vectors alone."""
    passages = sorted(varied(entries, size), key=lambda entry: entry.document.id)
    rows = [_built(passages, folder / f"lexical-{size}", None, {})]
    encoder = StaticEncoder()
    texts = [encoded_text(entry.document, passage) for entry in passages for passage in entry.passages]
    started = perf_counter()
    vectors = vectors_of(texts, encoder, {})
    encoding, path = perf_counter() - started, folder / f"full-{size}"
    known = dict(zip(map(text_key, texts), vectors, strict=True))
    rows.append(_built(passages, path, encoder, known))
    rows[-1] |= {"build, s": rows[-1]["build, s"] + encoding, "of it encoding, s": encoding}
    queries = encoder.encode_queries([query.search.text for query in _asked("tg")])
    rows.append(recall(path, vectors, queries, encoder.id))
    return [{"passages": size} | row for row in rows]


def _built(entries: Sequence[Entry], path: Path, encoder: Encoder | None, known: dict[str, Any]) -> dict[str, Any]:
    started = perf_counter()
    build_snapshot(entries, path, encoder=encoder, known_vectors=known)
    took = perf_counter() - started
    done = subprocess.run([sys.executable, __file__, "--ask", str(path)], check=True, capture_output=True, text=True)
    row = {"what": "by words" if encoder is None else f"with {encoder.id}", "build, s": took,
           "on disk, MB": sum(file.stat().st_size for file in path.iterdir()) / 1e6,
           "most memory while building, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    row |= json.loads(done.stdout)
    return row


def ask(path: Path) -> dict[str, float]:
    """Ask a snapshot the questions, warm; return milliseconds by language and the growth of memory in MB."""
    encoder = StaticEncoder() if (path / VECTORS).exists() else None
    before = _resident_mb()
    found: dict[str, float] = {}
    with Snapshot.open(path, encoder=encoder) as snapshot:
        for language in ("tg", "ru"):
            queries = _asked(language)
            times = [_timed_ms(snapshot, query) for query in (*queries[:WARMING], *queries)][WARMING:]
            for what, cuts in zip(("", " of processor"), (quantiles(one, n=20) for one in zip(*times, strict=True)),
                                  strict=True):
                found |= {f"{language} p50, ms{what}": cuts[9], f"{language} p95, ms{what}": cuts[18]}
    return found | {"memory of asking, MB": _resident_mb() - before}


def _asked(language: str) -> list[Query]:
    golden = ROOT / "tests" / "golden" / "questions.jsonl"
    asked = [row for split in ("train", "dev") for row in read_questions(golden, split) if row.language == language]
    return [understand(row.question, today=DAY) for row in asked[:QUESTIONS]]


def _timed_ms(snapshot: Snapshot, query: Query) -> tuple[float, float]:
    """Return the milliseconds that passed, and those of the processor, which a busy machine does not change."""
    started, processor = perf_counter(), process_time()
    retrieve(snapshot, query, DEPTH)
    return (perf_counter() - started) * 1000, (process_time() - processor) * 1000


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def recall(path: Path, vectors: Vectors, queries: Vectors, what: str) -> dict[str, Any]:
    """Return how many of the ten truly nearest the FAISS file in a folder finds, and the milliseconds of a look-up."""
    store = FaissStore.open(path / VECTORS, read_manifest(path).vectors)
    store.search(queries[:WARMING], 10)
    started = perf_counter()
    found = [store.search(query[None], 10)[1][0].tolist() for query in queries]
    took = (perf_counter() - started) * 1000 / len(queries)
    shared = [len({*mine} & {*best}) / 10 for mine, best in zip(found, _exact(vectors, queries), strict=True)]
    return {"what": f"vectors, {what}", "recall@10 against exact": float(numpy.mean(shared)), "look-up, ms": took,
            "on disk, MB": (path / VECTORS).stat().st_size / 1e6}


def _exact(vectors: Vectors, queries: Vectors) -> list[list[int]]:
    """Return the ten nearest rows for each query, from 1."""
    parts = [queries @ vectors[start:start + BLOCK].T for start in range(0, len(vectors), BLOCK)]
    return [(numpy.argsort(-row, kind="stable")[:10] + 1).tolist() for row in numpy.hstack(parts)]


def lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return a line for each number, with its budget where there is one."""
    found = []
    for row in rows:
        found.append(f"{row['passages']:,} passages, {row['what']}")
        for name, value in row.items():
            if name in ("passages", "what"):
                continue
            budget = BUDGETS.get(name, {}).get(row["passages"])
            verdict = "" if budget is None else f"   budget {budget:6.0f}   {'within' if value <= budget else 'OVER'}"
            found.append(f"    {name:32} {value:10.3f}{verdict}" if "recall" in name else
                         f"    {name:32} {value:10.1f}{verdict}")
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000", help="passages, separated by commas")
    parser.add_argument("--million", action="store_true", help="a million too: about an hour and 8 GB")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ask:
        print(json.dumps(ask(given.ask)))
        return
    sizes = [int(size) for size in given.sizes.split(",") if size] + [MILLION] * given.million
    with tempfile.TemporaryDirectory() as folder:
        entries = seed(Path(folder))
        rows = [row for size in sizes for row in measure(entries, size, Path(folder))]
    print(json.dumps(rows, ensure_ascii=False) if given.json else "\n".join(lines(rows)))


if __name__ == "__main__":
    main()
