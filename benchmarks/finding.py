"""How well passages are found, by the style of the question and the language of the passage:

    python benchmarks/finding.py [--split test] [--json] [--data-dir FOLDER]

The seed's documents of one language stand among the distractors of that language (`tests/golden/distractors.jsonl`),
so that a question in another language, or another spelling, has to cross over.  Questions are those of
`tests/golden/questions.jsonl` that documents of that language answer, and the habits of `spellings` for the proper
Tajik ones.  Beside the search of the product stand plain BM25 and the encoder alone, in the same run.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Any

from assistant.intervals import interval
from assistant.ranking import ndcg, recall
from spellings import habits

from assistant import config as settings
from assistant import update
from assistant.evaluate import Asked, read_questions
from assistant.intake import take_in
from assistant.query import understand
from assistant.retrieve import retrieve
from corpora import Document, Entry, Passage
from corpora.records import Locator, PassageId
from corpora.standing import marked
from index import Encoder, Snapshot, build_snapshot
from index.faiss_store import FaissStore
from index.manifest import VECTORS
from index.tables import text_key
from index.vectors import load_vectors, save_vectors, vectors_of

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
LANGUAGES = ("tg", "ru")
TARGETS = {("proper", "tg"): 0.97, ("latin", "tg"): 0.93, ("typo", "tg"): 0.93, ("mixed", "tg"): 0.93,
           ("russian", "tg"): 0.93, ("english", "tg"): 0.88, ("proper", "ru"): 0.88}

# The questions are read as on this day.
DAY = date(2026, 11, 25)

Search = Callable[[str], list[str]]
# Passages looked at for each question; documents count once, at their first passage.
DEPTH = 30


@dataclass(frozen=True)
class Case:
    """A question put to the documents of one language; `expected` are those of them that answer it."""

    qid: str
    question: str
    style: str
    language: str                      # of the passages
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Collection:
    """A snapshot of the documents of one language among their distractors."""

    language: str
    snapshot: Snapshot
    encoder: Encoder
    store: FaissStore


def seed(folder: Path) -> list[Entry]:
    """Return the seed's documents, read into a data directory."""
    config = settings.load(folder)
    take_in(config, [ROOT / "corpora" / "seed"], None, lambda *_: None)
    return marked([entry for draft in update.drafts(config) for entry in draft.documents()])


