"""What is opened before a kiosk answers: the encoder and the models once, the snapshot in use each time it changes.

What a machine lacks (a model, a snapshot) is told and does not keep the pages from opening: they say it too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

from assistant.answer import EXTRACTIVE, Assistant
from assistant.config import Config
from assistant.current import Current
from assistant.drafting import Drafting
from assistant.edge import today
from assistant.encoders import open_encoder
from assistant.errors import AssistantError
from assistant.generate import open_generators
from assistant.kiosk_settings import kiosk_settings_of
from assistant.models import Models
from assistant.update import current_snapshot
from assistant.web.desk import Desk
from assistant.web.session import Sessions
from assistant.withdrawn import withdrawn
from index import SnapshotError

# Asked before the first person comes: it reads in what every question needs.
_TRIAL = "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"


def open_desk(stack: ExitStack, config: Config, say: Callable[[str], None], *, drafting: bool = True) -> Desk:
    """Return what the pages of a kiosk share; the stack closes it.  drafting: whether models word answers."""
    encoder = open_encoder(config)
    opened = open_generators(config.generator if drafting else EXTRACTIVE, config.server, Models(config.data_dir))
    drafts, lacking = Drafting(opened.generators), None
    stack.callback(drafts.close)
    if opened.problem:
        lacking = "soro" if config.generator == "auto" else config.generator
        say(f"{opened.problem.message} {opened.problem.hint}".rstrip())

    def open_assistant(config: Config) -> Assistant:
        snapshot, name = current_snapshot(config, encoder=encoder)
        return Assistant(snapshot, name, today, drafts, lacking)

    current = stack.enter_context(Current(config, open_assistant, withdrawn))
    settings = kiosk_settings_of(config)
    # The browser tells of activity every 20 s at most, and its own dialog has to end a visit first.
    sessions = Sessions(time.monotonic, settings.idle_s + max(settings.warn_s, 20) + 30)
    return Desk(config, current, sessions, settings, lambda: datetime.now().astimezone())


def warm_up(desk: Desk, say: Callable[[str], None]) -> None:
    """Ask one question, so that the first person does not wait; say in words where that cannot be."""
    try:
        with desk.current.assistant() as assistant:
            assistant.account(_TRIAL, language="tg")
    except (AssistantError, SnapshotError) as error:
        say(f"{error}  → {error.hint}" if error.hint else str(error))
