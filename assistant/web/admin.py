"""The pages of an admin; all of them are behind the lock.  They show and prepare; nothing is signed here."""

from __future__ import annotations

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.access.accounts import Account
from assistant.access.audit import Entry, faults
from assistant.access.store import opened_store
from assistant.config import Config
from assistant.web import content_page, fleet_page, questions_page
from assistant.web.pages import desk_of, render
from sync.audit import Fault, Head

_LAST = 200


def routes() -> list[Route]:
    """Return the pages of an admin."""
    return [Route("/admin", home), *fleet_page.routes(), *questions_page.routes(), *content_page.routes(),
            Route("/admin/audit", audit)]


async def home(request: Request) -> Response:
    """Show what an admin can do here."""
    return render(request, "admin_home.html", role="admin")


async def audit(request: Request) -> Response:
    """Show the accounts, who did what last, and whether the log is whole."""
    accounts, last, found, head = await run_sync(_audit, desk_of(request).config)
    return render(request, "admin_audit.html", role="admin", accounts=accounts, last=last, faults=found, head=head)


def _audit(config: Config) -> tuple[tuple[Account, ...], tuple[Entry, ...], tuple[Fault, ...], Head]:
    with opened_store(config) as store:
        found = faults(store.audit.rows())
        return store.accounts.all(), () if found else store.audit.last(_LAST), found, store.audit.head()
