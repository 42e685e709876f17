"""`rohnamo sync watch`: the attempts of this machine, one after another, until a signal ends them.

    SIGTERM, SIGINT   end, between two steps; what had come is kept
    SIGUSR1           make an attempt now

One such process serves a machine.  It answers no question: what it activates, others notice.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from threading import Event

from assistant import log
from assistant.attempt import Receive, attempt
from assistant.config import Config
from assistant.errors import AssistantError, ConfigError
from assistant.sync_settings import home_of, read_root, settings_of, utc_now
from corpora.errors import CorpusError
from index import SnapshotError
from sync.client import STATE
from sync.device import device_key
from sync.errors import LockedError, SyncError
from sync.hints import Network, Sticks
from sync.lock import only_one
from sync.schedule import MINUTE, Rhythm, Schedule, offset
from sync.state import Attempt, State
from sync.watch import Stop, Watch

LOCK = "watch.lock"
_FAULTS = (SyncError, AssistantError, CorpusError, SnapshotError)


@dataclass(frozen=True, slots=True)
class Background:
    """The attempts of one machine.  `say` takes a line for its journal."""

    config: Config
    say: Callable[[str], None]
    stop: Stop
    receive: Receive | None = None

    def attempt(self, stick: Path | None) -> bool:
        """Make an attempt from a stick, or from the usual source where there is one; return whether it went well."""
        if stick is None and settings_of(self.config).source is None:
            return True
        try:
            done = attempt(self.config, stick, progress=self.stop.check, receive=self.receive, ticking=self.stop)
        except _FAULTS as error:
            log.tell(log.Event.SYNC_FAILED, error, code=error.code)
            self.say(f"{error}  → {error.hint}" if error.hint else str(error))
            return False
        except Exception as error:     # it is noted by whoever called
            log.tell(log.Event.CRASHED, error)
            raise
        received = done.received
        log.tell(log.Event.SYNC_FAILED if received.failed else log.Event.SYNC_DONE, activated=len(received.activated),
                 refused=len(received.refused), waiting=done.delivered.waiting if done.delivered else 0)
        for line in done.lines():
            self.say(line)
        return not received.failed

    def note(self, code: str, message: str) -> None:
        """Keep a sentence about an attempt that was not made, or that ended in a fault of the program."""
        self.say(message)
        with State(home_of(self.config) / STATE) as state:
            state.note(Attempt(utc_now(), code, message))


def keep_up(config: Config, say: Callable[[str], None], *, receive: Receive | None = None,
            stop: Stop | None = None, asked: Event | None = None) -> None:
    """Make attempts until a signal ends it, or `stop` is asked.

    asked: is set where an attempt is wanted at once.  Whoever gives it hears the signals, as only a main thread can.

    Raises:
        ConfigError: this machine is not set up for it.
        LockedError: another process does it already.
        StateError: the machine's own database cannot be used.
    """
    settings = settings_of(config)
    read_root(config)
    if settings.source is None and not settings.sticks:
        raise ConfigError("this machine has nothing to watch: no source of releases, and sticks are not read",
                          f'Write source = "https://…" or sticks = true under [sync] in '
                          f'{config.data_dir / "config.toml"}.')
    with _alone(config):
        ended = stop or Stop()
        job = Background(config, say, ended, receive)
        rhythm = Rhythm(settings.every_minutes * MINUTE, offset(_device(config)))
        watch = Watch(job.attempt, Schedule(rhythm, time.monotonic(), SystemRandom().random), job.note,
                      asked=asked)
        heard = {signal.SIGTERM: ended.ask, signal.SIGINT: ended.ask, signal.SIGUSR1: watch.ask}
        with _heard({} if asked else heard):
            watch.run(ended, Network(), Sticks() if settings.sticks else None)


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    try:
        with only_one(home_of(config) / LOCK):
            yield
    except LockedError as error:
        raise LockedError("rohnamo sync watch runs on this machine already",
                          hint="One is enough.  For an attempt at once: rohnamo sync now.") from error


@contextmanager
def _heard(handlers: dict[signal.Signals, Callable[..., None]]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _device(config: Config) -> str:
    with State(home_of(config) / STATE) as state:
        return device_key(state.connection).id
