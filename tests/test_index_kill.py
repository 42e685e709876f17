"""A build is killed, or meets a full or a broken disk: the old or the new generation answers, and the next build works.

Some points drawn by lot, at the calls that Python makes; `soak_index_kill` does it at each system call.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from index import Generations
from index.faiss_store import write_store
from index.vector_folder import VectorFolder
from tests.encoders import HashingEncoder
from tests.faulty_build import REFUSED
from tests.numbered import answers, few_words, install, left_behind

POINTS, FAULTS, KILLED = 12, ("killed", "full", "broken"), -9


@pytest.fixture(scope="module", autouse=True)
def small():
    with few_words():
        yield


@pytest.fixture
def machine(tmp_path):
    """A machine with two generations, the second in use."""
    generations = Generations(tmp_path / "machine")
    install(generations)
    install(generations)
    return generations.root


def outcomes(*plan) -> list[int]:
    """Return how builds ended that meet a fault, given as folder, fault and the number of the call."""
    done = subprocess.run([sys.executable, "-m", "tests.faulty_build"], input=json.dumps(plan), capture_output=True,
                          text=True, check=True, cwd=Path(__file__).parents[1])
    return json.loads(done.stdout)


def test_after_a_fault_at_any_call_one_generation_answers_and_the_next_build_leaves_nothing(machine, tmp_path):
    def copy(name):
        return str(shutil.copytree(machine, tmp_path / name / "generations"))

    count, = outcomes((copy("counted"), "", 0))
    assert 20 < count < REFUSED
    points = [(fault, at) for at in range(1, count + 1) for fault in FAULTS]
    drawn = random.Random(11).sample(points, POINTS)   # noqa: S311
    plan = [(copy(f"{fault} {at}"), fault, at) for fault, at in drawn]
    found = set()
    for (root, fault, at), code in zip(plan, outcomes(*plan), strict=True):
        assert code in ((KILLED,) if fault == "killed" else (REFUSED, count)), (fault, at)
        generations = Generations(Path(root))
        found.add(answers(generations))
        assert install(generations) == answers(generations), (fault, at)
        assert left_behind(generations) == set(), (fault, at)
    assert found == {2, 3}


def test_vectors_that_do_not_fit_on_the_disk_are_told_to_the_last_byte(tmp_path):
    vectors, limits = numpy.eye(8, dtype=numpy.float32), resource.getrlimit(resource.RLIMIT_FSIZE)
    write_store(tmp_path / "whole", vectors)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "whole").stat().st_size - 1, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_store(tmp_path / "cut", vectors)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not (tmp_path / "cut").exists()


def test_what_a_killed_process_was_writing_of_its_vectors_is_swept_and_what_a_living_one_writes_is_not(tmp_path):
    encoder = HashingEncoder()
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True,
                          check=True).stdout.strip()
    for process in (gone, os.getpid()):
        (tmp_path / f"{encoder.sha256[:16]}-0a0b-{process}.npz.part").write_bytes(b"PK")
    VectorFolder(tmp_path, encoder).complete(["Муҳлат даҳ рӯз."], {})
    assert {path.name for path in tmp_path.iterdir()} \
        == {f"{encoder.sha256[:16]}.npz", f"{encoder.sha256[:16]}-0a0b-{os.getpid()}.npz.part"}
