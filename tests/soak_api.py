"""Many requests made from the description of the API: schemathesis finds nothing, and memory stays.

`make soak` runs it; `test_assistant_api_description` asks a few of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.described import tried
from tests.programs import Programs

EXAMPLES = 300
# What the process may hold more after the second round than after the first, in MB.
MORE_MB = 50


def memory_mb():
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


@pytest.mark.filterwarnings("default")
def test_many_requests_find_nothing_and_leave_no_weight_behind(machine):
    programs = Programs(machine)
    held = []
    for name in ("first", "second"):
        found = tried(programs.desk, programs.key(name), EXAMPLES)
        assert not [status for _, status in found if status >= 500]
        held.append(memory_mb())
    programs.close()
    assert held[1] - held[0] < MORE_MB, held
