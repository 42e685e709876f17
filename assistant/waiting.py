"""The outbox of this machine and, at the ministry, the inbox: where they lie."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from assistant.config import Config
from assistant.errors import ConfigError
from assistant.sync_settings import home_of
from sync.batch import Event, Kind
from sync.client import STATE
from sync.device import PUBLIC_BYTES, SIGNATURE_BYTES
from sync.durable import make_folder, space
from sync.inbox import Inbox
from sync.outbox import Outbox
from sync.state import State, explained

INBOX = "inbox.db"


@contextmanager
def opened_outbox(config: Config) -> Iterator[Outbox]:
    """Give the outbox of this machine, which is made where there is none.

    Raises:
        StateError: the machine's own database cannot be used.
    """
    with State(home_of(config) / STATE) as state:
        yield Outbox(state.connection)


@contextmanager
def opened_inbox(config: Config) -> Iterator[Inbox]:
    """Give the inbox of the ministry, which is made where there is none.

    Raises:
        StateError: its database cannot be used.
        NoSpaceError: the disk is full.
    """
    path = config.data_dir / INBOX
    with space(path):
        make_folder(path.parent)
    with (explained(path, damaged=f"Restore {INBOX} from the last backup."),
          closing(sqlite3.connect(path, timeout=10.0, isolation_level=None)) as connection):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        yield Inbox(connection)


def machine_key(text: str) -> bytes:
    """Return the public key of a machine, as it shows it.

    Raises:
        ConfigError: it is no such key.
    """
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != PUBLIC_BYTES:
        raise ConfigError("this is not the key of a machine, 64 hexadecimal digits",
                          "Copy the key that rohnamo sync status shows on the machine.")
    return key


def said(outbox: Outbox) -> dict[str, str]:
    """Return what each event says, by its id; of a report without its signature."""
    says: dict[str, str] = {}
    batch = outbox.batch()
    while batch:
        says |= {event.id: _text(event) for event in batch}
        batch = outbox.batch(after=batch[-1].id)
    return says


def _text(event: Event) -> str:
    body = event.body[SIGNATURE_BYTES:] if event.kind is Kind.STATUS else event.body
    return body.decode("utf-8", "replace")
