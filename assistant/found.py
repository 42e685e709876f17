"""The object of `search --json`: the passages found for some words, with the score of every stage."""

from __future__ import annotations

from datetime import date
from time import perf_counter
from typing import Any

from assistant.query import understand
from assistant.records import hit_json
from assistant.retrieve import retrieve
from index import Snapshot


def found_object(snapshot: Snapshot, name: str, words: str, k: int, *, at: date | None, today: date) -> dict[str, Any]:
    """Return the k best passages for the words, best first; `name` is the snapshot's, `at` the day asked about.

    Raises:
        UnusableQuestionError: the words cannot be read.
    """
    started = perf_counter()
    query = understand(words, at=at, today=today)
    hits = retrieve(snapshot, query, k)
    return {"query": query.text, "language": query.language, "script": query.script, "snapshot": name,
            "hits": [hit_json(hit, hit.document) for hit in hits],
            "timings_ms": {"search": round((perf_counter() - started) * 1000, 2)}}
