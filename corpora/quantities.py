"""How much a text says: sums, shares, spans of time and ages, each with its unit and its bound.

Read only where a number and its unit stand together.  Numbers of acts, articles, telephones, days of a
calendar and years are no quantities.  What a quantity is for is told in `fact_rules`, not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from corpora.dates import pattern, read_dates
from corpora.number_words import ordinal
from corpora.numerals import Number, lowered, read_numbers
from corpora.quantity_words import (
    ABOVE,
    AGE_BEFORE,
    AND_NOT_MORE,
    BOUNDS_AFTER,
    BOUNDS_BEFORE,
    PEOPLE,
    PER_AFTER,
    PER_BEFORE,
    PER_ORDER,
    SPAN_BEFORE,
    TERM,
    UNITS,
    Bound,
    Unit,
)

_BRACKET = re.compile(r"\s?\(([^()\n]{1,90})\)")
_SCALE = pattern(r"\s?(?:(?P<k>ҳазору?|тысяч\w?|тыс\b\.?)|(?P<m>миллиону?|миллион\w{0,2}|млн\b\.?)|"
                 r"(?P<b>миллиард\w{0,2}|млрд\b\.?))(?!\w)")
_SCALES = {"k": Decimal(1000), "m": Decimal(1000000), "b": Decimal(1000000000)}
_ORDINAL = pattern(r"\s?-\s?(?:[ую]ми?н?|го|й|я|е|ое|ой|му|ым|ом|ую|х)\b")
_TIMES = pattern(r"\s?-?(?:чанди?|(?:маротиба|баробари?)|кратн\w+(?:\s+размер\w*)?)\s+(?=нишондиҳанда|показател)")
_CURRENCY_BEFORE = pattern(r"(?P<usd>(?:us)?\$|usd|долл\w*)\s?$|(?P<eur>€|eur)\s?$|(?P<tjs>tjs)\s?$")
_NO_COUNT = pattern(r"(?:№|№№|моддаи|модда|банди|қисми|стать\w+|ст\.|пункт\w*|п\.|част\w+|таҳти рақами|article)\s?$")
_TO = pattern(r"\s?(?:[-–—]|то|до|ва|и|and|to)\s?")
_FROM = pattern(r"(?<!\w)(?:аз|от|с|со|from|between)\s$")
_SMALL_CHANGE = pattern(r"\s?(?:(?:ва|и|у|ю)\s)?")
_LOOK = 60                             # letters before and after a number in which its bound and unit are looked for
_YEARS = range(1900, 2101)
_TIMES_OF = (Unit.HOUR, Unit.DAY, Unit.MONTH, Unit.YEAR)
_REST = re.compile(r"[\s\-–,]+")
# The bracket of "5 (ним) бутуну …" says parts that are not read; it neither agrees nor disagrees.
_FRACTION = pattern(r"цел(?:ых|ая)|бутун|десят(?:ых|ая)|сот(?:ых|ая)|(?<!\w)аз(?!\w)|ҳисса")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount as the text bounds it: `high` is None but for a range, whose least is `low`; `end` is exclusive.

    `per` names what the amount is for one of ("month", "person·month", "kwh"), or is empty.  `agrees` says
    whether the words in brackets say the number of the digits, None where there are none to compare.
    """

    low: Decimal
    high: Decimal | None
    unit: Unit
    bound: Bound
    start: int
    end: int
    agrees: bool | None = None
    per: str = ""


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text, in order; "3 сомонию 50 дирам" is one."""
    small = lowered(text)
    dated = [(phrase.start, phrase.end) for phrase in read_dates(text)]
    numbers = [number for number in read_numbers(text)
               if not any(first <= number.start < last for first, last in dated)]
    found: list[Quantity] = []
    for quantity in _sized(_bracketed(numbers, small), small):
        if found and (joined := _joined(found[-1], quantity, small)):
            found[-1] = joined
        else:
            found.append(quantity)
    return tuple(quantity for quantity in found if not _is_divisor(quantity, found))


def _is_divisor(one: Quantity, among: Sequence[Quantity]) -> bool:
    """Return whether "one month" only says what a sum beside it is for: "дар як моҳ 7 сомонӣ"."""
    return one.low == 1 and one.high is None and one.unit in _TIMES_OF and any(
        str(one.unit) in other.per.split("·") and -_LOOK < other.start - one.end < _LOOK for other in among)


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number with the bracket and scale behind it; `end` is where its unit may begin."""

    number: Number
    value: Decimal
    end: int
    agrees: bool | None


