"""Whether something is still in the memory of the program: what can be reached from its objects and its modules."""

from __future__ import annotations

import gc
import sys
from collections import deque
from functools import lru_cache
from types import FrameType, FunctionType, ModuleType

ROOMS = ("assistant", "index", "corpora", "sync", "starlette", "uvicorn", "jinja2", "anyio", "functools")
Cache = type(lru_cache(len))
_WAY = 8                               # so many steps of a way are told


def remembers(roots, needle):
    """Return the ways to what holds the needle, among all that can be reached from some objects of the server."""
    way, left, found = {}, deque((one, ()) for one in roots), []
    while left:
        one, by = left.popleft()
        if id(one) in way or _outside(one):
            continue
        way[id(one)] = one
        if (isinstance(one, str) and needle in one) or (isinstance(one, bytes) and needle.encode() in one):
            found.append(" > ".join(by))
        by = (*by, _named(one))[-_WAY:]
        left.extend((other, by) for other in gc.get_referents(one))
    return sorted(set(found))


def _named(one):
    return f"{one.__wrapped__.__module__}.{one.__wrapped__.__name__}" if _is_named(one) else type(one).__name__


def _is_named(one):
    return isinstance(one, Cache) and isinstance(one.__wrapped__, FunctionType)


def _outside(one):
    """Return whether something is no part of the server: what runs now, other libraries, the test itself."""
    other = isinstance(one, ModuleType) and one.__name__.split(".")[0] not in ROOMS
    return other or isinstance(one, FrameType) or type(one).__module__.startswith("_pytest")


def rooms():
    """Return the modules that serve pages, with all that they keep for later."""
    return [module for name, module in list(sys.modules.items()) if name.split(".")[0] in ROOMS]
