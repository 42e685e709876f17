"""The verb `serve`: the pages of a kiosk, of clerks or of admins, for a browser on this machine; or the API."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from functools import partial
from threading import Event, Thread, main_thread
from threading import enumerate as threads
from typing import TYPE_CHECKING, Annotated

import typer

from assistant import config as settings
from assistant.edge import DataDir, edge, put
from assistant.errors import ConfigError
from assistant.running import running

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from assistant.web.desk import Desk

EXAMPLE = "Example: rohnamo serve --port 8080"


class Role(StrEnum):
    """Whose pages are served; of programs, the API."""

    KIOSK, CLERK, ADMIN, API = "kiosk", "clerk", "admin", "api"


def serve(host: Annotated[str, typer.Option("--host", help="An address of this machine alone.")] = "127.0.0.1",
          port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 is any that is free.")] = 8080,
          role: Annotated[Role, typer.Option("--role", help="Whose pages, or the API.")] = Role.KIOSK,
          with_sync: Annotated[bool, typer.Option("--with-sync", help="Also fetch releases, for a desk; a kiosk has "
                                                  "rohnamo sync watch beside it.")] = False,
          workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that answer, for the API "
                                               "alone: people's visits are in the memory of one.")] = 1,
          set_pin: Annotated[bool, typer.Option("--set-pin", help="Only set the PIN of the page for the staff.")]
          = False, data_dir: DataDir = None) -> None:
    """Serve pages to a browser: those for citizens, or those that clerks or admins enter by an account; or the API."""
    with edge(as_json=False):
        config = settings.load(data_dir)
        if set_pin:
            _set_pin(config)
            return
        with running(config, f"serve {role}"):
            if workers > 1:
                _serve_by_several(config, role, host, port, workers, with_sync=with_sync)
            else:
                _serve(config, role, host, port, with_sync=with_sync)
        _leave()


def _serve(config: settings.Config, role: Role, host: str, port: int, *, with_sync: bool) -> None:
    if role is not Role.KIOSK:
        _serve_inside(config, role, host, port, with_sync=with_sync)
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


def _serve_inside(config: settings.Config, role: Role, host: str, port: int, *, with_sync: bool) -> None:
    """Serve what is entered by an account or with a key, to other machines too over an encrypted line."""
    from assistant.access.settings import encrypted_line
    from assistant.web.guard import HOSTS
    from assistant.web.opening import open_desk
    from assistant.web.server import Server, address_of, listening
    line = encrypted_line(config)
    _tell_who(config, role)
    with ExitStack() as stack:
        opened = stack.enter_context(listening(host, port, to_others=line is not None))
        address = address_of(opened, scheme="https" if line else "http")
        desk = open_desk(stack, config, _say, drafting=role is Role.API)
        shown = _application(role, desk, HOSTS | (line.names if line else frozenset()))
        stack.enter_context(_syncing(config) if with_sync else _nothing())
        stack.enter_context(_ending())
        Server(shown, lambda: put(f"Роҳнамо answers the {role} at {address}"), _say, line).run([opened])


def _serve_by_several(config: settings.Config, role: Role, host: str, port: int, workers: int, *,
                      with_sync: bool) -> None:
    """Answer programs by several processes at one socket.

    Raises:
        ConfigError: the role has visits, which are in the memory of one process.
    """
    from assistant.access.settings import encrypted_line
    from assistant.api.worker import work
    from assistant.web.server import address_of, listening
    from assistant.web.workers import Workers
    if role is not Role.API:
        raise ConfigError(f"--workers is for --role api alone; the pages of the {role} have one process",
                          "Leave --workers away; one process is enough for fifty people who read what they asked for.")
    line = encrypted_line(config)
    _tell_who(config, role)
    with listening(host, port, to_others=line is not None) as opened, _syncing(config) if with_sync else _nothing():
        address = address_of(opened, scheme="https" if line else "http")
        Workers(workers, partial(work, config.data_dir), opened, _say).run(
            lambda: put(f"Роҳнамо answers the {role} at {address}"))


def _application(role: Role, desk: Desk, hosts: frozenset[str]) -> ASGIApp:
    """Return the API, or the pages of a role; admins' machine takes in what kiosks hand in as well, at POST /inbox."""
    if role is Role.API:
        from assistant.api.app import application as api
        from assistant.web import metrics_page
        from assistant.web.office import beside
        from assistant.web.opening import warm_up
        warm_up(desk, _say)
        return beside(api(desk, hosts), "/metrics", metrics_page.window(desk, lambda: 0, hosts))
    from assistant.access.roles import Role as Inside
    from assistant.web.office import application
    return application(Inside(role), desk, hosts)


def _tell_who(config: settings.Config, role: Role) -> None:
    """Say where nobody can enter yet."""
    if role is Role.API:
        from assistant.api.keys import all_keys
        if all(one.revoked for one in all_keys(config)):
            _say("nobody can ask yet: rohnamo api-keys new NAME")
        return
    from assistant.access.store import opened_store
    with opened_store(config) as store:
        if not any(one.role.value == role.value and not one.locked for one in store.accounts.all()):
            _say(f"nobody can enter yet: rohnamo accounts new NAME --role {role}")


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