def _bracketed(numbers: Sequence[Number], small: str) -> Iterator[_Amount]:
    """Yield the numbers that count something; those that only repeat one before them in brackets are its check."""
    end = 0
    for at, number in enumerate(numbers):
        if number.start < end or _NO_COUNT.search(small[max(0, number.start - _LOOK):number.start]):
            continue
        value, end, said = number.value, number.end, None
        if bracket := _BRACKET.match(small, end):
            said = _said(bracket, numbers[at + 1:at + 6], small)
            end = bracket.end() if said is not None else end
        if small[end - 1].isalpha() and small[end:end + 1] == ".":  # of "млн." and "тыс."
            end += 1
        if scale := _SCALE.match(small, end):
            value, end = value * _SCALES[str(scale.lastgroup)], scale.end()
        agrees = None if said is None or said < 0 else said in (value, number.value)
        yield _Amount(number, value, end, agrees)


def _said(bracket: re.Match[str], following: Sequence[Number], small: str) -> Decimal | None:
    """Return the number a bracket says and nothing else; -1 where it says one that is not read whole, else None."""
    within = [number for number in following if bracket.start(1) <= number.start < bracket.end(1)]
    if not within or within[0].start != bracket.start(1) + len(bracket[1]) - len(bracket[1].lstrip()):
        return None
    rest = bracket[1][within[0].end - bracket.start(1):]
    unit = next((match for _, words in UNITS if (match := words.match(rest))), None)
    rest = rest[unit.end():] if unit else rest
    if len(within) == 1 and within[0].in_words and not _REST.sub("", rest):
        return within[0].value
    return Decimal(-1) if _FRACTION.search(bracket[1]) and within[0].in_words else None


def _sized(amounts: Iterator[_Amount], small: str) -> Iterator[Quantity]:
    """Yield the quantity of each amount that has a unit; an amount before it that lacks one may open a range."""
    before: _Amount | None = None
    for amount in amounts:
        quantity = _quantity(amount, small)
        if quantity and before and _spans(before, amount, small):
            quantity = replace(quantity, low=before.value, high=quantity.low, bound=Bound.RANGE,
                               start=before.number.start, unit=_aged(quantity.unit, small, before.number.start))
        if quantity:
            yield quantity
        before = None if quantity else amount


def _aged(unit: Unit, small: str, start: int) -> Unit:
    """Return age for years "from 18 to 27" of people, else the unit."""
    near = small[max(0, start - 2 * _LOOK):start]
    return Unit.AGE if unit is Unit.YEAR and PEOPLE.search(near) and not TERM.search(near) else unit


def _spans(first: _Amount, last: _Amount, small: str) -> bool:
    between = small[first.end:last.number.start]
    return first.value < last.value and bool(_TO.fullmatch(between) or AND_NOT_MORE.fullmatch(between))


def _quantity(amount: _Amount, small: str) -> Quantity | None:
    number = amount.number
    before = small[max(0, number.start - _LOOK):number.start]
    after = small[amount.end:amount.end + 2 * _LOOK]
    word = small[number.start:number.end]
    if _ORDINAL.match(after) or (number.in_words and ordinal(word) is not None and not word.endswith(("то", "та"))):
        return None
    if times := _TIMES.match(after):
        after = " " + after[times.end():]
    unit, size = _unit(before, after)
    if unit is None or (unit is Unit.YEAR and amount.value in _YEARS):
        return None
    end = min(amount.end + size + (times.end() - 1 if times else 0), len(small))
    low = amount.value
    return Quantity(low, None, unit, _bound(before, small[end:end + _LOOK], unit), number.start, end, amount.agrees,
                    _per(before, small[end:end + _LOOK]))


