"""What a process holds of the machine: memory, handles, threads, children, files; read from /proc."""

from __future__ import annotations

import gc
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import enumerate as threads

_SELF = Path("/proc/self")


def memory_mb() -> float:
    """Return the memory that only this process and its children hold (MB): no file, which others may share or not."""
    return sum(map(_own_kb, (_SELF, *(Path("/proc", pid) for pid in children())))) / 1024


def children() -> list[str]:
    """Return the numbers of the processes that any thread of this one started and that are still there."""
    return [pid for task in (_SELF / "task").iterdir() for pid in _read(task / "children").split()]


@dataclass(frozen=True)
class Handles:
    """What must not grow; `files` are those in the folder for temporary ones."""

    descriptors: int
    threads: int
    children: int
    connections: int
    deleted: int
    files: int


def handles(temporary: Path) -> Handles:
    """Return what is held now, after what nobody refers to was let go."""
    gc.collect()
    return Handles(len(list((_SELF / "fd").iterdir())), _own_threads(), len(children()),
                   sum(issubclass(type(one), sqlite3.Connection) and _is_open(one) for one in gc.get_objects()),
                   _read(_SELF / "maps").count(" (deleted)\n"), sum(1 for _ in temporary.rglob("*")))


def growth(samples: list[float]) -> float:
    """Return by what share the median of the last quarter is above that of the first."""
    quarter = max(len(samples) // 4, 1)
    return median(samples[-quarter:]) / median(samples[:quarter]) - 1


def _own_threads() -> int:
    """Return how many threads there are, but for those that anyio keeps a while for the next request."""
    return sum(not one.name.startswith("AnyIO worker") for one in threads())


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        return connection.total_changes >= 0
    except sqlite3.ProgrammingError:
        return False


def _own_kb(process: Path) -> int:
    lines = dict(line.split(":", 1) for line in _read(process / "smaps_rollup").splitlines()[1:])
    return int(lines["Pss_Anon"].split()[0]) if lines else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""
