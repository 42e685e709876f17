"""The printers of this machine: whether one can print, and sending it a PDF.

CUPS is asked through its own programs, each within a few seconds; what is printed goes through a pipe and is on no
disk of ours.  A job's name says nothing of what is in it, and a job that does not come out is given up before somebody
else stands there.  What a person is told lies in `assistant.texts`.
"""

from __future__ import annotations

import os
import re
import subprocess
from enum import StrEnum

_ASK_S, _SEND_S = 3.0, 10.0
_QUEUE = re.compile(r"[\w.-]{1,127}")
_EMPTY = re.compile(r"media-(?:empty|needed)|out of paper", re.IGNORECASE)
_OFF = re.compile(r"\bdisabled\b|offline|stopped|cover-open|shutdown|not accepting requests", re.IGNORECASE)
# Said under the line of a job that cannot be handed over; CUPS calls such a printer enabled.
_UNREACHED = re.compile(r"now printing .*\n.*(?:waiting for|unavailable|unable to|not responding|not connected)",
                        re.IGNORECASE)
# After so many seconds of trying CUPS gives a job up.
_GIVEN_UP_S = 120


class PrinterState(StrEnum):
    """Whether a printer can print, or what became of a job."""

    READY = "ready"
    NO_PRINTER = "no_printer"          # none is set up for this kiosk
    UNKNOWN = "unknown"                # its queue is not known to this machine, or there is no CUPS
    OFF = "off"
    PAPER_OUT = "paper_out"
    SENT = "sent"
    FAILED = "failed"


def state_of(queue: str) -> PrinterState:
    """Return whether a queue can print now; waits for at most three seconds."""
    if not queue:
        return PrinterState.NO_PRINTER
    if not _QUEUE.fullmatch(queue):
        return PrinterState.UNKNOWN
    try:
        told = _run(["lpstat", "-l", "-p", queue, "-a", queue], seconds=_ASK_S)
    except subprocess.TimeoutExpired:
        return PrinterState.OFF
    except OSError:
        return PrinterState.UNKNOWN
    if told.returncode:
        return PrinterState.UNKNOWN
    words = told.stdout.decode(errors="replace")
    if _EMPTY.search(words):
        return PrinterState.PAPER_OUT
    return PrinterState.OFF if _OFF.search(words) or _UNREACHED.search(words) else PrinterState.READY


def send(queue: str, pdf: bytes, *, media: str = "") -> PrinterState:
    """Print a PDF where the printer is ready, and return what became of it; `media` is a paper's name for CUPS."""
    state = state_of(queue)
    if state is not PrinterState.READY:
        return state
    options = [f"job-cancel-after={_GIVEN_UP_S}", *([f"media={media}"] if media else [])]
    try:
        done = _run(["lp", "-s", "-d", queue, "-t", "Rohnamo", "-o", " ".join(options), "-"], data=pdf, seconds=_SEND_S)
    except (OSError, subprocess.TimeoutExpired):
        return PrinterState.FAILED
    return PrinterState.FAILED if done.returncode else PrinterState.SENT


def _run(command: list[str], *, seconds: float, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a program of CUPS, which speaks English then."""
    environment = {**os.environ, "LC_ALL": "C", "LANGUAGE": "C"}
    return subprocess.run(command, input=data, capture_output=True, timeout=seconds,  # noqa: S603 - fixed programs
                          env=environment, check=False)