def _unit(before: str, after: str) -> tuple[Unit | None, int]:
    if found := _CURRENCY_BEFORE.search(before):
        return {"usd": Unit.USD, "eur": Unit.EUR, "tjs": Unit.SOMONI}[str(found.lastgroup)], 0
    for unit, words in UNITS:
        if match := words.match(after):
            if unit is Unit.AGE and SPAN_BEFORE.search(before):
                return Unit.YEAR, match.end()
            if unit is Unit.YEAR and AGE_BEFORE.search(before):
                return Unit.AGE, match.end()
            return unit, match.end()
    return None, 0


def _bound(before: str, after: str, unit: Unit) -> Bound:
    for bound, words in BOUNDS_AFTER:
        if words.match(after):
            return bound
    for bound, words in BOUNDS_BEFORE:
        if words.search(before):
            return bound
    above = unit is Unit.AGE or ABOVE.match(after)
    return Bound.AT_LEAST if above and _FROM.search(before) else Bound.EXACT


def _per(before: str, after: str) -> str:
    """Return what the amount is for one of, from the words behind it, else from those just before it."""
    names: set[str] = set()
    while match := next((found for words in PER_AFTER if (found := words.match(after))), None):
        names.add(str(match.lastgroup))
        after = after[match.end():]
    while match := next((found for words in PER_BEFORE if (found := words.search(before))), None):
        names.add(str(match.lastgroup))
        before = before[:match.start()]
    return "·".join(sorted(names, key=PER_ORDER.index))


def _joined(first: Quantity, second: Quantity, small: str) -> Quantity | None:
    """Return the two as one where they are: somoni with its dirams, or the ends of a range."""
    between = small[first.end:second.start]
    if first.unit is Unit.SOMONI and second.unit is Unit.DIRHAM and _SMALL_CHANGE.fullmatch(between) \
            and second.low < 100 and first.bound is not Bound.RANGE:
        agrees = None if first.agrees is None and second.agrees is None else \
            first.agrees is not False and second.agrees is not False
        return replace(first, low=first.low + second.low / 100, end=second.end, agrees=agrees, per=second.per)
    same = first.unit is second.unit or {first.unit, second.unit} == {Unit.YEAR, Unit.AGE}
    if same and first.high is None and second.high is None and first.low < second.low \
            and re.fullmatch(r"\s?(?:то|до|to)\s?|[-–—]", between):
        return replace(second, low=first.low, high=second.low, bound=Bound.RANGE, start=first.start,
                       unit=Unit.AGE if Unit.AGE in (first.unit, second.unit) else second.unit)
    return None


_UNIT_NAMES = {Unit.SOMONI: "сомонӣ", Unit.DIRHAM: "дирам", Unit.INDICATOR: "нишондиҳанда", Unit.PERCENT: "фоиз",
               Unit.USD: "USD", Unit.EUR: "EUR", Unit.RUB: "RUB", Unit.MINUTE: "дақиқа", Unit.HOUR: "соат",
               Unit.DAY: "рӯз", Unit.WORKING_DAY: "рӯзи корӣ", Unit.CALENDAR_DAY: "рӯзи тақвимӣ", Unit.WEEK: "ҳафта",
               Unit.MONTH: "моҳ", Unit.YEAR: "сол", Unit.AGE: "сол"}
_PER_NAMES = {"kwh": "кВт·соат", "m3": "м³", "m2": "м²", "gcal": "Гкал", "mb": "МБ", "kg": "кг", "km": "км",
              "person": "нафар", "hour": "соат", "day": "рӯз", "month": "моҳ", "year": "сол",
              "indicator": "нишондиҳанда"}
_BOUND_SIGNS = {Bound.EXACT: "", Bound.AT_LEAST: "≥", Bound.AT_MOST: "≤"}


def value_text(quantity: Quantity) -> str:
    """Return the amount as facts write it: "250", "3,50" as "3.5", "1–100", "≥25", "≤15"."""
    if quantity.high is not None:
        return f"{_plain(quantity.low)}–{_plain(quantity.high)}"
    return _BOUND_SIGNS[quantity.bound] + _plain(quantity.low)


def unit_text(quantity: Quantity) -> str:
    """Return the unit as facts write it: "сомонӣ", "сомонӣ/нафар·моҳ", "рӯзи корӣ"."""
    per = "·".join(_PER_NAMES[name] for name in quantity.per.split("·") if name)
    return _UNIT_NAMES[quantity.unit] + (f"/{per}" if per else "")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
