"""The power may go at any step of staging a pack and taking it into use: a pack that was reported is still there.

The database beside them (`sync.state`) is SQLite's, which flushes its log with every commit.
"""

from __future__ import annotations

from hashlib import sha256

import pytest

from sync.outcome import Staged
from sync.release import PackTarget, ReleaseInfo
from sync.staging import Staging
from tests.kiosk import HEALTH
from tests.power import InMemory, crashes
from tests.recorder import Flushed, recording
from tests.repository_simulator import NOW

PACKS = {sha256(data).hexdigest(): data for data in (b"release one " * 50, b"release two " * 60)}
FLUSHES = {
    "the pack": lambda flushed: flushed.name.endswith(".pack.part"),
    "a name in staging": lambda flushed: flushed.path == f"home/staging/{HEALTH}",
    "a name among the packs": lambda flushed: flushed.path == f"home/packs/{HEALTH}",
    "a folder of a publisher": lambda flushed: flushed.path in ("home/staging", "home/packs"),
    "the folders": lambda flushed: flushed.path == "home",
}


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """Two packs arrive and are taken into use one after the other; what is said is which pack is here for certain."""
    root = tmp_path_factory.mktemp("power")
    staging = Staging(root / "home")
    with recording(root) as recorder:
        for number, (digest, pack) in enumerate(PACKS.items(), 1):
            path = staging.put(HEALTH, digest, pack)
            recorder.say(digest)
            info = ReleaseInfo(HEALTH, HEALTH, number, number, NOW, PackTarget(digest, len(pack), "a.pack.zst"))
            staging.use(Staged(info, path))
            recorder.say(digest)
            staging.sweep(HEALTH, used=[digest])
        recorder.look()
    return recorder.steps


def lost(steps) -> list[str]:
    """Return the packs that are not found whole, one for each disk on which they should be."""
    return [digest for digest, left in crashes(steps)
            if digest and Staging(InMemory(left, "home")).find(HEALTH, digest) != PACKS[digest]]


def test_whatever_the_power_leaves_a_reported_pack_is_found_whole(steps):
    assert len(list(crashes(steps))) > 20
    assert lost(steps) == []


@pytest.mark.parametrize("flushed", FLUSHES)
def test_without_any_one_of_the_flushes_a_pack_would_be_lost(steps, flushed):
    weaker = [step for step in steps if not (isinstance(step, Flushed) and FLUSHES[flushed](step))]
    assert len(weaker) < len(steps)
    assert lost(weaker)
