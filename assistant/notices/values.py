"""What the words of a clause are worth: sums, the days a benefit begins and ends, the last day to apply.

Read by `corpora.quantities` and `corpora.dates`; written as facts are ("858 сомонӣ", "≤6 моҳ", "2026-03-31").  The
day of a letter or an act is no day of a benefit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from assistant.figures import Figure, Kind, figures
from assistant.notices import roles, words
from assistant.notices.card import FieldName
from assistant.notices.clause import Clause
from corpora.quantities import Quantity, quantities, unit_text, value_text
from corpora.quantity_words import Bound, Unit
from corpora.references import references

_MONEY = frozenset({Unit.SOMONI, Unit.DIRHAM, Unit.INDICATOR, Unit.USD, Unit.EUR, Unit.RUB})
_SPANS = frozenset({Unit.DAY, Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR})
_F = FieldName
_PERIOD = (_F.VALID_FROM, _F.VALID_UNTIL)
_LOOK, _YEAR = 40, 4


@dataclass(frozen=True, slots=True)
class Worth:
    """One value as facts write it, with the quantity it was read as, None for a day."""

    text: str
    quantity: Quantity | None = None


def amounts(clause: Clause) -> tuple[Worth, ...]:
    """Return the sums and shares a clause gives a person, "0 сомонӣ" where the benefit is free of charge."""
    found = [one for one in quantities(clause.text) if one.agrees is not False and _is_sum(one, clause)]
    found = [one for one in found if one is found[0] or not _is_aside(one, clause)]
    if not found and (given := roles.goods(clause.small)):
        return tuple(map(Worth, given))
    if not found and words.FREE.search(clause.small):
        return (Worth("0 сомонӣ", Quantity(Decimal(0), None, Unit.SOMONI, Bound.EXACT, 0, 0)),)
    return tuple(_worth(one) for one in found)


def deadlines(clause: Clause) -> tuple[Worth, ...]:
    """Return the last days, or the spans, in which one applies or hands something in."""
    if not _applies(clause):
        return ()
    labelled, days = clause.label is _F.DEADLINE, _days(clause)
    denied = bool(words.DENIED.search(clause.small))
    named = days if labelled or words.LAST.search(clause.small) else []
    last = [one for one in days if _is_last(_before(clause, one.start), denied=denied)] or named
    if last:
        return tuple(Worth(phrase.value) for phrase in last)
    within = labelled or words.APPLIED_WITHIN.search(clause.small)
    return tuple(map(_worth, _spans(clause))) if within and not days else ()


def _is_last(before: str, *, denied: bool) -> bool:
    """Return whether the words before a day make it the last one."""
    by = words.BY.search(before) or words.UNTIL.search(before)
    return bool(by or (denied and words.AFTER.search(before)))


def starts(clause: Clause) -> tuple[Worth, ...]:
    """Return the days from which a benefit is paid or a rule holds."""
    first = [one for one in _days(clause) if words.FROM.search(_before(clause, one.start))]
    if clause.label not in _PERIOD and (_applies(clause) or not (words.RUNS.search(clause.small) or _lasts(clause))):
        return ()
    alone = _days(clause) if clause.label is _F.VALID_FROM and not _lasts(clause) else []
    return tuple(Worth(phrase.value) for phrase in first or alone)


def ends(clause: Clause) -> tuple[Worth, ...]:
    """Return the days until which a benefit is paid, else for how long, else until which age."""
    labelled, small = clause.label in _PERIOD, clause.small
    if not labelled and _applies(clause):
        return _aged(clause)
    runs = bool(labelled or words.RUNS.search(small))
    ranged = any(words.FROM.search(_before(clause, one.start)) for one in _days(clause))
    days = _days(clause) if clause.label is _F.VALID_UNTIL or roles.ENDED.search(small) else []
    if last := (_lasts(clause) if runs or ranged else []) or days:
        return tuple(Worth(phrase.value) for phrase in last)
    paid = labelled or ((runs or clause.label is _F.AMOUNT) and not words.PROCESSING.search(small))
    return (_lasting(clause, labelled=labelled) if paid else ()) or _aged(clause)


def _lasting(clause: Clause, *, labelled: bool) -> tuple[Worth, ...]:
    """Return the spans for which a benefit is paid, but one that says what a sum is for: "25 somoni for one day"."""
    priced = bool(amounts(clause))
    return tuple(_worth(one) for one in _spans(clause, aged=labelled) if not (priced and one.low == 1) and (
        labelled or words.LASTED.match(clause.small[one.end:]) or words.LASTS.search(_before(clause, one.start))))


def _aged(clause: Clause) -> tuple[Worth, ...]:
    return tuple(Worth(f"{match['age']} сол" if match["age"] else f"{match['months']} моҳ")
                 for match in words.AGED.finditer(clause.small))


def is_handled(clause: Clause) -> bool:
    """Return whether a clause says in how many days something is done with an application."""
    within = any(words.WITHIN.search(_before(clause, one.start)) for one in _spans(clause))
    return within and not deadlines(clause) and not ends(clause)


def _applies(clause: Clause) -> bool:
    """Return whether a clause tells of applying and handing in, not of a benefit that runs or how it is handled."""
    if clause.label is _F.DEADLINE:
        return True
    if words.LAST.search(clause.small) and _days(clause):
        return True
    if clause.label in (*_PERIOD, _F.AMOUNT) or (clause.label is _F.HOW and not _days(clause)):
        return False
    due = roles.DUE.search(clause.small) and _lasts(clause) and not words.RUNS.search(clause.small)
    return bool(due or words.APPLIED.search(clause.small)) and not words.PROCESSING.search(clause.small)


def _lasts(clause: Clause) -> list[Figure]:
    return [phrase for phrase in _days(clause) if words.UNTIL.search(_before(clause, phrase.start))]


def _days(clause: Clause) -> list[Figure]:
    """Return the days and months of a clause that are not of an act or of a letter; "--03-31" has no year."""
    acts = [(one.start, one.end) for one in references(clause.text)]
    return [one for one in figures(clause.text) if one.kind is Kind.DATE and len(one.value) > _YEAR
            and not any(start <= one.start < end for start, end in acts)
            and not words.DATED.search(_before(clause, one.start))]


def _spans(clause: Clause, *, aged: bool = False) -> list[Quantity]:
    """Return the spans of time; aged: an age too, as in "until the child is 18 months old"."""
    return [one for one in quantities(clause.text) if one.agrees is not False
            and (one.unit in _SPANS or (aged and one.unit is Unit.AGE))]


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


# How the fields that have values are read; the others say their words.
READERS: dict[FieldName, Callable[[Clause], tuple[Worth, ...]]] = {
    _F.AMOUNT: amounts, _F.VALID_FROM: starts, _F.VALID_UNTIL: ends, _F.DEADLINE: deadlines}
