"""The verbs about the people who enter the pages of clerks and admins: `accounts new`, `lock`, `log`, `verify`.

Accounts are made and changed here alone, by whoever may read the data directory; the pages only let people in and
change their own password.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant import config as settings
from assistant.access.roles import Role
from assistant.edge import DataDir, Json, edge, put, put_json
from sync.counted import said

if TYPE_CHECKING:
    from assistant.access.accounts import Account
    from assistant.access.audit import Entry
    from sync.audit import Head

accounts = typer.Typer(no_args_is_help=True, help="The people who may enter the pages of clerks and admins, and what "
                                                  "they did there.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the account.")]
_LAST = 50


@accounts.command(epilog="Example: rohnamo accounts new n.sharipova --role clerk")
def new(name: Name, role: Annotated[Role, typer.Option("--role", help="Whose pages it opens.", show_default=False)],
        as_json: Json = False, data_dir: DataDir = None) -> None:
    """Make an account; its password is asked for twice, or is two lines of standard input."""
    from assistant.access.accounts import checked_name
    from assistant.access.store import opened_store
    with edge(as_json=as_json):
        config, plain = settings.load(data_dir), checked_name(name)
        kept = _new_password(plain)
        with opened_store(config) as store:
            made = store.accounts.new(plain, role, kept, _now(), _who())
        _put(made, f"{made.name} may enter: rohnamo serve --role {role}", as_json)


@accounts.command(epilog="Example: rohnamo accounts password n.sharipova")
def password(name: Name, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Set another password, as where the old one is forgotten; the account's sessions end."""
    from assistant.access.accounts import plain_name
    from assistant.access.store import opened_store
    with edge(as_json=as_json):
        config, plain = settings.load(data_dir), plain_name(name)
        kept = _new_password(plain)
        with opened_store(config) as store:
            changed = store.accounts.set_password(plain, kept, _now(), _who())
        _put(changed, f"{changed.name} enters with the new password from now on.", as_json)


@accounts.command(epilog="Example: rohnamo accounts lock n.sharipova")
def lock(name: Name, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Let nobody in by an account any more, from the next request on; what was done by it stays in the log."""
    from assistant.access.accounts import plain_name
    from assistant.access.store import opened_store
    with edge(as_json=as_json):
        with opened_store(settings.load(data_dir)) as store:
            changed = store.accounts.lock(plain_name(name), _now(), _who())
        _put(changed, f"{changed.name} is locked.", as_json)


@accounts.command(epilog="Example: rohnamo accounts unlock n.sharipova")
def unlock(name: Name, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Open an account that was locked, or that is shut for a while after too many wrong passwords."""
    from assistant.access.accounts import plain_name
    from assistant.access.store import opened_store
    with edge(as_json=as_json):
        with opened_store(settings.load(data_dir)) as store:
            changed = store.accounts.unlock(plain_name(name), _now(), _who())
        _put(changed, f"{changed.name} may enter again.", as_json)


@accounts.command("list", epilog="Example: rohnamo accounts list")
def list_accounts(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the accounts, with their roles, and whether they are locked."""
    from assistant.access.store import opened_store
    with edge(as_json=as_json):
        with opened_store(settings.load(data_dir)) as store:
            known = store.accounts.all()
        if as_json:
            put_json({"accounts": [_plain(one) for one in known]})
            return
        for one in known:
            put(f"{one.name}: {one.role}{', locked' if one.locked else ''}, made on {one.made:%Y-%m-%d}")
        if not known:
            put("There is no account.  Next: rohnamo accounts new NAME --role admin")


@accounts.command(epilog="Example: rohnamo accounts log")
def log(most: Annotated[int, typer.Option("--last", min=1, max=100_000, help="How many entries.")] = _LAST,
        as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show the last entries of the audit log: who did what, the newest first."""
    from assistant.access.store import opened_store
    with edge(as_json=as_json):
        with opened_store(settings.load(data_dir)) as store:
            last = store.audit.last(most)
        if as_json:
            put_json({"entries": [_entry(one) for one in last]})
            return
        for one in last:
            detail = ", ".join(f"{name} {value}" for name, value in one.detail.items())
            put(f"{one.number}  {one.at:%Y-%m-%d %H:%M:%S} UTC  {one.who or 'somebody'}  "
                f"{one.deed.replace('_', ' ')}{f' ({detail})' if detail else ''}")


@accounts.command(epilog="Example: rohnamo accounts verify --head 118:9f2c…e1")
def verify(head: Annotated[str | None, typer.Option("--head", help="NUMBER:HASH as it was noted before: shows a tail "
                                                    "that was cut off as well.", show_default=False)] = None,
           as_json: Json = False, data_dir: DataDir = None) -> None:
    """Say whether the audit log is as it was written, and its head, to be noted on paper; exit 1 where it is not."""
    from assistant.access.audit import BrokenAuditError, faults
    from assistant.access.store import opened_store
    noted = _head(head) if head else None
    with edge(as_json=as_json):
        with opened_store(settings.load(data_dir)) as store:
            found, now = faults(store.audit.rows(), noted), store.audit.head()
        if found:
            raise BrokenAuditError("the audit log was changed: " + "; ".join(
                f"entries {one.first} to {one.last} are {one.flaw}" for one in found[:10]),
                "Keep desks.db as it is, and compare it with the last backup.")
        if as_json:
            put_json({"whole": True, "entries": now.number, "head": f"{now.number}:{now.hash}"})
        else:
            put(f"The audit log is whole: {said(now.number, 'entry', 'entries')}.  Note on paper: "
                f"{now.number}:{now.hash}")


def _new_password(name: str) -> str:
    """Return what is kept of a password that somebody typed twice."""
    from assistant.access.passwords import check_password, hashed
    from assistant.signing import new_password
    typed = new_password(name)
    check_password(typed, name)
    return hashed(typed)


def _head(text: str) -> Head:
    from sync.audit import Head
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != len(Head().hash):
        raise typer.BadParameter("a head is NUMBER:HASH, as rohnamo accounts verify showed it")
    return Head(int(number), digest)


def _now() -> datetime:
    return datetime.now(UTC)


def _who() -> str:
    """Return who works at this terminal, for the audit log; no account can be called so."""
    return f"uid {os.getuid()}"


def _put(account: Account, line: str, as_json: bool) -> None:
    if as_json:
        put_json(_plain(account))
    else:
        put(line)


def _plain(account: Account) -> dict[str, Any]:
    return {"name": account.name, "role": account.role.value, "made": account.made.isoformat(),
            "locked": account.locked}


def _entry(entry: Entry) -> dict[str, Any]:
    return {"number": entry.number, "at": entry.at.isoformat(), "who": entry.who, "deed": entry.deed.value,
            "detail": dict(entry.detail)}
