"""What one sentence of an official text states: the type of each sum, span of time, age, date and list in it.

Explainable rules over the words of `fact_words`: the word nearest to an amount names it.  No fact is taken over
a wrong one: a sentence that doubts, gives an example, tells news or denies states nothing.  Whether and until
when it holds, for whom it is and where it stands is read in `facts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpora import fact_words as words
from corpora.dates import pattern, read_dates
from corpora.numerals import lowered
from corpora.quantities import Quantity, quantities, unit_text, value_text
from corpora.quantity_words import Bound, Unit
from corpora.records import FactType
from corpora.references import references

_MONEY = frozenset({Unit.SOMONI, Unit.DIRHAM, Unit.INDICATOR, Unit.USD, Unit.EUR, Unit.RUB})
_SPANS = frozenset({Unit.HOUR, Unit.DAY, Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR})
_AHEAD, _BEHIND = 170, 70              # letters before and after a sum in which the word that names it is looked for
_MOST_SOMONI = 1_000_000               # greater sums are budgets, no citizen's fee or benefit
_NEAR = 40
_SOON = 14                             # letters behind an age in which it may turn out to be none
_PRICED = frozenset({"kwh", "m3", "m2", "gcal", "mb"})
_MONTHS = ("январ", "феврал", "март", "апрел", "ма[ийя]", "июн", "июл", "август", "сентябр", "октябр", "ноябр",
           "декабр")
_DAY = pattern(rf"(?P<day>\d{{1,2}})(?:-?[уюы]ми?)?\s+"
               rf"(?P<month>{'|'.join(_MONTHS)})\w{{0,2}}(?!\w|\s+(?:соли\s+|с\.\s*)?\d)")
_NOT = pattern(r"(?<!\w)(?:на|не)\s+(?:ба\s+андозаи\s+)?$")
_BY = pattern(r"(?:(?<!\w)(?:то|до)|не\s+позднее|не\s+позже|на\s+дертар\s+аз)\s+$")
_OPENED = pattern(r"(?:аз|с)\s+\d[^,.;]{2,30}\s(?:то|до|по)\s+$")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a sentence states; `value` and `unit` as facts write them, `quantity` where it is an amount."""

    type: FactType
    value: str = ""
    unit: str = ""
    quantity: Quantity | None = None


def is_past(sentence: str) -> bool:
    """Return whether a sentence tells how something was, not how it is."""
    return bool(words.PAST.search(lowered(sentence)))


def is_about(sentence: str, title: str) -> bool:
    """Return whether a sentence is about this country, or about one that the document's title names."""
    folded, named = lowered(sentence), lowered(title)
    return all((match["country"] or match["code"])[:5] in named for match in words.IN_COUNTRY.finditer(folded))


def statements(sentence: str, heading: str = "") -> tuple[Statement, ...]:
    """Return what a sentence states, sums first; nothing where it only may be so.

    heading: what stands over the sentence; it names a sum that the sentence itself does not.
    """
    small = lowered(sentence)
    amounts = [_changed(quantity, small) for quantity in quantities(sentence) if quantity.agrees is not False]
    found = (*_sums(small, amounts, lowered(heading)), *_spans(small, amounts), *_ages(small, amounts),
             *_days(sentence, small), *_contacts(sentence, small))
    found = found or tuple(_said(sentence, small))
    return () if found and words.DOUBTED.search(small) else found


def disagreements(sentence: str) -> tuple[str, ...]:
    """Return the amounts whose digits and words in brackets differ, as they stand."""
    return tuple(sentence[quantity.start:quantity.end] for quantity in quantities(sentence)
                 if quantity.agrees is False)


def _changed(quantity: Quantity, small: str) -> Quantity:
    """Return what a sum became, where "from 75 to 78" tells a change and no range."""
    if quantity.bound is Bound.RANGE and quantity.high and words.CHANGED.search(small) \
            and re.search(r"(?<!\w)(?:с|аз)\s+$", small[:quantity.start]):
        return replace(quantity, low=quantity.high, high=None, bound=Bound.EXACT)
    return quantity


