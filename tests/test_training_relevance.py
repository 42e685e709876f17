"""What the weights of sentences may be learnt from: no service and no question of the test part."""

from __future__ import annotations

import csv
import json
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
QUESTIONS = sorted((ROOT / "training" / "questions").glob("*.jsonl"))


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def split():
    """The part that each service is in."""
    with (ROOT / "corpora" / "seed" / "services.tsv").open(encoding="utf-8", newline="") as file:
        return {row["service"]: row["split"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


@pytest.fixture(scope="module")
def golden():
    """The questions answers are measured on."""
    return read(ROOT / "tests" / "golden" / "questions.jsonl")


@pytest.mark.parametrize("path", QUESTIONS, ids=[path.stem for path in QUESTIONS])
def test_no_question_learnt_from_is_of_a_service_of_the_test_part(path, split):
    rows = read(path)
    assert len(rows) > 400
    assert {row["split"] for row in rows} == {path.stem}
    assert [row["qid"] for row in rows if split.get(row["service"]) not in (path.stem, None)] == []


def test_no_question_is_both_learnt_from_and_measured_on(golden):
    learnt = [" ".join(row["question"].casefold().split()) for path in QUESTIONS for row in read(path)]
    measured = {" ".join(row["question"].casefold().split()) for row in golden}
    assert [question for question in learnt if question in measured] == []
    assert max(Counter(learnt).values()) == 1


def test_every_fact_named_as_an_answer_is_one_of_the_seed(assistant):
    facts = {fact.id for document in assistant.snapshot.documents() for fact in document.facts}
    documents = {document.id for document in assistant.snapshot.documents()}
    for path in QUESTIONS:
        for row in read(path):
            assert set(row.get("expected_facts", ())) <= facts, row["qid"]
            assert set(row["expected_documents"]) <= documents, row["qid"]
            assert bool(row["expected_documents"]) == row["answerable"], row["qid"]


@pytest.fixture
def relevance(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(ROOT / "training")
    return import_module("relevance")


def test_the_training_reads_no_row_of_the_test_part_and_of_the_measured_ones_the_dev_part_only(relevance, golden):
    rows = list(relevance.rows())
    measured = {row["qid"]: row["split"] for row in golden}
    assert "test" not in {row["split"] for row in rows}
    assert {measured[row["qid"]] for row in rows if measured.get(row["qid"])
            and row["question"] in {one["question"] for one in golden}} == {"dev"}


def test_a_service_is_left_aside_whole(relevance):
    class Of:
        def __init__(self, service):
            self.service = service

    dealt = relevance.groups([Of(f"service-{number % 12}") for number in range(60)])
    assert len(dealt) == relevance.GROUPS
    assert sum(map(len, dealt)) == len(set().union(*dealt)) == 12
