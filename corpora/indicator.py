"""The yearly calculation indicator: what one нишондиҳанда барои ҳисобҳо was and is worth, year by year.

Only a sentence that says what the indicator is worth counts: a forecast, a draft, a denied report or a sum
worked out with it gives no value.  A value without a stated end holds to the last day of its year.  Which value
an answer takes, and the multiplying, is done elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from corpora import fact_words as words
from corpora.dates import first_day, last_day, pattern, read_dates
from corpora.numerals import lowered
from corpora.quantities import Quantity, quantities
from corpora.quantity_words import Bound, Unit
from corpora.records import Document, DocumentStatus, Fact, FactType

_NAME = pattern(r"нишондиҳанда\w*\s+(?:барои\s+)?ҳисоб\w*|показател\w*\s+для\s+расч[её]т\w*|calculation\s+indicator")
# The words that may stand between the name and the sum: "in 2026 is set at", never a noun that the sum belongs to.
_BETWEEN = pattern(r"аз|дар|барои|соли?|с|в|на|году?|года|и|ба|андозаи?|маблағи?|мебошад|аст|буд|баробари?|ҳамон|"
                   r"муқаррар|шудааст|карда|составля\w+|составит|составил\w*|рав\w+|установлен\w*|размер\w*|был\w?|"
                   r"сумм\w+|январи?|января|по|выро\w+|повы\w+|is|was|in|at|from|set|of|the|to|\d{1,2}|20\d\d")
_MULTIPLIED = pattern(r"[×x*=]|(?<!\d\d\d)\d\s*(?:нишондиҳанда|показател)|зарб|умножа|яъне|(?<!\w)то\s+есть|(?:боҷ|"
                      r"ҷарима|хироҷ|кумакпул|пошлин|штраф|пособи|сбор)\w*\s[^.]{0,40}?(?:нишондиҳанда|показател)")
_MOST_WORDS = 14
_LEAST, _MOST = Decimal(10), Decimal(1000)  # somoni; what lies outside is no indicator


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """What the indicator is worth in somoni, from when until when, with the fact that says so; dates are ISO days."""

    fact: Fact
    value: Decimal
    valid_from: str
    valid_until: str | None


def indicator_values(document: Document) -> tuple[IndicatorValue, ...]:
    """Return the values that a document's facts state, earliest first; a void document states none."""
    if document.status is DocumentStatus.VOID:
        return ()
    found = {one.valid_from + str(one.value): one for fact in document.facts if (one := _value(fact))}
    return tuple(sorted(found.values(), key=lambda one: one.valid_from))


def _value(fact: Fact) -> IndicatorValue | None:
    if fact.type not in (FactType.FEE, FactType.DEFINITION, FactType.BENEFIT):
        return None
    small = lowered(fact.quote)
    if words.DOUBTED.search(small) or words.DENIED.search(small) or fact.confidence == "C":
        return None
    amount = next(_amounts(fact.quote, small), None)
    since = fact.valid_from or _year(fact.quote)
    if amount is None or since is None:
        return None
    return IndicatorValue(fact, amount.low, since, fact.valid_until or last_day(since[:4]))


def _amounts(quote: str, small: str) -> Iterator[Quantity]:
    """Yield the sums in somoni that stand beside the indicator's name as what it is worth."""
    named = _NAME.search(small)
    if named is None or _MULTIPLIED.search(small):
        return
    for quantity in quantities(quote):
        if quantity.bound is Bound.RANGE and quantity.high and words.CHANGED.search(small):
            quantity = replace(quantity, low=quantity.high, high=None)
        if quantity.unit is Unit.SOMONI and quantity.high is None and not quantity.per \
                and quantity.agrees is not False and _LEAST <= quantity.low <= _MOST \
                and _leads(small[named.end():quantity.start]):
            yield quantity


def _leads(between: str) -> bool:
    """Return whether what stands between the name and a sum only says since when and how much."""
    said = re.findall(r"\w+", between)
    return len(said) <= _MOST_WORDS and not re.search(r"[;!?]|\.\s", between) and all(map(_BETWEEN.fullmatch, said))


def _year(quote: str) -> str | None:
    """Return the first day of the one year a quote names, or None."""
    named = [phrase.iso for phrase in read_dates(quote)]
    return first_day(min(named)) if len({iso[:4] for iso in named}) == 1 else None
