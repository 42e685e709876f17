"""The verbs about the machines of a ministry, where its inbox is: `machines enrol`, `machines list`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json, today

if TYPE_CHECKING:
    from sync.fleet import Machine

machines = typer.Typer(no_args_is_help=True, help="At the ministry: the machines that may send, and what each last "
                                                  "said of itself.")


@machines.command(epilog='Example: rohnamo machines enrol f6eb3994…d467 "Хуҷанд, 3"')
def enrol(key: Annotated[str, typer.Argument(help="The key that rohnamo sync status shows on the machine.")],
          name: Annotated[str, typer.Argument(help="What people call the machine.")],
          as_json: Json = False, data_dir: DataDir = None) -> None:
    """Let a machine send, after its fingerprint was compared; it may report and send events, nothing else."""
    with edge(as_json=as_json):
        from assistant.waiting import machine_key, opened_inbox
        from sync.device import device_id, fingerprint
        public = machine_key(key)
        shown = fingerprint(device_id(public))
        with opened_inbox(settings.load(data_dir)) as inbox:
            machine = inbox.fleet.enrol(public, name, today())
        if as_json:
            put_json({"id": machine, "fingerprint": shown, "name": name})
        else:
            put(f"{name} is enrolled.  Compare: rohnamo doctor shows on it the fingerprint {shown}")


@machines.command("list", epilog="Example: rohnamo machines list")
def list_machines(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the machines, for how long each was silent, and what it holds."""
    with edge(as_json=as_json):
        from assistant.waiting import opened_inbox
        day = today()
        with opened_inbox(settings.load(data_dir)) as inbox:
            known = inbox.fleet.machines()
        rows = [_row(one, day) for one in known]
        if as_json:
            put_json({"machines": rows})
        elif not rows:
            put("No machine is enrolled.  Next: rohnamo machines enrol KEY NAME")
        for row in rows if not as_json else ():
            put(_line(row))


def _row(machine: Machine, day: date) -> dict[str, Any]:
    status = machine.report.status if machine.report else None
    return {"id": machine.id, "name": machine.name, "silent_days": machine.silent(day),
            "reported": machine.reported and machine.reported.isoformat(), "refused": machine.refused,
            "sequences": dict(status.sequences) if status else {}, "clock_bad": bool(status and status.clock_bad),
            "errors": list(status.errors) if status else []}


def _line(row: dict[str, Any]) -> str:
    held = ", ".join(f"{name} {sequence}" for name, sequence in row["sequences"].items()) or "nothing yet"
    clock = "; its clock is wrong" if row["clock_bad"] else ""
    errors = f"; last errors: {', '.join(row['errors'][:3])}" if row["errors"] else ""
    return f"{row['name']}: silent for {row['silent_days']} days; holds {held}{clock}{errors}"
