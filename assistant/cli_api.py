"""The verbs for other programs: `api-keys`, who may ask over the API, and `mcp`, tools for an assistant beside us."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json, today

api_keys = typer.Typer(no_args_is_help=True, help="The keys of programs that ask over the API: make, list, revoke.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="What people call the program.")]
MCP_EXAMPLE = "Example: rohnamo mcp --generator extractive"


@api_keys.command(epilog="Example: rohnamo api-keys new citizens-portal")
def new(name: Name, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Make a key and show it, this once; it opens rohnamo serve --role api."""
    from assistant.api.keys import new_key
    with edge(as_json=as_json):
        key = new_key(settings.load(data_dir), name, today())
        if as_json:
            put_json({"name": name, "key": key})
            return
        typer.echo(f"  the key of {name}; it is kept nowhere and not shown again:", err=True)
        put(key)


@api_keys.command("list", epilog="Example: rohnamo api-keys list")
def list_keys(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List whose keys there are, and which are revoked; the keys themselves are not known here."""
    from assistant.api.keys import all_keys
    with edge(as_json=as_json):
        rows = [_row(one.to_json()) for one in all_keys(settings.load(data_dir))]
        if as_json:
            put_json({"keys": rows})
            return
        for row in rows:
            put(f"{row['name']}: made on {row['made']}{', revoked on ' + row['revoked'] if row['revoked'] else ''}")
        if not rows:
            put("There is no key.  Next: rohnamo api-keys new NAME")


@api_keys.command(epilog="Example: rohnamo api-keys revoke citizens-portal")
def revoke(name: Name, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Let a key open nothing any more, from the next request on."""
    from assistant.api import keys
    with edge(as_json=as_json):
        revoked = keys.revoke(settings.load(data_dir), name, today())
        if as_json:
            put_json(_row(revoked.to_json()))
        else:
            put(f"The key of {name} opens nothing any more.")


def mcp(generator: Annotated[str | None, typer.Option("--generator", help="auto | extractive | a model's name.")]
        = None, data_dir: DataDir = None) -> None:
    """Answer an assistant that speaks the Model Context Protocol, over standard input and output."""
    from dataclasses import replace

    from assistant.mcp_server import serve_tools
    with edge(as_json=False):
        config = settings.load(data_dir)
        serve_tools(replace(config, generator=generator) if generator else config, _say)


def _say(line: str) -> None:
    typer.echo(f"  {line}", err=True)


def _row(plain: dict[str, Any]) -> dict[str, Any]:
    return {name: plain[name] for name in ("name", "made", "revoked")}
