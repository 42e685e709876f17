"""The measures: what they count, and the one file of questions they are taken on."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import AssistantError
from assistant.evaluate import Asked, Outcome, measures, read_questions, report, run

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "tests" / "golden" / "questions.jsonl"
KEYS = {"qid", "question", "language", "style", "service", "split", "answerable", "expected_documents",
        "expected_values"}


def rows():
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def asked(**fields):
    plain = {"qid": "1", "question": "Шиноснома чанд пул аст?", "language": "tg", "style": "proper",
             "service": "citizen-passport", "split": "dev", "answerable": True, "expected_documents": ("a",),
             "expected_values": ()}
    return Asked(**(plain | fields))


def test_the_set_is_large_enough_and_every_line_keeps_its_shape():
    found = rows()
    assert len(found) >= 150
    assert sum(not row["answerable"] for row in found) >= 40
    assert all(set(row) == KEYS for row in found)
    assert max(Counter(row["qid"] for row in found).values()) == 1
    assert max(Counter(row["question"] for row in found).values()) == 1


def test_a_service_stays_in_its_split():
    with (ROOT / "corpora" / "seed" / "services.tsv").open(encoding="utf-8") as file:
        split = {row["service"]: row["split"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert {(row["service"], row["split"]) for row in rows()} <= set(split.items())


def test_every_expected_document_is_in_the_seed_and_holds_the_expected_values(assistant):
    for row in rows():
        texts = {name: " ".join(" ".join(passage.text for passage in assistant.snapshot.passages(name)).split())
                 for name in row["expected_documents"]}
        assert bool(texts) == row["answerable"], row["qid"]
        assert all(texts.values()), row["qid"]
        for value in row["expected_values"]:
            assert any(value in text for text in texts.values()), (row["qid"], value)


def test_recall_and_ndcg_are_those_of_ir_measures(assistant):
    answer = assistant.ask("Фардо борон меборад?")
    outcome = Outcome(asked(expected_documents=("a", "b")), ("x", "a", "b"), answer)
    found = measures([outcome])
    assert found["recall@1"] == 0
    assert found["recall@5"] == 1
    assert found["nDCG@10"] == pytest.approx((0.6309 + 0.5) / (1 + 0.6309), abs=1e-3)
    assert found["abstention precision"] == 0
    assert found["abstention recall"] is None


def test_an_abstention_on_an_unanswerable_question_is_counted_for_us(assistant):
    outcome = Outcome(asked(answerable=False, expected_documents=()), (), assistant.ask("Фардо борон меборад?"))
    found = measures([outcome])
    assert found["abstention precision"] == found["abstention recall"] == 1
    assert found["recall@1"] is None


def test_a_report_has_a_row_for_every_service(assistant):
    some = read_questions(QUESTIONS)[:5]
    found = report(run(assistant, some))
    assert found["all"]["questions"] == 5
    assert sum(scores["questions"] for scores in found["service"].values()) == 5


def test_a_file_that_is_no_set_is_refused(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text('{"qid": 1}\n', encoding="utf-8")
    with pytest.raises(AssistantError) as caught:
        read_questions(path)
    assert caught.value.hint
