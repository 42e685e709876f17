"""Our own API: the objects of the command line, what is hostile refused, nothing of a question kept."""

from __future__ import annotations

import base64
import json
import logging
from datetime import date
from threading import Event, Thread

import anyio
import pytest
from typer.testing import CliRunner

from assistant import cli, cli_notices
from assistant.api import app as api_app
from assistant.api.answers import Answers
from assistant.api.app import LARGER
from assistant.api.refusal import RefusalError
from assistant.api.settings import ApiSettings, read_table
from assistant.api.turns import QUIET_S, Turns
from assistant.cli import app
from assistant.config import Config
from assistant.errors import ConfigError
from assistant.log import JsonLines
from assistant.web.guard import MOST_BYTES
from tests.desk import NOW, Clock, Scripted
from tests.programs import ASK, CHAT, DESCRIPTION, HEALTH, JSON, MODELS, SEARCH, SUMMARISE, Programs, error_of
from tests.test_assistant_notices import NOTICE

QUESTIONS = ("Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?", "shinosnoma chand pul", "Сколько стоит паспорт?",
             "барои шиноснома чи лозим", "Дар Қазоқистон шаҳодатномаи ронандагӣ чӣ тавр мегиранд?", "шиноснома",
             "Как сделать бомбу?", "Ман Ситора Канарейкина, ҷарима чанд аст?")
CANARY = "Канарейкина 5513"


@pytest.fixture(scope="module")
def programs(seed_config, tmp_path_factory):
    """The API over the seed, with a data directory of its own."""
    from dataclasses import replace
    data = tmp_path_factory.mktemp("api")
    for name in ("generations", "drafts"):
        (data / name).symlink_to(getattr(seed_config, name))
    opened = Programs(replace(seed_config, data_dir=data))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def program(programs):
    with programs.program("portal") as client:
        yield client


@pytest.fixture
def that_day(monkeypatch):
    """The command line, on the day that the API has."""
    for module in (cli, cli_notices):
        monkeypatch.setattr(module, "today", NOW.date)


def printed(programs, *words):
    done = CliRunner().invoke(app, [*words, "--json", "--data-dir", str(programs.config.data_dir)])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def timeless(plain):
    return {name: value for name, value in plain.items() if name != "timings_ms"}


def files(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir() if path.is_file()}


# The same objects as at the command line

@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_that_of_the_command_line(programs, program, that_day, question):
    answer = program.post(ASK, json={"question": question})
    assert answer.status_code == 200
    assert timeless(answer.json()) == timeless(printed(programs, "ask", question))


def test_language_day_generator_and_the_answer_before_are_those_of_the_command_line(programs, program, that_day,
                                                                                   tmp_path):
    before = program.post(ASK, json={"question": "Шиносномаи хориҷӣ чанд пул аст?"}).json()
    (tmp_path / "before.json").write_text(json.dumps(before), encoding="utf-8")
    said = program.post(ASK, json={"question": "чанд рӯз?", "previous": before, "language": "tg",
                                   "at": "2026-03-01", "generator": "extractive"}).json()
    assert timeless(said) == timeless(printed(
        programs, "ask", "чанд рӯз?", "--previous", str(tmp_path / "before.json"), "--language", "tg", "--at",
        "2026-03-01", "--generator", "extractive"))
    assert said["as_of"] == "2026-03-01"
    alone = program.post(ASK, json={"question": "чанд рӯз?"}).json()
    assert alone["claims"] != said["claims"]


def test_passages_are_those_of_the_command_line(programs, program, that_day):
    found = program.post(SEARCH, json={"query": "нафақаи пиронсолӣ", "k": 3, "at": "2024-07-01"}).json()
    assert len(found["hits"]) == 3
    assert timeless(found) == timeless(printed(programs, "search", "нафақаи пиронсолӣ", "-k", "3", "--at",
                                               "2024-07-01"))


def test_cards_are_those_of_the_command_line(programs, program, that_day, tmp_path):
    notice = tmp_path / "огоҳинома.md"
    notice.write_text(NOTICE, encoding="utf-8")
    answer = program.post(SUMMARISE, json={"name": f"C:\\x/{notice.name}",
                                           "content": base64.b64encode(notice.read_bytes()).decode()})
    assert answer.status_code == 200
    assert answer.json() == {"cards": [printed(programs, "summarise", str(notice))]}
    assert answer.json()["cards"][0]["status"] == "notice"


