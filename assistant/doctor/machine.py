"""The machine under the program: its disk, its memory, its printers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from assistant.config import Config
from assistant.doctor.check import Check
from assistant.models import Models, State
from assistant.printer import PrinterState, state_of
from assistant.profile import Role

# Room for one more generation of a large corpus and a model's shards (bytes).
_LEAST_FREE = 500_000_000
# What serving 10 000 passages takes without a language model (bytes; the budget of README).
_SERVING = 300_000_000
_MEMORY = Path("/proc/meminfo")
_MB, _GB = 1_000_000, 1_000_000_000
_PRINTERS = {PrinterState.UNKNOWN: "its queue is not known here, or there is no CUPS",
             PrinterState.OFF: "it is off, or takes no jobs", PrinterState.PAPER_OUT: "it has no paper"}


def data_directory(config: Config) -> Iterator[Check]:
    """Yield whether the data directory can be written, and how much room is left."""
    root = config.data_dir
    nearest = next(path for path in (root, *root.parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    if not os.access(nearest, os.W_OK):
        yield Check("data directory", "note", f"{root} cannot be written: answering works, building does not",
                    "Run as the user that owns it, or name another with --data-dir.")
    elif free < _LEAST_FREE:
        yield Check("data directory", "note", f"{root}: {free // _MB} MB free", "Free some space first.")
    else:
        yield Check("data directory", "ok", f"{root}, {free // _GB} GB free")


def memory(config: Config) -> Iterator[Check]:
    """Yield whether what answers has room in memory."""
    found = {name: int(rest.split()[0]) * 1024 for name, _, rest in
             (line.partition(":") for line in _MEMORY.read_text("ascii").splitlines())}
    free, swap = found["MemAvailable"], found["SwapTotal"]
    models = [state.size for state in Models(config.data_dir).list()
              if state.role is Role.ANSWER and state.state is State.READY]
    wanted = _SERVING + max(models, default=0)
    said = f"{free // _MB:,} MB free, {swap // _MB:,} MB of swap; answering takes {wanted // _MB:,} MB"
    if free < wanted:
        model = ", or take the model away: docs/add-soro.md" if models else ""
        yield Check("memory", "note", said, f"End what else runs here{model}.")
    else:
        yield Check("memory", "ok", said)


def printers(config: Config) -> Iterator[Check]:
    """Yield whether each printer of the settings can print now."""
    queues = [] if config.kiosk is None else [config.kiosk.printer, config.kiosk.receipt_printer]
    if not any(queues):
        yield Check("printer", "ok", "none is configured: people take a code with them, and no paper")
    for queue in filter(None, queues):
        state = state_of(queue)
        if state is PrinterState.READY:
            yield Check("printer", "ok", f"{queue} can print")
        else:
            yield Check("printer", "note", f"{queue}: {_PRINTERS[state]}", f"See: lpstat -l -p {queue} -a {queue}")
