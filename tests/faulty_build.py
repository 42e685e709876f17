"""Builds that meet a fault, for tests: each in a process of its own, forked from one that has loaded everything.

    python -m tests.faulty_build < [[FOLDER, FAULT, NTH], …]   > [exit code, …]

FAULT is killed, full or broken, at the NTH call that changes a file.  The exit code is that of the signal, REFUSED
where the fault was told as an error of the disk, else the number of calls.
"""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import sys
from pathlib import Path

from index import Generations
from index.errors import NoSpaceError
from tests.numbered import few_words, install

ERRORS = {"full": errno.ENOSPC, "broken": errno.EIO}
REFUSED, OTHERWISE = 200, 201
_CALLS = ("fsync", "replace", "mkdir", "unlink", "rmdir")


class Faulty:
    """Meets a fault at the nth call; counts them."""

    def __init__(self, fault: str, at: int) -> None:
        self._fault, self._at, self.made = fault, at, 0

    def wrap(self, honest):
        def call(*values, **named):
            self._meet()
            return honest(*values, **named)

        return call

    def wrap_open(self, honest):
        def call(file, mode="r", *values, **named):
            if set(mode) & set("wax+"):
                self._meet()
            return honest(file, mode, *values, **named)

        return call

    def _meet(self):
        self.made += 1
        if self.made == self._at and self._fault == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.made == self._at and self._fault:
            raise OSError(ERRORS[self._fault], "met here")


def built(root: str, fault: str, at: int) -> int:
    """Build in this process and return the exit code."""
    faulty = Faulty(fault, at)
    for name in _CALLS:
        setattr(os, name, faulty.wrap(getattr(os, name)))
    io.open = faulty.wrap_open(io.open)
    try:
        with few_words():
            install(Generations(Path(root)))
    except NoSpaceError:
        return REFUSED
    except OSError as error:
        return REFUSED if error.errno in ERRORS.values() else OTHERWISE
    except Exception:
        return OTHERWISE
    return faulty.made


def outcome(root: str, fault: str, at: int) -> int:
    """Build in a process of its own and return its exit code."""
    child = os.fork()
    if not child:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        os._exit(built(root, fault, at))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for library in ("faiss", "numpy", "sqlite_utils"):
        __import__(library)
    json.dump([outcome(*each) for each in json.load(sys.stdin)], sys.stdout)
