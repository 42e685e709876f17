"""The outbox goes to the ministry's inbox over the network: a batch out, its acknowledgement back.

One address, no redirect followed, no proxy of the environment used, and size and time bounded.  Whatever is no
acknowledgement of that very batch counts for nothing (`sync.batch`): a portal's page removes no event.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from sync.batch import MOST_ACKNOWLEDGEMENT
from sync.errors import PostponedError, UndeliveredError
from sync.outbox import Delivered, Outbox
from sync.traffic import Priority, Traffic

if TYPE_CHECKING:
    from httpx2 import Client, Response

CONNECT_S, SILENCE_S = 15.0, 30.0
# Where the server of the releases was not reached either: somebody has waited for that one already.
AGAIN_S = 5.0
# An acknowledgement takes a second on the worst line that people work with.
LONGEST_S = 120.0


def deliver(outbox: Outbox, address: str, traffic: Traffic, *,
            monotonic: Callable[[], float] = time.monotonic, connect_s: float = CONNECT_S) -> Delivered:
    """Send what waits to an inbox, and return how far that went.

    connect_s: for how long a connection is waited for.
    """
    with _client(connect_s) as client:
        return outbox.deliver(lambda batch: _post(client, address, traffic, batch, monotonic))


def _post(client: Client, address: str, traffic: Traffic, batch: bytes, monotonic: Callable[[], float]) -> bytes:
    import httpx2
    try:
        traffic.check(Priority.OUTBOX, len(batch))
        traffic.count(len(batch))
        with client.stream("POST", address, content=batch) as response:
            return _answer(response, traffic, monotonic)
    except PostponedError as error:
        raise UndeliveredError(error.message, hint=error.hint) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise UndeliveredError(_why(error)) from error
    finally:
        traffic.save()


def _why(error: Exception) -> str:
    import httpx2

    from sync.line import reason
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout)):
        return f"the inbox cannot be reached: {reason(error)}"
    if isinstance(error, httpx2.TimeoutException):
        return "the inbox did not answer in time"
    if isinstance(error, httpx2.TransportError):
        return "the connection to the inbox was cut"
    return "the address of the inbox cannot be used"


def _answer(response: Response, traffic: Traffic, monotonic: Callable[[], float]) -> bytes:
    if response.status_code != HTTPStatus.OK:
        why = ": this machine may not be enrolled there" if response.status_code == HTTPStatus.FORBIDDEN else ""
        raise UndeliveredError(f"the inbox answered with status {response.status_code}{why}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise UndeliveredError("the inbox answered packed, which was not asked for")
    ends, answer = monotonic() + LONGEST_S, bytearray()
    for chunk in response.iter_raw():
        answer += chunk
        traffic.count(len(chunk))
        if len(answer) > MOST_ACKNOWLEDGEMENT:
            raise UndeliveredError("the answer is much longer than an acknowledgement")
        if monotonic() > ends:
            raise UndeliveredError(f"the inbox took longer than {LONGEST_S:.0f} seconds to answer")
    return bytes(answer)


def _client(connect_s: float) -> Client:
    import httpx2
    for library in ("httpx2", "httpcore2"):
        logging.getLogger(library).setLevel(logging.WARNING)
    headers = {"accept-encoding": "identity", "content-type": "application/octet-stream", "user-agent": "rohnamo"}
    return httpx2.Client(headers=headers, trust_env=False, follow_redirects=False,
                         timeout=httpx2.Timeout(SILENCE_S, connect=connect_s))
