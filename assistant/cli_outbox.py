"""The verbs about what waits to be told to the ministry: `outbox list`, `outbox export`, `outbox import`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json, today
from assistant.errors import ConfigError
from sync.counted import counted, said

if TYPE_CHECKING:
    from sync.outbox_files import Acknowledged

outbox = typer.Typer(no_args_is_help=True, help="Reports, questions and records that wait to be told to the ministry.")

Stick = Annotated[Path, typer.Argument(help="The folder of the stick.")]


@outbox.command("list", epilog="Example: rohnamo outbox list")
def list_outbox(show: Annotated[bool, typer.Option("--show", help="Also show what each event says.")] = False,
                as_json: Json = False, data_dir: DataDir = None) -> None:
    """List what waits, without what it says, and what became of the rest."""
    with edge(as_json=as_json):
        from assistant.waiting import opened_outbox
        from assistant.waiting import said as telling
        with opened_outbox(settings.load(data_dir)) as found:
            says = telling(found) if show else {}
            events = [{"id": one.id, "kind": one.kind.value, "day": one.day.isoformat(), "size": one.size}
                      | ({"says": says[one.id]} if show else {}) for one in found.waiting()]
            counts = found.counts()
            if as_json:
                put_json({"events": events, "counts": {kind.value: asdict(count) for kind, count in counts.items()},
                          "carried": [one.file for one in found.carried()]})
                return
            for event in events:
                put(f"{event['day']}  {event['kind']:9} {event['size']:6,} bytes")
                if show:
                    put(f"{'':12}{event['says']}")
            for kind, count in counts.items():
                put(f"{kind.value}: {said(count.waiting, 'waits', 'wait')}, {count.sent} arrived, "
                    f"{count.dropped} dropped")
            if carried := len(found.carried()):
                put(f"{counted(carried, 'file')} {'was' if carried == 1 else 'were'} exported and "
                    f"{'is' if carried == 1 else 'are'} not acknowledged yet")


@outbox.command(epilog="Example: rohnamo outbox export /media/KIOSK")
def export(stick: Stick, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Write what waits onto a stick, sealed to the ministry's key; it waits on until it is acknowledged."""
    with edge(as_json=as_json):
        from assistant.sealing import ministry_key
        from assistant.waiting import opened_outbox
        from sync.outbox_files import FOLDER
        from sync.outbox_files import export as write
        config = settings.load(data_dir)
        key = ministry_key(config)
        with opened_outbox(config) as found:
            _there(stick)
            done = write(found, stick, key)
        if as_json:
            put_json(asdict(done) | {"folder": str(stick / FOLDER)})
        elif done.events:
            put(f"On the stick now: {counted(done.events, 'event')} ({counted(done.written, 'new file')}, {done.kept} "
                f"there before).  What is on it waits here until the ministry's acknowledgement is brought back: "
                f"rohnamo outbox import {stick}")
        else:
            put("Nothing waits; nothing was written.")


@outbox.command("import", epilog="Example: rohnamo outbox import /media/KIOSK --key inbox.key")
def import_outbox(stick: Stick,
                  key: Annotated[Path | None, typer.Option("--key", help="At the ministry: the key that opens the "
                                                           "batches, which are taken into inbox.db.",
                                                           show_default=False)] = None,
                  answers: Annotated[Path | None, typer.Option("--answers", help="Where acknowledgements are written; "
                                                               "else beside the batches.", show_default=False)] = None,
                  as_json: Json = False, data_dir: DataDir = None) -> None:
    """At a machine: take the acknowledgements on a stick.  At the ministry, with --key: take in the batches."""
    if answers and not key:
        raise typer.BadParameter("--answers is for the ministry, with --key")
    with edge(as_json=as_json):
        config = settings.load(data_dir)
        _there(stick)
        if key:
            _take_batches(config, stick, key, answers, as_json)
        else:
            _take_acknowledgements(config, stick, as_json)


def _take_acknowledgements(config: settings.Config, stick: Path, as_json: bool) -> None:
    from assistant.waiting import opened_outbox
    from sync.outbox_files import take_acknowledgements
    with opened_outbox(config) as found:
        done = take_acknowledgements(found, stick)
    if as_json:
        put_json(asdict(done))
    else:
        put(f"{counted(done.sent, 'event')} arrived at the ministry and {'goes' if done.sent == 1 else 'go'} from the "
            f"list; {said(done.waiting, 'waits', 'wait')}.")
        if why := _why_nothing(done):
            put(why)
        if done.failure:
            typer.echo(f"rohnamo: {done.failure}", err=True)
            typer.echo("  → Take the stick that the ministry gave back, or export again.", err=True)
    if done.failure:
        raise typer.Exit(1)


def _why_nothing(done: Acknowledged) -> str:
    """Return what a person should know of a stick that brought nothing, empty where it did or its fault is told."""
    if done.sent or done.failure:
        return ""
    if not done.found:
        return ("There is no acknowledgement on the stick: the ministry has not imported it yet, or its answers were "
                "not copied back.")
    if done.others == done.found:
        these = "The acknowledgement on the stick is" if done.found == 1 else "The acknowledgements on the stick are"
        return f"{these} for nothing that waits here: for another machine, or taken already."
    return "What is acknowledged on the stick had arrived before."


def _take_batches(config: settings.Config, stick: Path, key: Path, answers: Path | None, as_json: bool) -> None:
    from assistant.signing import asked
    from assistant.waiting import opened_inbox
    from sync.errors import MissingKeyError
    from sync.outbox_files import import_batches
    from sync.sealed import open_sealing_key
    if not key.is_file():
        raise MissingKeyError(f"there is no {key.name} in {key.absolute().parent}")
    opened = open_sealing_key(key, asked(f"Password for {key.name}"))
    if answers:
        answers.mkdir(parents=True, exist_ok=True)
    with opened_inbox(config) as inbox:
        done = import_batches(inbox, stick, opened, today(), answers)
    if as_json:
        put_json({"batches": done.batches, "refused": [
            {"file": one.file, "reason": one.reason, "next_step": one.hint} for one in done.refused]})
    else:
        refused = said(len(done.refused), "was", "were")
        put(f"{said(done.batches, 'batch', 'batches')} came in; {refused} refused and left on the stick.")
        for one in done.refused:
            put(f"  {one.file[:12]}…: {one.reason}")
            put(f"  → {one.hint}")
    if done.refused:
        raise typer.Exit(1)


def _there(stick: Path) -> None:
    if not stick.is_dir():
        raise ConfigError(f"{stick} is not there", "Put the stick in and name its folder, as in /media/KIOSK.")
