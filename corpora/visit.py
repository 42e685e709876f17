"""How a source is visited: only its own hosts, by the rules of each site, one request after another.

A redirect counts as a request and stays within the hosts of the source.  A host that asks for rest, or fails
several times, is left alone until the next collection.  What is done with a page is not known here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from corpora.fetch import NotFetchedError, Refusal, Reply, Request
from corpora.robots import AGENT, MAX_BYTES, Robots, Rules
from corpora.sources import Source, authority

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SUFFIXES = {"text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf", DOCX: ".docx",
             "text/plain": ".txt", "text/markdown": ".md", "image/png": ".png", "image/jpeg": ".jpg",
             "image/tiff": ".tif"}
# What servers say of a file they know nothing about: then its name decides.
_UNSAID = ("", "application/octet-stream", "binary/octet-stream", "application/force-download",
           "application/x-download", "application/download")
_NAMED = {".htm": ".html", ".jpeg": ".jpg", ".tiff": ".tif"} | {suffix: suffix for suffix in _SUFFIXES.values()}
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_HOPS = 5
_MOST_FAILURES = 3             # in a row, of one host
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_FAILURES = (Refusal.UNREACHABLE, Refusal.TOO_SLOW)


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask whether a page has changed since."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """Return the headers of a question about change; none where nothing is known."""
        given = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in given.items() if value and value.isascii() and value.isprintable()}


def suffix_of(media_type: str, url: str) -> str:
    """Return the suffix of the file a page is kept in; empty where it is no document that is read here.

    A web page where the address names another kind of file is a notice or a login, never the file.
    """
    named = _NAMED.get(PurePosixPath(urlsplit(url).path).suffix.lower(), "")
    if media_type in _UNSAID:
        return named
    suffix = _SUFFIXES.get(media_type, "")
    return "" if suffix == ".html" and named not in ("", ".html") else suffix


@dataclass(slots=True)
class _Host:
    """What is remembered of a host while a collection runs."""

    ready_at: float = float("-inf")    # on the clock, in seconds
    rests: str = ""                    # why it is left alone
    failures: int = 0                  # one after another


class Visitor:
    """Fetches the pages of sources; it remembers the rules and the pace of each host, so keep one for a collection."""

    def __init__(self, get: Callable[[Request], Reply], *, clock: Callable[[], float] = time.monotonic,
                 sleep: Callable[[float], None] = time.sleep) -> None:
        self._get, self._clock, self._sleep = get, clock, sleep
        self._hosts: dict[str, _Host] = {}
        self._robots: dict[str, Robots] = {}

    def __call__(self, url: str, source: Source, known: Validators) -> Reply:
        """Return the answer for a page, whose status is 200, 304, 404 or 410.

        Raises:
            NotFetchedError: a rule forbids it, or the server does not answer as it should.
        """
        reply = self._followed(url, source, known.headers())
        if reply.status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            return reply
        raise NotFetchedError(Refusal.STATUS, f"{reply.url} answered with status {reply.status}")

    def _followed(self, url: str, source: Source, headers: Mapping[str, str], *, robots: bool = True) -> Reply:
        """Return the first answer that leads nowhere else."""
        at = url
        for _ in range(_MOST_HOPS + 1):
            reply = self._asked(at, source, headers, robots=robots)
            if reply.status not in _REDIRECTS or not reply.headers.get("location"):
                return reply
            at = _next(at, reply.headers["location"], source)
        raise NotFetchedError(Refusal.REDIRECTS, f"{url} leads on and on", hint="List the address it ends at.")

    def _asked(self, url: str, source: Source, headers: Mapping[str, str], *, robots: bool) -> Reply:
        host = self._hosts.setdefault(authority(url), _Host())
        delay = source.delay_s
        if robots:
            rules = self._rules(url, source)
            rules.check(url)
            delay = max(delay, rules.delay_s)
        if host.rests:
            raise NotFetchedError(Refusal.BUSY, f"{urlsplit(url).hostname} is left alone for now: {host.rests}")
        self._wait(host, delay)
        try:
            reply = self._get(_request(url, source, headers, robots=robots))
        except NotFetchedError as error:
            _note_failure(host, error)
            raise
        finally:
            host.ready_at = self._clock()
        host.failures = 0
        if reply.status in _BUSY:
            host.rests = f"it answered with status {reply.status}{_asks(reply)}"
            raise NotFetchedError(Refusal.BUSY, f"{urlsplit(url).hostname} is busy: {host.rests}")
        return reply

    def _rules(self, url: str, source: Source) -> Rules:
        robots = self._robots.setdefault(
            source.name, Robots(lambda address: self._followed(address, source, {}, robots=False)))
        return robots.rules(url)

    def _wait(self, host: _Host, delay_s: float) -> None:
        if (left := host.ready_at + delay_s - self._clock()) > 0:
            self._sleep(left)


def _request(url: str, source: Source, headers: Mapping[str, str], *, robots: bool) -> Request:
    contact = f" ({source.contact})" if source.contact else ""
    sent = {**headers, "user-agent": f"{AGENT}{contact}"}
    if not robots:
        return Request(url, sent, source.networks, MAX_BYTES, source.page_seconds, lambda _: True)
    return Request(url, sent, source.networks, source.max_bytes, source.page_seconds,
                   lambda media_type: bool(suffix_of(media_type, url)))


def _next(url: str, location: str, source: Source) -> str:
    """Return where a redirect leads.

    Raises:
        NotFetchedError: to another host, or from a protected address to an open one.
    """
    try:
        target = urljoin(url, location).partition("#")[0]
        host = authority(target)
    except ValueError as error:
        raise NotFetchedError(Refusal.FOREIGN_HOST, f"{url} leads to what is no web address: {error}") from error
    if host not in source.hosts:
        raise NotFetchedError(Refusal.FOREIGN_HOST, f"{url} leads to {host}, which is no host of this source",
                              hint=f"If {host} is the publisher's too, add it to hosts.")
    if url.startswith("https:") and not target.startswith("https:"):
        raise NotFetchedError(Refusal.FOREIGN_HOST, f"{url} leads to an address that is not protected",
                              hint="Ask the publisher, or list another address.")
    return target


def _note_failure(host: _Host, error: NotFetchedError) -> None:
    if error.why in _FAILURES:
        host.failures += 1
        if host.failures >= _MOST_FAILURES:
            host.rests = f"it failed {host.failures} times, the last time because {error}"


def _asks(reply: Reply) -> str:
    after = reply.headers.get("retry-after", "")
    return f" and asks to be left alone for {after} seconds" if after.isdigit() else ""
