"""From a question to ordered hits: what the snapshot finds, looked at a second time.

    snapshot.search ─ second look ─ editions ─ hits

The second look weighs what `second_look` sees of each of the first hits.  Scores of the snapshot's stages stay as
they are; `topic` and `final` are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import mul

from assistant.editions import without_old_editions
from assistant.query import Query
from assistant.second_look import signs
from index import Hit, Snapshot
from index.steps import Step

DEPTH = 10
# How many hits are looked at twice.
LOOKED_AT = 30
# What each sign counts, in the order of SIGNS: fitted by `training/second_look.py`, for passages with vectors and for
# those without.  What has lapsed, and the asker's own language, were set.
WEIGHTS = (0.34, 1.56, 0.98, 0.29, 1.24, 0.92, 0.64, 0.14, 0.41, -0.18, -0.41, -0.3, 0.5)
BY_WORDS = (0.15, 0.0, 1.62, 0.72, 0.97, 0.78, 0.52, 0.68, 0.51, -0.1, -0.4, -0.3, 0.5)


def retrieve(snapshot: Snapshot, query: Query, k: int = DEPTH) -> list[Hit]:
    """Return up to k hits, best first by `final` (1 where every sign is full), ranks from 1."""
    hits = snapshot.search(query.search, max(LOOKED_AT, k))
    weights = WEIGHTS if any(hit.scores["dense"] for hit in hits) else BY_WORDS
    finals = [weighed(seen, weights) for seen in signs(query, hits, snapshot)]
    if Step.SECOND_LOOK in query.without:
        finals = [hit.scores["fused"] for hit in hits]
    about = snapshot.understood(query.about)
    looked = [replace(hit, scores=hit.scores | {"topic": about.coverage(hit.stems), "final": final})
              for hit, final in zip(hits, finals, strict=True)]
    ordered = without_old_editions(sorted(looked, key=lambda hit: (-hit.scores["final"], hit.rank)), query)
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered[:k], 1)]


def weighed(seen: Sequence[float], weights: Sequence[float]) -> float:
    """Return the weighted sum of signs as a share of what it can be at most."""
    return float(sum(map(mul, weights, seen))) / sum(weight for weight in weights if weight > 0)


def around(hit: Hit, text: str) -> str:
    """Return a text of a hit with the title and heading it stands under, which say what it is about."""
    return f"{hit.document.title} {hit.passage.locator.heading or ''} {text}"