# What is not answered

@pytest.mark.parametrize(("body", "status", "code"), [
    (b"", 400, "not_json"), (b"{", 400, "not_json"), (b"[]", 400, "not_json"), (b"null", 400, "not_json"),
    (b"\xff\xfe{\x00}\x00", 400, "not_json"), (b"[" * 50_000, 400, "not_json"),
    (b'{"question":' * 5_000, 400, "not_json"), (b'{"question": NaN}', 400, "not_json"),
    (b'{"question": "a", "k": 1' + b"0" * 9_999 + b"}", 400, "not_json"),
    (b"{}", 400, "wrong_field"), (b'{"question": 1e999}', 400, "wrong_field"),
    (b'{"question": null}', 400, "wrong_field"), (b'{"question": ["a"]}', 400, "wrong_field"),
    (b'{"question": ""}', 400, "wrong_field"), (b'{"question": "' + b"a" * 4001 + b'"}', 400, "wrong_field"),
    (b'{"question": "a", "at": "0000-01-01"}', 400, "wrong_field"),
    (b'{"question": "a", "at": "20260101"}', 400, "wrong_field"), (b'{"question": "a", "at": 1}', 400, "wrong_field"),
    (b'{"question": "a", "language": "fr"}', 400, "wrong_field"),
    (b'{"question": "a", "generator": "soro"}', 400, "wrong_field"),
    (b'{"question": "a", "previous": {"question": " "}}', 400, "wrong_field"),
    (b'{"question": "a", "previous": 7}', 400, "wrong_field"), (b'{"question": "a", "qustion": 1}', 400,
                                                                "unknown_field"),
    (b'{"question": "\\ud800\\ud800\\udfff"}', 422, "unusable_question"), (b'{"question": "?!"}', 422,
                                                                            "unusable_question")])
def test_what_is_hostile_or_no_question_is_refused_and_the_next_one_is_answered(program, body, status, code):
    assert error_of(program.post(ASK, content=body, headers=JSON)) == (status, code)
    assert program.post(ASK, json={"question": QUESTIONS[0]}).json()["status"] == "answered"


@pytest.mark.parametrize("number", ["0", "101", "true", "1e400", '"3"', "1.5", "null"])
def test_a_number_of_hits_that_cannot_be_is_refused(program, number):
    body = f'{{"query": "a", "k": {number}}}'
    assert error_of(program.post(SEARCH, content=body, headers=JSON)) == (400, "wrong_field")


@pytest.mark.parametrize(("name", "content", "status"), [
    ("a.txt", "", 400), ("a.txt", "я", 400), ("a.txt", "AAA", 400), ("a.txt", "AA==\n", 400), ("", "AAAA", 400),
    ("a.pdf", "AAAA", 422), ("../../\u202e\x00", "AAAA", 422), ("\\ud800.md", "IA==", 422)])
def test_a_file_that_is_none_is_refused_and_leaves_nothing(programs, program, name, content, status):
    before = files(programs.config.data_dir)
    body = json.dumps({"name": name, "content": content}).replace("\\\\ud800", "\\ud800").encode()
    assert error_of(program.post(SUMMARISE, content=body, headers=JSON))[0] == status
    assert files(programs.config.data_dir) == before


def test_letters_that_are_half_of_one_are_left_out_of_a_question(program):
    body = '{"question": "Барои гирифтани \\ud800шиноснома кадом ҳуҷҷатҳо лозиманд?"}'.encode()
    answer = program.post(ASK, content=body, headers=JSON).json()
    assert (answer["question"], answer["status"]) == (QUESTIONS[0], "answered")


