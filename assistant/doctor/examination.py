"""Every check of a machine, in the order a person would mend what is wrong.

They are run one by one, so that a broken part does not hide the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from assistant import sync_settings
from assistant.config import Config
from assistant.doctor import closed, content, crashes, fetching, machine, network, program
from assistant.doctor.check import Check

Look = Callable[[Config], Iterator[Check]]
_CHECKS: tuple[tuple[str, Look], ...] = (
    ("program", program.versions), ("fonts", program.fonts), ("data directory", machine.data_directory),
    ("memory", machine.memory), ("permissions", closed.permissions), ("drafts", content.documents),
    ("snapshot", content.snapshot), ("generations", content.generations), ("encoder", content.encoder),
    ("models", content.models), ("scans", program.scans), ("printer", machine.printers), ("network", network.reach))


def examine(config: Config) -> list[Check]:
    """Return the findings in the order a person would mend them."""
    now = sync_settings.utc_now()
    checks = [*_CHECKS, ("sync", lambda one: fetching.releases(one, now)),
              ("clock", lambda one: fetching.clock(one, now)),
              ("signatures", lambda one: fetching.signatures(one, now)), ("desks", lambda one: _desks(one, now)),
              ("crashes", crashes.crash_checks)]
    return [check for name, look in checks for check in _guarded(name, look, config)]


def _desks(config: Config, now: datetime) -> Iterator[Check]:
    from assistant.desk_checks import desk_checks
    return desk_checks(config, now)


def _guarded(name: str, look: Look, config: Config) -> list[Check]:
    found = []
    try:
        for check in look(config):
            found.append(check)                    # what was found before it broke is told as well
    except Exception as error:  # one broken part must not hide the others
        found.append(Check(name, "bad", str(error) or type(error).__name__, getattr(error, "hint", "")))
    return found
