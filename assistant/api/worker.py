"""One of several processes that answer programs at one socket (`assistant.web.workers`).

Each opens the snapshot itself and shares its pages with the others; each has turns, and a share for each key, of its
own.  Its log goes to stderr, where lines of several processes do not mix, and not to files, where they would.
"""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from assistant import config as settings
from assistant import log
from assistant.access.settings import encrypted_line
from assistant.api.app import application
from assistant.crash import watched
from assistant.log_settings import log_settings_of
from assistant.web.guard import HOSTS
from assistant.web.opening import open_desk, warm_up
from assistant.web.server import Server
from assistant.web.workers import Tell

PROGRAM = "serve api"


def work(data_dir: Path, opened: socket.socket, tell: Tell) -> None:
    """Answer programs at this socket until a signal asks for the end; `tell` hears the states of systemd."""
    config = settings.load(data_dir)
    line = encrypted_line(config)
    with ExitStack() as stack:
        stack.enter_context(log.opened(replace(log_settings_of(config), folder=None), PROGRAM))
        stack.enter_context(watched(config.data_dir, PROGRAM))
        desk = open_desk(stack, config, _say)
        warm_up(desk, _say)
        answering = application(desk, HOSTS | (line.names if line else frozenset()))
        Server(answering, lambda: None, _say, line, tell=tell).run([opened])


def _say(said: str) -> None:
    sys.stderr.write(f"  {said}\n")
    sys.stderr.flush()
