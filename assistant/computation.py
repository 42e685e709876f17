"""A sum in somoni worked out from a number of calculation indicators and the indicator's value for a day.

Decimal arithmetic over two quotes, both cited.  A year without a value gives no sum, never that of another
year.  Nothing is worked out where the quote gives the same sum itself, and nothing from a draft, from news, or
from what only held in the past.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from assistant.amounts import decimal_words
from assistant.evidence import Unit as Evidenced
from assistant.query import Query
from assistant.records import Citation, Claim, ClaimKind, Computation
from assistant.templates import marked, plain
from assistant.texts import text
from assistant.validity import holds
from assistant.verify import numbers
from corpora.indicator import IndicatorValue, indicator_values
from corpora.quantities import Quantity, quantities
from corpora.quantity_words import Bound, Unit
from corpora.quotes import place
from corpora.records import Document, DocumentStatus, Fact, FactType
from index import Snapshot

_PAID = frozenset({FactType.FEE, FactType.BENEFIT, FactType.PENALTY})
# A question of so few words that asks for nothing by name is a subject typed into a search box.
_KEYWORDS = 6
_LAPSED = (DocumentStatus.SUPERSEDED, DocumentStatus.VOID)


@dataclass(frozen=True, slots=True)
class Indicator:
    """The indicator from one day until another, with the sentence that says so."""

    told: IndicatorValue
    citation: Citation

    @property
    def year(self) -> str:
        """The year it is the value of."""
        return self.told.valid_from[:4]

    def holds(self, day: date) -> bool:
        """Return whether it is the value of a day."""
        iso, first, last = day.isoformat(), self.told.valid_from, self.told.valid_until
        return iso[:len(first)] >= first and (not last or iso[:len(last)] <= last)


@dataclass(frozen=True, slots=True)
class Sum:
    """A number of indicators, or a share of one, times the value of the indicator."""

    quantity: Quantity
    indicator: Indicator

    @property
    def times(self) -> tuple[Decimal, ...]:
        """The number of indicators, both ends of a range."""
        share = Decimal(100) if self.quantity.unit is Unit.PERCENT else Decimal(1)
        return tuple(end / share for end in _ends(self.quantity))

    @property
    def values(self) -> tuple[Decimal, ...]:
        """The sums in somoni, both ends of a range."""
        return tuple(times * self.indicator.told.value for times in self.times)

    @property
    def computation(self) -> Computation:
        """The sum for the answer object: "10 × 78; 20 × 78", "780–1560"."""
        return Computation("; ".join(self._factors(end) for end in _ends(self.quantity)),
                           "–".join(decimal_words(value).replace(" ", "") for value in self.values), "сомонӣ")

    def words(self, language: str) -> str:
        """Return the sum as it is said in a sentence."""
        ends = [f"{self._factors(end)} = {decimal_words(value)}"
                for end, value in zip(_ends(self.quantity), self.values, strict=True)]
        said = text(language, "computation", "somoni", value=ends[-1])
        if len(ends) > 1:
            return text(language, "computation", "range", low=ends[0], high=said)
        bound = self.quantity.bound
        return said if bound is Bound.EXACT else text(language, "computation", bound, sum=said)

    def _factors(self, end: Decimal) -> str:
        share = " %" if self.quantity.unit is Unit.PERCENT else ""
        return f"{decimal_words(end)}{share} × {decimal_words(self.indicator.told.value)}"


def computed(query: Query, units: Sequence[Evidenced], snapshot: Snapshot, today: date) -> dict[Citation, Claim]:
    """Return the claim of each sentence whose indicators can be worked out for the day asked about."""
    day = query.at or today
    found: dict[Citation, Claim] = {}
    for citation, quantity in _counted(query, units, snapshot, today):
        indicator = indicator_on(snapshot, day, query.language)
        claim = _claim(Sum(quantity, indicator), citation, _table(snapshot), query.language) if indicator else None
        found |= {citation: claim} if claim else {}
    return found


def uncomputed(query: Query, units: Sequence[Evidenced], snapshot: Snapshot, today: date) -> tuple[str, ...]:
    """Return what is missing where indicators are counted and the year asked about has no value."""
    day = query.at or today
    if not any(_counted(query, units, snapshot, today)) or indicator_on(snapshot, day, query.language):
        return ()
    return (text(query.language, "computation", "no_value", year=day.year),)


def _counted(query: Query, units: Sequence[Evidenced], snapshot: Snapshot,
             today: date) -> Iterator[tuple[Citation, Quantity]]:
    """Yield the sentences of sums asked for that say one quantity in indicators, as it holds on the day asked."""
    wanted = _PAID & query.facts if query.intents else _PAID if len(query.text.split()) <= _KEYWORDS else frozenset()
    day = query.at or today
    for unit in units:
        if not unit.fact or unit.fact.type not in wanted or not holds(unit.document, unit.fact, day):
            continue
        if day < today and not _known_on(unit.document, unit.fact, day, snapshot):
            continue
        for citation in unit.citations:
            found = [quantity for quantity in quantities(citation.quote) if _indicators(quantity)]
            if len(found) == 1 and plain(citation.quote, found[0], query.at):
                yield citation, found[0]


def _known_on(document: Document, fact: Fact, day: date, snapshot: Snapshot) -> bool:
    """Return whether a fact is known to have held on a past day: since a stated day, and no earlier edition then.

    How many indicators it was before, nobody says.
    """
    earlier = [(one, said) for one in snapshot.documents() if one.superseded_by == document.id
               for said in one.facts if said.type == fact.type]
    return bool(fact.valid_from or document.valid_from) and not any(holds(one, said, day) for one, said in earlier)


def _indicators(quantity: Quantity) -> bool:
    share = quantity.unit is Unit.PERCENT and quantity.per == "indicator"
    return (quantity.unit is Unit.INDICATOR or share) and quantity.agrees is not False


@lru_cache(maxsize=1)
def _table(snapshot: Snapshot) -> tuple[Indicator, ...]:
    """Return the values whose quotes name their year, those of documents in force first."""
    found = []
    for document in snapshot.documents():
        for told in indicator_values(document):
            spans = ((passage, place(told.fact.quote, passage.text)) for passage in snapshot.passages(document.id))
            found += [Indicator(told, Citation(passage, document, span)) for passage, span in spans if span][:1]
    named = [each for each in found if each.year in numbers(each.citation.quote)]
    return tuple(sorted(named, key=lambda each: each.citation.document.status in _LAPSED))


def indicator_on(snapshot: Snapshot, day: date, language: str) -> Indicator | None:
    """Return the value of a day, said in the language asked for if it is; None where there is none or two."""
    found = [each for each in _table(snapshot) if each.holds(day)]
    found = [each for each in found if each.citation.document.status == found[0].citation.document.status]
    if len({each.told.value for each in found}) != 1:
        return None
    return next((each for each in found if each.citation.document.language == language), found[0])


def _claim(found: Sum, citation: Citation, rows: Sequence[Indicator], language: str) -> Claim | None:
    """Return the sum as a claim; None where the quote says it, or says another that no year explains."""
    own = [quantity for quantity in quantities(citation.quote) if quantity.unit is Unit.SOMONI]
    if any(_ends(quantity) == found.values for quantity in own):
        return None
    earlier = _earlier(found, own[0], citation, rows) if len(own) == 1 else None
    if own and not earlier:
        return None
    named = found.indicator
    line = text(language, "computation", "with_indicator", year=named.year, sum=found.words(language))
    if earlier:
        said = "–".join(decimal_words(value) for value in _ends(own[0]))
        line += " " + text(language, "computation", "earlier", sum=said, year=earlier.year)
    cited = (citation, named.citation, *([earlier.citation] if earlier else []))
    return Claim(marked(citation.quote, line, language), ClaimKind.FACT, cited, found.computation)


def _earlier(found: Sum, own: Quantity, citation: Citation, rows: Sequence[Indicator]) -> Indicator | None:
    """Return the indicator of the one year that the quote's own sum was worked out with, None where none fits."""
    fitting = {row.year: row for row in reversed(rows)
               if tuple(times * row.told.value for times in found.times) == _ends(own)}
    named = [year for year in fitting if year in numbers(citation.quote)] or list(fitting)
    return fitting[named[0]] if len(named) == 1 else None


def _ends(quantity: Quantity) -> tuple[Decimal, ...]:
    return tuple(end for end in (quantity.low, quantity.high) if end is not None)
