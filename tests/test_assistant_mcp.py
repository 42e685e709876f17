"""The tools over the Model Context Protocol: a real process, a real client, nothing but the protocol on its line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from assistant.cli import app

ROOT = Path(__file__).parents[1]
QUESTION = "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"
CANARY = "Канарейкина"


@pytest.fixture
def command(seed_config):
    pytest.importorskip("mcp", reason="the SDK of the Model Context Protocol is not installed: make install")
    return [sys.executable, "-m", "assistant", "mcp", "--generator", "extractive", "--data-dir",
            str(seed_config.data_dir)]


@pytest.fixture
def used(command):
    """Run some calls of tools in one session; return what the session began with, the tools, and the results."""
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    def run(*calls):
        async def session():
            server = StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ), cwd=ROOT)
            async with stdio_client(server) as (coming, going), ClientSession(coming, going) as client:
                begun = await client.initialize()
                await client.send_ping()
                tools = (await client.list_tools()).tools
                return begun, tools, [await client.call_tool(name, given) for name, given in calls]

        return anyio.run(session)

    return run


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_an_assistant_sees_three_tools_and_uses_each(used, seed_config):
    before = files(seed_config.data_dir)
    begun, tools, [answer, found, wrong, unknown] = used(
        ("ask", {"question": QUESTION}), ("search", {"query": "шиноснома", "k": 2}), ("ask", {"qestion": CANARY}),
        ("get_document", {"id": "шиноснома"}))
    assert begun.server_info.name == "rohnamo"
    assert [tool.name for tool in tools] == ["ask", "search", "get_document"]
    assert all(tool.annotations.read_only_hint for tool in tools)
    plain = answer.structured_content
    assert plain["status"] == "answered"
    assert plain["claims"][0]["text"] in answer.content[0].text
    assert "[1]" in answer.content[0].text
    assert len(found.structured_content["hits"]) == 2
    assert json.loads(found.content[0].text) == found.structured_content
    assert (wrong.is_error, CANARY in wrong.content[0].text) == (True, False)
    assert 'Is "question" meant?' in wrong.content[0].text
    assert unknown.is_error
    assert files(seed_config.data_dir) == before


def test_a_document_is_given_by_passages_with_where_it_comes_from_and_how_it_stands(used):
    _, _, [found] = used(("search", {"query": "шиноснома", "k": 1}))
    [hit] = found.structured_content["hits"]
    _, _, [whole, rest, past] = used(*(("get_document", {"id": hit["document_id"], "from": first})
                                       for first in (0, 1, 999)))
    given = whole.structured_content
    assert (given["document"]["title"], given["document"]["source_url"]) == (hit["title"], hit["source_url"])
    assert given["document"]["status"] == "in_force"
    assert {"publisher", "act", "sha256", "valid_from", "as_of", "release"} <= set(given["document"])
    assert hit["text"] in [passage["text"] for passage in given["passages"]]
    assert (given["of"], given["next"]) == (len(given["passages"]), None)
    assert rest.structured_content["passages"] == given["passages"][1:]
    assert (past.structured_content["passages"], past.structured_content["next"]) == ([], None)


def test_nothing_but_the_protocol_is_on_its_line_and_no_word_that_was_asked_in_what_people_are_told(command):
    lines = [{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                  "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}},
             {"jsonrpc": "2.0", "method": "notifications/initialized"},
             {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
                 "name": "ask", "arguments": {"question": f"Номам Ситора {CANARY}, шиноснома чанд пул аст?"}}},
             {"jsonrpc": "2.0", "id": 3, "method": CANARY, "params": {}}]
    sent = "".join(f"{json.dumps(line)}\n" for line in lines) + f"{CANARY}, no JSON\n"
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          cwd=ROOT) as server:
        try:
            server.stdin.write(sent)
            server.stdin.flush()
            said = [json.loads(server.stdout.readline()) for _ in range(3)]
            out, told = server.communicate(timeout=60)
        finally:
            server.kill()
    assert all(one["jsonrpc"] == "2.0" for one in [*said, *map(json.loads, out.splitlines())])
    by_id = {one["id"]: one for one in said if "id" in one}
    assert by_id[1]["result"]["protocolVersion"] == "2025-06-18"
    assert by_id[2]["result"]["structuredContent"]["status"] == "answered"
    assert "error" in by_id[3]
    assert "ready" in told
    assert CANARY not in told
    assert server.returncode == 0


def test_without_the_sdk_the_verb_says_what_to_install(monkeypatch, tmp_path):
    from typer.testing import CliRunner
    monkeypatch.setitem(sys.modules, "mcp.server.stdio", None)
    done = CliRunner().invoke(app, ["mcp", "--data-dir", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "rohnamo[mcp]" in done.stderr
    assert not list(tmp_path.iterdir())
