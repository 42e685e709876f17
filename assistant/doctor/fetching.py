"""Releases from the ministry: what is held, the clock they are judged by, and how long what was signed holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from assistant.config import Config
from assistant.doctor.check import Check
from assistant.status import STALE_DAYS, read_status, step_after
from assistant.status_page import clock_words
from assistant.sync_settings import home_of
from sync.clock import LONG_AGO
from sync.device import fingerprint
from sync.expiry import BRIEF, METADATA, expiries
from sync.roles import ALARM

_BRIEFLY = timedelta(days=3)


def releases(config: Config, now: datetime) -> Iterator[Check]:
    """Yield what is held of each publisher and how the last attempts went."""
    status = read_status(config, now)
    if status.device:
        yield Check("sync", "ok", f"the fingerprint of this machine is {fingerprint(status.device.id)}")
    if status.problem:
        yield Check("sync", "note", status.problem, status.hint)
        return
    for known in status.releases:
        yield Check("sync", "note" if known.refused else "ok", known.line(status.moment))
    silent, failure = status.silent_days, status.last_failure
    if silent is None or silent > STALE_DAYS:
        heard = "nothing was ever heard" if silent is None else f"nothing was heard for {silent} days"
        yield Check("sync", "note", f"{heard} of what is published", "Run: rohnamo sync now, or bring a stick.")
    if failure:
        yield Check("sync", "note", f"the last attempt failed: {failure.message}", step_after(failure))


def clock(config: Config, now: datetime) -> Iterator[Check]:
    """Yield what is known of this machine's clock, and the moment before which it is not."""
    status = read_status(config, now)
    if not status.reading or not status.floor or status.floor == LONG_AGO:
        yield Check("clock", "ok", f"it says {now:%Y-%m-%d %H:%M} UTC; nothing was signed here to compare it with")
        return
    said = f"the clock of this machine is {clock_words(status.reading)}; it is not before {status.floor:%Y-%m-%d}"
    if status.reading.bad:
        yield Check("clock", "note", said, "Set the clock.")
    else:
        yield Check("clock", "ok", said)


def signatures(config: Config, now: datetime) -> Iterator[Check]:
    """Yield until when what was signed holds.  After that nothing newer is accepted; what is here answers on."""
    moment = read_status(config, now).moment
    for role, until in expiries(home_of(config) / METADATA):
        if until is None:
            yield Check("signatures", "note", f"{role}.json cannot be read; it is fetched again at the next contact",
                        "Run: rohnamo sync now.")
            continue
        state, step = "ok", ""
        said = f"{role} holds until {until:%Y-%m-%d}"
        if until <= moment:
            said = f"{role} is over since {until:%Y-%m-%d}: nothing new is accepted by it; what is here answers on"
        if until <= moment + (_BRIEFLY if role in BRIEF else ALARM):
            state, step = "note", ("Run: rohnamo sync now, or bring a stick." if role in BRIEF else
                                   "Run: rohnamo sync now; if it stays so, tell the ministry to sign anew.")
        yield Check("signatures", state, said, step)
