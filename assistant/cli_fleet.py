"""The verbs about the machines of a ministry, where its inbox is: `machines enrol`, `machines list`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json, today
from sync.counted import counted

if TYPE_CHECKING:
    from sync.fleet import Machine

_LAST_ERRORS = 3
_ERRORS = {
    "unreachable": "the server was not reached", "no_repository": "there is no repository at its address",
    "foreign_directory": "a stick without a repository", "untrusted_repository": "signed by somebody it does not trust",
    "damaged_repository": "a damaged or incomplete repository", "expired_repository": "signatures that are over",
    "future_repository": "signed after its clock's time", "older_repository": "an older copy than it knows",
    "postponed": "its traffic is used up", "bad_state": "its database is damaged", "bad_release": "a faulty release",
    "bad_pack": "a damaged pack", "locked": "two attempts at once", "no_space": "its disk is full",
    "no_space_for_sync": "its disk is full", "no_space_for_snapshot": "its disk is full",
    "job_failed": "a fault of the program"}

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
    if row["reported"] is None:
        return f"{row['name']}: nothing heard yet"
    held = ", ".join(f"{name} {sequence}" for name, sequence in row["sequences"].items()) or "nothing yet"
    clock = "; its clock is wrong" if row["clock_bad"] else ""
    newest = [error_words(code) for code in dict.fromkeys(row["errors"])][:_LAST_ERRORS]
    errors = f"; last errors: {', '.join(newest)}" if newest else ""
    days = row["silent_days"]
    heard = f"last heard {counted(days, 'day')} ago" if days > 0 else "heard today"
    return f"{row['name']}: {heard}; holds {held}{clock}{errors}"


def error_words(code: str) -> str:
    """Return in words what a machine reports as a code; that of a newer program as it is, without its underscores."""
    return _ERRORS.get(code, code.replace("_", " "))
