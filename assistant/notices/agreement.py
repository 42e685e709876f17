"""Whether the clauses that fill one field agree: two last days to apply, or two sums said of the same, do not.

Sums that are said of different people or times agree: each has words that the other lacks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from assistant.notices import words
from assistant.notices.card import FieldName
from assistant.notices.clause import Clause
from assistant.notices.values import READERS, amounts
from corpora.quantities import quantities
from index.terms import FUNCTION_WORDS
from index.tokens import fold, stem
from index.tokens import words as words_of

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BRACKET = re.compile(r"\([^()]*\)")
# Verbs and little words that tell no case from another.
_EMPTY = frozenset(stem(fold(word), "tg") for word in (
    "аст", "мебошад", "дода", "мешавад", "пардохта", "таъин", "ҳамин", "тавр", "як", "моҳ", "сол", "составляет",
    "месяц"))


def is_conflicting(name: FieldName, found: Sequence[Clause]) -> bool:
    """Return whether two clauses give a field what cannot hold together."""
    if name is FieldName.AMOUNT:
        return any(_contradict(one, other) for one, other in combinations(found, 2))
    values = (worth.text for clause in found for worth in READERS[name](clause)) if name in READERS else ()
    return len({value for value in values if _DAY.fullmatch(value)}) > 1


def _contradict(one: Clause, other: Clause) -> bool:
    """Return whether two clauses say different sums in one unit, one of them of no case that the other is not of."""
    sums = [[(worth.text, worth.quantity.unit) for worth in amounts(clause) if worth.quantity]
            for clause in (one, other)]
    if len(sums[0]) != 1 or len(sums[1]) != 1 or sums[0] == sums[1] or sums[0][0][1] is not sums[1][0][1]:
        return False
    if words.ADDITIVE.search(one.small) or words.ADDITIVE.search(other.small):
        return False
    first, second = _case(one), _case(other)
    return bool(first and second) and (first <= second or second <= first)


def _case(clause: Clause) -> frozenset[str]:
    """Return the stems that say of what a clause speaks, without its sum, brackets and verbs."""
    text = clause.text
    for quantity in reversed(quantities(text)):
        text = text[:quantity.start] + text[quantity.end:]
    stems = {stem(fold(word), "tg") for word in words_of(_BRACKET.sub(" ", text)) if word not in FUNCTION_WORDS["tg"]}
    return frozenset(stems - _EMPTY)
