"""A process that does one thing and may be killed in the middle of it, as by a power cut that the disk survives.

It is forked: what is patched here is patched there, and what is imported here is not imported again.
"""

from __future__ import annotations

import json
import os
import select
import signal
import traceback

MOMENT_S = 0.02        # between two looks at whether it ended


class Child:
    """A process that does one thing and is killed at a flush, rename or removal, where one is named."""

    def __init__(self, work, kill_at=None):
        self.outcome, self.fault = None, ""
        self._told, told = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            _do(work, told, kill_at)
        os.close(told)

    def is_done(self) -> bool:
        """Wait a moment; return whether it ended; its outcome is here then."""
        select.select([self._told], [], [], MOMENT_S)
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if not pid:
            return False
        with os.fdopen(self._told) as told:
            text = told.read()
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
        elif os.WEXITSTATUS(status):
            self.fault = text
        else:
            self.outcome = json.loads(text)
        return True

    def ended(self) -> Child:
        """Wait until it ended."""
        while not self.is_done():
            pass
        return self


def _do(work, told, kill_at):
    code = 1
    try:
        if kill_at is not None:
            _arm(kill_at)
        text = json.dumps(work())
        code = 0
    except BaseException:
        text = traceback.format_exc()
    try:
        os.write(told, text.encode()[-60_000:])
    finally:
        os._exit(code)


def _arm(kill_at):
    """Let this process be killed at its nth call of those that change what is on the disk."""
    calls = iter(range(1_000_000))

    def killing(honest):
        def call(*values, **named):
            if next(calls) == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return honest(*values, **named)

        return call

    for name in ("fsync", "replace", "rename", "unlink", "remove", "rmdir", "mkdir"):
        setattr(os, name, killing(getattr(os, name)))
