"""SIGKILL at each system call that changes a file, while a machine refreshes, resumes and activates; for `make soak`.

    python -m pytest tests/soak_sync_client.py

strace kills a real process at the nth call of each kind.  Not part of `make test`: it takes some minutes, and strace.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.kiosk import HEALTH, Kiosk, edition
from tests.repository_simulator import NOW, RepositorySimulator
from tests.test_sync_client import _check_whole

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "mkdir", "symlink", "ftruncate", "openat")
TRACER = shutil.which("strace")
CHILD = """
import sys
from pathlib import Path
from sync.client import Client
from sync.settings import Settings
from tests.repository_simulator import NOW

home, root, stick = map(Path, sys.argv[1:])
with Client(home, root.read_bytes(), stick, now=lambda: NOW, settings=Settings(device="kiosk-1")) as client:
    for staged in client.sync().staged:
        client.activated(staged)
"""
pytestmark = pytest.mark.skipif(not TRACER, reason="strace is not here")


def prepared(folder: Path) -> Kiosk:
    """Return a machine that holds release 1, beside a stick with release 2, new keys and half of a pack at hand."""
    repository = RepositorySimulator((HEALTH,))
    repository.publish(HEALTH, edition(1), 1)
    kiosk = Kiosk(folder, repository)
    kiosk.update()
    repository.publish(HEALTH, edition(2), 2, deltas=False)
    repository.revoke("passport")
    repository.rotate("timestamp")
    target = repository.target_path(f"{HEALTH}/2.pack.zst")
    part = kiosk.home / "parts" / f"{Path(target).name.partition('.')[0]}.part"
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(repository.files[target][:100])
    kiosk.lay()
    (folder / "root.json").write_bytes(repository.trusted_root)
    return kiosk


def run(folder: Path, *tracing: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(TRACER), "-f", "-qq", *tracing, sys.executable, "-c", CHILD, str(folder / "kiosk"),
                           str(folder / "root.json"), str(folder / "stick")], capture_output=True, text=True,
                          check=False, cwd=Path(__file__).parents[1])


def counted(folder: Path) -> Counter[str]:
    """Return how often each call is made under the home of the machine, and how many came before the first of them."""
    kiosk = prepared(folder)
    kiosk.close()
    done = run(folder, "-y", "-e", f"trace={','.join(CALLS)}", "-o", str(folder / "trace"))
    assert done.returncode == 0, done.stderr
    lines = (folder / "trace").read_text(errors="replace").splitlines()
    return Counter(line.split()[1].partition("(")[0] for line in lines if "(" in line)


@pytest.mark.parametrize("call", CALLS)
def test_a_machine_that_is_killed_at_any_call_goes_on_by_itself(call, tmp_path):
    count, killed = counted(tmp_path / "count")[call], 0
    first = max(1, count - 60) if call in ("openat", "write") else 1     # before that Python is still starting
    for number in range(first, count + 1):
        folder = tmp_path / str(number)
        kiosk = prepared(folder)
        held, marks = kiosk.client.state.held(), kiosk.marks()
        kiosk.close()
        done = run(folder, "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}")
        killed += done.returncode != 0
        kiosk.restart()
        _check_whole(kiosk, held, marks)
        assert kiosk.update().failure is None
        assert kiosk.client.state.held()[HEALTH].number == 2
        assert [one.document for one in kiosk.client.state.withdrawn()] == ["passport"]
        assert kiosk.now == NOW
        kiosk.close()
        shutil.rmtree(folder)
    assert killed >= count - first
