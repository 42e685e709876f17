"""What this machine reports of itself after each attempt: signed, in the outbox in place of the report before.

Numbers, hashes and codes only; nothing that a person wrote or asked.
"""

from __future__ import annotations

import shutil
from hashlib import sha256
from importlib.metadata import version
from itertools import islice

from assistant.config import Config
from assistant.tally import read_tally
from index import Generations
from index.manifest import MANIFEST
from sync.audit import AuditLog
from sync.clock import Reading
from sync.fleet import add_report
from sync.outbox import Outbox
from sync.report import MOST_ERRORS, Status, StatusReport
from sync.state import State


def add_machine_report(config: Config, state: State, reading: Reading) -> StatusReport:
    """Put the report of this machine into its outbox, and return it.

    Raises:
        BadBatchError: the machine says what no report may say; nothing was added.
        NoSpaceError: the disk is full; the report before stays.
    """
    outbox = Outbox(state.connection)
    return add_report(outbox, machine_status(config, state, outbox, reading), reading.moment)


def machine_status(config: Config, state: State, outbox: Outbox, reading: Reading) -> Status:
    """Return the state of this machine."""
    failures = (attempt.code for attempt in state.attempts() if attempt.code)
    counters = {f"outbox.{kind.value}.{name}": number for kind, count in outbox.counts().items()
                for name, number in (("added", count.added), ("sent", count.sent), ("dropped", count.dropped))}
    return Status(
        {publisher: held.sequence for publisher, held in state.held().items()}, answering_sha256(config),
        version("rohnamo"), shutil.disk_usage(config.data_dir).free, reading.bad, tuple(islice(failures, MOST_ERRORS)),
        counters | {"withdrawn": len(state.withdrawn())} | read_tally(state.connection), AuditLog(outbox).head())


def answering_sha256(config: Config) -> str:
    """Return the hash of the manifest of the snapshot that answers, empty where none does."""
    generations = Generations(config.generations)
    number = generations.current()
    return sha256((generations.path(number) / MANIFEST).read_bytes()).hexdigest() if number else ""
