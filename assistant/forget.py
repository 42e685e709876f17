"""What functions keep for the next time, so as not to work it out again: emptied when somebody goes away.

A word that was asked would otherwise stay in memory until others push it out.  What functions keep without a limit is
made of our own tables and stays.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from typing import Any

from index import Snapshot

_OURS = ("assistant", "corpora", "index")


def forget(snapshot: Snapshot | None) -> None:
    """Empty whatever may hold words of questions."""
    for kept in _kept():
        kept.cache_clear()
    if snapshot:
        snapshot.forget()


def _kept() -> Iterator[_lru_cache_wrapper[Any]]:
    """Yield our functions that keep a limited number of outcomes."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _OURS:
            for value in list(vars(module).values()):
                if isinstance(value, _lru_cache_wrapper) and value.cache_parameters()["maxsize"] is not None:
                    yield value
