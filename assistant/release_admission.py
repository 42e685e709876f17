"""`admission.jsonl`: the questions that travel with a release, and that a machine asks before it uses it.

Canonical JSON, one object a line:

    {"day":"2026-11-26","format":"rohnamo-admission","least":0.9,"version":1}
    {"documents":["shinosnoma-2026"],"question":"Шиноснома чанд пул аст?","values":["250 сомонӣ"]}

`day` is the day on which they are asked, `least` the share that has to be right.  An answer is right where it cites
one of `documents` and shows every one of `values`; where there are no documents, it has to be declined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import chain, zip_longest
from typing import Any

from assistant.admission import FORMAT, VERSION
from assistant.evaluate import Outcome
from assistant.release_questions import cited, is_right
from sync.release import canonical

LEAST_RIGHT = 0.9
# A machine asks some ten a second, and its citizens wait for the release meanwhile.
_MOST, _MOST_DECLINED = 10, 2


def admission_lines(outcomes: Sequence[Outcome], documents: AbstractSet[str], day: date) -> bytes:
    """Return the questions that a machine asks before it uses a release of these documents; empty where there are none.

    At most 10 that were answered rightly and from these documents alone, so that a machine without the other
    publishers can answer them too, spread over services and documents; and up to 2 that have to be declined.
    """
    right = [one for one in outcomes if is_right(one) and one.answered and cited(one) <= documents]
    declined = [one for one in outcomes if is_right(one) and not one.answered]
    if not right:
        return b""
    chosen = [*_spread(right)[:_MOST], *_spread(declined)[:_MOST_DECLINED]]
    head: dict[str, Any] = {"format": FORMAT, "version": VERSION, "day": day.isoformat(), "least": LEAST_RIGHT}
    lines = ({"question": one.asked.question, "values": list(one.asked.expected_values) if one.answered else [],
              "documents": list(one.asked.expected_documents) if one.answered else []} for one in chosen)
    return b"".join(canonical(line) + b"\n" for line in (head, *lines))


def _spread(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes so that the first ones are of many services, and of many documents of each."""
    unique = {one.asked.question: one for one in sorted(outcomes, key=lambda one: one.asked.qid, reverse=True)}
    services: dict[str, dict[tuple[str, ...], list[Outcome]]] = defaultdict(lambda: defaultdict(list))
    for one in sorted(unique.values(), key=lambda one: one.asked.qid):
        services[one.asked.service][one.asked.expected_documents].append(one)
    return _in_turn([_in_turn([documents[name] for name in sorted(documents)])
                     for _, documents in sorted(services.items())])


def _in_turn(rows: Sequence[Sequence[Outcome]]) -> list[Outcome]:
    """Return the first of each row, then the second of each, and so on."""
    return [one for one in chain.from_iterable(zip_longest(*rows)) if one]
