"""The power may go at any step of building, activating and pruning: what answers after it is whole and not older.

Each flush is also left out once, to see that the disks it protects from are made and found.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from corpora.durable import sync_folder
from index import Generations
from index.generations import CANDIDATE
from index.pointer import COPY, CURRENT
from tests.disk import everything
from tests.numbered import answers, build, few_words, install, left_behind
from tests.power import InMemory, crashes, lay
from tests.recorder import Flushed, Step, recording

PLACE = "machine/generations"
NUMBER = re.compile("[0-9]{4}")
FLUSHES = {
    "the files of data": lambda flushed: flushed.name in ("passages.sqlite", "vectors.faiss.part"),
    "the manifest": lambda flushed: flushed.name == "manifest.json.part",
    "the folder on its way": lambda flushed: flushed.name == f"{CANDIDATE}.part",
    "the name of a generation": lambda flushed: flushed.name == "generations" and (
        NUMBER.fullmatch(flushed.after) or flushed.after in (CANDIDATE, COPY)),
    "CURRENT": lambda flushed: flushed.name == f"{CURRENT}.part",
    "the name of CURRENT": lambda flushed: flushed.name == "generations" and flushed.after == CURRENT,
    "the folder of the machine": lambda flushed: flushed.name == "machine",
}


@dataclass(frozen=True, slots=True)
class Life:
    """What a machine did, and what its generations are."""

    steps: list[Step]
    built: dict[int, dict[str, bytes]]

    def without(self, left_out):
        return [step for step in self.steps if not (isinstance(step, Flushed) and left_out(step))]


def lived(root: Path) -> Life:
    """Build, activate and prune, go back, and build again; what is said is which generations may answer now."""
    built, number = {}, 0
    generations = Generations(root / PLACE)
    with recording(root) as recorder:
        for aim in (1, 2, 3, 4, 3, 5, 6):
            recorder.say(frozenset((number, aim)))
            if aim in built:
                generations.roll_back()
            else:
                generations.activate(build(generations))
                built[aim] = everything(generations.path(aim))
            recorder.say(frozenset((aim,)))
            generations.prune(keep=2)
            number = aim
        recorder.look()
    return Life(recorder.steps, built)


@pytest.fixture(scope="module", autouse=True)
def small():
    with few_words():
        yield


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    return lived(tmp_path_factory.mktemp("power"))


def counted(steps, built) -> Counter[str]:
    """Return how many disks there are, and how many of them break which rule.

    `alone`: what CURRENT names is not usable, as if there were nothing to fall back to.
    """
    found, judged = Counter(), {}
    for may_answer, left in crashes(steps):
        key = frozenset(left.items())
        if key not in judged:
            judged[key] = judge(left, built)
        number, fell_back, unverified = judged[key]
        found["disks"] += 1
        found["alone"] += 0 not in may_answer and (fell_back or not number)
        found["unusable"] += 0 not in may_answer and not number
        found["lost"] += bool(number) and number not in may_answer
        found["unverified"] += unverified
    return found


def judge(left, built) -> tuple[int, bool, bool]:
    """Return which generation answers, whether another should have, and whether its bytes are not those built."""
    generations = Generations(InMemory(left, PLACE))
    number = generations.current(verify=True) or 0
    own = {name: left.get(f"{PLACE}/{number:04d}/{name}") for name in built.get(number, {})}
    return number, bool(generations.problems), own != built.get(number, {})


def test_whatever_the_power_leaves_what_was_reported_last_answers_whole(life):
    found = counted(life.steps, life.built)
    assert found["disks"] > 500
    assert found["alone"] == found["unusable"] == found["lost"] == found["unverified"] == 0


@pytest.mark.parametrize("flushed", FLUSHES)
def test_without_any_one_of_the_flushes_a_reported_generation_would_be_lost(life, flushed):
    steps = life.without(FLUSHES[flushed])
    assert len(steps) < len(life.steps)
    found = counted(steps, life.built)
    assert found["alone"] + found["lost"] > 0
    assert found["unverified"] == 0


def test_a_current_that_is_written_in_place_would_be_lost(tmp_path, monkeypatch):
    def in_place(path, data):
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)

    monkeypatch.setattr("index.pointer.write_whole", in_place)
    life = lived(tmp_path)
    found = counted(life.steps, life.built)
    assert found["alone"] > 0
    assert found["unverified"] == 0


def test_sizes_alone_would_let_a_file_of_zeros_answer(life, monkeypatch):
    honest = Generations.current
    monkeypatch.setattr(Generations, "current", lambda self, *, verify: honest(self, verify=False))
    assert counted(life.without(FLUSHES["the files of data"]), life.built)["unverified"] > 0


def test_on_any_disk_that_is_left_the_next_build_succeeds_and_leaves_nothing_behind(life, tmp_path):
    disks = [left for _, left in crashes(life.steps) if PLACE in left]
    for number, left in enumerate(random.Random(3).sample(disks, 40)):   # noqa: S311
        lay(left, tmp_path / str(number))
        generations = Generations(tmp_path / str(number) / PLACE)
        assert install(generations) == answers(generations)
        assert left_behind(generations) == set()