def _stated(kind: FactType, quantity: Quantity) -> Statement:
    return Statement(kind, value_text(quantity), unit_text(quantity), quantity)


def _denied(small: str) -> bool:
    """Return whether a sentence denies, leaving aside what it says of exceptions."""
    return bool(words.DENIED.search(words.EXCEPTION.sub("", small)))


def _sums(small: str, amounts: list[Quantity], heading: str) -> Iterator[Statement]:
    sums = [one for one in amounts if one.unit in _MONEY or one.unit is Unit.PERCENT]
    if not (sums or words.FREE.search(small)) or _denied(small) or words.REPORTED.search(small):
        return
    named = _named(small)
    for quantity in sums:
        kind = _name(small, quantity, named, heading)
        is_budget = quantity.unit is Unit.SOMONI and quantity.low >= _MOST_SOMONI
        if kind and not is_budget and not _is_left(small, quantity):
            yield _stated(kind, quantity)
    if not sums and small.endswith((".", ";")) and words.FREE.search(small) and not words.NOT_FREE.search(small):
        yield Statement(FactType.FEE, "0", "сомонӣ")


def _named(small: str) -> list[tuple[int, int, FactType | None]]:
    """Return the words that name sums; one within another ("income" in "tax on income") does not count."""
    found = [(match.start(), match.end(), kind) for kind, which in words.SUMS for match in which.finditer(small)]
    return [one for one in found if not any(other[0] < one[0] and one[1] <= other[1] for other in found)]


def _name(small: str, quantity: Quantity, named: list[tuple[int, int, FactType | None]],
          heading: str) -> FactType | None:
    """Return what a sum is: by the word nearest before it, else behind it, else by how it is paid."""
    before = sorted((one for one in named if quantity.start - _AHEAD <= one[1] <= quantity.start),
                    key=lambda one: one[1])
    if before:
        # "The compensation of a deposit": the first of two nouns side by side is what is spoken of.
        first, last = before[-2:][0], before[-1]
        return first[2] if last[2] is None and first[1] + 1 == last[0] else last[2]
    behind = [(start, kind) for start, _, kind in named if quantity.end <= start <= quantity.end + _BEHIND]
    if behind:
        return min(behind, key=lambda one: one[0])[1]
    if quantity.unit is Unit.PERCENT and not quantity.per:
        return None
    return _paid(small, quantity, heading)


def _paid(small: str, quantity: Quantity, heading: str) -> FactType | None:
    """Return what a sum is that no noun names: given to a person, paid, the price of one, else as the heading says."""
    if words.GIVEN_TO.search(small) and words.GIVEN.search(small[quantity.end:]):
        return FactType.BENEFIT
    paid = words.PAID.search(small)
    worth = words.WORTH.search(small) and quantity.unit is not Unit.INDICATOR
    if paid or worth or _PRICED & set(quantity.per.split("·")):
        return FactType.FEE
    kinds = {kind for kind, which in words.SUMS for _ in which.finditer(heading)}
    return kinds.pop() if len(kinds) == 1 and len(small) < 2 * _AHEAD else None


def _is_left(small: str, quantity: Quantity) -> bool:
    """Return whether a sum is none that holds: "not 50 but 78", "from 75 to 78", one worked out for a year."""
    before, after = small[max(0, quantity.start - _NEAR):quantity.start], small[quantity.end:quantity.end + _NEAR]
    if words.WORKED_OUT.search(before) or words.FOR_MANY.match(after):
        return True
    denied = _NOT.search(before) and re.match(r",?\s+(?:балки|а)\s", after)
    return bool(denied or (re.search(r"(?<!\w)(?:аз|с)\s+$", before) and re.match(r"\s+(?:ба|до|то)\s+\d", after)))


def _spans(small: str, amounts: list[Quantity]) -> Iterator[Statement]:
    for quantity in amounts:
        if quantity.unit not in _SPANS:
            continue
        before = small[max(0, quantity.start - 2 * _NEAR):quantity.start]
        near = before[-_NEAR:] + small[quantity.start:quantity.end + _NEAR]
        if quantity.unit in (Unit.MONTH, Unit.YEAR, Unit.DAY) and words.PRISON.search(near):
            if not _denied(small):
                yield _stated(FactType.PENALTY, quantity)
        elif not words.NO_SPAN.search(near) and (kind := _span(small, before)):
            yield _stated(kind, quantity)


