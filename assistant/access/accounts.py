"""The people who may enter: a name, a role, a password, and whether the account is locked.

An account is made and changed at the command line alone.  Whatever changes one is in the audit log by the same
transaction.  A password or a lock that is set ends whatever sessions the account has: its `version` is another then.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from unicodedata import normalize

from assistant.access.audit import AuditLog, Deed
from assistant.access.limits import Tries
from assistant.access.roles import Role
from assistant.errors import AssistantError, ConfigError
from sync.rollout import TIME, read_time
from sync.transaction import transaction

TABLE = """CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, made TEXT NOT NULL,
    locked INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1)"""
# What is typed at the door is counted by name: no more of it is kept than a name could be.
_MOST_TYPED = 64
_NAME = re.compile(r"[^\W_][\w.-]{1,39}")
_LATIN, _CYRILLIC = re.compile("[a-z]"), re.compile("[\u0400-\u04ff]")


class AccountError(AssistantError):
    """An account is not there, or is there already."""

    code = "account"


@dataclass(frozen=True, slots=True)
class Account:
    """An account.  `version` is another after each change that ends its sessions."""

    name: str
    role: Role
    made: datetime
    locked: bool = False
    version: int = 1


class Accounts:
    """The accounts in the database that the connection opens.  `who` is who changes them, for the audit log."""

    def __init__(self, connection: sqlite3.Connection, audit: AuditLog, tries: Tries) -> None:
        self._connection, self._audit, self._tries = connection, audit, tries

    def all(self) -> tuple[Account, ...]:
        """Return the accounts, by name."""
        rows = self._connection.execute("SELECT name, role, made, locked, version FROM accounts ORDER BY name")
        return tuple(_account(*row) for row in rows)

    def find(self, name: str) -> Account | None:
        """Return the account of a name, None where there is none."""
        row = self._connection.execute("SELECT name, role, made, locked, version FROM accounts WHERE name = ?",
                                       (name,)).fetchone()
        return _account(*row) if row else None

    def password(self, name: str) -> str | None:
        """Return what is kept of the password, None where there is no such account."""
        row = self._connection.execute("SELECT password FROM accounts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def new(self, name: str, role: Role, password: str, now: datetime, who: str) -> Account:
        """Make an account; `password` is what is kept of it.

        Raises:
            AccountError: there is one of this name; nothing was changed.
        """
        with transaction(self._connection):
            if self.find(name):
                raise AccountError(f"there is an account {name} already",
                                   "Take another name, or see all: rohnamo accounts list.")
            self._connection.execute("INSERT INTO accounts (name, role, password, made) VALUES (?, ?, ?, ?)",
                                     (name, role.value, password, now.astimezone(UTC).strftime(TIME)))
            self._audit.record(now, who, Deed.ACCOUNT_MADE, account=name, role=role.value)
        return self._known(name)

    def set_password(self, name: str, password: str, now: datetime, who: str) -> Account:
        """Take a new password in place of the old one; the account's sessions end, its wrong tries are forgotten.

        Raises:
            AccountError: there is no such account.
        """
        with transaction(self._connection):
            self._change(name, "password = ?, version = version + 1", password)
            self._tries.clear(name)
            self._audit.record(now, who, Deed.PASSWORD_SET, account=name)
        return self._known(name)

    def renew_hash(self, name: str, before: str, password: str) -> None:
        """Keep the same password at another cost, unless it was changed meanwhile; sessions stay."""
        with transaction(self._connection):
            self._connection.execute("UPDATE accounts SET password = ? WHERE name = ? AND password = ?",
                                     (password, name, before))

    def lock(self, name: str, now: datetime, who: str) -> Account:
        """Let nobody in by this account; its sessions end.

        Raises:
            AccountError: there is no such account.
        """
        with transaction(self._connection):
            self._change(name, "locked = ?, version = version + 1", 1)
            self._audit.record(now, who, Deed.ACCOUNT_LOCKED, account=name)
        return self._known(name)

    def unlock(self, name: str, now: datetime, who: str) -> Account:
        """Open an account that was locked, or that too many wrong tries shut.

        Raises:
            AccountError: there is no such account.
        """
        with transaction(self._connection):
            self._change(name, "locked = ?", 0)
            self._tries.clear(name)
            self._audit.record(now, who, Deed.ACCOUNT_UNLOCKED, account=name)
        return self._known(name)

    def _change(self, name: str, what: str, value: object) -> None:
        self._known(name)
        self._connection.execute(f"UPDATE accounts SET {what} WHERE name = ?", (value, name))

    def _known(self, name: str) -> Account:
        if account := self.find(name):
            return account
        raise AccountError(f"there is no account {name}", "See all: rohnamo accounts list.")


def plain_name(name: str) -> str:
    """Return the name of an account as it is kept, however it was typed."""
    return normalize("NFC", name.strip()[:_MOST_TYPED]).casefold()


def checked_name(name: str) -> str:
    """Return the name for a new account.

    Raises:
        ConfigError: it cannot be one; two names never look alike.
    """
    plain = plain_name(name)
    if not _NAME.fullmatch(plain) or (_LATIN.search(plain) and _CYRILLIC.search(plain)):
        raise ConfigError(f"{name!r} cannot be the name of an account",
                          "Take 2 to 40 letters of one alphabet, digits, dots and hyphens, as in n.sharipova.")
    return plain


def _account(name: str, role: str, made: str, locked: int, version: int) -> Account:
    return Account(name, Role(role), read_time(made), bool(locked), version)
