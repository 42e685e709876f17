"""A process killed, a full disk and a broken one at each system call of a build; disks that are small; for `make soak`.

    python -m pytest tests/soak_index_kill.py

strace does it to a real process at the nth call of a kind.  Not part of `make test`: it takes some minutes, strace, and
for small disks the right to mount.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from index import Generations
from index.errors import NoSpaceError
from tests.numbered import answers, few_words, install, left_behind

TRACER = shutil.which("strace")
CALLS = ("write", "pwrite64", "fsync", "rename", "unlinkat", "unlink", "mkdir", "rmdir", "ftruncate", "openat")
# SQLite writes some dozens of pages, one like the other.
EVERY = {"pwrite64": 5}
FAULTS = {"killed": "signal=SIGKILL", "full": "error=ENOSPC", "broken": "error=EIO"}
KILLED = (-9, 137)
SIZES = range(60, 260, 20)             # kB
needs_strace = pytest.mark.skipif(not TRACER, reason="strace is not here")


@pytest.fixture(scope="module", autouse=True)
def small():
    with few_words():
        yield


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A machine with two generations, the second in use."""
    generations = Generations(tmp_path_factory.mktemp("machine") / "generations")
    install(generations)
    install(generations)
    return generations.root


def run(root: Path, *tracing: str) -> subprocess.CompletedProcess[str]:
    """Build the next generation in a process of its own, under strace."""
    return subprocess.run([str(TRACER), "-qq", *tracing, sys.executable, "-m", "tests.numbered", str(root)],
                          capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1],
                          env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"})


def places(machine: Path, folder: Path) -> list[tuple[str, int]]:
    """Return the calls that change something in the folder: its kind, and how many of the kind came before, from 1."""
    root = shutil.copytree(machine, folder / "generations")
    done = run(root, "-y", "-e", f"trace={','.join(CALLS)}", "-o", str(folder / "trace"))
    assert done.returncode == 0, done.stderr
    counts, found = Counter(), []
    for line in (folder / "trace").read_text(errors="replace").splitlines():
        call = line.partition("(")[0]
        counts[call] += 1
        if str(root) in line and (call != "openat" or "O_CREAT" in line):
            found.append((call, counts[call]))
    return [(call, at) for call, at in found if at % EVERY.get(call, 1) == 0]


@needs_strace
@pytest.mark.parametrize("fault", FAULTS)
def test_a_build_that_meets_a_fault_at_any_call_leaves_one_that_answers_and_the_next_succeeds(fault, machine, tmp_path):
    found = places(machine, tmp_path)
    assert len(found) > 30
    outcomes = Counter()
    for number, (call, at) in enumerate(found):
        root = shutil.copytree(machine, tmp_path / str(number) / "generations")
        done = run(root, "-e", f"trace={call}", "-e", f"inject={call}:{FAULTS[fault]}:when={at}")
        generations, place = Generations(root), (call, at, done.stderr)
        assert done.returncode in (KILLED if fault == "killed" else (0, 1)), place
        assert answers(generations) in ((3,) if "in use 3" in done.stdout else (2, 3)), place
        outcomes[done.returncode, answers(generations)] += 1
        if fault == "full" and done.returncode:
            assert re.search("space", done.stderr), place
        assert install(generations) == answers(generations), place
        assert left_behind(generations) == set(), place
        shutil.rmtree(root.parent)
    sys.stdout.write(f"{fault}: {dict(outcomes)}\n")
    assert {number for _, number in outcomes} == {2, 3}


@pytest.fixture
def disk(tmp_path, request):
    """An empty disk of so many kB."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={request.param}k", "tmpfs", str(tmp_path)],
                      capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.parametrize("disk", SIZES, indirect=True)
def test_on_a_small_disk_what_answered_goes_on_answering(disk, request):
    generations, last, refused = Generations(disk / "generations"), 0, 0
    for _ in range(4):
        try:
            last = install(generations)
        except NoSpaceError:
            refused += 1
        assert not last or answers(generations) >= last
        assert not [name for name in left_behind(generations) if name.startswith("candidate")]
    assert last or refused == 4
    assert not refused or disk_size(request) < SIZES[-2]


def disk_size(request) -> int:
    return int(request.node.callspec.params["disk"])
