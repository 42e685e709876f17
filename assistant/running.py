"""What a program that runs for long has around it: a log, and a look at what ended the one before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assistant.config import Config
from assistant.crash import natively_watched
from assistant.log import opened
from assistant.log_settings import log_settings_of


@contextmanager
def running(config: Config, program: str) -> Iterator[None]:
    """Write the log of this program, named like its verb, and keep what a signal leaves of it."""
    with opened(log_settings_of(config), program), natively_watched(config.data_dir, program):
        yield
