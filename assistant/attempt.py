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
from assistant.delivery import AGAIN_S, CONNECT_S, deliver
from assistant.errors import AssistantError
from assistant.received import Received
from assistant.report import add_machine_report
from assistant.sync_settings import open_client, settings_of
from corpora.errors import CorpusError
from corpora.errors import NoSpaceError as NoCorpusSpaceError
from index import SnapshotError
from index.errors import NoSpaceError
from sync.client import Client
from sync.counted import counted, said
from sync.errors import LockedError, SyncError, UnreachableError
from sync.outbox import Delivered, Outbox
from sync.state import Attempt
from sync.traffic import Ticking, Traffic

_FULL = (NoCorpusSpaceError, NoSpaceError)
_AFTER_SPACE = "Free some space, then run: rohnamo sync now. What arrived waits and is not fetched again."


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
        why = f": {told.failure}" if told.failure else ""
        rest = f", {said(told.waiting, 'waits', 'wait')}{why}" if told.waiting else ""
        return [*self.received.lines(), f"outbox: {counted(told.sent, 'event')} arrived at the inbox{rest}"]


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
            if isinstance(error, _FULL):
                error.hint = _AFTER_SPACE
            _keep(client, error)
            _tell(config, client, connect_s=AGAIN_S if isinstance(error, UnreachableError) else CONNECT_S)
            raise
        if failure := received.report.failure:
            client.state.advise(failure.hint)
        return Attempted(received, _tell(config, client))


def _keep(client: Client, error: SyncError | AssistantError | CorpusError | SnapshotError) -> None:
    """Note a failure with its next step; what the client noted itself gets the step."""
    newest = next(iter(client.state.attempts(1)), None)
    if newest and (newest.code, newest.message) == (error.code, str(error)):
        client.state.advise(error.hint)
    else:
        moment = client.guards.clock.read().moment
        client.state.note(Attempt(moment, error.code, str(error), hint=error.hint))


def _tell(config: Config, client: Client, *, connect_s: float = CONNECT_S) -> Delivered | None:
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
    return deliver(outbox, settings.inbox, traffic, monotonic=ticking.monotonic, connect_s=connect_s)


def _receive() -> Receive:
    from assistant.receive import receive
    return receive
