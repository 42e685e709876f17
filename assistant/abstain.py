"""Whether there is enough to answer from; where there is not, which reason is given.

A few signs, each a share or a cosine, are weighed together.  The weights were fitted on the dev part of the questions
(`training/thresholds.py`), as the encoder has learnt from train; none was fitted on the test part.  A threshold is
never lowered for one question.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.compose import missing
from assistant.evidence import Evidence, Unit
from assistant.place import names
from assistant.query import Query
from assistant.records import AnswerStatus
from index import Hit

# In the order of `signs`.
SIGNS = ("topic", "coverage", "sentence", "matched", "lexical", "dense", "margin", "fits", "russian")
WEIGHTS = (-1.08, 1.03, 1.05, 1.33, 1.17, 0.61, 0.46, -0.18, -0.53)
BIAS = -2.51
# What counts as many words of the topic in one sentence, and as a strong BM25 score.
_MANY, _STRONG = 4, 60.0
# What of a subject of two words must be covered.
_WHOLE = 0.9
# Chance below which nothing is answered, and share of the question's words below which it is not about services.
THRESHOLD, SCOPE = 0.45, 0.4


def before(query: Query, hits: Sequence[Hit]) -> AnswerStatus | None:
    """Return the reason to abstain that stands before any evidence, None where evidence may be looked for."""
    if query.decline:
        return query.decline
    return AnswerStatus.ABSTAINED_OUT_OF_SCOPE if query.language == "unknown" or not hits else None


def after(query: Query, hits: Sequence[Hit], evidence: Evidence) -> AnswerStatus | None:
    """Return the reason to abstain that the evidence gives, None where it carries an answer."""
    best = evidence.best
    beside = best and (_half(query, hits[0], best) or _elsewhere(query, evidence.units))
    if best and (best.unknowing or beside or _unmet(query, evidence)):
        return AnswerStatus.ABSTAINED_NO_EVIDENCE
    if chance(signs(query, hits, evidence)) >= THRESHOLD:
        return None
    if evidence.lapsed and chance(signs(query, hits, Evidence(evidence.lapsed))) >= THRESHOLD:
        return AnswerStatus.ABSTAINED_SUPERSEDED
    in_scope = max(max(hit.scores["topic"], hit.scores["coverage"]) for hit in hits[:3]) >= SCOPE
    return AnswerStatus.ABSTAINED_NO_EVIDENCE if in_scope else AnswerStatus.ABSTAINED_OUT_OF_SCOPE


def _half(query: Query, first: Hit, best: Unit) -> bool:
    """Return whether another service meets one of a subject's two words: "trade patent" is not "trade portal"."""
    elsewhere = best.document.service != first.document.service
    return elsewhere and query.subject_words == 2 and best.coverage < _WHOLE


def _elsewhere(query: Query, units: Sequence[Unit]) -> bool:
    """Return whether the question is about a place that the evidence does not name.

    A town of ours matters only where an office is asked for: rules hold in the whole country.
    """
    for_office = bool({"where", "phone", "hours"} & set(query.intents))
    wanted = [place for place in query.places if place.abroad or for_office]
    texts = [f"{unit.document.title} {unit.hit.passage.text}" for unit in units]
    return any(not any(names(text, place) for text in texts) for place in wanted)


def _unmet(query: Query, evidence: Evidence) -> bool:
    """Return whether the one thing asked for is lacking."""
    return len(query.intents) == 1 and bool(missing(query, evidence.units))


def signs(query: Query, hits: Sequence[Hit], evidence: Evidence) -> tuple[float, ...]:
    """Return the signs, named by SIGNS; all zero where there is no evidence."""
    best = evidence.best
    if not best:
        return (0.0,) * len(SIGNS)
    first = hits[0].scores
    others = [hit.scores["lexical"] for hit in hits if hit.document.service != hits[0].document.service]
    margin = 1 - max(others, default=0.0) / first["lexical"] if first["lexical"] else 0.0
    fits = bool(best.fact and best.fact.type in query.facts)
    matched = min(best.coverage * len(query.topic.split()), _MANY) / _MANY
    lexical = math.log1p(max(first["lexical"], 0.0)) / math.log1p(_STRONG)
    dense = max(hit.scores["dense"] for hit in hits)
    return (first["topic"], first["coverage"], best.coverage, matched, lexical, dense, max(margin, -1.0), float(fits),
            float(query.language == "ru"))


def chance(signs: Sequence[float]) -> float:
    """Return how likely the evidence answers the question, 0..1; 0 where there is none."""
    if not any(signs):
        return 0.0
    return 1 / (1 + math.exp(-BIAS - sum(weight * sign for weight, sign in zip(WEIGHTS, signs, strict=True))))
