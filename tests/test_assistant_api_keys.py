"""Keys of programs: shown once, kept as a hash, revoked at once; how often each may ask."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import anyio
import pytest
from typer.testing import CliRunner

from assistant.access.limits import Pace
from assistant.api.keys import FILE, ApiKeyError, all_keys, new_key, owner_of, revoke
from assistant.cli import app
from assistant.config import Config
from sync.lock import only_one
from tests.desk import NOW, Clock
from tests.programs import ASK, DESCRIPTION, HEALTH, MODELS, Programs, error_of

ROOT = Path(__file__).parents[1]
DAY = NOW.date()
QUESTION = "Номам Ситора Канарейкина, шиноснома чанд пул аст?"


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path / "data")


@pytest.fixture
def programs(config):
    opened = Programs(config, per_minute=3)
    yield opened
    opened.close()


def run(config, *words):
    return CliRunner().invoke(app, ["api-keys", *words, "--data-dir", str(config.data_dir)])


# What is kept of a key

def test_a_key_is_shown_once_and_only_its_hash_is_kept_for_its_owner_alone(config):
    done = run(config, "new", "portal")
    key = done.stdout.strip()
    assert re.fullmatch(r"rohnamo-[\w-]{43}", key)
    kept = config.data_dir / FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert all(key.removeprefix("rohnamo-") not in path.read_text() for path in config.data_dir.iterdir())
    listed = run(config, "list")
    assert listed.stdout == f"portal: made on {all_keys(config)[0].made}\n"
    assert owner_of(all_keys(config), key) == "portal"


def test_each_key_is_another_one_and_opens_for_its_own_name(config):
    keys = {name: new_key(config, name, DAY) for name in ("a", "b", "c")}
    assert len(set(keys.values())) == 3
    assert {name: owner_of(all_keys(config), key) for name, key in keys.items()} == {name: name for name in keys}
    assert owner_of(all_keys(config), "") is None
    assert owner_of(all_keys(config), keys["a"][:-1]) is None


def test_a_revoked_key_opens_nothing_and_the_others_still_do(config):
    first, second = new_key(config, "portal", DAY), new_key(config, "app", DAY)
    assert run(config, "revoke", "portal").exit_code == 0
    assert [owner_of(all_keys(config), key) for key in (first, second)] == [None, "app"]
    again = json.loads(run(config, "list", "--json").stdout)
    assert [(row["name"], row["revoked"] is None) for row in again["keys"]] == [("portal", False), ("app", True)]
    assert "sha256" not in str(again)


@pytest.mark.parametrize("name", ["", "Portal", "портал", "a b", "../x", "a" * 64, "-a"])
def test_a_name_that_is_none_makes_no_key(config, name):
    with pytest.raises(ApiKeyError, match="no name"):
        new_key(config, name, DAY)
    assert not (config.data_dir / FILE).exists()


def test_a_name_is_given_once_also_after_it_was_revoked_and_the_first_key_stays(config):
    key = new_key(config, "portal", DAY)
    before = (config.data_dir / FILE).read_bytes()
    assert run(config, "new", "portal").exit_code == 1
    assert (config.data_dir / FILE).read_bytes() == before
    assert owner_of(all_keys(config), key) == "portal"
    revoke(config, "portal", DAY)
    with pytest.raises(ApiKeyError, match="already"):
        new_key(config, "portal", DAY)


def test_what_cannot_be_revoked_is_said_with_the_nearest_name(config):
    new_key(config, "portal", DAY)
    with pytest.raises(ApiKeyError) as caught:
        revoke(config, "portl", DAY)
    assert 'Is "portal" meant' in caught.value.hint
    assert all_keys(config)[0].revoked is None


def test_two_changes_at_once_do_not_lose_one(config):
    new_key(config, "portal", DAY)
    with only_one(config.data_dir / "api-keys.lock"), pytest.raises(ApiKeyError, match="another process"):
        revoke(config, "portal", DAY)
    assert revoke(config, "portal", DAY).revoked == DAY


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "rohnamo-api-keys", "version": 2, "keys": []}',
                                     '{"format": "rohnamo-api-keys", "version": 1, "keys": [{"name": "a"}]}'])
def test_a_list_that_cannot_be_read_lets_nobody_in_and_is_not_overwritten(programs, content):
    with programs.program("portal") as program:
        kept = programs.config.data_dir / FILE
        kept.write_text(content, encoding="utf-8")
        answer = program.get(MODELS)
        assert error_of(answer) == (503, "api_key")
        assert FILE not in answer.text
        with pytest.raises(ApiKeyError, match="cannot be read"):
            programs.key("second")
    assert kept.read_text(encoding="utf-8") == content


# Who may ask

@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer none", "Basic YTpi", "Bearer \xff",
                                           f"Bearer rohnamo-{'a' * 43}"])
def test_without_a_key_that_is_known_nothing_is_answered_and_no_body_is_read(programs, authorization):
    programs.key("portal")
    sent = []

    async def unread():
        raise AssertionError("the body was read")

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"20")]
    if authorization is not None:
        headers.append((b"authorization", authorization.encode("latin-1")))
    scope = {"type": "http", "method": "POST", "path": ASK, "raw_path": ASK.encode(), "query_string": b"",
             "root_path": "", "headers": headers}
    anyio.run(programs.app, scope, unread, send)
    assert sent[0]["status"] == 401
    assert dict(sent[0]["headers"])[b"www-authenticate"] == b"Bearer"
    assert json.loads(sent[1]["body"])["error"]["code"] == "no_key"


def test_a_key_that_is_revoked_meanwhile_is_refused_from_the_next_request_on(programs):
    with programs.program("portal") as program:
        assert program.get(MODELS).status_code == 200
        revoke(programs.config, "portal", DAY)
        assert error_of(program.get(MODELS)) == (401, "no_key")
        assert program.get(HEALTH).json() == {"ok": False, "snapshot": None}


def test_a_key_that_had_its_share_waits_and_another_one_does_not(programs):
    before = None
    with programs.program("portal") as first, programs.program("app") as second:
        before = (programs.config.data_dir / FILE).read_bytes()
        assert [first.get(MODELS).status_code for _ in range(3)] == [200] * 3
        programs.later(45)
        answer = first.get(MODELS)
        assert (error_of(answer), answer.headers["retry-after"]) == ((429, "too_many"), "15")
        assert second.get(MODELS).status_code == 200
        assert first.get(DESCRIPTION).status_code == 200
        programs.later(15)
        assert first.get(MODELS).status_code == 200
    assert (programs.config.data_dir / FILE).read_bytes() == before


def test_who_has_no_key_uses_up_nobodys_share(programs):
    with programs.program("portal") as program, programs.program() as nobody:
        assert [nobody.get(MODELS).status_code for _ in range(10)] == [401] * 10
        assert [program.get(MODELS).status_code for _ in range(3)] == [200] * 3


def test_a_place_that_had_its_share_is_told_when_to_come_again():
    clock = Clock()
    pace = Pace(clock, 2, 60.0, all_places=3)
    assert pace.wait_s("a") == 0.0
    assert pace.allows("a")
    clock.now += 10
    assert pace.allows("a")
    assert pace.wait_s("a") == 50.0
    assert (pace.allows("b"), pace.wait_s("c")) == (True, 50.0)


# As a process

def test_the_api_answers_with_a_key_as_a_process_and_says_nothing_of_who_asked_what(seed_config, tmp_path):
    for name in ("generations", "drafts"):
        (tmp_path / name).symlink_to(getattr(seed_config, name))
    key = new_key(Config(tmp_path), "portal", DAY)
    command = [sys.executable, "-m", "assistant", "serve", "--role", "api", "--port", "0", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            line = server.stdout.readline()
            assert "answers the api at http://127.0.0.1:" in line, server.stderr.read()
            found = [ask(line.split()[-1], headers) for headers in ({}, {"authorization": f"Bearer {key}"})]
        finally:
            server.terminate()
        said = server.stdout.read() + server.stderr.read()
    assert [status for status, _ in found] == [401, 200]
    assert found[1][1]["claims"]
    assert not [word for word in ("Канарейкина", ASK, key, "portal") if word in said]
    assert "nobody can ask yet" not in said


def ask(address, headers):
    connection = HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=30)
    try:
        connection.request("POST", ASK, json.dumps({"question": QUESTION}).encode(),
                           headers | {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
