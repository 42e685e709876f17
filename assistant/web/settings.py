"""What a kiosk's pages are set to: the table `[kiosk]` of `config.toml`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KioskSettings:
    """Times in seconds.  `screen_inches` is the diagonal of a portrait Full HD screen: it scales every measure.

    idle_s: how long nothing happens before the dialog asks; warn_s: how long the dialog waits.  stale_days: older
    information says so on every answer.  printer, receipt_printer: CUPS queues, empty where there is none.
    """

    idle_s: int = 90
    warn_s: int = 30
    screen_inches: float = 27.0
    stale_days: int = 90
    printer: str = ""
    receipt_printer: str = ""
    feedback: bool = True
    downloads: bool = False            # whether a PDF may be taken as a file: at a desk, not at a kiosk
