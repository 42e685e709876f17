"""Whether there is enough to answer from; where there is not, which reason is given.

A few signs are weighed together into a chance that the evidence answers the question.  The weights were fitted by
`training/relevance.py` on questions of the train and dev services; none was fitted on the test part.  The threshold is
never lowered for one question.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from operator import mul

from assistant.bearing import years_named
from assistant.compose import missing
from assistant.evidence import Evidence, Unit, answers
from assistant.place import names
from assistant.query import Query
from assistant.records import AnswerStatus
from assistant.relevance import SIGNS as UNIT_SIGNS
from assistant.validity import holds
from assistant.verify import numbers
from corpora.records import FactType
from index import Hit

# In the order of `signs`; the first are those of the best unit.
SIGNS = (*UNIT_SIGNS, "score", "told", "terms", "spread", "unmet", "places", "elsewhere", "told unknown", "negated",
         "tajik", "english", "nothing asked", "year lacking")
WEIGHTS = (
    -0.36, 1.31, -0.03, 3.21, -1.99, 0.66, 0.63, 1.01, 0.49, 0.46, 0.42, -1.03, -1.55, 0.46, 0.98, 1.93, 1.23, 0.12,
    0.66, 0.06, -0.1, -0.06, -0.07, 0.87, 0.82, -1.83, 1.1, -0.4, -0.05, 0.09, 0.06, 0.26, 0.32, -0.48, -0.44,
    -1.71, -0.01, -1.26, 0.38, 0.43, -0.81, 0.29, -3.9)
BIAS = -7.15
_INDICATOR = re.compile("нишондиҳанда|показател", re.IGNORECASE)
# So many of the best units are looked at for one that says that nothing is known.
_FIRST = 3
# Chance below which nothing is answered.  Below the other, and with less than this share of its words found, a question
# is not about services: half of those that are not fall there, and three in a hundred of those that are.
THRESHOLD, SCOPE, SCOPE_WORDS = 0.3, 0.1, 0.4
# Share of the topic that a passage must hold whose lapse is told to somebody.
PAST_TOPIC = 0.5
_PAYMENTS = frozenset((FactType.FEE, FactType.BENEFIT))
_DEPENDS = re.compile("вобаста|завис|исходя|depends", re.IGNORECASE)


def before(query: Query, hits: Sequence[Hit]) -> AnswerStatus | None:
    """Return the reason to abstain that stands before any evidence, None where evidence may be looked for."""
    if query.decline:
        return query.decline
    return AnswerStatus.ABSTAINED_OUT_OF_SCOPE if query.language == "unknown" or not hits else None


def after(query: Query, hits: Sequence[Hit], evidence: Evidence) -> AnswerStatus | None:
    """Return the reason to abstain that the evidence gives, None where it carries an answer."""
    best = evidence.best
    if best and best.unknowing:
        return AnswerStatus.ABSTAINED_NO_EVIDENCE
    likely = chance(query, evidence)
    past = _speaks_of_the_past(query, evidence)
    if likely >= THRESHOLD and not unmet_demand(query, evidence) and not (past and _outdone(evidence)):
        return None
    if past:
        return AnswerStatus.ABSTAINED_SUPERSEDED
    words = max(max(hit.scores["topic"], hit.scores["coverage"]) for hit in hits[:3])
    in_scope = likely >= SCOPE or words >= SCOPE_WORDS
    return AnswerStatus.ABSTAINED_NO_EVIDENCE if in_scope else AnswerStatus.ABSTAINED_OUT_OF_SCOPE


def _speaks_of_the_past(query: Query, evidence: Evidence) -> bool:
    """Return whether what has lapsed would answer the question, and is about what it names."""
    lapsed = replace(evidence, units=evidence.lapsed, considered=evidence.lapsed)
    best = lapsed.best
    return best is not None and best.hit.scores["topic"] >= PAST_TOPIC and chance(query, lapsed) >= THRESHOLD


def _outdone(evidence: Evidence) -> bool:
    """Return whether something lapsed of another service speaks more to the question than all that holds."""
    best, past = evidence.best, max(evidence.lapsed, key=lambda unit: unit.score)
    return best is not None and past.score > best.score and past.document.service != best.document.service


def unmet_demand(query: Query, evidence: Evidence) -> bool:
    """Return whether nothing is asked but figures or papers, and the evidence holds none of them."""
    vague = {"how_many"} if len(query.parts) > 1 else {"how_many", "which_papers", "where"}
    asked = set(query.intents) - (vague - set(query.demands))
    if not asked or not asked <= set(query.demands):
        return False
    return not any(_holds_asked(unit, name) for unit in evidence.units for name in asked)


def _holds_asked(unit: Unit, intent: str) -> bool:
    """Return whether a unit has what is demanded; of a sum it may say in words what it depends on."""
    if intent == "how_much" and unit.fact and unit.fact.type in _PAYMENTS and _DEPENDS.search(unit.text):
        return True
    return answers(unit, intent) and (intent != "age" or bool(numbers(unit.text)))


def elsewhere(query: Query, units: Sequence[Unit]) -> bool:
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


def signs(query: Query, evidence: Evidence) -> tuple[float, ...]:
    """Return the signs, named by SIGNS; all zero where there is no evidence."""
    best, first = evidence.best, evidence.considered[:_FIRST]
    if not best:
        return (0.0,) * len(SIGNS)
    return (*best.signs, best.score, evidence.told, float(len(query.topic.split())),
            _spread([unit.score for unit in evidence.considered]), float(_unmet(query, evidence)),
            float(len(query.places)), float(elsewhere(query, evidence.units)),
            float(any(unit.unknowing for unit in first)), float(len(query.negated)), float(query.language == "tg"),
            float(query.language == "en"), float(not query.intents),
            float(_year_lacking(query, best, evidence.year)))


def _year_lacking(query: Query, best: Unit, year: int) -> bool:
    """Return whether the question names this year or one to come, and the best unit says nothing of it.

    A number of indicators holds for any year, a fact with a first and a last day on all between.
    """
    fact = best.fact
    dated = fact and fact.valid_from and fact.valid_until and query.at and holds(best.document, fact, query.at)
    if dated or _INDICATOR.search(best.text):
        return False
    ahead = {named for named in years_named(query) if int(named) >= year}
    return any(named not in f"{best.document.title} {best.text}" for named in ahead)


def _spread(scores: Sequence[float]) -> float:
    """Return the entropy of the scores as shares (softmax), in nats: 0 where one unit stands out."""
    shares = [math.exp(score - max(scores)) for score in scores]
    whole = sum(shares)
    return -sum(share / whole * math.log(share / whole) for share in shares)


def chance(query: Query, evidence: Evidence) -> float:
    """Return how likely the evidence answers the question, 0..1; 0 where there is none."""
    if not evidence.units:
        return 0.0
    return 1 / (1 + math.exp(-BIAS - sum(map(mul, WEIGHTS, signs(query, evidence)))))