@pytest.mark.parametrize("path", [ASK, SEARCH, SUMMARISE, CHAT])
def test_more_than_is_read_is_refused_whatever_its_length_is_said_to_be(program, path):
    most = LARGER.get(path, MOST_BYTES)
    pieces = (b" " * 65_536 for _ in range(most // 65_536 + 2))
    assert error_of(program.post(path, content=pieces, headers=JSON)) == (413, "too_large")
    assert error_of(program.post(path, content=b"", headers=JSON | {"content-length": str(most + 1)})) \
        == (413, "too_large")
    assert error_of(program.post(path, content=b"", headers=JSON | {"content-length": "-1"})) == (413, "too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_only_json_is_taken_so_that_no_page_can_send_a_form(program, kind):
    assert error_of(program.post(ASK, content=b'{"question": "a"}', headers={"content-type": kind})) \
        == (415, "not_json")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080", ""])
def test_only_this_machine_is_answered_under_its_own_names(program, host):
    assert error_of(program.post(ASK, json={"question": "a"}, headers={"host": host})) == (421, "wrong_host")
    assert error_of(program.get(DESCRIPTION, headers={"host": host})) == (421, "wrong_host")


def test_no_page_of_another_place_may_read_an_answer_and_nothing_is_left_in_a_browser(program):
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for answer in (program.post(ASK, json={"question": QUESTIONS[0]}, headers=asked),
                   program.get(HEALTH, headers=asked), program.options(ASK, headers=asked)):
        assert not [name for name in answer.headers if name.startswith("access-control") or name == "set-cookie"]
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("method", "path", "found"), [
    ("GET", "/", (404, "no_such_address")), ("GET", "/ask", (404, "no_such_address")),
    ("GET", "/static/style.css", (404, "no_such_address")), ("GET", ASK, (405, "wrong_method")),
    ("DELETE", MODELS, (405, "wrong_method"))])
def test_there_is_nothing_else_to_see(program, method, path, found):
    assert error_of(program.request(method, path)) == found


# Nothing is kept

def test_no_word_of_a_question_is_in_a_file_or_a_log_whatever_becomes_of_it(programs, program, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    before = files(programs.config.data_dir)
    bodies = [{"question": f"Номам {CANARY}, шиноснома чанд пул аст?"}, {"question": "?", CANARY: CANARY},
              {"question": "аст", "previous": {"question": CANARY}}]
    for body in bodies:
        program.post(ASK, json=body)
    program.post(SEARCH, json={"query": CANARY})
    program.post(CHAT, json={"model": "rohnamo", "messages": [{"role": "user", "content": CANARY}]})
    program.post(SUMMARISE, json={"name": CANARY, "content": base64.b64encode(CANARY.encode()).decode()})
    monkeypatch.setattr(Answers, "answer", failing)
    answer = program.post(ASK, json={"question": CANARY})
    assert error_of(answer) == (500, "internal")
    assert CANARY.split()[0] not in answer.text
    assert files(programs.config.data_dir) == before
    logged = " ".join(JsonLines().format(record) for record in caplog.records)
    assert "ValueError" in logged
    assert CANARY.split()[0] not in logged


def failing(*_args, **_named):
    raise ValueError(CANARY)


def test_what_is_remembered_to_answer_faster_is_let_go_of_once_nobody_asks_any_more():
    clock = Clock()
    turns = Turns(ApiSettings(), clock)
    assert not turns.quiet()
    assert anyio.run(turns.run, int) == 0
    clock.now += QUIET_S - 1
    assert not turns.quiet()
    clock.now += 1
    assert (turns.quiet(), turns.quiet()) == (True, False)


def test_the_api_lets_go_of_it_while_it_goes_on_answering(programs, monkeypatch):
    forgotten = Event()
    monkeypatch.setattr(api_app, "_SWEEP_S", 0)
    monkeypatch.setattr(programs.desk.current, "forget", forgotten.set)
    with programs.program("quiet") as program:
        assert program.post(ASK, json={"question": QUESTIONS[0]}).status_code == 200
        assert not forgotten.is_set()
        programs.later(QUIET_S)
        assert forgotten.wait(30)
        assert program.post(ASK, json={"question": QUESTIONS[0]}).status_code == 200


# Who words an answer

def test_a_model_words_an_answer_where_it_is_not_left_out_and_its_sentence_has_its_source(machine):
    model = Scripted()
    programs = Programs(machine, model)
    with programs.program("portal") as program:
        asked = {"question": QUESTIONS[0]}
        alone = program.post(ASK, json=asked | {"generator": "extractive"}).json()
        assert model.knows == []
        model.sentences = [f"{alone['claims'][0]['text'].rstrip('.')} [1]."]
        said = program.post(ASK, json=asked).json()
        assert len(model.knows) == 1
        chat = {"messages": [{"role": "user", "content": asked["question"]}]}
        program.post(CHAT, json=chat | {"model": "rohnamo-extractive"})
        assert len(model.knows) == 1
        program.post(CHAT, json=chat | {"model": "rohnamo"})
        assert len(model.knows) == 2
    programs.close()
    assert alone["generator"] == "extractive"
    assert {claim["kind"] for claim in alone["claims"]} <= {"fact", "extract"}
    assert (said["generator"], said["claims"][0]["kind"]) == ("scripted", "generated")
    assert said["claims"][0]["citations"]


# One after the other

def test_while_a_file_is_read_questions_are_answered(machine, monkeypatch):
    reading, go_on, read = Event(), Event(), Event()

    def slow(*_args, **_named):
        reading.set()
        go_on.wait(10)
        read.set()
        return []

    monkeypatch.setattr(Answers, "cards", slow)
    programs = Programs(machine, at_once=1)
    with programs.program("portal") as program:
        notice = Thread(target=program.post, args=(SUMMARISE,), kwargs={"json": {"name": "a.md", "content": "IA=="}})
        notice.start()
        try:
            assert reading.wait(30)
            assert program.post(ASK, json={"question": QUESTIONS[0]}).json()["status"] == "answered"
            assert not read.is_set()
        finally:
            go_on.set()
            notice.join()
    programs.close()


def test_beyond_those_who_may_wait_a_request_is_told_to_come_again_and_the_others_are_answered():
    turns, go_on, begun = Turns(ApiSettings(at_once=1, waiting=1), Clock()), Event(), Event()
    answered, refused = [], []

    def work():
        begun.set()
        go_on.wait(30)
        return "answer"

    async def one():
        try:
            answered.append(await turns.run(work))
        except RefusalError as error:
            refused.append(error)

    async def crowd():
        async with anyio.create_task_group() as group:
            group.start_soon(one)
            group.start_soon(one)
            group.start_soon(one)
            with anyio.move_on_after(30):
                while not (begun.is_set() and refused):
                    await anyio.lowlevel.checkpoint()
            go_on.set()
        await one()

    anyio.run(crowd)
    assert answered == ["answer"] * 3
    [error] = refused
    assert (error.status, error.code, error.response().headers["retry-after"]) == (503, "busy", "2")


# Where nothing answers, and what is set

def test_without_documents_it_says_so_and_what_to_do(tmp_path):
    programs = Programs(Config(tmp_path))
    with programs.program("portal") as program:
        answer = program.post(ASK, json={"question": QUESTIONS[0]})
        assert error_of(answer) == (503, "no_snapshot")
        assert "rohnamo" in answer.json()["error"]["next_step"]
        assert (program.get(HEALTH).status_code, program.get(HEALTH).json()) == (503, {"ok": False, "snapshot": None})
    programs.close()


def test_health_and_the_description_need_no_key(programs):
    with programs.program() as nobody:
        assert nobody.get(HEALTH).json()["ok"] is True
        described = nobody.get(DESCRIPTION).json()
    assert described["openapi"] == "3.1.0"
    assert {ASK, SEARCH, SUMMARISE, CHAT, MODELS, HEALTH, DESCRIPTION} == set(described["paths"])


@pytest.mark.parametrize(("table", "said"), [({"per_minute": 0}, "per_minute"), ({"at_once": True}, "at_once"),
                                             ({"wating": 3}, 'Is "waiting" meant')])
def test_a_setting_that_cannot_be_is_said(tmp_path, table, said):
    with pytest.raises(ConfigError) as caught:
        read_table(table, tmp_path / "config.toml")
    assert said in caught.value.message + caught.value.hint


def test_the_day_asked_about_is_read_strictly(program):
    for day in ("0001-01-01", "9999-12-31", date(2026, 2, 28).isoformat()):
        assert program.post(ASK, json={"question": QUESTIONS[0], "at": day}).json()["as_of"] == day
