"""What functions keep for the next time, so as not to work it out again: emptied when somebody goes away.

A word that was asked would otherwise stay in memory until others push it out.  What is kept of documents alone stays.
"""

from __future__ import annotations

from corpora.numerals import lowered
from index import Snapshot
from index.scripts import forget_readings
from index.tokens import forget_words


def forget(snapshot: Snapshot | None) -> None:
    """Empty what may hold words of questions."""
    forget_words()
    forget_readings()
    lowered.cache_clear()
    if snapshot:
        snapshot.forget()
