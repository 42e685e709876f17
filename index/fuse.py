"""Two scored lists become one order: by words and by vectors, weighted by the language of the question.

Each list is stretched to 0..1 for this question, then mixed.  Ranks are not mixed: the weaker list would
drag the better one down (research: retrieval 3, 10).  Pure: nothing is searched or known of passages here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """What each list counts; not negative, not both 0."""

    lexical: float
    dense: float


# Chosen on dev by how many expected documents come among the first thirty passages.  Latin letters are read as Tajik
# before either list is made.
_OF_LANGUAGE = {"tg": Weights(0.6, 0.4), "ru": Weights(0.5, 0.5), "en": Weights(0.5, 0.5)}
_UNKNOWN = Weights(0.6, 0.4)


def weights_for(language: str, script: str) -> Weights:
    """Return the weights for a question's language and script; a mixture of scripts counts as unknown."""
    return _UNKNOWN if script in ("mixed", "Arab") else _OF_LANGUAGE.get(language, _UNKNOWN)


def fuse(lexical: Mapping[str, float], dense: Mapping[str, float], weights: Weights) -> dict[str, float]:
    """Return the mixed score, 0..1, of every passage in either list, best first, equals by id.

    lexical: scores from 0, which is "no word found".  dense: cosines; the least of the list counts as 0.
    A passage that a list lacks has 0 there.  An empty list leaves the whole weight to the other.
    """
    nearest = _stretched(dense, min(dense.values(), default=0.0), flat=1.0)
    both = [(weights.lexical, _stretched(lexical, 0.0, flat=0.0)), (weights.dense, nearest)]
    parts = [(weight, scores) for weight, scores in both if scores]
    whole = sum(weight for weight, _ in parts) or 1.0
    ids = {name for _, scores in parts for name in scores}
    mixed = {name: sum(weight * scores.get(name, 0.0) for weight, scores in parts) / whole for name in ids}
    return dict(sorted(mixed.items(), key=lambda item: (-item[1], item[0])))


def _stretched(scores: Mapping[str, float], least: float, *, flat: float) -> dict[str, float]:
    """Return scores from `least` to the greatest as 0..1; `flat` for all where the greatest is no more than `least`."""
    width = max(scores.values(), default=0.0) - least
    return {name: (score - least) / width if width > 0 else flat for name, score in scores.items()}
