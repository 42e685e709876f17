"""A generator on another machine: any OpenAI-compatible chat server (llama.cpp, vLLM), streamed.

It is the one way in which answering opens a connection, only to the configured address: no redirect is
followed, no proxy of the environment used, nothing compressed accepted, and every size and silence bounded.
The key is in no error, log or object that is shown.  A server that failed or has too much to do is left alone for
a while (`circuit`), so that the next question need not wait for it.  What it writes is checked by nobody here.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.circuit import Circuit
from assistant.errors import AssistantError, ConfigError
from assistant.generate import POLL_S, Draft, Finish, Pieces, Request, never, whole
from assistant.line import Line
from assistant.prompt import Prompt
from assistant.server_settings import Server

if TYPE_CHECKING:
    from httpx2 import Client, Response

MAX_EVENT_BYTES = 65_536      # one piece of a draft with what the server says around it
MAX_DRAFT_BYTES = 1_000_000   # on the wire; 200 tokens take about 60 000
_MAX_KEY_BYTES = 4_096
_MAX_DIGITS = 9
_HINT = "Answers go on without it.  `rohnamo doctor` says whether it can be reached."
_FINISHES = {"stop": Finish.STOP, "length": Finish.LENGTH}
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class ServerError(AssistantError):
    """The server cannot be reached, or does not answer as it should; what was composed stands."""

    code = "server_failed"


class ServerBusyError(ServerError):
    """The server has too much to do, or is not ready yet; `rest_s` is for how many seconds it wants no more."""

    code = "server_busy"

    def __init__(self, message: str, hint: str = "", *, rest_s: float | None = None) -> None:
        super().__init__(message, hint)
        self.rest_s = rest_s


class OpenAiGenerator:
    """Writes drafts with a model on a server.  Threads may share it; a few are served at once.

    Raises:
        ConfigError: the file with the key cannot be used.
    """

    shows_text = True

    def __init__(self, server: Server, *, clock: Callable[[], float] = time.monotonic,
                 circuit: Circuit | None = None) -> None:
        self.name = name_of(server)
        self._server = server
        self._client = _client(server)
        self._clock = clock
        self._line = Line(server.at_once)
        self._circuit = circuit or Circuit(clock)

    @property
    def waiting(self) -> int:
        """How many drafts are being written or waited for."""
        return self._line.taken

    def forget(self) -> None:
        """Nothing is kept here; what the server keeps is its operator's to say."""

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def generate(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool] = never) -> Draft:
        """Return the draft when it is done.  Raises as `stream`."""
        return whole(self.stream(prompt, deadline_s=deadline_s, cancelled=cancelled))

    def stream(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool] = never) -> Pieces:
        """Yield the pieces of a draft as they come, and return the draft.

        Closing the iterator early hangs up.

        Raises:
            BusyError: as many wait as may.
            ServerBusyError: it has too much to do.
            ServerError: it cannot be reached, is too slow, or did not answer as it should, at any time.
        """
        request = Request(0, self.name, self._clock, deadline_s, cancelled)
        with self._line.enter() as place:
            while not place.comes(POLL_S):
                if finish := request.over():
                    return request.draft(finish)
            if closed := self._circuit.enter():
                raise ServerError(closed, _HINT)
            call = _Call(self.name, self._client, f"{self._server.url}/chat/completions", self._asked(prompt))
            try:
                return request.draft((yield from self._pieces(call, request)))
            except ServerError as error:
                self._circuit.failed(error.message, error.rest_s if isinstance(error, ServerBusyError) else None)
                raise
            finally:
                call.hang_up()
                self._circuit.left()

    def _asked(self, prompt: Prompt) -> dict[str, Any]:
        asked = {"model": self._server.model, "messages": [{"role": "user", "content": prompt.message}],
                 "stream": True, "temperature": 0, "max_tokens": prompt.max_tokens}
        return asked | ({"grammar": prompt.grammar} if self._server.grammar and prompt.grammar else {})

    def _pieces(self, call: _Call, request: Request) -> Generator[str, None, Finish]:
        heard = self._clock()
        while not (finish := request.over()):
            if self._clock() - heard > self._server.read_timeout_s:
                raise _failed(self.name, f"said nothing for {self._server.read_timeout_s:g} seconds")
            match call.receive(POLL_S):
                case Finish() as finish:
                    self._circuit.worked()
                    return finish
                case ServerError() as error:
                    raise error
                case str() as piece if piece:
                    heard = self._clock()
                    self._circuit.worked()
                    request.texts.append(piece)
                    request.tokens += 1
                    yield piece
        return finish


