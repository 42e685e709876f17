"""The answer without any model: the evidence as claims, each the quote it cites.

This is what a machine without weights shows, and what stays when a model's draft fails.  Words of documents
are shown as they stand; only the mark of a list is left off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.evidence import Unit
from assistant.intent import meets
from assistant.prompt import CitedSentence
from assistant.query import Query
from assistant.records import Citation, Claim, ClaimKind
from assistant.verify import fault

_ITEM = re.compile(r"^[–—•*-]\s+")


def compose(units: Sequence[Unit]) -> tuple[Claim, ...]:
    """Return one claim a sentence, in the order of the units."""
    return tuple(Claim(_ITEM.sub("", citation.quote), ClaimKind.FACT if unit.fact else ClaimKind.EXTRACT, (citation,))
                 for unit in units for citation in unit.citations)


def missing(query: Query, units: Sequence[Unit]) -> tuple[str, ...]:
    """Return the intents of a question that the evidence does not meet, as far as that can be seen."""
    return tuple(name for name in query.intents
                 if not any(meets(name, unit.text, unit.fact, query.facts) for unit in units)
                 and (name not in ("which_papers", "where") or len(query.intents) == 1))


def cite(draft: Iterable[CitedSentence], evidence: Sequence[Citation]) -> tuple[Claim, ...]:
    """Return the sentences of a draft that stand on the evidence they name; the others are dropped."""
    claims = []
    for sentence in draft:
        cited = tuple(evidence[number - 1] for number in sentence.numbers if 0 < number <= len(evidence))
        if cited and not fault(sentence.text, [citation.quote for citation in cited]):
            claims.append(Claim(sentence.text, ClaimKind.GENERATED, cited))
    return tuple(claims)
