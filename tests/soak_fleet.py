"""Twenty machines and fifty releases by five seeds, then a thousand swaps under load; for `make soak`, ten minutes.

    python -m pytest -s tests/soak_fleet.py      -s shows what happened
"""

from __future__ import annotations

import sys
from time import perf_counter

import pytest

from assistant import config as settings
from assistant.current import Current
from index import Generations
from tests.fleet import Fleet, Plan
from tests.readers import Readers, activate, build, nothing_withdrawn, open_marked

SWAPS, AT_ONCE = 1000, 50


@pytest.fixture(autouse=True)
def _small_lexicon(monkeypatch):
    """Snapshots without the words of the lexicon: they are built in a fortieth of the time."""
    monkeypatch.setattr("index.tables.lexicon.lexicon_rows", lambda *_paths: [])


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_fleet_to_which_everything_happens_never_answers_wrongly_and_converges(seed, tmp_path):
    started = perf_counter()
    fleet = Fleet(tmp_path, Plan(seed, machines=20, releases=50))
    fleet.run()
    told = ", ".join(f"{what} {count}" for what, count in sorted(fleet.told.items()))
    sys.stdout.write(f"\nseed {seed}, {perf_counter() - started:.0f} s: {told}\n")
    assert fleet.faults == []
    assert fleet.told["kills"] > 0
    assert fleet.told["releases refused"] > 0
    assert fleet.told["withdrawn documents"] > 0


def test_a_thousand_swaps_under_load_give_no_mixed_answer_and_no_step_back(tmp_path):
    config = settings.load(tmp_path / "data")
    activate(config)
    with Current(config, open_marked, nothing_withdrawn) as current, Readers(current) as readers:
        for _ in range(SWAPS // AT_ONCE):
            for number in build(config, AT_ONCE):
                activate(config, number)
                assert readers.wait_for(number)
    sys.stdout.write(f"\n{len(readers.seen)} generations, {readers.queries} queries\n")
    assert readers.faults == []
    assert readers.seen == set(range(1, SWAPS + 2))
    Generations(config.generations).prune()
    assert sum(path.is_dir() for path in config.generations.iterdir()) == 2
