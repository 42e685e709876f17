"""Machines at the ministry's inbox, for tests: enrolled, and with reports that they signed."""

from __future__ import annotations

from datetime import UTC, datetime, time
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assistant.waiting import opened_inbox
from sync.device import DeviceKey
from sync.report import Status, StatusReport, write_report


def key_of(name):
    """Return the key of a machine, the same for the same name."""
    return DeviceKey(Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


def machine(config, name, day):
    """Enrol a machine on a day, and return its key."""
    key = key_of(name)
    with opened_inbox(config) as inbox:
        inbox.fleet.enrol(key.public, name, day)
    return key


def report(key, day, sequences, *, counter=None, asked=0, abstained=0, errors=(), clock_bad=False,
           free_bytes=5_000_000_000):
    """Return a report that a machine signed on a day."""
    made = datetime.combine(day, time(8), UTC)
    status = Status(sequences, "a" * 64, "0.1.0", free_bytes, clock_bad, errors,
                    {"asked": asked, "abstained": abstained})
    return write_report(StatusReport(key.id, counter or int(made.timestamp()), made, status), key)


def said(config, key, day, sequences, **status):
    """Let a report come in on the day on which it was made."""
    with opened_inbox(config) as inbox:
        inbox.fleet.receive(key.public, report(key, day, sequences, **status), day)
