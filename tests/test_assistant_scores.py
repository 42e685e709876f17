"""The tables that people read: every measure wanted is there, by part, with what is wanted and how sure it is."""

from __future__ import annotations

import pytest

from assistant.evaluate import MEASURES, report
from assistant.scores import score_lines


@pytest.fixture(scope="module")
def some(every_outcome):
    """Some questions of the parts that may be looked at."""
    return [one for one in every_outcome if one.asked.split != "test"][::12]


@pytest.fixture(scope="module")
def lines(some):
    return score_lines(report(some))


def test_the_answers_measures_come_first_by_part_with_what_is_wanted(lines):
    assert lines[0].startswith("answers, with 95 % intervals")
    assert lines[1].split() == ["dev", "train"]
    wanted = ["(0.85)", "(0.88)", "(0.99)", "(0.97)", "(0.95)", "(0.93)", "(under 0.06)", "(0.7)", "(0)"]
    assert [mark for mark in wanted if not any(mark in line for line in lines[2:15])] == []


def test_each_mean_over_questions_stands_with_its_interval(lines):
    right = next(line for line in lines if line.lstrip().startswith("right, of all that can be answered"))
    assert right.count("–") == 2
    altered = next(line for line in lines if "altered numbers shown (0)" in line)
    assert altered.split()[-2:] == ["0", "0"]


def test_the_risk_is_told_for_each_share_of_coverage(lines):
    risk = next(line for line in lines if line.strip().startswith("50% "))
    assert risk.count("%") == 7
    assert "100%" in risk


def test_the_tables_hold_no_question_and_no_answer(lines, some):
    whole = "\n".join(lines)
    assert not any(one.asked.question in whole for one in some)
    assert not any(claim.text in whole for one in some for claim in one.answer.claims)


def test_what_nothing_was_asked_of_is_a_dash_and_no_zero(some):
    unanswerable = [one for one in some if not one.wanted]
    found = report(unanswerable)
    assert found["all"]["right answers"] is None
    assert found["intervals"]["all"]["right answers"] is None
    assert set(MEASURES) <= set(found["all"])
    row = next(line for line in score_lines(found) if line.startswith("all"))
    assert "–" in row
