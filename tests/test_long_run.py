"""A short piece of the long run of `make soak`: nothing grows, whatever is asked, arrives or dies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.footprint import growth
from tests.long_run import LongRun, Plan

# A process that has just begun still takes memory; the long run sees five hundredths.
MOST_GROWTH = 0.10


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr("index.tables.lexicon.lexicon_rows", lambda *_paths: [])     # built in a fortieth of the time
    run = LongRun(tmp_path, Plan(questions=400, syncs=3, kills=4))
    with run.opened():
        run.run()
    return run


def test_hundreds_of_questions_syncs_and_deaths_of_the_model_leave_nothing_behind(run):
    assert run.faults == []
    assert (run.told["syncs"], run.told["killed while writing"], run.told["killed at rest"]) == (4, 2, 2)
    assert run.told["written by the model"] > 3
    assert run.told["status 303"] > 250
    assert replace(run.after, deleted=0) == replace(run.before, deleted=0)
    assert growth(run.samples) < MOST_GROWTH