class _Call:
    """One request on its way, read by a thread of its own, because a read cannot be looked away from."""

    def __init__(self, name: str, client: Client, address: str, asked: dict[str, Any]) -> None:
        self._inbox: SimpleQueue[str | Finish | ServerError] = SimpleQueue()
        self._name, self._client, self._address, self._asked = name, client, address, asked
        self._lock = Lock()
        self._response: Response | None = None
        self._over = False
        Thread(target=self._run, name="model-server", daemon=True).start()

    def receive(self, timeout_s: float) -> str | Finish | ServerError | None:
        """Return the next piece, the end or what went wrong; None where nothing came in time."""
        with suppress(Empty):
            return self._inbox.get(timeout=timeout_s)
        return None

    def hang_up(self) -> None:
        """End the call now, so that the server stops writing; a call that has ended stays as it is."""
        with self._lock:
            self._over = True
            if self._response is None:
                return
            with suppress(OSError, ValueError):
                self._response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        import httpx2
        try:
            for said in self._said():
                self._inbox.put(said)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            self._fail("cannot be reached")
        except httpx2.TimeoutException:
            self._fail("was silent for too long")
        except ServerError as error:
            self._inbox.put(error)
        except Exception:  # whatever it is, its text may hold the server's words or the question's
            self._fail("broke off")

    def _said(self) -> Iterator[str | Finish]:
        from httpx2 import EventSource
        with self._client.stream("POST", self._address, json=self._asked) as response:
            try:
                self._check(response)
                for event in EventSource(response, MAX_EVENT_BYTES):
                    if response.num_bytes_downloaded > MAX_DRAFT_BYTES:
                        raise _failed(self._name, f"wrote more than {MAX_DRAFT_BYTES} bytes")
                    yield from (said := self._pieces_of(event.data))
                    if isinstance(said[-1], Finish):
                        return
            finally:
                with self._lock:
                    self._response = None
        raise _failed(self._name, "broke off")

    def _check(self, response: Response) -> None:
        with self._lock:
            self._response = response
            if self._over:
                raise _failed(self._name, "is not waited for any more")
        if response.status_code in _BUSY:
            raise ServerBusyError(
                f"Model server {self._name} has too much to do (status {response.status_code}).", _HINT,
                rest_s=_seconds(response.headers.get("retry-after", "")))
        if response.status_code != HTTPStatus.OK:
            raise _failed(self._name, f"answered with status {response.status_code}")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _failed(self._name, "answered packed, which was not asked for")
        response.encoding = "utf-8"

    def _pieces_of(self, data: str) -> tuple[str | Finish, ...]:
        """Return the text of one event, and the end where it is one."""
        if data.strip() == "[DONE]":
            return (Finish.STOP,)
        try:
            message = json.loads(data)
        except (ValueError, RecursionError):
            message = None
        match message:
            case {"choices": []}:      # what was used, at the end
                return ("",)
            case {"choices": [{"delta": {**delta}, **choice}, *_]}:
                text, finish = delta.get("content") or "", choice.get("finish_reason")
                if isinstance(text, str) and finish is None:
                    return (text,)
                if isinstance(text, str) and finish in _FINISHES:
                    return (text, _FINISHES[finish])
        raise _failed(self._name, "wrote what is no piece of a draft")

    def _fail(self, why: str) -> None:
        self._inbox.put(_failed(self._name, why))


def check_reach(server: Server) -> None:
    """Ask a server which models it has, to see that it is there and takes the key.

    Raises:
        ServerError: it cannot be reached, or does not answer as it should.
        ConfigError: the file with the key cannot be used.
    """
    import httpx2
    with _client(server) as client:
        try:
            with client.stream("GET", f"{server.url}/models") as response:
                status = response.status_code
        except httpx2.HTTPError as error:
            raise _failed(name_of(server), "cannot be reached") from error
    if status != HTTPStatus.OK:
        raise _failed(name_of(server), f"answered with status {status}")


def name_of(server: Server) -> str:
    """Return what answers that a server worded are signed with."""
    return f"{server.model}@{urlsplit(server.url).hostname}"


def _failed(name: str, why: str) -> ServerError:
    return ServerError(f"Model server {name} {why}.", _HINT)


def _seconds(said: str) -> float | None:
    """Return the seconds of a Retry-After, None for a date: the clocks here are not to be relied upon."""
    return float(said) if said.isascii() and said.isdigit() and len(said) <= _MAX_DIGITS else None


def _client(server: Server) -> Client:
    import httpx2
    for library in ("httpx2", "httpcore2"):  # they log what a server answers, which may repeat the key
        logging.getLogger(library).setLevel(logging.WARNING)
    headers = {"accept-encoding": "identity", "user-agent": "rohnamo"}
    if server.key_file:
        headers["authorization"] = f"Bearer {_key(server.key_file)}"
    return httpx2.Client(headers=headers, trust_env=False, follow_redirects=False,
                         timeout=httpx2.Timeout(server.read_timeout_s, connect=server.connect_timeout_s))


def _key(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            key = stream.read(_MAX_KEY_BYTES + 1).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        key = ""
    if not key or len(key) > _MAX_KEY_BYTES or not key.isprintable() or " " in key:
        raise ConfigError(f"the key of the model server cannot be read from {path}",
                          "The file holds the key alone, on one line.")
    return key
