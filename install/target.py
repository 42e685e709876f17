"""The machine that a kit is for: which Python, which processor, which C library.

Wheels are chosen by what pip is told of the target, not by the machine that gathers.
"""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

# The processors that wheels of our libraries exist for.
MACHINES = ("x86_64", "aarch64")
# Debian 12 has glibc 2.36; nothing here wants more, and pip has to be told each older one as well.
NEWEST_GLIBC = 36
_OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}
_NAMES = {5: "manylinux1", 12: "manylinux2010", 17: "manylinux2014"}


@dataclass(frozen=True, slots=True)
class Target:
    """A Python, as "3.11", on a processor, as `platform.machine()` names it."""

    python: str
    machine: str

    @property
    def here(self) -> bool:
        """Whether the machine that gathers is one itself: what has no wheel is then built."""
        return self == this_machine()

    def pip_options(self) -> list[str]:
        """Return what pip is told, so that it chooses wheels for the target; newest platform first."""
        tag = f"cp{self.python.replace('.', '')}"
        options = ["--only-binary=:all:", "--implementation=cp", f"--python-version={self.python}",
                   f"--abi={tag}", "--abi=abi3", "--abi=none"]
        return options + [f"--platform={name}" for name in self._platforms()]

    def _platforms(self) -> list[str]:
        """Return the platforms whose wheels run there; PEP 600 and its older names."""
        found: list[str] = []
        for minor in range(NEWEST_GLIBC, _OLDEST_GLIBC[self.machine] - 1, -1):
            found.append(f"manylinux_2_{minor}_{self.machine}")
            if minor in _NAMES:
                found.append(f"{_NAMES[minor]}_{self.machine}")
        return [*found, f"linux_{self.machine}"]

    def to_json(self) -> dict[str, str]:
        """Return a plain object."""
        return {"python": self.python, "machine": self.machine}


def this_machine() -> Target:
    """Return what this program runs on."""
    return Target(f"{sys.version_info.major}.{sys.version_info.minor}", platform.machine())
