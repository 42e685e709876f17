"""What a site asks of programs that visit it: its `robots.txt`, read by Python's own reader.

One file an origin, asked for once.  A site without one allows everything; one that guards it, or whose server
fails, allows nothing until it answers again.  Waiting and asking are done by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from corpora.fetch import NotFetchedError, Refusal, Reply

AGENT = "rohnamo"
MAX_BYTES = 512_000            # RFC 9309, section 2.5
MOST_DELAY_S = 120.0           # a site that wants more time between two pages is not collected
_GUARDED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NOTHING = ["User-agent: *", "Disallow: /"]
_ASK = "Ask the publisher, or take the address out of sources.toml."


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin asks for."""

    parser: RobotFileParser

    def check(self, url: str) -> None:
        """Refuse an address that the site does not want to be asked.

        Raises:
            NotFetchedError: its robots.txt forbids the address, or asks to be visited too seldom.
        """
        if not self.parser.can_fetch(AGENT, url):
            raise NotFetchedError(Refusal.ROBOTS, f"robots.txt of {urlsplit(url).netloc} forbids {url}", hint=_ASK)
        if self.delay_s > MOST_DELAY_S:
            raise NotFetchedError(Refusal.ROBOTS, f"robots.txt of {urlsplit(url).netloc} asks to wait "
                                                  f"{self.delay_s:g} seconds between two pages", hint=_ASK)

    @property
    def delay_s(self) -> float:
        """Seconds the site wants between two requests; 0 where it does not say."""
        rate = self.parser.request_rate(AGENT)
        paced = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(float(self.parser.crawl_delay(AGENT) or 0), paced)


class Robots:
    """The rules of every origin that was met; `get` asks for one file and raises `NotFetchedError`."""

    def __init__(self, get: Callable[[str], Reply]) -> None:
        self._get = get
        self._known: dict[str, Rules] = {}

    def rules(self, url: str) -> Rules:
        """Return the rules of the origin of an address; a file that cannot be had now is asked for again later.

        Raises:
            NotFetchedError: its robots.txt cannot be fetched.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._known:
            self._known[origin] = _read(self._get(f"{origin}/robots.txt"))
        return self._known[origin]


def _read(reply: Reply) -> Rules:
    if reply.status == HTTPStatus.OK:
        lines = reply.data.decode("utf-8-sig", "replace").splitlines()
    elif reply.status in _GUARDED or not HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        lines = _NOTHING
    else:
        lines = []
    try:
        return _parsed(lines)
    except ValueError:         # Python's reader fails over numbers that are none, like ²
        return _parsed(_NOTHING)


def _parsed(lines: list[str]) -> Rules:
    parser = RobotFileParser()
    parser.parse(lines)
    return Rules(parser)
