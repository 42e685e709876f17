"""The seed corpus: written from facts, every number from one, honest about what it is."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from assistant import update

SEED = Path(__file__).parents[1] / "corpora" / "seed"
FONT = Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf")
PLACEHOLDER = re.compile(r"\{([A-Z]{2}-\d{3})(?:\|([^{}]*))?\}")
NUMBER = re.compile(r"\d+")
SOURCES = sorted((SEED / "sources").glob("*.md"))


@pytest.fixture(scope="module")
def facts():
    lines = [line for path in sorted((SEED / "facts").glob("*.jsonl"))
             for line in path.read_text(encoding="utf-8").splitlines()]
    return {fact["id"]: fact for fact in map(json.loads, lines)}


@pytest.fixture(scope="module")
def entries(seed_config):
    (draft,) = update.drafts(seed_config)
    return list(draft.documents())


def parts(path):
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    return tomllib.loads(head), body


def numbers(value):
    return {number.lstrip("0") or "0" for number in NUMBER.findall(json.dumps(value, ensure_ascii=False))}


def stated(fact):
    keys = ("statement_tg", "statement_ru", "value", "act", "article", "valid_from", "valid_until", "audience",
            "k_indicator", "seen_date", "note", "unit")
    return set().union(*(numbers(fact.get(key)) for key in keys))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_number_of_a_document_stands_in_its_facts(path, facts):
    front, body = parts(path)
    listed = [facts[found[1]] for found in PLACEHOLDER.finditer(body)]
    assert listed
    for found in PLACEHOLDER.finditer(body):
        assert numbers(found[2] or "") <= stated(facts[found[1]])
    free = numbers(PLACEHOLDER.sub("", body)) | numbers(front["title"])
    assert free <= set().union(*map(stated, listed))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_lapsed_fact_stands_in_a_document_in_force(path, facts):
    front, body = parts(path)
    lapsed = [found[1] for found in PLACEHOLDER.finditer(body)
              if facts[found[1]]["status"] in ("superseded", "void") and facts[found[1]]["type"] != "supersedes"]
    assert front["status"] != "in_force" or not lapsed


@pytest.mark.parametrize(("old", "new"), [("ID-086", ["ID-085"]), ("ID-112", ["ID-109", "ID-110", "ID-111"])])
def test_a_raised_fee_begins_where_the_earlier_one_ended(facts, old, new):
    for raised in new:
        assert facts[old]["valid_until"] < facts[raised]["valid_from"]
        assert facts[raised]["valid_until"] is None


def test_there_are_enough_documents_in_both_languages_and_all_formats(entries):
    languages = Counter(entry.document.language for entry in entries)
    formats = Counter(Path(entry.document.file).suffix for entry in entries)
    kinds = Counter(entry.document.kind for entry in entries)
    assert len(entries) >= 120
    assert languages["tg"] >= 90
    assert languages["ru"] >= 25
    assert formats[".pdf"] >= 35
    assert formats[".html"] >= 25
    assert kinds["form"] >= 6
    assert kinds["office"] >= 1
    assert kinds["notice"] >= 1
    assert kinds["table"] >= 1


def test_every_service_with_facts_has_a_document(entries):
    with (SEED / "services.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    services = {row["service"] for row in rows if row["fact_names"]}
    assert services <= {entry.document.service for entry in entries} | {row["service"] for row in rows
                                                                        if row["service"].startswith("none-")}


def test_every_fact_was_found_where_its_document_says_it(entries):
    lost = [note for entry in entries for note in entry.document.notes if note.startswith("fact")]
    assert lost == []
    assert all(fact.quote in "".join(passage.text for passage in entry.passages)
               for entry in entries for fact in entry.document.facts)


def test_every_document_says_what_it_is_and_how_far_it_may_be_trusted(entries):
    for entry in entries:
        document, text = entry.document, "\n".join(passage.text for passage in entry.passages)
        assert document.publisher
        assert document.source_url
        assert document.as_of
        assert document.review_by
        assert document.confidence in ("A", "B", "C")
        assert "на расмӣ" in text or "не официальный" in text, document.id
        assert document.title in text.replace("\n", " "), document.id


def test_what_is_not_verified_is_marked_where_it_is_said(entries):
    for entry in entries:
        for fact in entry.document.facts:
            if fact.confidence == "C":
                assert fact.quote.startswith(("Тасдиқнашуда", "Не подтверждено")), fact.id


def test_a_successor_is_a_document_of_the_corpus(entries):
    known = {entry.document.id for entry in entries}
    assert {entry.document.superseded_by for entry in entries} - {None} <= known


@pytest.mark.skipif(not FONT.exists(), reason="Noto Sans is not installed (Debian: fonts-noto-core)")
def test_the_documents_are_what_their_sources_make(tmp_path):
    copy = tmp_path / "seed"
    shutil.copytree(SEED, copy, ignore=shutil.ignore_patterns("documents"))
    subprocess.run([sys.executable, str(copy / "make.py")], check=True, capture_output=True)
    made, shipped = copy / "documents", SEED / "documents"
    assert sorted(path.name for path in made.iterdir()) == sorted(path.name for path in shipped.iterdir())
    for path in made.iterdir():
        if path.suffix != ".pdf":  # another release of the font draws other bytes
            assert path.read_bytes() == (shipped / path.name).read_bytes(), path.name
