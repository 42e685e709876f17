"""Why an answer is what it is, as lines for a terminal: what was understood, found, weighed, left out, verified.

In English, for whoever looks after a machine; the question's own words are shown, nothing is kept.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from assistant.abstain import SIGNS, THRESHOLD, WEIGHTS, signs
from assistant.account import Account
from assistant.evidence import MOST_HITS, Unit
from assistant.page import hit_lines, word_lines
from assistant.query import Query
from index import Snapshot

_MOST_UNITS = 8
_MOST_SIGNS = 6


def explained(account: Account, snapshot: Snapshot) -> list[str]:
    """Return the lines, in the order of the pipeline."""
    query = account.query
    words = word_lines(snapshot.understood(query.search).expansions)
    return ["understood", *_understood(query), *words,
            f"hits (the first {MOST_HITS} are read)", *hit_lines(account.hits), *_weighed(account), *_judged(account)]


def _understood(query: Query) -> Iterator[str]:
    yield f"  language {query.language}, script {query.script}, asks for {', '.join(query.intents) or 'nothing named'}"
    named = {"about": query.topic, "for": ", ".join(query.audience), "places": ", ".join(
        place.spellings[0] for place in query.places), "negated": ", ".join(query.negated),
        "on": query.at.isoformat() if query.at else "", "personal data taken out": ", ".join(sorted(query.personal)),
        "orders left out": "yes" if query.ordered else "", "declined": query.decline or ""}
    yield from (f"  {name}: {value}" for name, value in named.items() if value)


def _weighed(account: Account) -> Iterator[str]:
    """Yield the sentences considered, chosen ones marked, and what the chance of an answer is made of."""
    evidence = account.evidence
    if not evidence.considered and not evidence.lapsed:
        return
    yield f"sentences (of {len(evidence.considered)} that bear on the day asked about; * chosen)"
    yield from (_unit(unit, "*" if unit in evidence.units else " ") for unit in evidence.considered[:_MOST_UNITS])
    if evidence.lapsed:
        yield "left out, since it does not hold on that day"
        yield from (_unit(unit, "-") for unit in evidence.lapsed)
    yield f"chance that this answers {account.chance:.2f}, of {THRESHOLD:.2f} needed"
    parts = zip(SIGNS, WEIGHTS, signs(account.query, evidence), strict=True)
    said = sorted(((name, weight * sign) for name, weight, sign in parts), key=lambda part: -abs(part[1]))
    yield "  " + ", ".join(f"{name} {value:+.2f}" for name, value in said[:_MOST_SIGNS])


def _unit(unit: Unit, mark: str) -> str:
    kind = f"{unit.fact.type} {unit.fact.id}" if unit.fact else "no fact"
    text = textwrap.shorten(unit.text, 100, placeholder=" …")
    return f"  {mark} {unit.score:6.2f}  {unit.document.id}, {kind}: {text}"


def _judged(account: Account) -> Iterator[str]:
    """Yield what became of every sentence of a model's draft."""
    if account.verdicts:
        yield "sentences of the draft"
    for verdict in account.verdicts:
        became = "shown" if verdict.shown else f"dropped: {verdict.fault or 'this model may not be shown'}"
        yield f"  {verdict.model}: {verdict.sentence} {list(verdict.numbers)} → {became}"
