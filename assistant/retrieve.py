"""From a question to ordered hits: what the snapshot finds, looked at a second time.

The second look asks how much of what the question is *about* a passage holds, and puts the asker's language a
little ahead.  Scores of the snapshot's stages stay as they are; `topic` and `final` are added.
"""

from __future__ import annotations

from dataclasses import replace

from assistant.query import Query
from index import Hit, Snapshot

DEPTH = 10
# How many hits are looked at twice for each that is wanted.
_LOOKED_AT = 3
# All set on the train part of the questions, watched on dev.
_TOPIC = 0.7
_OWN_LANGUAGE = 1.15
# Blank forms answer a question about forms and hardly any other.
_FORM = 0.8


def retrieve(snapshot: Snapshot, query: Query, k: int = DEPTH) -> list[Hit]:
    """Return up to k hits, best first by `final`, ranks from 1."""
    hits = [_weighed(hit, query, snapshot) for hit in snapshot.search(query.search, _LOOKED_AT * k)]
    ordered = sorted(hits, key=lambda hit: (-hit.scores["final"], hit.rank))
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered[:k], 1)]


def _weighed(hit: Hit, query: Query, snapshot: Snapshot) -> Hit:
    topic = snapshot.coverage(query.about, around(hit, hit.passage.text))
    own = _OWN_LANGUAGE if hit.document.language == query.language else 1.0
    form = _FORM if hit.document.kind == "form" and "form" not in query.facts else 1.0
    final = (hit.scores["fused"] + _TOPIC * topic) * own * form
    return replace(hit, scores=hit.scores | {"topic": topic, "final": final})


def around(hit: Hit, text: str) -> str:
    """Return a text of a hit with the title and heading it stands under, which say what it is about."""
    return f"{hit.document.title} {hit.passage.locator.heading or ''} {text}"
