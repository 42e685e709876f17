"""What the encoder learns from: pairs of texts that should lie near each other, by the group they come from.

Only train parts are read: of the questions, the services with all their facts and documents, and the public sets.
`bitext.jsonl` is made by `bitext.py`; the public sets lie in a folder that need not be there.
"""

from __future__ import annotations

import csv
import json
import re
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zlib import crc32

import parts

from assistant import config as settings
from assistant.intake import take_in
from assistant.update import drafts
from index.tokens import fold, stem, words

HOUSE = Path(__file__).parents[1]
SEED = HOUSE / "corpora" / "seed"
QUESTIONS = HOUSE / "tests" / "golden" / "questions.jsonl"
LEXICON = HOUSE / "index" / "lexicon.tsv"
EVERYDAY = HOUSE / "index" / "everyday.tsv"
_MOST_PASSAGES = 2                     # of an expected document that a question is laid beside


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that say the same or answer each other; `taught` is the one of them whose vector the teacher knows.

    Pairs with the same `same` are never held against each other.
    """

    group: str
    left: str
    right: str
    taught: str = ""
    same: int = 0


def train_pairs(data: Path, bitext: Path) -> list[Pair]:
    """Return every pair, in the order of the files."""
    pairs = [*_catalogues(bitext), *_terms(), *_everyday(), *_names(data), *_news(data), *_facts(), *_faces(), *_seed()]
    return [pair for pair in dict.fromkeys(pairs) if words(pair.left) and words(pair.right)]


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file of JSON lines; none where there is no file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def _sides(row: dict[str, Any], group: str) -> Iterator[Pair]:
    """Yield a text in two or three languages as pairs; the teacher knows Russian and English."""
    tg, ru, en = row.get("tg"), row.get("ru"), row.get("en")
    same = crc32(" ".join(words(tg or "")).encode())
    for left, right in ((ru, tg), (en, tg), (en, ru)):
        if left and right:
            yield Pair(group, left, right, left, same)


def _catalogues(bitext: Path) -> Iterator[Pair]:
    for row in lines(bitext):
        yield from _sides(row, "catalogues")


def _terms() -> Iterator[Pair]:
    with LEXICON.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for en in {"", *(row["en"] or "").split(",")}:
                yield from _sides({"tg": row["tg"], "ru": row["ru"], "en": en.strip()}, "terms")


def _everyday() -> Iterator[Pair]:
    """Yield what people say beside what official texts say for it."""
    if EVERYDAY.is_file():
        with EVERYDAY.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield Pair("terms", row["said"], row["official"], "", crc32(row["official"].encode()))


def _names(data: Path) -> Iterator[Pair]:
    for row in train_rows(data, parts.REGISTER):
        yield from _sides({"tg": row["name_tg"], "ru": row["name_ru"]}, "names")
        yield from _sides({"tg": row["agency_tg"], "ru": row["agency_ru"]}, "names")


def _news(data: Path) -> Iterator[Pair]:
    for row in train_rows(data, parts.SIB):
        yield from _sides(row, "news")
    articles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in train_rows(data, parts.NTREX):
        articles[row["doc"]].append(row)
        yield from _sides(row, "news")
    for name, rows in articles.items():
        for language in ("tg", "ru", "en"):
            for row, *rest in zip(rows, rows[1:], rows[2:], rows[3:], strict=False):
                yield Pair("articles", row[language], " ".join(next_["tg"] for next_ in rest), "", crc32(name.encode()))


def train_rows(data: Path, file: str) -> list[dict[str, Any]]:
    """Return the rows of a public set that may be learnt from; none where the folder lacks it."""
    return parts.rows(data, file, "train") if (data / file).is_file() else []


def _facts() -> Iterator[Pair]:
    known = _train_fact_names()
    for path in sorted((SEED / "facts").glob("*.jsonl")):
        for fact in lines(path):
            if fact["service_tg"].strip() in known:
                yield from _sides({"tg": fact["statement_tg"], "ru": fact["statement_ru"]}, "facts")
                yield from _sides({"tg": fact["service_tg"], "ru": fact["service_ru"]}, "facts")


def _faces() -> Iterator[Pair]:
    """Yield what the program itself says, in three languages."""
    tg, ru, en = (_flat(tomllib.loads(files("assistant.texts").joinpath(f"{language}.toml").read_text("utf-8")))
                  for language in ("tg", "ru", "en"))
    for key in sorted(tg):
        yield from _sides({"tg": tg[key], "ru": ru.get(key), "en": en.get(key)}, "facts")


def _flat(table: dict[str, Any], over: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{over}{key}.")
        elif isinstance(value, str):
            found[over + key] = re.sub(r"\{[^{}]*\}", " ", value)
    return found


@cache
def _services() -> dict[str, dict[str, str]]:
    with (SEED / "services.tsv").open(encoding="utf-8", newline="") as file:
        return {row["service"]: row for row in csv.DictReader(file, delimiter="\t") if row["split"] == "train"}


def _train_fact_names() -> set[str]:
    return {name.strip() for row in _services().values() for name in row["fact_names"].split("|")}


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage of a document of the seed with what stands over it."""

    document: str
    language: str
    title: str
    heading: str
    text: str


