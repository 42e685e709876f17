"""One attempt to bring this machine up to date, the same for a person and for the background job.

    receive (fetch, verify, build, admit, activate) - report of the machine - outbox to the inbox, where there is one

Whatever comes of the first step, the ministry is told.  That an event does not arrive is no failure of an attempt:
it waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from assistant.config import Config
from assistant.delivery import deliver
from assistant.errors import AssistantError
from assistant.received import Received
from assistant.report import add_machine_report
from assistant.sync_settings import open_client, settings_of
from corpora.errors import CorpusError
from index import SnapshotError
from sync.client import Client
from sync.errors import LockedError, SyncError
from sync.outbox import Delivered, Outbox
from sync.state import Attempt
from sync.traffic import Ticking, Traffic


class Receive(Protocol):
    """The first step."""

    def __call__(self, config: Config, client: Client, *, progress: Callable[[int, int], None] | None) -> Received:
        """Fetch what is published, and answer from it."""


@dataclass(frozen=True, slots=True)
class Attempted:
    """What came of an attempt; `delivered` is None where no inbox is configured."""

    received: Received
    delivered: Delivered | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return self.received.to_json() | {"delivered": asdict(self.delivered) if self.delivered else None}

    def lines(self) -> list[str]:
        """Return what a person should know."""
        told = self.delivered
        if told is None or not (told.sent or told.waiting):
            return list(self.received.lines())
        rest = f", {told.waiting} wait" + (f": {told.failure}" if told.failure else "") if told.waiting else ""
        return [*self.received.lines(), f"outbox: {told.sent} events arrived at the inbox{rest}"]


def attempt(config: Config, source: str | Path | None = None, *, progress: Callable[[int, int], None],
            receive: Receive | None = None, ticking: Ticking | None = None,
            now: Callable[[], datetime] | None = None) -> Attempted:
    """Return what came of one attempt, from `source` or else from where the settings say.

    Raises:
        ConfigError: this machine is not set up for it.
        LockedError: another process is at it.
        SyncError: the repository was not reached, or is refused as a whole; what is in use stays.
        SnapshotError, CorpusError: what arrived cannot be built now; it waits.
    """
    with open_client(config, source, ticking=ticking, now=now) as client:
        try:
            received = (receive or _receive())(config, client, progress=progress)
        except LockedError:
            raise
        except (SyncError, AssistantError, CorpusError, SnapshotError) as error:
            if not isinstance(error, SyncError):        # those the client has noted itself
                client.state.note(Attempt(client.guards.clock.read().moment, error.code, str(error)))
            _tell(config, client)
            raise
        return Attempted(received, _tell(config, client))


def _tell(config: Config, client: Client) -> Delivered | None:
    settings, reading = settings_of(config), client.guards.clock.read()
    try:
        add_machine_report(config, client.state, reading)
        outbox = Outbox(client.state.connection)
        if not reading.bad:
            outbox.prune(reading.moment.date())
    except SyncError as error:
        return Delivered(0, 0, error.message) if settings.inbox else None
    if not settings.inbox:
        return None
    ticking = client.settings.ticking
    traffic = Traffic(client.state, settings.allowance(), reading.moment, ticking=ticking)
    return deliver(outbox, settings.inbox, traffic, monotonic=ticking.monotonic)


def _receive() -> Receive:
    from assistant.receive import receive
    return receive
