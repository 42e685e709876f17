"""What the words of a clause are worth: sums, the days a benefit begins and ends, the last day to apply.

Read by `corpora.quantities` and `corpora.dates`; written as facts are ("858 сомонӣ", "≤6 моҳ", "2026-03-31").  The
day of a letter or an act is no day of a benefit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from assistant.notices import words
from assistant.notices.card import FieldName
from assistant.notices.clause import Clause
from corpora.dates import DatePhrase, read_dates
from corpora.quantities import Quantity, quantities, unit_text, value_text
from corpora.quantity_words import Bound, Unit
from corpora.references import references

_MONEY = frozenset({Unit.SOMONI, Unit.DIRHAM, Unit.INDICATOR, Unit.USD, Unit.EUR, Unit.RUB})
_SPANS = frozenset({Unit.DAY, Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR})
_F = FieldName
_LOOK = 40


@dataclass(frozen=True, slots=True)
class Worth:
    """One value as facts write it, with the quantity it was read as, None for a day."""

    text: str
    quantity: Quantity | None = None


def amounts(clause: Clause) -> tuple[Worth, ...]:
    """Return the sums and shares a clause gives a person, "0 сомонӣ" where the benefit is free of charge."""
    found = [one for one in quantities(clause.text) if one.agrees is not False and _is_sum(one, clause)]
    found = [one for one in found if one is found[0] or not _is_aside(one, clause)]
    if not found and words.FREE.search(clause.small):
        return (Worth("0 сомонӣ", Quantity(Decimal(0), None, Unit.SOMONI, Bound.EXACT, 0, 0)),)
    return tuple(_worth(one) for one in found)


def deadlines(clause: Clause) -> tuple[Worth, ...]:
    """Return the last days, or the spans, in which one applies or hands something in."""
    small, labelled = clause.small, clause.label is _F.DEADLINE
    if not labelled and (not words.DEADLINE.search(small) or words.PROCESSING.search(small)):
        return ()
    days = [phrase for phrase in _days(clause) if labelled or words.BY.search(_before(clause, phrase.start))]
    if days:
        return tuple(Worth(phrase.iso) for phrase in days)
    return tuple(_worth(one) for one in _spans(clause) if labelled or not words.AGREED.search(small))


def starts(clause: Clause) -> tuple[Worth, ...]:
    """Return the days from which a benefit is paid or a rule holds."""
    if not _runs(clause):
        return ()
    days = [phrase for phrase in _days(clause) if words.FROM.search(_before(clause, phrase.start))]
    alone = _days(clause) if clause.label is _F.VALID_FROM and not _untils(clause) else ()
    return tuple(Worth(phrase.iso) for phrase in days or alone)


def ends(clause: Clause) -> tuple[Worth, ...]:
    """Return the days until which a benefit is paid, or for how long."""
    named = clause.label in (_F.VALID_FROM, _F.VALID_UNTIL)
    days = [Worth(phrase.iso) for phrase in _untils(clause)] if _runs(clause) else []
    paid = _runs(clause) or clause.label is _F.AMOUNT
    lasting = [_worth(one) for one in _spans(clause) if named or words.LASTS.search(_before(clause, one.start))]
    lasting += [Worth(f"{match['age']} сол") for match in words.AGED.finditer(clause.small)]
    return tuple(days or (lasting if paid else ()))


def _runs(clause: Clause) -> bool:
    """Return whether a clause tells of a benefit that runs, not of an application or how it is handled."""
    if clause.label in (_F.VALID_FROM, _F.VALID_UNTIL):
        return True
    small = clause.small
    return bool(words.RUNS.search(small)) and not words.PROCESSING.search(small) and clause.label is not _F.DEADLINE


def _untils(clause: Clause) -> tuple[DatePhrase, ...]:
    phrases = tuple(phrase for phrase in _days(clause) if words.UNTIL.search(_before(clause, phrase.start)))
    applied = words.DEADLINE.search(clause.small) and clause.label not in (_F.VALID_FROM, _F.VALID_UNTIL)
    return () if applied and not any(map(words.FROM.search, (_before(clause, one.start) for one in _days(clause)))) \
        else phrases


def _days(clause: Clause) -> tuple[DatePhrase, ...]:
    """Return the days of a clause that are not of an act or of a letter."""
    acts = [(one.start, one.end) for one in references(clause.text)]
    return tuple(phrase for phrase in read_dates(clause.text) if len(phrase.iso) == 10
                 and not any(start <= phrase.start < end for start, end in acts)
                 and not words.AGREED.search(_before(clause, phrase.start)))


def _spans(clause: Clause) -> Iterator[Quantity]:
    return (one for one in quantities(clause.text) if one.unit in _SPANS and one.agrees is not False)


def _before(clause: Clause, at: int) -> str:
    return clause.small[max(0, at - _LOOK):at]


def _is_sum(one: Quantity, clause: Clause) -> bool:
    if one.unit in _MONEY:
        return not words.NO_BENEFIT.search(clause.small)
    return one.unit is Unit.PERCENT and bool(clause.label is _F.AMOUNT or words.SHARE.search(clause.small))


def _is_aside(one: Quantity, clause: Clause) -> bool:
    """Return whether a sum stands in brackets: it says the one before them in another unit."""
    before = clause.text[:one.start]
    return before.count("(") > before.count(")")


def _worth(one: Quantity) -> Worth:
    return Worth(f"{value_text(one)} {unit_text(one)}", one)
