"""The verb `collect`: the pages and files listed in `sources.toml` go into the drafts.

Parse, call, print: what may be asked, and how gently, is decided in `corpora`.  This verb and the sync verbs are the
only ones that reach out of the machine; nothing is asked for before an admin has listed it.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Annotated

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, counter, edge, put, put_json

EXAMPLE = "Example: rohnamo collect --source maorif"


def collect(source: Annotated[str | None, typer.Option("--source", metavar="NAME", show_default=False,
                                                       help="Only this source of sources.toml.")] = None,
            as_json: Json = False, data_dir: DataDir = None) -> None:
    """Fetch the pages and files listed in sources.toml into the drafts: what is new, changed, gone or refused."""
    from corpora.collect import collect as collect_pages
    from corpora.fetch import Http
    from corpora.sources import FILE, read_sources
    from corpora.visit import Visitor
    with edge(as_json=as_json), closing(Http()) as http:
        config = settings.load(data_dir)
        collected = collect_pages(read_sources(config.data_dir / FILE, source), config.drafts,
                                  now=datetime.now().astimezone(), fetch=Visitor(http), progress=counter("asked"))
        if as_json:
            put_json(collected.to_json())
        else:
            put("\n".join(collected.lines()))
        if collected.nothing_taken:
            raise typer.Exit(1)
