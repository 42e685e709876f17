"""From a question to ordered hits: what the snapshot finds, the asker's language a little ahead.

Scores of every stage stay as the snapshot gave them; only the order is touched here.
"""

from __future__ import annotations

from dataclasses import replace

from assistant.query import Query
from index import Hit, Snapshot

DEPTH = 10
# A document in the asker's language is read without help; set on the train part of the questions.
_OWN_LANGUAGE = 1.15
# Blank forms answer a question about forms and hardly any other.
_FORM = 0.8


def retrieve(snapshot: Snapshot, query: Query, k: int = DEPTH) -> list[Hit]:
    """Return up to k hits, best first, ranks from 1."""
    hits = snapshot.search(query.search, 2 * k)
    ordered = sorted(hits, key=lambda hit: (-_worth(hit, query), hit.rank))
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered[:k], 1)]


def _worth(hit: Hit, query: Query) -> float:
    own = _OWN_LANGUAGE if hit.document.language == query.language else 1.0
    form = _FORM if hit.document.kind == "form" and "form" not in query.facts else 1.0
    return hit.scores["fused"] * own * form
