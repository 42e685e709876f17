"""A static server on the loopback address that keeps to a plan of faults, and counts what passes.

    with serving(repository.files) as origin:
        origin.plan("min-health/1.pack.zst", [Drop(0.5), Status(503), Flip(0.9)])

A plan belongs to the files whose path ends as named; each request for one takes the next fault, and when there is none
left the server is honest.  `chunked` sends bodies without a length.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread

PORTAL = "<!doctype html><title>Вуруд</title><p>Барои пайваст шудан рақами телефонро нависед.</p>".encode()


@dataclass
class Reply:
    """An answer on its way; a fault changes it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None            # bytes of the body that are sent, None for all
    length: int | None = None          # what is said of the length, None for the truth
    end: str = "honest"                # or close, reset, hang
    start: int = 0
    piece: int = 1 << 16


@dataclass(frozen=True)
class Fault:
    """What goes wrong; `at` is a share of the body."""

    at: float = 0.5

    def bend(self, reply: Reply) -> None:
        raise NotImplementedError

    def place(self, reply: Reply) -> int:
        return int(len(reply.body) * self.at)


class Honest(Fault):
    def bend(self, reply):
        """Nothing goes wrong."""


class Drop(Fault):
    def bend(self, reply):
        reply.sent, reply.end = self.place(reply), "close"


class Reset(Fault):
    def bend(self, reply):
        reply.sent, reply.end = self.place(reply), "reset"


class Hang(Fault):
    def bend(self, reply):
        reply.sent, reply.end = self.place(reply), "hang"


class Truncate(Fault):
    """The body ends early and says that it is whole."""

    def bend(self, reply):
        reply.body = reply.body[:self.place(reply)]


class Slow(Fault):
    """In very small pieces."""

    def bend(self, reply):
        reply.piece = 997


class Status(Fault):
    """`at` is the status."""

    def bend(self, reply):
        reply.status, reply.body, reply.headers = int(self.at), b"later", {}


class Portal(Fault):
    """The login page of a network, with 200."""

    def bend(self, reply):
        reply.status, reply.body, reply.headers = 200, PORTAL, {"Content-Type": "text/html"}


class Redirect(Fault):
    def bend(self, reply):
        reply.status, reply.body, reply.headers = 302, b"", {"Location": "http://127.0.0.1:9/login"}


class ShortLength(Fault):
    def bend(self, reply):
        reply.length = len(reply.body) - 7


class LongLength(Fault):
    def bend(self, reply):
        reply.length, reply.end = len(reply.body) + 7, "close"


class Longer(Fault):
    def bend(self, reply):
        reply.body += b"more than was signed" * 500


class Endless(Fault):
    """Forty times as much as was signed."""

    def bend(self, reply):
        reply.body *= 40


class Flip(Fault):
    """One bit."""

    def bend(self, reply):
        if reply.body:
            body, at = bytearray(reply.body), min(self.place(reply), len(reply.body) - 1)
            body[at] ^= 1
            reply.body = bytes(body)


class Changed(Fault):
    """Other content of the same length."""

    def bend(self, reply):
        reply.body = bytes(len(reply.body))


class NoRange(Fault):
    """The server knows no ranges: it gives the file from its beginning, whatever was asked for."""

    def bend(self, reply):
        reply.status = 200


class WrongRange(Fault):
    def bend(self, reply):
        if reply.status == 206:
            reply.headers["Content-Range"] = reply.headers["Content-Range"].replace("-", "9-", 1)


class Unasked(Fault):
    """A part that nobody asked for."""

    def bend(self, reply):
        reply.status, reply.headers["Content-Range"] = 206, f"bytes 0-{len(reply.body) - 1}/{len(reply.body)}"


class Compressed(Fault):
    def bend(self, reply):
        reply.headers["Content-Encoding"] = "gzip"


class Silent(Fault):
    """The connection closes without a word."""

    def bend(self, reply):
        reply.status, reply.sent, reply.end = 0, 0, "close"


class _Handler(BaseHTTPRequestHandler):
    server: Origin
    protocol_version = "HTTP/1.1"
    wbufsize = 0

    def do_GET(self):
        path = self.path.lstrip("/")
        data = self.server.files.get(path)
        reply = Reply(200, data) if data is not None else Reply(404, b"")
        fault = self.server.begin(path, self)
        if isinstance(fault, NoRange) or data is None:
            fault.bend(reply)
        else:
            self._cut(reply)
            fault.bend(reply)
        with suppress(OSError):
            self._send(reply)

    def _cut(self, reply):
        asked = self.headers.get("Range")
        if asked:
            start, whole = int(asked.removeprefix("bytes=").removesuffix("-")), len(reply.body)
            if start >= whole:
                reply.status, reply.body = 416, b""
            else:
                reply.status, reply.body = 206, reply.body[start:]
                reply.headers["Content-Range"] = f"bytes {start}-{whole - 1}/{whole}"

    def _send(self, reply):
        chunked = self.server.chunked and reply.length is None and reply.status in (200, 206)
        if reply.status:
            self.send_response_only(reply.status)
            length = len(reply.body) if reply.length is None else reply.length
            extra = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(length)}
            for name, value in (reply.headers | extra).items():
                self.send_header(name, value)
            self.end_headers()
        self._body(reply, chunked)
        self._end(reply, chunked)

    def _body(self, reply, chunked):
        body = reply.body if reply.sent is None else reply.body[:reply.sent]
        for at in range(0, len(body), reply.piece):
            piece = body[at:at + reply.piece]
            self.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)

    def _end(self, reply, chunked):
        match reply.end:
            case "honest":
                self.write(b"0\r\n\r\n" if chunked else b"")
                self.close_connection = reply.length is not None
            case "hang":
                self.server.released.wait(30)
                self.close_connection = True
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
            case _:
                self.close_connection = True

    def write(self, data):
        if data:
            self.wfile.write(data)

    def send_response_only(self, code, message=None):
        super().send_response_only(code, message)

    def log_message(self, format, *args):
        pass


class Origin(ThreadingHTTPServer):
    """The server.  `requests` are the paths asked for, in order; `ranges` what part of each, empty for all."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.chunked = False
        self.requests: list[str] = []
        self.ranges: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.released = Event()
        self._plans: dict[str, list[Fault]] = {}
        self._lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def plan(self, path: str, faults: list[Fault]) -> None:
        """Let these faults happen to files whose path ends so, one after another."""
        self._plans[path] = list(faults)

    def begin(self, path, handler) -> Fault:
        with self._lock:
            self.requests.append(path)
            self.ranges.append(handler.headers.get("Range", ""))
            self.headers.append({name.lower(): value for name, value in handler.headers.items()})
            for name, faults in self._plans.items():
                if path.endswith(name) and faults:
                    return faults.pop(0)
        return Honest()

    def handle_error(self, request, client_address):
        pass


@contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[Origin]:
    """Serve files while the block runs."""
    with Origin(files) as origin:
        thread = Thread(target=origin.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield origin
        finally:
            origin.released.set()
            origin.shutdown()
            thread.join()
