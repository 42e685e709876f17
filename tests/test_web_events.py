"""An answer as a stream: what comes first, what a model may add, and what is let go when the browser leaves."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, BoundedSemaphore
from types import SimpleNamespace

import anyio
import pytest
from starlette.testclient import TestClient

from assistant.answer import Assistant
from assistant.cited import cited
from assistant.drafting import Drafting
from assistant.errors import NoSnapshotError
from assistant.texts import text
from assistant.web import asked
from assistant.web.app import kiosk
from assistant.web.desk import Desk
from assistant.web.events import TYPE
from assistant.web.session import Sessions
from assistant.web.settings import KioskSettings
from tests.desk import ADDRESS, NOW, Scripted, visit

QUESTION = "Нишондиҳанда барои ҳисобҳо соли 2023 чанд буд?"
TRUE = "Соли 2023 нишондиҳанда барои ҳисобҳо 68 сомонӣ буд. [1]"
FALSE = "Соли 2023 нишондиҳанда барои ҳисобҳо 99 сомонӣ буд. [1]"
PATIENCE_S = 10


class Now:
    """A current snapshot that counts who uses it."""

    def __init__(self, assistant):
        self.one, self.users = assistant, 0

    @contextmanager
    def assistant(self):
        if self.one is None:
            raise NoSnapshotError("there is no snapshot about КАНАРЕЙКА", "")
        self.users += 1
        try:
            yield self.one
        finally:
            self.users -= 1

    def forget(self):
        """Nothing is kept here."""


@pytest.fixture
def opened(assistant, seed_config):
    """Opens a kiosk whose assistant has these generators."""
    def open_with(*generators, current=None):
        one = Assistant(assistant.snapshot, assistant.snapshot_id, assistant.today, Drafting(generators))
        return Desk(seed_config, current or Now(one), Sessions(lambda: 0.0, 90), KioskSettings(), lambda: NOW)
    return open_with


def ask(desk, question=QUESTION):
    """Return the events of a question and the visitor who asked it."""
    client = TestClient(kiosk(desk), base_url=ADDRESS, headers={"origin": ADDRESS})
    response = client.post("/ask", data={"question": question}, headers={"accept": TYPE})
    assert response.headers["content-type"].startswith(TYPE)
    assert response.headers["cache-control"] == "no-store"
    found = re.findall(r"event: (\w+)\ndata: (.*)\n\n", response.text)
    return [(name, json.loads(data)) for name, data in found], client, response


def test_without_a_model_a_composed_answer_comes_whole_with_its_sources_first(opened):
    desk = opened()
    events, client, _ = ask(desk)
    [(name, kept)] = visit(desk, client).answers.items()
    claims = kept.account.answer.claims
    assert [one for one, _ in events] == ["status", "sources", *["claim"] * len(claims), "verdict", "done"]
    assert dict(events)["done"] == {"address": f"/answer/{name}"} == {"address": dict(events)["sources"]["address"]}
    assert dict(events)["verdict"] == {"verdict": "past", "said": text("tg", "kiosk", "verdict_past")}
    assert QUESTION in client.get(f"/answer/{name}").text


def test_a_sentence_of_a_model_comes_once_it_is_verified_and_no_other_ever(opened):
    desk = opened(Scripted(TRUE, FALSE, "Ин ҳам нодуруст аст. [9]", "<b>x</b>"))
    events, client, response = ask(desk)
    written = [data for name, data in events if name == "claim" and data["generated"]]
    assert [block["lines"] for one in written for block in one["blocks"]] == [[TRUE.removesuffix(" [1]")]]
    assert "99" not in response.text
    assert "нодуруст" not in response.text
    assert "<b>" not in response.text
    composed = [at for at, (name, data) in enumerate(events) if name == "claim" and not data["generated"]]
    assert max(composed) < [name for name, _ in events].index("verdict") < events.index(("claim", written[0]))
    assert [data["step"] for name, data in events if name == "status"] == ["search", "write"]
    assert client.get(events[-1][1]["address"]).text.count("said--generated") == 1


def test_the_numbers_shown_while_it_is_written_stay_the_numbers_of_the_answer(opened):
    desk = opened(Scripted(TRUE))
    events, client, _ = ask(desk)
    kept = next(iter(visit(desk, client).answers.values()))
    after = {source.passage.id: source.number for source in cited(kept.account.answer, kept.numbered)}
    texts = {source.number: source.passage.text for source in cited(kept.account.answer, kept.numbered)}
    for told in dict(events)["sources"]["sources"]:
        assert all(quote in texts[told["number"]] for quote in told["quotes"])
    written = next(data for name, data in events if name == "claim" and data["generated"])
    generated = kept.account.answer.claims[0]
    assert written["marks"] == [after[citation.passage.id] for citation in generated.citations]


def test_a_question_that_is_declined_asks_no_model(opened):
    generator = Scripted(TRUE)
    events, _, _ = ask(opened(generator), "Қурби доллар имрӯз чанд аст?")
    assert [name for name, _ in events] == ["status", "sources", "verdict", "done"]
    assert not generator.writing.is_set()


def test_what_cannot_be_read_is_an_error_and_nothing_is_kept(opened):
    desk = opened()
    events, client, _ = ask(desk, "?!")
    assert events[-1] == ("error", {"said": text("tg", "kiosk", "problem_unreadable")})
    assert not visit(desk, client).answers


def test_a_machine_without_documents_says_so_in_words_without_details(opened, caplog):
    events, _, response = ask(opened(current=Now(None)))
    assert events == [("error", {"said": text("tg", "kiosk", "problem_no_documents")})]
    assert "КАНАРЕЙКА" not in response.text + caplog.text
    assert "NoSnapshotError" in caplog.text


def test_when_the_browser_leaves_the_model_and_the_snapshot_are_let_go_and_the_next_question_works(opened):
    generator = Scripted(TRUE, slow=True)
    desk = opened(generator)
    with_browser_that_leaves(kiosk(desk), generator)
    assert generator.ended.is_set()
    assert generator.line.taken == 0
    assert desk.current.users == 0
    generator.slow = False
    events, _, _ = ask(desk)
    assert any(data.get("generated") for _, data in events)
    assert events[-1][0] == "done"


def test_what_was_verified_before_the_browser_left_stays_in_the_answer(opened):
    generator = Scripted(TRUE, slow=True)
    desk = opened(generator)
    session = desk.sessions.begin()
    with_browser_that_leaves(kiosk(desk), generator, session.id)
    [kept] = session.answers.values()
    assert kept.account.answer.generator in ("extractive", "scripted")
    assert kept.account.answer.claims


def with_browser_that_leaves(app, generator, cookie=""):
    """Ask, and go away when the model has begun to write."""
    headers = [(b"host", b"127.0.0.1:8080"), (b"origin", ADDRESS.encode()), (b"accept", TYPE.encode()),
               (b"content-type", b"application/x-www-form-urlencoded"), (b"cookie", f"rohnamo={cookie}".encode())]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": "/ask", "raw_path": b"/ask",
             "query_string": b"", "headers": headers, "scheme": "http", "server": ("127.0.0.1", 8080), "root_path": ""}
    body, sent = [f"question={QUESTION}".encode()], []

    async def receive():
        if body:
            return {"type": "http.request", "body": body.pop(), "more_body": False}
        await anyio.to_thread.run_sync(generator.writing.wait, PATIENCE_S)
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    async def go():
        with anyio.fail_after(PATIENCE_S):
            await app(scope, receive, send)

    anyio.run(go)
    assert sent[0]["status"] == 200
    assert not any(b"event: done" in message.get("body", b"") for message in sent)


def test_no_more_answers_are_composed_at_once_than_there_are_processors(monkeypatch):
    monkeypatch.setattr(asked, "_AT_ONCE", BoundedSemaphore(2))
    monkeypatch.setattr(asked, "only_near", lambda account, _snapshot: account)
    inside, most, both = [], [], Barrier(2)

    def account(question, **_how):
        inside.append(question)
        most.append(len(inside))
        both.wait(30)
        inside.remove(question)
        return SimpleNamespace(answer=SimpleNamespace(language="tg", clarify=None), question=question)

    assistant = SimpleNamespace(account=account, snapshot=None)
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda number: asked.account_of(assistant, asked.Asked(str(number), "tg")), range(6)))
    assert [one.question for one in found] == [str(number) for number in range(6)]
    assert max(most) == 2
    assert inside == []
