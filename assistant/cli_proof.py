"""The verb `verify`: whether a quote stands in a document that its publisher signed; nothing is asked of a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.proven import Examined

EXAMPLE = "Example: rohnamo verify proof.json --root root.json"
Proof = Annotated[Path | None, typer.Argument(help="What ask --proof wrote.", show_default=False)]
Code = Annotated[str | None, typer.Option("--qr", show_default=False, help="In place of a proof: the words of the code "
                                          "on a printed answer, for a machine that has its release.")]
Root = Annotated[Path | None, typer.Option("--root", show_default=False, help="The root metadata that is trusted; else "
                                           "this machine's root.json.")]
Spoken = Annotated[str, typer.Option("--language", help="tg | ru | en")]


def verify(proof: Proof = None, code: Code = None, root: Root = None, language: Spoken = "tg", as_json: Json = False,
           data_dir: DataDir = None) -> None:
    """Say whether the quotes of an answer stand in signed documents, and if not, which link is broken."""
    from assistant.sync_settings import read_root
    if (proof is None) == (code is None):
        raise typer.BadParameter("give a proof, or --qr TEXT")
    with edge(as_json=as_json):
        config = settings.load(data_dir)
        trusted = root.read_bytes() if root else read_root(config)
        try:
            found = _examined(config, proof.read_bytes() if proof else None, code or "", trusted)
        except ValueError as error:
            raise AssistantError(f"{root or 'root.json of this machine'} is no root metadata",
                                 "Give the root.json of the key ceremony.") from error
        for one in found:
            if as_json:
                put_json(one.to_json())
            else:
                put("\n".join(one.lines(language)))
        raise typer.Exit(1 if any(one.broken for one in found) else 0)


def _examined(config: settings.Config, proof: bytes | None, code: str, root: bytes) -> list[Examined]:
    from assistant.proven import examine, look_up
    from assistant.reference import Reference
    if proof is not None:
        return [examine(config, proof, root)]
    named = Reference.read(code)
    if not named:
        raise AssistantError("there is no reference in these words",
                             "Give the words of the code as they are; one begins with rohnamo: .")
    return [look_up(config, one, root) for one in named]