def distractors(language: str) -> Iterator[Entry]:
    """Yield the documents of a language that answer none of the questions."""
    for line in (GOLDEN / "distractors.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["language"] == language:
            yield _distractor(row)


def _distractor(row: dict[str, Any]) -> Entry:
    document = Document(row["id"], row["title"], row["language"], f"{row['id']}.txt", "0" * 64, "text/plain", "made",
                        kind=row["kind"])
    passages, at = [], 0
    for number, section in enumerate(row["sections"]):
        text = section["text"]
        place = Locator(heading=section["heading"])
        passages.append(Passage(PassageId(f"{document.id}:{number}"), document.id, text, at, at + len(text), place))
        at += len(text) + 1
    return Entry(document, tuple(passages))


def collection(entries: Sequence[Entry], language: str, folder: Path) -> Collection:
    """Return the documents of a language among their distractors, open until the process ends."""
    chosen = [entry for entry in entries if entry.document.language == language] + list(distractors(language))
    encoder = update.open_encoder(settings.load(folder))
    if not encoder:
        raise SystemExit("vectors are measured too: set the encoder in the configuration")
    known = _vectors(chosen, encoder, folder)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path = Path(made) / "snapshot"
        build_snapshot(chosen, path, encoder=encoder, known_vectors=known)
        return Collection(language, Snapshot.open(path, encoder=encoder), encoder, FaissStore.open(path / VECTORS))


def _vectors(entries: Iterable[Entry], encoder: Encoder, folder: Path) -> dict[str, Any]:
    """Return the vectors of all passages by text key; those made once are kept in the folder."""
    path = folder / f"finding-{encoder.sha256[:12]}.npz"
    known = load_vectors(path, encoder) if path.is_file() else {}
    texts = list({passage.text for entry in entries for passage in entry.passages})
    if any(text_key(text) not in known for text in texts):
        known |= dict(zip(map(text_key, texts), vectors_of(texts, encoder, known), strict=True))
        save_vectors(path, encoder, known)
    return known


def cases(questions: Sequence[Asked], language: str, languages: dict[str, str]) -> Iterator[Case]:
    """Yield the questions that documents of a language answer; those in proper Tajik in every habit too."""
    for asked in questions:
        expected = tuple(name for name in asked.expected_documents if languages[name] == language)
        if expected:
            style = f"{asked.language} keywords" if asked.style == "keywords" else asked.style
            case = Case(asked.qid, asked.question, style, language, expected)
            yield case
            made = habits(asked.question) if asked.style == "proper" else {}
            yield from (replace(case, question=text, style=style) for style, text in made.items())


def ours(here: Collection) -> Search:
    """Search as the product does."""
    def search(question: str) -> list[str]:
        query = understand(question, today=DAY)
        return [hit.document.id for hit in retrieve(here.snapshot, query, DEPTH)]
    return search


def plain(here: Collection) -> Search:
    """Search by BM25 over the words as they stand: FTS5 with its own tokens, nothing folded."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE bare USING fts5 (document UNINDEXED, text)")
    rows = [(document.id, f"{document.title}\n{passage.locator.heading or ''}\n{passage.text}")
            for document in here.snapshot.documents() for passage in here.snapshot.passages(document.id)]
    connection.executemany("INSERT INTO bare VALUES (?, ?)", rows)

    def search(question: str) -> list[str]:
        words = "".join(letter if letter.isalnum() else " " for letter in question).split()
        wanted = " OR ".join(f'"{word}"' for word in words)
        found = connection.execute("SELECT document FROM bare WHERE bare MATCH ? ORDER BY rank", (wanted,))
        return [name for name, in found.fetchmany(DEPTH)]
    return search


def encoder_alone(here: Collection) -> Search:
    """Search by the vectors alone, the question as it was typed."""
    documents = [document.id for document in here.snapshot.documents() for _ in here.snapshot.passages(document.id)]

    def search(question: str) -> list[str]:
        _, rows = here.store.search(here.encoder.encode_queries([question]), DEPTH)
        return [documents[row - 1] for row in rows[0] if row > 0]
    return search


def run(found: Search, asked: Iterable[Case]) -> list[dict[str, Any]]:
    """Return what each case measured."""
    rows = []
    for case in asked:
        ranked = list(dict.fromkeys(found(case.question)))
        rows.append({"qid": case.qid, "style": case.style, "passages": case.language, "question": case.question,
                     "R@1": recall(case.expected, ranked, 1), "R@5": recall(case.expected, ranked, 5),
                     "nDCG@10": ndcg(case.expected, ranked, 10), "expected": case.expected, "found": ranked[:5]})
    return rows


def table(runs: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Yield one line for each style and language of passage: every system's measures side by side."""
    first = next(iter(runs.values()))
    groups = sorted({(row["passages"], row["style"]) for row in first}, reverse=True)
    yield f"{'passages, style':28} {'n':>4} {'R@5':>6} {'95 %':>13} {'aim':>5} {'nDCG@10':>8}" + "".join(
        f" | {name:>9} R@5 nDCG" for name in list(runs)[1:])
    for passages, style in groups:
        mine, *others = ([row for row in rows if (row["passages"], row["style"]) == (passages, style)]
                         for rows in runs.values())
        low, high = interval([row["R@5"] for row in mine])
        aim = TARGETS.get((style.removeprefix("made: "), passages), "")
        yield (f"{passages}, {style:24} {len(mine):4} {_mean(mine, 'R@5'):6.3f} {low:6.3f}-{high:6.3f} {aim:>5} "
               f"{_mean(mine, 'nDCG@10'):8.3f}" + "".join(
                   f" | {_mean(rows, 'R@5'):13.3f} {_mean(rows, 'nDCG@10'):5.3f}" for rows in others))


def _mean(rows: Iterable[dict[str, Any]], measure: str) -> float:
    return fmean(row[measure] for row in rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", default="test", help="train, dev, test or all")
    parser.add_argument("--data-dir", type=Path, help="where vectors are kept between runs")
    parser.add_argument("--ours-only", action="store_true", help="leave out plain BM25 and the encoder alone")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = measure(given.data_dir or Path(folder), given.split, ours_only=given.ours_only)
    print(json.dumps(runs, ensure_ascii=False) if given.json else "\n".join(table(runs)))


def measure(folder: Path, split: str, *, ours_only: bool) -> dict[str, list[dict[str, Any]]]:
    """Return each system's outcomes, ours first."""
    systems: dict[str, Callable[[Collection], Search]] = {"ours": ours}
    if not ours_only:
        systems |= {"BM25": plain, "encoder": encoder_alone}
    entries = seed(folder)
    languages = {str(entry.document.id): entry.document.language for entry in entries}
    questions = [asked for asked in read_questions(GOLDEN / "questions.jsonl", split) if asked.answerable]
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for language in LANGUAGES:
        here = collection(entries, language, folder)
        for name, system in systems.items():
            runs[name] += run(system(here), cases(questions, language, languages))
    return dict(runs)


if __name__ == "__main__":
    main()
