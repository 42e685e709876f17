"""The fields of a card from the passages of one notice, with the sums worked out and what no field took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from assistant.notices.agreement import is_conflicting
from assistant.notices.card import Card, CardStatus, Entry, Field, FieldName
from assistant.notices.clause import Clause, clauses
from assistant.notices.indicator import Indicators
from assistant.notices.left_over import remainder
from assistant.notices.placement import fields_of, names_group
from assistant.notices.values import READERS, Worth, starts
from assistant.records import Citation, Computation
from corpora.dates import first_day
from corpora.records import Document, Passage


def fill(document: Document, passages: Sequence[Passage], indicators: Indicators, today: date, *, plain: bool) -> Card:
    """Return the card of one notice, taken for one; whether it is one is told in `notice`.

    plain: whether the reader could not tell headings by their looks.
    """
    found: dict[FieldName, list[Clause]] = {name: [] for name in FieldName}
    cut = clauses(passages, document.title, plain=plain)
    for clause in cut:
        for name in fields_of(clause):
            found[name].append(clause)
    if not found[FieldName.ELIGIBILITY]:
        found[FieldName.ELIGIBILITY] = _entitled(cut, found[FieldName.AMOUNT])
    day = _day(found[FieldName.VALID_FROM], today)
    fields = tuple(Field(name, tuple(_entries(name, found[name], document, indicators, day)),
                         is_conflicting(name, found[name])) for name in FieldName)
    card = Card(document, document.title, CardStatus.NOTICE, fields)
    rest = remainder(document, passages, card.citations)
    return Card(document, document.title, CardStatus.NOTICE, fields, rest.citations, rest.figures, rest.left_over)


def _entitled(cut: Sequence[Clause], amounts: Sequence[Clause]) -> list[Clause]:
    """Return what tells who is entitled where no clause does outright: the first of a group that says nothing else.

    Else the sums that are said of people.
    """
    free = (clause for clause in cut if names_group(clause) and not fields_of(clause))
    return [*islice(free, 1)] or [clause for clause in amounts if names_group(clause)]


def _day(found: Sequence[Clause], today: date) -> date:
    """Return the day for which an indicator is looked up: the first on which the benefit is paid, else today."""
    days = (first_day(worth.text) for clause in found for worth in starts(clause) if worth.text[:1].isdigit())
    return next(map(date.fromisoformat, days), today)


def _entries(name: FieldName, found: Sequence[Clause], document: Document, indicators: Indicators,
             day: date) -> Iterator[Entry]:
    for clause in found:
        citation = clause.citation(document)
        if name not in READERS:
            yield Entry(citation.quote, citation)
            continue
        values = READERS[name](clause)
        for worth in values:
            found_sum = _sum(worth, values, indicators, day)
            yield Entry(worth.text, citation, *found_sum) if found_sum else Entry(worth.text, citation)


def _sum(worth: Worth, beside: Sequence[Worth], indicators: Indicators,
         day: date) -> tuple[Computation, Citation] | None:
    """Return what an amount comes to; nothing where the notice says it itself beside it."""
    said = any(other.text.endswith("сомонӣ") for other in beside)
    return None if said else indicators.worked_out(worth, day)
