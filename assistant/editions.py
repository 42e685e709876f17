"""Editions of one act: of passages that say nearly the same, the one in force is shown.

The older one is reached by asking about its time (`--at`, a year named) or whether it still holds.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.bearing import asks_whether_so, years_named
from assistant.query import Query
from assistant.validity import LAPSED
from corpora.records import Document
from index import Hit

# Shared of all stems of two passages; editions of an article differ in a sum or a date (tried on acts of the seed).
_NEARLY_SAME = 0.6


def without_old_editions(hits: Sequence[Hit], query: Query) -> list[Hit]:
    """Return the hits in order without passages of a lapsed edition whose newer wording is among them."""
    if query.at or asks_whether_so(query) or years_named(query):
        return list(hits)
    holding = [hit for hit in hits if hit.document.status not in LAPSED]
    return [hit for hit in hits if hit.document.status not in LAPSED
            or not any(_newer(hit, other) for other in holding)]


def _newer(old: Hit, new: Hit) -> bool:
    return _one_act(old.document, new.document) and _alike(old.stems, new.stems) >= _NEARLY_SAME


def _one_act(old: Document, new: Document) -> bool:
    """Return whether two documents are editions of one act, or one took the other's place."""
    same = old.act and new.act and old.act.number and (old.act.type, old.act.number) == (new.act.type, new.act.number)
    return old.language == new.language and bool(same or old.superseded_by == new.id)


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of all stems that both have, 0..1 (Jaccard)."""
    return len(one & other) / max(len(one | other), 1)
