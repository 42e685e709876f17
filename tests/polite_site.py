"""A publisher's site on the loopback address, which notes who asked for what and how politely.

Its names are made up and resolved by `resolve`; nothing outside of this machine is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What the site says under one path; `validated` answers carry an ETag and honour If-None-Match."""

    data: bytes = b""
    media_type: str = HTML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    validated: bool = True
    length: int | None = None          # claimed, where it is not the real one
    stalls: bool = False               # after the headers, until the site closes


def page(*sentences: str, title: str = "Хизматрасонӣ") -> bytes:
    """Return a web page of these sentences."""
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return (f"<!doctype html><html lang='tg'><head><title>{title}</title></head><body><main><h1>{title}</h1>"
            f"{body}</main></body></html>").encode()


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append((self.headers["host"], self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = self.server.pages.get(self.path, Answer(status=404))
        etag = f'"{sha256(answer.data).hexdigest()[:16]}"'
        with suppress(OSError):
            if answer.validated and self.headers.get("if-none-match") == etag:
                self._head(304, {"etag": etag})
                return
            given = {"content-type": answer.media_type,
                     "content-length": str(len(answer.data) if answer.length is None else answer.length)}
            self._head(answer.status, given | ({"etag": etag} if answer.validated else {}) | answer.headers)
            self.wfile.write(answer.data)
            self.wfile.flush()
            if answer.stalls:
                self.server.released.wait()
        self.close_connection = True

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Site(ThreadingHTTPServer):
    """Pages by path, and what was asked: host, path and headers of every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Answer] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.released = Event()

    def url(self, path: str, host: str = "vazorat.example") -> str:
        """Return an address of this site under one of its made-up names."""
        return f"http://{host}:{self.server_port}{path}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order, robots.txt aside."""
        return [path for _, path, _ in self.asked if path != "/robots.txt"]

    def handle_error(self, request: object, client_address: object) -> None:
        pass


def resolve(host: str, port: int) -> list[str]:
    """Return where the made-up names are; every other name is unknown."""
    known = {"vazorat.example": ["127.0.0.1"], "www.vazorat.example": ["127.0.0.1"], "digar.example": ["127.0.0.1"],
             "dukhela.example": ["192.0.2.1", "10.9.9.9"], "127.0.0.1": ["127.0.0.1"]}
    if host not in known:
        raise OSError(f"unknown name {host}")
    return known[host]


@contextmanager
def serving() -> Iterator[Site]:
    """Serve a site while the block runs."""
    with Site() as site:
        thread = Thread(target=site.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield site
        finally:
            site.released.set()
            site.shutdown()
            thread.join()
