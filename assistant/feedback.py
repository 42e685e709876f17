"""A question that found no answer, kept to be told to the ministry: where an office wishes it, and without names.

Personal data is taken out before anything is kept, here and not later.  The day is all that is kept of the time, and
nothing of who asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from assistant.config import Config
from assistant.personal import redacted
from assistant.sync_settings import settings_of
from sync.batch import Kind
from sync.outbox import Outbox
from sync.release import canonical

LONGEST_QUESTION, MOST_CLOSEST = 500, 5


def keep_unanswered(config: Config, outbox: Outbox, question: str, closest: Iterable[str], day: date) -> str | None:
    """Keep a question without an answer, and return the id of the event; None where that is not wished.

    closest: the ids of the documents that came nearest.

    Raises:
        NoSpaceError: the disk is full; nothing was kept.
    """
    if not settings_of(config).unanswered:
        return None
    text = redacted(question).text[:LONGEST_QUESTION]
    body = canonical({"closest": list(closest)[:MOST_CLOSEST], "question": text})
    return outbox.add(Kind.QUESTION, body, day)
