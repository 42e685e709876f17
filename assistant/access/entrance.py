"""Whether somebody may enter: by a name and its password, to the pages of one role.

    shut? ─ count the try ─ compare (slow) ─ locked? another role's? ─ enter

Of a name that is not known no more is told, and no less time taken, than of a wrong password.  Every outcome is in the
audit log; what somebody typed for a name is there only where it is the name of an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import BoundedSemaphore

from assistant.access.accounts import Account, plain_name
from assistant.access.audit import Deed
from assistant.access.passwords import check_password, hashed, is_outdated, is_password
from assistant.access.roles import Role
from assistant.access.store import opened_store
from assistant.config import Config

# A comparison takes 64 MiB: so many at once, the others wait.
_AT_ONCE = BoundedSemaphore(2)


class Outcome(StrEnum):
    """What came of a try, a closed set."""

    ENTERED = "entered"
    WRONG = "wrong"
    SHUT = "shut"
    LOCKED = "locked"                  # told only to who knows the password
    OTHER_ROLE = "other_role"          # as well


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try; `account` is whose it was where it entered, `wait_s` for how long the name is shut."""

    outcome: Outcome
    account: Account | None = None
    wait_s: float = 0.0


def try_to_enter(config: Config, role: Role, name: str, password: str, now: datetime, *,
                 entering: bool = True) -> Tried:
    """Return whether this name and password open the pages of a role; slow on purpose.

    entering: False where who is inside already only shows the password again.

    Raises:
        StateError, NoSpaceError: the database of the desks cannot be used; nobody enters.
    """
    plain = plain_name(name)
    with opened_store(config) as store:
        account, kept = store.accounts.find(plain), store.accounts.password(plain)
        known = account.name if account else ""
        if wait_s := store.tries.count(plain, now):
            store.audit.record(now, known, Deed.SHUT_OUT, role=role)
            return Tried(Outcome.SHUT, wait_s=wait_s)
    with _AT_ONCE:
        right = is_password(kept, password)
    outcome = _outcome(account, role, right=right)
    with opened_store(config) as store:
        if outcome is not Outcome.ENTERED or account is None:
            store.audit.record(now, known, Deed.REFUSED, role=role, why=outcome)
            return Tried(outcome, wait_s=store.tries.shut_s(plain, now) if outcome is Outcome.WRONG else 0.0)
        if kept and is_outdated(kept):
            store.accounts.renew_hash(plain, kept, hashed(password))
        store.tries.clear(plain)
        if entering:
            store.audit.record(now, account.name, Deed.ENTERED, role=role)
    return Tried(outcome, account)


def change_password(config: Config, account: Account, old: str, new: str, now: datetime) -> Account | None:
    """Return the account with a new password, None where the old one was wrong or its name is shut.

    Raises:
        ConfigError: the new password is too easy to guess; nothing was changed.
    """
    check_password(new, account.name)
    shown = try_to_enter(config, account.role, account.name, old, now, entering=False)
    if shown.outcome is not Outcome.ENTERED:
        return None
    kept = hashed(new)
    with opened_store(config) as store:
        return store.accounts.set_password(account.name, kept, now, account.name)


def still_open(config: Config, account: Account) -> bool:
    """Return whether an account is as it was when somebody entered by it."""
    with opened_store(config) as store:
        return store.accounts.find(account.name) == account


def _outcome(account: Account | None, role: Role, *, right: bool) -> Outcome:
    if not right or account is None:
        return Outcome.WRONG
    if account.locked:
        return Outcome.LOCKED
    return Outcome.ENTERED if account.role is role else Outcome.OTHER_ROLE
