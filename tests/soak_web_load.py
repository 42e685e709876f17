"""A crowd that asks for minutes: every answer comes, the staff's look is answered meanwhile, memory stays.

`make soak` runs it; `benchmarks/kiosk.py` says how fast it is.
"""

from __future__ import annotations

import pytest

from benchmarks.kiosk import ASKERS, crowd, memory, serving

CROWDS = 6
# What the server may hold more after the last crowd than after the second, in MB.
MORE_MB = 25
# Nobody looks at the staff's page so long, in milliseconds; a page with an answer takes longer among so many.
HEALTH_MS, ANSWER_MS = 2_000, 20_000


@pytest.fixture
def server(seed_config):
    """A server over the seed corpus, in a process of its own."""
    with serving(seed_config.data_dir) as server:
        yield server


def test_a_crowd_is_answered_again_and_again_and_leaves_no_weight_behind(server):
    address, process = server
    held = []
    for _ in range(CROWDS):
        times, health = crowd(address)
        assert len(times) >= ASKERS
        assert max(times) < ANSWER_MS
        assert health
        assert max(health) < HEALTH_MS
        held.append(memory(process))
    assert held[-1] - held[1] < MORE_MB, held
