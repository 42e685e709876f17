"""The sum in somoni of a benefit that is said in calculation indicators, with both quotes.

The value is the notice's own for its year, else that of the documents on this machine; a year without a value gives
no sum.  The multiplying is that of `computation`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.computation import Indicator, Sum, indicator_on
from assistant.notices.values import Worth
from assistant.records import Citation, Computation
from corpora.indicator import indicator_values
from corpora.quantity_words import Unit
from corpora.quotes import place
from corpora.records import Document, Passage
from index import Snapshot


@dataclass(frozen=True, slots=True)
class Indicators:
    """Where the value of an indicator is looked up: the notice's own statements, then a snapshot if there is one."""

    own: tuple[Indicator, ...]
    snapshot: Snapshot | None
    language: str

    def worked_out(self, worth: Worth, day: date) -> tuple[Computation, Citation] | None:
        """Return a sum with the quote of the indicator's value, None for other amounts and years without a value."""
        if worth.quantity is None or worth.quantity.unit is not Unit.INDICATOR:
            return None
        found = next((one for one in self.own if one.holds(day)), None)
        if found is None and self.snapshot:
            found = indicator_on(self.snapshot, day, self.language)
        return (Sum(worth.quantity, found).computation, found.citation) if found else None


def indicators(document: Document, passages: Sequence[Passage], snapshot: Snapshot | None) -> Indicators:
    """Return where a notice's indicators are looked up."""
    return Indicators(tuple(_own(document, passages)), snapshot, document.language)


def _own(document: Document, passages: Sequence[Passage]) -> Iterable[Indicator]:
    for told in indicator_values(document):
        for passage in passages:
            if span := place(told.fact.quote, passage.text):
                yield Indicator(told, Citation(passage, document, span))
                break
