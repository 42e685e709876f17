"""The verb `verify`: whether a quote stands in a document that its publisher signed; nothing is asked of a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json
from assistant.errors import AssistantError

EXAMPLE = "Example: rohnamo verify proof.json --root root.json"
Proof = Annotated[Path, typer.Argument(help="What ask --proof wrote.", show_default=False)]
Root = Annotated[Path | None, typer.Option("--root", show_default=False, help="The root metadata that is trusted; else "
                                           "this machine's root.json.")]
Spoken = Annotated[str, typer.Option("--language", help="tg | ru | en")]


def verify(proof: Proof, root: Root = None, language: Spoken = "tg", as_json: Json = False,
           data_dir: DataDir = None) -> None:
    """Say whether the quotes of an answer stand in signed documents, and if not, which link is broken."""
    from assistant.proven import examine
    from assistant.sync_settings import read_root
    with edge(as_json=as_json):
        config = settings.load(data_dir)
        trusted = root.read_bytes() if root else read_root(config)
        try:
            found = examine(config, proof.read_bytes(), trusted)
        except ValueError as error:
            raise AssistantError(f"{root or 'root.json of this machine'} is no root metadata",
                                 "Give the root.json of the key ceremony.") from error
        if as_json:
            put_json(found.to_json())
        else:
            put("\n".join(found.lines(language)))
        raise typer.Exit(1 if found.broken else 0)
