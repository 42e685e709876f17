"""20 000 questions, 50 syncs and 200 deaths of the model in one process; then the real model, killed ten times.

`make soak` runs it, in about fifteen minutes on two cores; it says from time to time how far it is.

    python -m pytest -s tests/soak_long_run.py --questions 2000      -s shows what was counted
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace

import pytest

from assistant.generate import Finish, open_generator
from assistant.models import Models
from assistant.prompt import compose_prompt
from tests.footprint import growth, handles, memory_mb
from tests.long_run import LongRun, Minutes, Plan

# Of the memory's median, from the first quarter to the last.
MOST_GROWTH = 0.05
DEATHS, DEADLINE_S = 10, 120


@pytest.fixture
def plan(request):
    questions = request.config.getoption("--questions")
    return Plan(questions, syncs=max(questions // 400, 1), kills=max(questions // 100, 1))


def test_a_kiosk_serves_for_long_and_holds_no_more_at_the_end_than_at_the_beginning(plan, seed_config, tmp_path):
    run = LongRun(tmp_path, plan, drafts=seed_config.drafts)
    with run.opened():
        run.run()
    quarter = len(run.samples) // 4
    first, last = run.samples[:quarter], run.samples[-quarter:]
    sys.stdout.write(f"\n{dict(run.told)}\nMB at first {min(first):.1f} to {max(first):.1f}, at last {min(last):.1f} "
                     f"to {max(last):.1f}, growth of the median {growth(run.samples):+.1%}\n"
                     f"{run.before}\n{run.after}\n")
    assert run.faults == []
    assert run.told["syncs"] == plan.syncs + 1
    assert run.kills == plan.kills
    assert replace(run.after, deleted=0) == replace(run.before, deleted=0)
    assert growth(run.samples) < MOST_GROWTH


@pytest.mark.model
def test_the_real_model_is_killed_again_and_again_and_writes_again_after_each_time(tmp_path):
    prompt = compose_prompt("Боҷ чанд аст?", ["Боҷи давлатӣ 250 сомонӣ аст."], "tg")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    before = handles(temporary)
    with open_generator("gemma-270m", Models(tmp_path / "data")) as model:
        minutes, held = Minutes(), []
        model._clock = minutes
        for _ in range(DEATHS):
            draft = model.generate(prompt, deadline_s=DEADLINE_S)
            if draft.finish is Finish.DIED:            # it was still dying; the next one has another
                draft = model.generate(prompt, deadline_s=DEADLINE_S)
            assert draft.finish in (Finish.STOP, Finish.LENGTH)
            held.append(memory_mb())
            os.kill(model.pid, signal.SIGKILL)
            minutes.more += 60
        assert model.deaths >= DEATHS - 1
    assert handles(temporary) == before
    sys.stdout.write(f"\nMB of this process and the model: {held[0]:.0f} at first, {held[-1]:.0f} at last\n")
    assert held[-1] < held[1] * (1 + MOST_GROWTH)
