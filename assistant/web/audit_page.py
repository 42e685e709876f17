"""The accounts and who did what: whether the log is whole, its last entries by person and deed, and all as a table."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import partial
from io import StringIO

from anyio.to_thread import run_sync
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.access.accounts import Account
from assistant.access.audit import Deed, Entry, faults, read_entry
from assistant.access.store import opened_store
from assistant.config import Config
from assistant.fleet_view import cell
from assistant.web.lock import record
from assistant.web.pages import desk_of, problem, render
from sync.audit import Fault, Head
from sync.rollout import TIME

_LAST = 200
_COLUMNS = ("number", "at", "who", "deed", "detail")


@dataclass(frozen=True, slots=True)
class Log:
    """The accounts and the log.  `entries`, the newest first, are empty where something is wrong with the chain, and
    where only its state was asked for."""

    accounts: tuple[Account, ...]
    faults: tuple[Fault, ...]
    head: Head
    entries: tuple[Entry, ...]

    def of(self, wish: QueryParams) -> tuple[Entry, ...]:
        """Return the entries of a person or a deed, of both, or all."""
        who, deed = wish.get("who", ""), wish.get("deed", "")
        return tuple(one for one in self.entries if who in ("", one.who) and deed in ("", one.deed))


def routes() -> list[Route]:
    """Return the addresses about accounts and the log."""
    return [Route("/admin/audit", audit), Route("/admin/audit.csv", as_csv)]


async def audit(request: Request) -> Response:
    """Show the accounts, who did what last, and whether the log is whole."""
    log, wish = await run_sync(partial(read_log, desk_of(request).config)), request.query_params
    found = log.of(wish)
    return render(request, "admin_audit.html", role="admin", log=log, shown=found[:_LAST], count=len(found),
                  people=sorted({one.who for one in log.entries if one.who}), who=wish.get("who", ""),
                  deeds=[one for one in Deed if any(one is entry.deed for entry in log.entries)],
                  deed=wish.get("deed", ""))


async def as_csv(request: Request) -> Response:
    """Give the entries as a table, those of a person or a deed where the address says so."""
    log = await run_sync(partial(read_log, desk_of(request).config))
    if log.faults:
        return problem(request, 500)
    await record(request, Deed.EXPORTED, table="audit")
    return Response("\ufeff" + _table(log.of(request.query_params)), media_type="text/csv; charset=utf-8",
                    headers={"content-disposition": 'attachment; filename="audit.csv"'})


def read_log(config: Config, *, entries: bool = True) -> Log:
    """Return the accounts and the log, with its entries or its state alone.

    Raises:
        StateError: the database of the desks cannot be used.
    """
    with opened_store(config) as store:
        rows = store.audit.rows()
        found = faults(rows)
        read = tuple(read_entry(body) for _, _, body in reversed(rows)) if entries and not found else ()
        return Log(store.accounts.all(), found, store.audit.head(), read)


def _table(entries: tuple[Entry, ...]) -> str:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows([cell(value) for value in (one.number, one.at.strftime(TIME), one.who, one.deed.value,
                                                dict(one.detail))] for one in entries)
    return out.getvalue()
