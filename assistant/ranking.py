"""How good one ranking is: the measures of ir_measures, by their names there.

`expected` are the ids of everything that is right, at least one, all equally right (a gain of 1); `found` are ids,
best first.  An id found twice counts where it stands first.  A set of questions is measured by the mean of these.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence


def recall(expected: Collection[str], found: Sequence[str], k: int) -> float:
    """Return R@k in [0, 1]: the share of the expected ids among the first k."""
    return len(_places(expected, found, k)) / len(set(expected))


def success(expected: Collection[str], found: Sequence[str], k: int) -> float:
    """Return Success@k: 1.0 where an expected id is among the first k, else 0.0."""
    return 1.0 if _places(expected, found, k) else 0.0


def reciprocal_rank(expected: Collection[str], found: Sequence[str], k: int) -> float:
    """Return RR@k in [0, 1]: one over the place of the first expected id; 0.0 where none is among the first k."""
    places = _places(expected, found, k)
    return 1 / places[0] if places else 0.0


def ndcg(expected: Collection[str], found: Sequence[str], k: int) -> float:
    """Return nDCG@k in [0, 1]: a place i gains 1/log2(i + 1), over what the best order would gain (trec_eval's)."""
    best = range(1, min(len(set(expected)), k) + 1)
    return math.fsum(map(_gain, _places(expected, found, k))) / math.fsum(map(_gain, best))


def ranking_measures(expected: Collection[str], found: Sequence[str]) -> dict[str, float]:
    """Return the measures that are reported everywhere, by name.

    Raises:
        ValueError: nothing is expected, so there is nothing to measure.
    """
    return {"R@1": recall(expected, found, 1), "R@5": recall(expected, found, 5),
            "nDCG@10": ndcg(expected, found, 10), "Success@1": success(expected, found, 1),
            "Success@5": success(expected, found, 5), "RR@10": reciprocal_rank(expected, found, 10)}


def _places(expected: Collection[str], found: Sequence[str], k: int) -> list[int]:
    """Return the places, from 1, at which expected ids stand among the first k."""
    right = set(expected)
    if not right:
        raise ValueError("a ranking is measured against at least one expected id")
    return [place for place, name in enumerate(list(dict.fromkeys(found))[:k], 1) if name in right]


def _gain(place: int) -> float:
    return 1 / math.log2(place + 1)
