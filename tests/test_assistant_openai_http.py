"""A model on a server: whatever the server does, verified sentences or the next generator, and no secret told.

The server is a real one, on the loopback address of this machine.
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from assistant import config as settings
from assistant.circuit import REST_S, Circuit
from assistant.config import Config
from assistant.drafting import Drafting, Notice
from assistant.errors import ConfigError
from assistant.generate import Finish, open_generators
from assistant.line import BusyError
from assistant.models import Models
from assistant.openai_http import (
    MAX_DRAFT_BYTES,
    MAX_EVENT_BYTES,
    OpenAiGenerator,
    ServerBusyError,
    ServerError,
    check_reach,
)
from assistant.prompt import GRAMMAR, compose_prompt
from assistant.query import understand
from assistant.records import Citation
from assistant.server_settings import Server
from tests.entries import entry

FEE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст."
TRUE = f"{FEE} [1]"
KEY = "sk-Махфӣ".encode().hex()
QUERY = understand("Шиносномаи хориҷӣ чанд сомонӣ аст?", today=date(2026, 11, 25))
PROMPT = compose_prompt(QUERY.text, [FEE], "tg")

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Notes what it is asked, and answers as the server was told to."""

    server: LoopbackServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.path, dict(self.headers), json.loads(body)))
        with suppress(OSError):
            self.server.answers(self)
        self.server.ended.set()
        self.close_connection = True

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers), {}))
        self.server.answers(self)

    def begin(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"content-type": "text/event-stream"} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def write(self, *events: str | bytes | dict[str, Any]) -> None:
        for event in events:
            data = json.dumps(event) if isinstance(event, dict) else event
            self.wfile.write(data if isinstance(data, bytes) else f"data: {data}\n\n".encode("utf-8", "surrogatepass"))
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        pass


