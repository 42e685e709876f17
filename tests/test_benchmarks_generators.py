"""Generators side by side, and what the adapter's signals would decide."""

from __future__ import annotations

import pytest

from assistant.drafted import MEASURES
from assistant.evaluate import read_questions, run
from benchmarks import generators
from training.mini.signals import told

QUESTIONS = read_questions(generators.ROOT / "tests" / "golden" / "questions.jsonl", "dev")[:12]


@pytest.fixture(scope="module")
def found(seed_config):
    return {name: generators.measured(seed_config, name, QUESTIONS) for name in generators.PLAIN}


def test_quotes_alone_are_as_right_as_composed_answers_and_have_no_words_of_ours(assistant, found):
    outcomes = run(assistant, QUESTIONS)
    quotes = [claim.text for one in outcomes for claim in generators._quoted(one).answer.claims]
    assert quotes
    assert all(any(text == citation.quote for one in outcomes for claim in one.answer.claims
                   for citation in claim.citations) for text in quotes)
    assert found["extractive"]["right answers"] == found["composed"]["right answers"] > 0.5


def test_the_table_has_a_column_for_each_and_no_drafts_where_no_model_was_asked(found):
    head, _, *rows = generators.table(found)
    assert head == "|  | extractive | composed |"
    assert len(rows) == len(generators._ROWS) + len(MEASURES)
    assert all(row.endswith("|  |  |") for row in rows[len(generators._ROWS):])


def test_a_model_that_is_not_here_ends_the_run_with_its_next_step(seed_config):
    with pytest.raises(Exception, match="soro is not on this machine"):
        generators.measured(seed_config, "soro", QUESTIONS)


def test_the_signals_say_what_they_would_gain_and_lose():
    rows = [{"composed": "right", "given": 0.96, "alone": [[0.1, "right", True], [0.9, "wrong", False]]},
            {"composed": "wrong", "given": 0.99, "alone": [[0.99, "wrong", True], [0.005, "right", False]]},
            {"composed": "declined", "given": 0.99, "alone": []}]
    lines = list(told(rows))
    assert lines[0] == "shown 2, right 0.500"
    assert 'declined where "[0]" is 0.95 likely: right answers lost 1, wrong ones spared 1' in lines[4]
    assert 'declined where "[0]" is 0.975 likely: right answers lost 0, wrong ones spared 1' in lines[5]
    assert any("right 2 of 2; the best one of the program 1, its whole answer 1" in line for line in lines)
    assert lines[-1].endswith("gained 1, lost 0")
