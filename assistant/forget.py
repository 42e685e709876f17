"""What functions keep for the next time, so as not to work it out again: emptied when somebody goes away.

A word that was asked would otherwise stay in memory until others push it out.  What functions keep without a limit is
made of our own tables and stays.  What is freed is given back to the system, so that nothing of it is left in memory
that we hold, and that a program which runs for months does not grow by gaps.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from ctypes import CDLL
from functools import _lru_cache_wrapper, cache
from typing import Any

from index import Snapshot

_OURS = ("assistant", "corpora", "index")


def forget(snapshot: Snapshot | None) -> None:
    """Empty whatever may hold words of questions."""
    for kept in _kept():
        kept.cache_clear()
    if snapshot:
        snapshot.forget()
    if trim := _trim():
        trim(0)


@cache
def _trim() -> Callable[[int], object] | None:
    """Return what gives freed memory back, None where the C library has none (musl, macOS)."""
    return getattr(CDLL(None), "malloc_trim", None)


def _kept() -> Iterator[_lru_cache_wrapper[Any]]:
    """Yield our functions that keep a limited number of outcomes."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _OURS:
            for value in list(vars(module).values()):
                if isinstance(value, _lru_cache_wrapper) and value.cache_parameters()["maxsize"] is not None:
                    yield value