def _span(small: str, before: str) -> FactType | None:
    if _denied(small):
        return None
    if words.VALID.search(small):
        return FactType.VALIDITY
    within = words.WITHIN.search(before)
    if words.HANDLED.search(small) and (within or words.TERM.search(before)):
        return FactType.DURATION
    if words.LATEST.search(small) or (within and words.MUST.search(small)):
        return FactType.DEADLINE
    return FactType.DURATION if words.LASTS.search(small) else None


def _ages(small: str, amounts: list[Quantity]) -> Iterator[Statement]:
    for quantity in amounts:
        near = small[max(0, quantity.start - _NEAR):quantity.end + _SOON]
        if quantity.unit is Unit.AGE and words.AGED.search(small) and not words.NO_AGE.search(near) \
                and not words.DENIED.search(near):
            yield _stated(FactType.AGE, quantity)


def _days(sentence: str, small: str) -> Iterator[Statement]:
    """Yield the last day of a validity or of what must be done."""
    if _denied(small):
        return
    must = words.MUST.search(small) or words.LATEST.search(small)
    kind = FactType.VALIDITY if words.VALID.search(small) else FactType.DEADLINE if must else None
    found = [(phrase.start, phrase.iso) for phrase in read_dates(sentence) if len(phrase.iso) == 10]
    found += [(match.start(), f"--{_month(match['month']):02}-{int(match['day']):02}")
              for match in _DAY.finditer(small)]
    for start, iso in found:
        before = small[max(0, start - _NEAR):start]
        if kind and _BY.search(before) and not _OPENED.search(before):
            yield Statement(kind, iso, "date")


def _month(word: str) -> int:
    return next(number for number, stem in enumerate(_MONTHS, 1) if pattern(stem).match(word))


def _contacts(sentence: str, small: str) -> Iterator[Statement]:
    if words.PHONE_WORD.search(small):
        numbers = [sentence[match.start():match.end()].strip() for match in words.PHONE.finditer(small)
                   if not words.NO_PHONE.search(small[max(0, match.start() - _NEAR):match.start()])]
        if numbers:
            yield Statement(FactType.PHONE, ", ".join(numbers))
    if words.OPEN.search(small):
        clocks = [match[0] for match in words.CLOCK.finditer(small)]
        if clocks:
            yield Statement(FactType.HOURS, ", ".join(_clock(clock) for clock in clocks))
    if address := words.ADDRESS.search(small):
        start, end = address.span("label" if address["label"] else "street")
        yield Statement(FactType.OFFICE, sentence[start:end].strip())


def _clock(words_: str) -> str:
    """Return opening hours as "8:00–17:00"."""
    times = re.findall(r"\d{1,2}(?:[:.]\d\d)?", words_)
    return "–".join(time.replace(".", ":") if len(time) > 2 else f"{time}:00" for time in times)


def _said(sentence: str, small: str) -> Iterator[Statement]:
    """Yield the one thing that a sentence without amounts says."""
    acts = [one.act for one in references(sentence) if one.act.number and one.act.date]
    if words.ENDED.search(small) and ("№" in small or acts):
        yield Statement(FactType.SUPERSEDES, ", ".join(f"№ {act.number}" for act in acts))
    elif _denied(small):
        return
    elif words.PAPERS_ASKED.search(small) and len(words.PAPER.findall(small)) > 1:
        yield Statement(FactType.REQUIRED_PAPERS)
    elif words.APPLY.search(small):
        yield Statement(FactType.OFFICE)
    elif acts and words.BASIS.search(small):
        yield Statement(FactType.LEGAL_BASIS, ", ".join(f"№ {act.number}" for act in acts))
    elif words.ENTITLED.search(small):
        yield Statement(FactType.ELIGIBILITY)
    elif words.DEFINES.search(small):
        yield Statement(FactType.DEFINITION)
