"""What a machine and its program are, as far as fetching is concerned."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sync.clock import LONG_AGO
from sync.marks import Mark
from sync.pack import PackLimits
from sync.rollout import LAST_RING
from sync.traffic import Allowance, Patience, Ticking


def free_bytes(folder: Path) -> int:
    """Return how many bytes are free on the disk of a folder."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Settings:
    """`device` is the id that rollouts go by, by default that of the machine's key; `ring` is its own.

    `built` and `least` are the time and the marks that the program came with.  `ticking` and `free` are asked for
    pauses and for free space.
    """

    device: str = ""
    ring: int = LAST_RING
    built: datetime = LONG_AGO
    least: tuple[Mark, ...] = ()
    allowance: Allowance = field(default_factory=Allowance)
    patience: Patience = field(default_factory=Patience)
    limits: PackLimits = field(default_factory=PackLimits)
    ticking: Ticking = time
    free: Callable[[Path], int] = free_bytes
