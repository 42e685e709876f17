"""Our tools over the Model Context Protocol, on standard input and output; only this file knows its SDK (extra `mcp`).

Nothing but the protocol goes to standard output, and nothing of a question into a log.  No connection is opened.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import anyio
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from assistant.api.answers import Answers
from assistant.api.inputs import schema_of
from assistant.api.tools import TOOLS, Tool
from assistant.config import Config
from assistant.errors import AssistantError, ConfigError
from assistant.web.opening import open_desk, warm_up
from index.errors import SnapshotError

if TYPE_CHECKING:
    from mcp import types
    from mcp.server.context import ServerRequestContext
    from mcp.server.lowlevel import Server

_FAULT = "The tool failed; whoever looks after the machine can find out more with: rohnamo doctor"


def serve_tools(config: Config, say: Callable[[str], None]) -> None:
    """Answer until standard input ends; `say` tells people, on standard error.

    Raises:
        ConfigError: the SDK is not installed.
    """
    try:
        import mcp.server.stdio  # noqa: F401
    except ImportError as error:
        raise ConfigError("the SDK of the Model Context Protocol is not installed",
                          "Install the extra: pip install 'rohnamo[mcp]'") from error
    logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)      # what it logs may hold what was asked
    with ExitStack() as stack:
        desk = open_desk(stack, config, say)
        answers = stack.enter_context(closing(Answers(desk)))
        warm_up(desk, say)
        say("ready: tools ask, search, get_document")
        anyio.run(_serve, answers)


async def _serve(answers: Answers) -> None:
    from mcp.server.stdio import stdio_server
    server = _server(answers)
    async with stdio_server() as (coming, going):
        await server.run(coming, going, server.create_initialization_options())


def _server(answers: Answers) -> Server[dict[str, object]]:
    from mcp import types
    from mcp.server.lowlevel import Server
    one_by_one, by_name = CapacityLimiter(1), {tool.name: tool for tool in TOOLS}

    async def listed(_context: ServerRequestContext[dict[str, object]],
                     _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[
            types.Tool(name=one.name, description=one.about, input_schema=schema_of(one.inputs),
                       annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False)) for one in TOOLS])

    async def called(_context: ServerRequestContext[dict[str, object]],
                     params: types.CallToolRequestParams) -> types.CallToolResult:
        if tool := by_name.get(params.name):
            return await run_sync(partial(_result, tool, answers, params), limiter=one_by_one)
        return _failed(f"There is no tool of this name.  Known are {', '.join(by_name)}.")

    return Server("rohnamo", version=version("rohnamo"), on_list_tools=listed, on_call_tool=called)


def _result(tool: Tool, answers: Answers, params: types.CallToolRequestParams) -> types.CallToolResult:
    """Return what a tool gives; what goes wrong is a result too, so that the assistant can ask better."""
    from mcp import types
    try:
        said, plain = tool.call(answers, params.arguments or {})
    except (AssistantError, SnapshotError) as error:
        return _failed(f"{error}  {error.hint}".rstrip())
    except Exception:  # the next call may well be answered
        return _failed(_FAULT)
    return types.CallToolResult(content=[types.TextContent(type="text", text=said)], structured_content=plain)


def _failed(said: str) -> types.CallToolResult:
    from mcp import types
    return types.CallToolResult(content=[types.TextContent(type="text", text=said)], is_error=True)
