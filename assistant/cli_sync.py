"""The verbs about releases from the ministry: `sync now`, `sync watch`, `sync status`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, counter, edge, put, put_json
from assistant.running import running

sync = typer.Typer(no_args_is_help=True, help="Releases from the ministry: fetched, verified and taken into use.")

Stick = Annotated[Path | None, typer.Option("--from", metavar="STICK", show_default=False,
                                            help="A stick or a folder with a repository; else the source of the "
                                                 "settings.")]


@sync.command(epilog="Example: rohnamo sync now --from /media/ADMIN")
def now(stick: Stick = None, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Fetch what is published, check every signature, and answer from it; then send the outbox."""
    with edge(as_json=as_json):
        from assistant.attempt import attempt
        config = settings.load(data_dir)
        if host := _host(config, stick):
            typer.echo(f"  connecting to {host} …", err=True)
        done = attempt(config, stick and stick.absolute(), progress=counter("vectors"))
        if as_json:
            put_json(done.to_json())
        else:
            put("\n".join(done.lines()))
        if done.received.failed:
            raise typer.Exit(1)


def _host(config: settings.Config, stick: Path | None) -> str:
    """Return the server that is asked, empty where none is."""
    from assistant.sync_settings import settings_of
    source = settings_of(config).source
    return urlsplit(source).hostname or "" if isinstance(source, str) and not stick else ""


@sync.command(epilog="Example: rohnamo sync watch")
def watch(data_dir: DataDir = None) -> None:
    """Do the same at once and then again and again, until it is ended; one such process serves a machine."""
    with edge(as_json=False):
        from assistant.background import keep_up
        config = settings.load(data_dir)
        with running(config, "sync watch"):
            keep_up(config, lambda line: typer.echo(f"  {line}", err=True))


@sync.command(epilog="Example: rohnamo sync status --json")
def status(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Say what this machine holds and how its last attempts went; nothing is fetched and nothing changed."""
    with edge(as_json=as_json):
        from assistant.status import read_status
        from assistant.status_page import status_json, status_lines
        from assistant.sync_settings import utc_now
        found = read_status(settings.load(data_dir), utc_now())
        if as_json:
            put_json(status_json(found))
        else:
            put("\n".join(status_lines(found)))
