"""The verbs about what lies on this machine: `snapshots` and `models`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, counter, edge, put, put_json
from assistant.update import generations_of
from index import Generations
from index.errors import GenerationError
from index.server_generations import ServerGenerations

snapshots = typer.Typer(no_args_is_help=True, help="The snapshots of this machine, and which one answers.")
models = typer.Typer(no_args_is_help=True, help="The generators and encoders of this machine.")

Number = Annotated[int, typer.Argument(help="The number of the generation.")]


@snapshots.command("list", epilog="Example: rohnamo snapshots list --json")
def list_snapshots(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the generations, the newest last; the one in use is marked."""
    with edge(as_json=as_json):
        generations = generations_of(settings.load(data_dir))
        current, listed = generations.current(), generations.list()
        rows = [{"number": one.number, "current": one.number == current, "kind": one.kind, "counts": one.counts}
                for one in listed]
        if as_json:
            put_json({"current": current, "snapshots": rows, "problems": list(generations.problems)})
            return
        for one in listed:
            mark = "*" if one.number == current else " "
            put(f"{mark} {one.number}  {one.kind}  {one.counts['documents']} documents, "
                f"{one.counts['passages']} passages")
        for problem in generations.problems:
            typer.echo(f"  {problem}", err=True)
        if not listed:
            put("There are none yet.  Next: rohnamo ingest FOLDER, then rohnamo build --wait")


@snapshots.command(epilog="Example: rohnamo snapshots activate 3")
def activate(number: Number, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Answer from another generation; its bytes are checked first."""
    with edge(as_json=as_json):
        generations = generations_of(settings.load(data_dir))
        generations.activate(number)
        _now(number, as_json)


@snapshots.command(epilog="Example: rohnamo snapshots rollback")
def rollback(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Go back to the generation before the current one."""
    with edge(as_json=as_json):
        _now(generations_of(settings.load(data_dir)).roll_back(), as_json)


@snapshots.command(epilog="Example: rohnamo snapshots prune")
def prune(keep: Annotated[int, typer.Option("--keep", min=2, help="How many stay, with the one in use.")] = 2,
          as_json: Json = False, data_dir: DataDir = None) -> None:
    """Remove old generations; the one in use, the one to go back to and whatever is read now stay."""
    with edge(as_json=as_json):
        removed = generations_of(settings.load(data_dir)).prune(keep)
        if as_json:
            put_json({"removed": list(removed)})
        else:
            put(f"removed: {', '.join(map(str, removed)) or 'none'}")


@snapshots.command("verify", epilog="Example: rohnamo snapshots verify")
def verify_snapshots(number: Annotated[int | None, typer.Argument(help="One generation; else all.")] = None,
                     as_json: Json = False, data_dir: DataDir = None) -> None:
    """Check that every byte of the snapshots is as it was built."""
    with edge(as_json=as_json):
        generations = generations_of(settings.load(data_dir))
        numbers = [number] if number is not None else [one.number for one in generations.list()]
        for each in numbers:
            generations.verify(each)
        if as_json:
            put_json({"verified": numbers})
        else:
            put(f"whole: {', '.join(map(str, numbers)) or 'there are none'}")


@snapshots.command(epilog="Example: rohnamo snapshots copy --to postgresql:///rohnamo --activate")
def copy(to: Annotated[str, typer.Option("--to", help="The address of the server: postgresql://HOST/DATABASE.")],
         number: Annotated[int | None, typer.Argument(help="One generation; else the one in use.")] = None,
         activate_it: Annotated[bool, typer.Option("--activate", help="Answer from it there at once.")] = False,
         as_json: Json = False, data_dir: DataDir = None) -> None:
    """Copy a generation to a PostgreSQL server with pgvector, under its number: all of it or nothing."""
    with edge(as_json=as_json):
        generations = Generations(settings.load(data_dir).generations)
        chosen = number if number is not None else generations.current()
        if chosen is None:
            raise GenerationError("there is no generation to copy", hint="Run: rohnamo build --wait.")
        generations.verify(chosen)
        with ServerGenerations(to) as there:
            copied = there.copy(generations.path(chosen), chosen, counter("rows"))
            if activate_it:
                there.activate(chosen)
            current = there.current()
        if as_json:
            put_json({"number": chosen, "copied": copied, "current": current})
            return
        put(f"Generation {chosen} {'is on the server now' if copied else 'was on the server already'}; "
            f"{f'generation {current}' if current else 'none'} is in use there.")


def _now(number: int, as_json: bool) -> None:
    if as_json:
        put_json({"current": number})
    else:
        put(f"Questions are answered from generation {number} now.")


@models.command("list", epilog="Example: rohnamo models list")
def list_models(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List what is known and what is here, and what each may do."""
    from assistant.models import Models
    with edge(as_json=as_json):
        states = Models(settings.load(data_dir).data_dir).list()
        if as_json:
            put_json({"models": [state.to_json() for state in states]})
            return
        for state in states:
            size = f"{state.size / 1e6:,.0f} MB" if state.size else "size as given with the file"
            put(f"{state.name:18} {state.state:8} {state.role:13} {size}; {state.licence}")
            if state.next_step:
                put(f"{'':18} → {state.next_step}")


@models.command(epilog="Example: rohnamo models add soro soro-1b-q4_k_m.gguf")
def add(name: Annotated[str, typer.Argument(help="soro, an encoder that is listed, or a name of your own.")],
        file: Annotated[Path, typer.Argument(help="The GGUF file, or the folder of an encoder.")],
        sha256: Annotated[str | None, typer.Option(help="The hash its publisher gives, to be compared.")] = None,
        answers: Annotated[bool, typer.Option("--answers", help="A name of your own: its verified sentences may be "
                                              "shown to people.")] = False,
        as_json: Json = False, data_dir: DataDir = None) -> None:
    """Copy a model's file, or an encoder's folder, to this machine, checked by header and hash."""
    from assistant.models import Models
    from assistant.profile import Role
    with edge(as_json=as_json):
        state = Models(settings.load(data_dir).data_dir).add(
            name, file, sha256=sha256, role=Role.ANSWER if answers else None, progress=counter("bytes"))
        if as_json:
            put_json(state.to_json())
        else:
            put(f"{state.name} is {state.state}; it has the SHA-256 {state.sha256}")


@models.command("verify", epilog="Example: rohnamo models verify soro")
def verify_models(name: Annotated[str | None, typer.Argument(help="One model; else all that are here.")] = None,
                  as_json: Json = False, data_dir: DataDir = None) -> None:
    """Read the files of models again and compare their hashes."""
    from assistant.models import Models
    with edge(as_json=as_json):
        states = Models(settings.load(data_dir).data_dir).verify(name)
        if as_json:
            put_json({"models": [state.to_json() for state in states]})
        for state in states if not as_json else ():
            put(f"{state.name}: {state.state}" + (f"; {state.next_step}" if state.next_step else ""))
        if any(state.state == "corrupt" for state in states):
            raise typer.Exit(1)
