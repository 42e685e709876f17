"""The verb `serve`: the pages of a kiosk, for a browser on this machine."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from threading import Event, Thread, main_thread
from threading import enumerate as threads
from typing import Annotated

import typer

from assistant import config as settings
from assistant.edge import DataDir, edge, put, today

EXAMPLE = "Example: rohnamo serve --port 8080"


class Role(StrEnum):
    """Whose pages are served."""

    KIOSK, CLERK, ADMIN = "kiosk", "clerk", "admin"


def serve(host: Annotated[str, typer.Option("--host", help="An address of this machine alone.")] = "127.0.0.1",
          port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 is any that is free.")] = 8080,
          role: Annotated[Role, typer.Option("--role", help="Whose pages.")] = Role.KIOSK,
          with_sync: Annotated[bool, typer.Option("--with-sync", help="Also fetch releases, for a desk; a kiosk has "
                                                  "rohnamo sync watch beside it.")] = False,
          set_pin: Annotated[bool, typer.Option("--set-pin", help="Only set the PIN of the page for the staff.")]
          = False, data_dir: DataDir = None) -> None:
    """Serve the pages for citizens to a browser on this machine, or, as admin, the inbox that machines hand in at."""
    if role is Role.CLERK:
        raise typer.BadParameter("the pages of the role clerk come with the clerk's desk; kiosk and admin are served")
    with edge(as_json=False):
        config = settings.load(data_dir)
        if set_pin:
            _set_pin(config)
            return
        if role is Role.ADMIN:
            _serve_inbox(config, host, port)
            return
        from assistant.web.app import kiosk
        from assistant.web.opening import open_desk, warm_up
        from assistant.web.server import Server, address_of, listening
        from assistant.web.suggest import suggestions_of
        with ExitStack() as stack:
            opened = stack.enter_context(listening(host, port))
            desk = open_desk(stack, config, _say)
            warm_up(desk, _say)
            stack.enter_context(_syncing(config) if with_sync else _nothing())
            stack.enter_context(_ending())
            pages = kiosk(desk)
            suggestions_of(pages, desk.config, desk.current).now()      # checked beside, before the first person comes
            Server(pages, lambda: put(f"Роҳнамо answers at {address_of(opened)}"), _say).run([opened])
        _leave()


def _serve_inbox(config: settings.Config, host: str, port: int) -> None:
    """Take in what machines hand in; a server with TLS stands before it and lets POST /inbox through."""
    from assistant.web.inbox import inbox
    from assistant.web.server import Server, address_of, listening
    with ExitStack() as stack:
        opened = stack.enter_context(listening(host, port))
        stack.enter_context(_ending())
        Server(inbox(config, today), lambda: put(f"Роҳнамо takes in batches at {address_of(opened)}inbox"),
               _say).run([opened])


def _say(line: str) -> None:
    typer.echo(f"  {line}", err=True)


def _set_pin(config: settings.Config) -> None:
    from assistant.signing import asked
    from assistant.staff_pin import set_pin
    set_pin(config, asked("PIN of the staff, at least 6 digits or letters"))
    put("The PIN is set; the page for the staff is /staff.")


@contextmanager
def _syncing(config: settings.Config) -> Iterator[None]:
    """Fetch releases beside the pages, at SIGUSR1 at once; what goes wrong is said, and the pages stay."""
    from assistant.background import keep_up
    from sync.watch import Stop
    stop, asked = Stop(), Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: asked.set())
    beside = Thread(target=_kept_up, args=(lambda: keep_up(config, _say, stop=stop, asked=asked),), daemon=True)
    beside.start()
    try:
        yield
    finally:
        stop.ask()
        beside.join(1)
        signal.signal(signal.SIGUSR1, before)


def _kept_up(work: Callable[[], None]) -> None:
    try:
        with edge(as_json=False):
            work()
    except typer.Exit:
        _say("releases are not fetched; the pages are served all the same")


def _leave() -> None:
    """End, also where a thread still waits for a locked database: nothing of it is wanted any more."""
    if any(not one.daemon for one in threads() if one is not main_thread()):
        sys.stdout.flush()
        os._exit(0)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _ending() -> Iterator[None]:
    """Let the signals that end a server end it well: it hears them itself, and raises them again when it is done."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
