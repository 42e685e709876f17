"""The verbs about the machines of a ministry, where its inbox is: `machines enrol`, `machines list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json, today
from sync.counted import counted

if TYPE_CHECKING:
    from assistant.fleet_view import Row

_LAST_ERRORS = 3

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
    """List the machines, the worst first: for how long each was silent, what it holds, and how far it is behind."""
    with edge(as_json=as_json):
        from assistant.fleet_view import read_fleet
        rows = [_row(one) for one in read_fleet(settings.load(data_dir), today(), days=1).rows]
        if as_json:
            put_json({"machines": rows})
        elif not rows:
            put("No machine is enrolled.  Next: rohnamo machines enrol KEY NAME")
        for row in rows if not as_json else ():
            put(_line(row))


def _row(row: Row) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "standing": row.standing.value, "silent_days": row.silent_days,
            "reported": row.reported and row.reported.isoformat(), "refused": row.refused,
            "sequences": dict(row.releases or {}), "behind_days": row.behind_days, "age_days": row.age_days,
            "clock_bad": row.clock_bad, "errors": list(row.errors)}


def _line(row: dict[str, Any]) -> str:
    from assistant.fleet_view import error_words
    if row["reported"] is None:
        return f"{row['name']}: nothing heard yet"
    held = ", ".join(f"{name} {sequence}" for name, sequence in row["sequences"].items()) or "nothing yet"
    behind = f"; {counted(row['behind_days'], 'day')} behind" if row["behind_days"] else ""
    clock = "; its clock is wrong" if row["clock_bad"] else ""
    newest = [error_words(code, "en") for code in dict.fromkeys(row["errors"])][:_LAST_ERRORS]
    errors = f"; last errors: {', '.join(newest)}" if newest else ""
    days = row["silent_days"]
    heard = f"last heard {counted(days, 'day')} ago" if days > 0 else "heard today"
    return f"{row['name']}: {heard}; holds {held}{behind}{clock}{errors}"
