"""How far the reading of one file is: the pages done and the pages in all."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]


def unseen(done: int, whole: int) -> None:
    """Watch nothing."""
