"""The pages over HTTP, to programs on this machine alone; to others over an encrypted line that is configured.

Nothing is written of who asked what: no line for a request, and of a page that failed only where it failed.
"""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from assistant import systemd
from assistant.access.settings import Line
from assistant.errors import ConfigError
from assistant.log import Event, tell
from assistant.trace import frames

HOSTS = {"127.0.0.1": socket.AF_INET, "localhost": socket.AF_INET, "::1": socket.AF_INET6}
# What is being answered when the end is asked for may be finished in so long, in seconds.
_FINISH_S = 1
_BACKLOG, _MOST_AT_ONCE = 128, 128
_TICKS = 50                            # uvicorn's, of a tenth of a second: how often systemd hears that we are alive


def listening(host: str, port: int, *, to_others: bool = False) -> socket.socket:
    """Return the socket that systemd opened for us, or else one of our own at this address; port 0 is any.

    to_others: whether other machines may reach it, over an encrypted line.

    Raises:
        ConfigError: the address is none of this machine alone, where it has to be, or cannot be had.
    """
    if host not in HOSTS and not to_others:
        raise ConfigError(f"{host} is reached from other machines, and the pages are for this one alone",
                          f"Take one of {', '.join(HOSTS)}.  The pages of clerks and admins may be opened to others "
                          f"over an encrypted line: docs/open-a-desk.md.")
    if handed := systemd.handed_socket():
        return handed
    opened = socket.socket(HOSTS.get(host, socket.AF_INET6 if ":" in host else socket.AF_INET), socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(_BACKLOG)
    except OSError as error:
        opened.close()
        raise _unusable(error, port) from error
    return opened


def address_of(opened: socket.socket, *, scheme: str = "http") -> str:
    """Return the address that a browser opens."""
    host, port = opened.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}/" if ":" in host else f"{scheme}://{host}:{port}/"


class Server(uvicorn.Server):
    """Serves until a signal ends it, over the encrypted line where there is one.

    `ready` is called when the first browser may come; `tell` is told the states of systemd.
    """

    def __init__(self, app: ASGIApp, ready: Callable[[], None], say: Callable[[str], None],
                 line: Line | None = None, *, tell: Callable[[str], None] = systemd.tell) -> None:
        super().__init__(uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, proxy_headers=False, ws="none",
            timeout_graceful_shutdown=_FINISH_S, limit_concurrency=_MOST_AT_ONCE,
            ssl_certfile=line.certificate if line else None, ssl_keyfile=line.key if line else None))
        self._ready, self._tell = ready, tell
        told = logging.getLogger("uvicorn.error")
        told.handlers, told.propagate = [_Quiet(say)], False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if self.started:
            self._tell(systemd.READY)
            self._ready()

    async def on_tick(self, counter: int) -> bool:
        """Say from time to time that requests are still taken."""
        if counter % _TICKS == 0:
            self._tell(systemd.ALIVE)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is being answered, for a moment."""
        self._tell(systemd.STOPPING)
        await super().shutdown(sockets)


class _Quiet(logging.Handler):
    """Tells that a page failed and where; a message of an error may quote what somebody asked, and is left out."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error:
            tell(Event.CRASHED, error)
            last = frames(error)[-1]
            self._say(f"a page failed: {type(error).__name__} in {last.file}, line {last.line}")


def _unusable(error: OSError, port: int) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        return ConfigError(f"another program answers at port {port} already",
                           f"End it, or take another port: rohnamo serve --port {port + 1}.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return ConfigError(f"port {port} may not be used by this user", "Take one above 1023: --port 8080.")
    return ConfigError(f"port {port} cannot be used: {error.strerror}", "Take another port with --port.")
