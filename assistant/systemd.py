"""What systemd hands to a service and is told by it: the socket it listens on, that it is ready, that it is alive.

Outside of systemd there is no such socket, and nobody is told.  Formats: sd_listen_fds(3), sd_notify(3).
"""

from __future__ import annotations

import os
import socket

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"
_FIRST = 3                             # the descriptor of the first socket that is handed over


def handed_socket() -> socket.socket | None:
    """Return the socket that systemd opened for this process, None where it opened none.  To be called once."""
    pid, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdigit() or int(count) < 1:
        return None
    os.set_inheritable(_FIRST, False)
    return socket.socket(fileno=_FIRST)


def tell(state: str) -> None:
    """Tell systemd a state; nothing where it does not listen."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        try:
            out.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError:
            return                     # nobody hears it: no reason to fail