class LoopbackServer(ThreadingHTTPServer):
    """A chat server that nobody trusts."""

    def __init__(self, answers: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.ended = Event()
        self.released = Event()        # what a silent answer waits for

    @property
    def settings(self) -> Server:
        return Server(f"http://127.0.0.1:{self.server_port}/v1", "soro", read_timeout_s=5)

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def serving(answers: Answer) -> Iterator[LoopbackServer]:
    with LoopbackServer(answers) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


@contextmanager
def asking(answers: Answer, **changed: Any) -> Iterator[tuple[LoopbackServer, OpenAiGenerator]]:
    with serving(answers) as server:
        generator = OpenAiGenerator(replace(server.settings, **changed))
        try:
            yield server, generator
        finally:
            generator.close()


def piece(text: str | None, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


def writes(*pieces: str, finish: str | None = "stop") -> Answer:
    """A server that works: its first event names the role, its last says what was used."""
    def answer(handler: Handler) -> None:
        handler.begin()
        handler.write({"choices": [{"delta": {"role": "assistant", "content": None}}]}, b": keep-alive\n\n")
        handler.write(*map(piece, pieces))
        if finish:
            handler.write(piece("", finish), {"choices": [], "usage": {"total_tokens": 9}}, "[DONE]")
    return answer


# A server that works


def test_a_draft_comes_in_pieces_as_the_server_writes_them():
    with asking(writes("Боҷи ", "давлатӣ.", " [1]")) as (_, generator):
        pieces = generator.stream(PROMPT, deadline_s=60)
        assert [next(pieces), next(pieces)] == ["Боҷи ", "давлатӣ."]
        pieces.close()
        draft = generator.generate(PROMPT, deadline_s=60)
    assert (draft.text, draft.finish, draft.tokens) == ("Боҷи давлатӣ. [1]", Finish.STOP, 3)
    assert draft.model == generator.name == "soro@127.0.0.1"


def test_the_server_is_asked_with_the_same_words_and_the_grammar_only_where_it_knows_it():
    with asking(writes(TRUE)) as (server, generator):
        generator.generate(PROMPT, deadline_s=60)
        path, headers, asked = server.asked[0]
    assert path == "/v1/chat/completions"
    assert asked == {"model": "soro", "messages": [{"role": "user", "content": PROMPT.message}], "stream": True,
                     "temperature": 0, "max_tokens": PROMPT.max_tokens}
    assert "authorization" not in {name.casefold() for name in headers}
    with asking(writes(TRUE), grammar=True) as (server, generator):
        generator.generate(PROMPT, deadline_s=60)
        assert server.asked[0][2]["grammar"] == GRAMMAR


@pytest.mark.parametrize(("finish", "expected"), [("length", Finish.LENGTH), ("stop", Finish.STOP)])
def test_how_a_draft_ended_is_what_the_server_says(finish, expected):
    with asking(writes(TRUE, finish=finish)) as (_, generator):
        assert generator.generate(PROMPT, deadline_s=60).finish is expected


def test_a_server_that_only_says_done_has_stopped():
    def answer(handler: Handler) -> None:
        handler.begin()
        handler.write(piece(TRUE), "[DONE]")
    with asking(answer) as (_, generator):
        assert generator.generate(PROMPT, deadline_s=60).finish is Finish.STOP


# A server that does not


def silent(handler: Handler) -> None:
    handler.server.released.wait(30)


def silent_after_a_piece(handler: Handler) -> None:
    handler.begin()
    handler.write(piece("Боҷи "))
    handler.server.released.wait(30)


def talks_of_nothing(handler: Handler) -> None:
    handler.begin()
    while not handler.server.released.wait(0.02):
        handler.write(b": ping\n\n", piece(""))


def status(code: int, **headers: str) -> Answer:
    return lambda handler: handler.begin(code, **headers)


def says(*events: str | bytes | dict[str, Any], **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.begin(**headers)
        handler.write(*events)
    return answer


FAULTS: dict[str, tuple[Answer, str]] = {
    "silent": (silent, "said nothing for|was silent"),
    "silent after a piece": (silent_after_a_piece, "said nothing for|was silent"),
    "pings only": (talks_of_nothing, "said nothing for"),
    "500": (status(500), "answered with status 500"),
    "401": (status(401), "answered with status 401"),
    "redirect": (status(307, location="http://127.0.0.1:1/v1/chat/completions"), "answered with status 307"),
    "no stream": (says(json.dumps({"choices": [{"message": {"content": TRUE}}]}).encode(),
                       content_type="application/json"), "broke off"),
    "closed at once": (lambda handler: handler.connection.close(), "broke off"),
    "closed mid-stream": (writes(TRUE, finish=None), "broke off"),
    "garbage": (says(b"data: \xff\xfe\n\n"), "no piece of a draft"),
    "no json": (says("Боҷи давлатӣ"), "no piece of a draft"),
    "deep": (says("[" * 60_000), "no piece of a draft"),
    "an error": (says({"error": {"message": "no room"}}), "no piece of a draft"),
    "a list": (says("[1, 2]"), "no piece of a draft"),
    "a number for text": (says({"choices": [{"delta": {"content": 7}}]}), "no piece of a draft"),
    "a strange end": (says(piece(TRUE, "content_filter")), "no piece of a draft"),
    "a long line": (says(" " * 2 * MAX_EVENT_BYTES + json.dumps(piece("Бепул аст. [1]", "stop"))), "broke off"),
    "too much": (says(*[{"choices": [], "usage": "x" * 50_000}] * (MAX_DRAFT_BYTES // 50_000 + 1)), "wrote more than"),
    "packed": (says(b"\x1f\x8b", content_encoding="gzip"), "packed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_fails_is_an_error_without_its_words_and_the_next_generator_writes(fault):
    answers, why = FAULTS[fault]
    with asking(answers, read_timeout_s=0.3) as (server, generator), asking(writes(TRUE)) as (_, second):
        document = entry("шиноснома", FEE)
        citations = (Citation(document.passages[0], document.document, (0, len(FEE))),)
        writing = Drafting((generator, second)).begin(QUERY, citations)
        claims = [claim.text for claim in writing]
        problem = writing.attempts[0].problem
        if fault == "closed mid-stream":   # what came whole before it is verified already
            assert (claims, writing.model) == ([FEE], generator.name)
        else:
            assert (claims, writing.model, writing.warnings) == ([FEE], second.name, ())
        assert isinstance(problem, ServerError)
        with pytest.raises(ServerError, match=why):
            raise problem
        assert "no room" not in problem.message
        assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_an_error_and_is_left_alone_for_a_while():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    now = [0.0]
    circuit = Circuit(lambda: now[0], lambda: 0.0)
    generator = OpenAiGenerator(Server(f"http://127.0.0.1:{port}/v1", "soro"), clock=lambda: now[0], circuit=circuit)
    with pytest.raises(ServerError, match="cannot be reached"):
        generator.generate(PROMPT, deadline_s=60)
    with pytest.raises(ServerError, match=r"cannot be reached.*left alone for 30 more seconds"):
        generator.generate(PROMPT, deadline_s=60)
    with serving(writes(TRUE)) as server:
        now[0] += REST_S
        moved = OpenAiGenerator(server.settings, clock=lambda: now[0])
        assert moved.generate(PROMPT, deadline_s=60).text == TRUE
        moved.close()
    with pytest.raises(ServerError, match=r"cannot be reached\.$"):
        generator.generate(PROMPT, deadline_s=60)
    generator.close()


@pytest.mark.parametrize(("code", "said", "rest"), [
    (429, "7", 7), (503, "120", 120), (429, "0", 1), (503, "9999999999", 30), (429, "-5", 30),
    (503, "Fri, 27 Nov 2026 10:00:00 GMT", 30), (503, None, 30)])
def test_a_server_with_too_much_to_do_is_left_alone_as_long_as_it_says(code, said, rest):
    now = [0.0]
    answers = status(code, **({"retry_after": said} if said else {}))
    with serving(answers) as server:
        generator = OpenAiGenerator(server.settings, circuit=Circuit(lambda: now[0], lambda: 0.0))
        with pytest.raises(ServerBusyError, match=f"too much to do .status {code}."):
            generator.generate(PROMPT, deadline_s=60)
        server.answers = writes(TRUE)
        now[0] += rest - 1
        with pytest.raises(ServerError, match="left alone for 1 more"):
            generator.generate(PROMPT, deadline_s=60)
        assert len(server.asked) == 1
        now[0] += 1
        assert generator.generate(PROMPT, deadline_s=60).text == TRUE
        assert len(server.asked) == 2
        generator.close()


def test_an_asker_whom_a_busy_server_turned_away_is_told_that_it_is_busy():
    with asking(status(503)) as (_, generator):
        document = entry("шиноснома", FEE)
        citations = (Citation(document.passages[0], document.document, (0, len(FEE))),)
        writing = Drafting((generator,)).begin(QUERY, citations)
        assert list(writing) == []
        assert writing.attempts[0].notice is Notice.BUSY


def test_a_server_that_comes_back_is_tried_by_one_question_and_then_by_all():
    now = [0.0]
    with serving(status(500)) as server:
        generator = OpenAiGenerator(server.settings, circuit=Circuit(lambda: now[0], lambda: 0.0))
        with pytest.raises(ServerError, match="status 500"):
            generator.generate(PROMPT, deadline_s=60)
        now[0] += REST_S
        cancelled, server.answers = Event(), silent
        with ThreadPoolExecutor(1) as threads:
            trial = threads.submit(generator.generate, PROMPT, deadline_s=60, cancelled=cancelled.is_set)
            while len(server.asked) < 2:
                pass
            with pytest.raises(ServerError, match="Another question tries it now"):
                generator.generate(PROMPT, deadline_s=60)
            cancelled.set()
            assert trial.result().finish is Finish.CANCELLED
        assert len(server.asked) == 2
        server.answers = silent_after_a_piece
        streams = [generator.stream(PROMPT, deadline_s=60) for _ in range(2)]
        assert [next(stream) for stream in streams] == ["Боҷи "] * 2
        for stream in streams:
            stream.close()
        generator.close()


def test_a_server_that_lies_is_found_out_and_the_next_generator_writes():
    lie = FEE.replace("250", "200") + " [1]"
    with asking(writes(*lie)) as (_, liar), asking(writes(*TRUE)) as (_, second):
        document = entry("шиноснома", FEE)
        citations = (Citation(document.passages[0], document.document, (0, len(FEE))),)
        writing = Drafting((liar, second)).begin(QUERY, citations)
        assert [claim.text for claim in writing] == [FEE]
        assert [(verdict.model, verdict.shown) for verdict in writing.verdicts] == [
            (liar.name, False), (second.name, True)]


# Ending


@pytest.mark.parametrize("answers", [silent_after_a_piece, talks_of_nothing])
def test_a_cancelled_draft_hangs_up_and_the_next_is_answered(answers):
    with asking(answers) as (server, generator):
        cancelled = Event()
        pieces = generator.stream(PROMPT, deadline_s=60, cancelled=cancelled.is_set)
        if answers is silent_after_a_piece:
            assert next(pieces) == "Боҷи "
        cancelled.set()
        with pytest.raises(StopIteration) as end:
            next(pieces)
        assert end.value.value.finish is Finish.CANCELLED
        server.answers = writes(TRUE)
        assert generator.generate(PROMPT, deadline_s=60).text == TRUE
        assert generator.waiting == 0


def test_a_reader_that_leaves_makes_the_server_stop():
    def endless(handler: Handler) -> None:
        handler.begin()
        while not handler.server.released.wait(0.001):
            handler.write(piece("ҳуҷҷат "))
    with asking(endless) as (server, generator):
        pieces = generator.stream(PROMPT, deadline_s=60)
        assert next(pieces) == "ҳуҷҷат "
        pieces.close()
        assert server.ended.wait(5)
        assert not server.released.is_set()


def test_a_draft_past_its_deadline_keeps_what_was_written():
    now = [0.0]
    with asking(silent_after_a_piece) as (_, generator):
        generator._clock = lambda: now[0]
        pieces = generator.stream(PROMPT, deadline_s=4)
        assert next(pieces) == "Боҷи "
        now[0] += 4
        with pytest.raises(StopIteration) as end:
            next(pieces)
    assert (end.value.value.finish, end.value.value.text) == (Finish.DEADLINE, "Боҷи ")


def test_several_are_served_at_once_and_those_without_a_place_are_turned_away():
    with asking(silent_after_a_piece, at_once=2) as (_, generator):
        streams = [generator.stream(PROMPT, deadline_s=60) for _ in range(2)]
        assert [next(stream) for stream in streams] == ["Боҷи "] * 2
        with ThreadPoolExecutor(3) as threads:
            cancelled = Event()
            waiting = [threads.submit(generator.generate, PROMPT, deadline_s=60, cancelled=cancelled.is_set)
                       for _ in range(3)]
            while generator.waiting < 5:
                pass
            with pytest.raises(BusyError):
                generator.generate(PROMPT, deadline_s=60)
            cancelled.set()
            assert {each.result().finish for each in waiting} == {Finish.CANCELLED}
        for stream in streams:
            stream.close()
        assert generator.waiting == 0


# The key, and where it may go


@pytest.fixture
def key_file(tmp_path) -> Path:
    path = tmp_path / "server.key"
    path.write_text(f"{KEY}\n", "ascii")
    return path


def test_the_key_goes_to_the_server_and_into_no_log_no_error_and_no_object(key_file, caplog):
    caplog.set_level(logging.DEBUG)
    with asking(writes(TRUE), key_file=key_file) as (server, generator):
        assert generator.generate(PROMPT, deadline_s=60).text == TRUE
        assert server.asked[0][1]["authorization"] == f"Bearer {KEY}"
        server.answers = status(401, x_key=KEY)
        with pytest.raises(ServerError) as refused:
            generator.generate(PROMPT, deadline_s=60)
        seen = [caplog.text, str(refused.value), refused.value.hint, repr(generator), repr(vars(generator))]
    assert not any(KEY in each for each in seen)
    assert QUERY.text not in caplog.text


@pytest.mark.parametrize("held", ["", "ду калима", "two words", "x" * 5_000, None])
def test_a_key_that_cannot_be_read_is_a_setting_to_mend_and_is_not_said(tmp_path, held):
    path = tmp_path / "server.key"
    if held is not None:
        path.write_text(held, "utf-8")
    with pytest.raises(ConfigError, match=r"cannot be read from .*server\.key") as refused:
        OpenAiGenerator(Server("http://127.0.0.1:1/v1", "soro", key_file=path))
    assert not held or held not in str(refused.value)


def test_no_proxy_of_the_environment_is_asked(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with asking(writes(TRUE)) as (_, generator):
        assert generator.generate(PROMPT, deadline_s=60).text == TRUE


def test_a_redirect_sends_neither_the_question_nor_the_key_elsewhere(key_file):
    with serving(writes(TRUE)) as elsewhere:
        away = status(307, location=f"{elsewhere.settings.url}/chat/completions")
        with asking(away, key_file=key_file) as (_, generator), pytest.raises(ServerError, match="status 307"):
            generator.generate(PROMPT, deadline_s=60)
        assert elsewhere.asked == []


def test_whether_a_server_is_there_and_takes_the_key_can_be_asked_without_a_question(key_file):
    with serving(status(200)) as server:
        check_reach(replace(server.settings, key_file=key_file))
        assert [(path, headers["authorization"]) for path, headers, _ in server.asked] == [
            ("/v1/models", f"Bearer {KEY}")]
        server.answers = status(401)
        with pytest.raises(ServerError, match="status 401"):
            check_reach(server.settings)
    with pytest.raises(ServerError, match="cannot be reached"):
        check_reach(server.settings)


# Settings


def configured(folder: Path, toml: str) -> Config:
    (folder / "config.toml").write_text(toml, "utf-8")
    return settings.load(folder)


def test_the_server_is_a_table_of_the_settings_and_is_asked_before_this_machine(tmp_path, key_file):
    config = configured(tmp_path, '[server]\nurl = "https://ai.example.tj/v1/"\nmodel = "soro"\n'
                                  'key_file = "server.key"\ngrammar = true\nread_timeout_s = 30\n')
    assert config.server == Server("https://ai.example.tj/v1", "soro", key_file, True, 4, 3.0, 30)
    opened = open_generators("auto", config.server, Models(tmp_path))
    assert ([each.name for each in opened.generators], opened.problem) == (["soro@ai.example.tj"], None)
    opened.generators[0].close()


def test_without_a_server_no_generator_opens_a_connection(tmp_path):
    assert configured(tmp_path, "").server is None
    assert open_generators("auto", None, Models(tmp_path)).generators == ()
    opened = open_generators("server", None, Models(tmp_path))
    assert (opened.generators, opened.problem.code) == ((), "config")
    only = open_generators("extractive", Server("http://127.0.0.1:1/v1", "soro"), Models(tmp_path))
    assert (only.generators, only.problem) == ((), None)


def test_a_server_that_cannot_be_opened_leaves_this_machine_s_generators(tmp_path):
    server = Server("https://ai.example.tj/v1", "soro", key_file=tmp_path / "нест.key")
    opened = open_generators("auto", server, Models(tmp_path))
    assert opened.generators == ()
    assert isinstance(opened.problem, ConfigError)


@pytest.mark.parametrize(("table", "why"), [
    ('url = "https://ai/v1"', "does not say the model"),
    ('model = "soro"', "does not say the url"),
    ('url = "ftp://ai/v1"\nmodel = "soro"', "no plain http or https address"),
    ('url = "https:///v1"\nmodel = "soro"', "no plain http or https address"),
    ('url = "https://ai:99999/v1"\nmodel = "soro"', "no plain http or https address"),
    ('url = "https://me:secret@ai/v1"\nmodel = "soro"', "no plain http or https address"),
    ('url = "https://ai/v1?key=secret"\nmodel = "soro"', "no plain http or https address"),
    ('url = "http://10.0.0.5/v1"\nmodel = "soro"\nkey_file = "k"', "would travel readable"),
    ('url = "https://ai/v1"\nmodel = "soro"\nread_timeout_s = 0', "read_timeout_s in .server. cannot be 0"),
    ('url = "https://ai/v1"\nmodel = "soro"\nat_once = 65', "at_once in .server. cannot be 65"),
    ('url = "https://ai/v1"\nmodel = "soro"\nat_once = true', "at_once in .server. cannot be True"),
    ('url = "https://ai/v1"\nmodel = "soro"\ngrammar = 1', "grammar in .server. cannot be 1"),
    ('url = "https://ai/v1"\nmodel = "soro"\nkey = "secret"', "unknown setting in .server.: key")])
def test_a_server_that_is_set_wrongly_is_refused_and_no_secret_is_repeated(tmp_path, table, why):
    with pytest.raises(ConfigError, match=why) as refused:
        configured(tmp_path, f"[server]\n{table}\n")
    assert "secret" not in refused.value.message + refused.value.hint


def test_a_key_may_go_to_this_machine_by_plain_http(tmp_path):
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert configured(tmp_path, f'[server]\nurl = "http://{host}:8080/v1"\nmodel = "m"\nkey_file = "k"').server
