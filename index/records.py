"""What is searched for and what is found.

Records only: nothing is opened, scored or decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from corpora.records import Document, Passage
from index.steps import Step


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question as search takes it; what it says was understood elsewhere."""

    text: str
    language: str                      # tg | ru | en | unknown
    script: str = "Cyrl"               # Cyrl | Latn | Arab | mixed
    at: date | None = None             # the day asked about, None for now
    without: frozenset[Step] = frozenset()    # steps left out, to measure what they are worth


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with its document.  `rank` begins at 1.

    `scores`: `lexical` (BM25, higher is better, 0 where no word was found), `dense` (cosine in [-1, 1], 0 where
    it was not compared), `fused` (the order of the hits, 0..1), `coverage` (share of the question's content
    words in the passage or its titles, 0..1).
    """

    passage: Passage
    document: Document
    scores: dict[str, float]
    rank: int
    stems: frozenset[str] = frozenset()    # of the words of the passage and of its titles
    face: bool = False                     # whether it is its document's imprint