def seed_pieces(services: Iterable[str]) -> list[Piece]:
    """Return the passages of the seed's documents of some services."""
    chosen = set(services)
    with tempfile.TemporaryDirectory() as folder:
        config = settings.load(Path(folder))
        take_in(config, [SEED], None, lambda *_: None)
        entries = [entry for draft in drafts(config) for entry in draft.documents()]
        return [Piece(entry.document.id, entry.document.language, entry.document.title,
                      passage.locator.heading or "", passage.text)
                for entry in entries if entry.document.service in chosen for passage in entry.passages]


def _seed() -> Iterator[Pair]:
    pieces = seed_pieces(_services())
    by_document: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_document[piece.document].append(piece)
        same = crc32(piece.document.encode())
        yield Pair("passages", f"{piece.title} {piece.heading}", piece.text, "", same)
        yield Pair("passages", piece.text, f"{piece.title} {piece.heading} {piece.text}", "", same)
    yield from _twins(by_document)
    yield from _statements(pieces)
    yield from _questions(by_document)


def _twins(by_document: dict[str, list[Piece]]) -> Iterator[Pair]:
    """Yield a Russian document beside the Tajik one of the same name."""
    for name, pieces in by_document.items():
        for other in by_document.get(name.removesuffix("-ru"), []) if name.endswith("-ru") else []:
            nearest = max(pieces, key=lambda piece: (_shared(piece.text, other.text), piece.text))
            yield Pair("passages", nearest.text, other.text, "", crc32(name.removesuffix("-ru").encode()))


def _statements(pieces: list[Piece]) -> Iterator[Pair]:
    """Yield each fact's sentence, in both languages, beside the passages that hold it."""
    for path in sorted((SEED / "facts").glob("*.jsonl")):
        for fact in lines(path):
            tg, ru = fact["statement_tg"], fact["statement_ru"]
            for piece in pieces:
                if tg in piece.text or ru in piece.text:
                    same = crc32(piece.document.encode())
                    yield Pair("passages", ru, piece.text, "", same)
                    yield Pair("passages", tg, piece.text, "", same)


def _questions(by_document: dict[str, list[Piece]]) -> Iterator[Pair]:
    for row in lines(QUESTIONS):
        if row["split"] == "train" and row["answerable"]:
            for name in row["expected_documents"]:
                same = crc32(name.removesuffix("-ru").encode())
                for piece in _answering(row, by_document.get(name, [])):
                    yield Pair("questions", row["question"], f"{piece.title} {piece.text}", "", same)


def _answering(row: dict[str, Any], pieces: list[Piece]) -> list[Piece]:
    """Return the passages of an expected document that hold the expected values, else share the most words."""
    def rank(piece: Piece) -> tuple[int, int]:
        values = [value for value in row.get("expected_values", []) if value in piece.text]
        return len(values), _shared(row["question"], f"{piece.heading} {piece.text}")

    return sorted(pieces, key=rank, reverse=True)[:_MOST_PASSAGES]


def _shared(one: str, other: str) -> int:
    return len(_stems(one) & _stems(other))


@cache
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(fold(word), "tg") for word in words(text)) | frozenset(re.findall(r"\d+", text))
