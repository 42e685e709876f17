"""What a disk may do to us, for tests: power that goes at the nth flush or rename."""

from __future__ import annotations

import os
from pathlib import Path


class PowerCut(BaseException):
    """Not an Exception: nothing may tidy up after it by catching what it knows."""


def cut_at(monkeypatch, number):
    """Cut the power at the nth flush or rename; what is on the disk stays as it is."""
    calls = iter(range(10_000))

    def cutting(honest):
        def call(*values, **named):
            if next(calls) == number:
                raise PowerCut
            return honest(*values, **named)

        return call

    for name in ("fsync", "replace", "rename"):
        monkeypatch.setattr(os, name, cutting(getattr(os, name)))
    monkeypatch.setattr("shutil.rmtree", lambda *_values, **_named: None)


def everything(root: Path) -> dict[str, bytes]:
    """Return every file under a folder, with its bytes."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
