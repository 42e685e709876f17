"""What all pages of one kiosk share; it is handed in, and nothing of it is global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from assistant.config import Config
from assistant.current import Current
from assistant.tally import Tally
from assistant.web.session import Sessions
from assistant.web.settings import KioskSettings


@dataclass(frozen=True, slots=True)
class Desk:
    """`current` gives the assistant of one request; `now` asks the machine's clock."""

    config: Config
    current: Current
    sessions: Sessions
    settings: KioskSettings
    now: Callable[[], datetime]
    tally: Tally = field(default_factory=Tally)
