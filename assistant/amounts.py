"""A quantity of a document in the words of one of our languages: "15 рӯз", "не более 15 дней".

The value is the one that was read; only its unit, its bound and what it is for one of are translated.  Whether
a quantity may be shown alone is decided in `templates`.
"""

from __future__ import annotations

from decimal import Decimal

from assistant.texts import LANGUAGES, text
from corpora.quantities import Quantity
from corpora.quantity_words import Bound, Unit

_PARTS = frozenset({"hour", "day", "month", "year", "person", "kwh", "m2", "m3"})
_GROUPED = 10_000


def amount_words(quantity: Quantity, language: str) -> str:
    """Return a quantity in words, "" where what it is for one of has no words here."""
    parts = set(quantity.per.split("·")) - {""}
    unit: str = quantity.unit
    if quantity.unit is Unit.PERCENT and "indicator" in parts:
        parts.discard("indicator")
        unit = "percent_of_indicator"
    if not parts <= _PARTS:
        return ""
    said = _bounded(quantity, unit, language)
    return " ".join([said, *(text(language, "compose", f"per_{part}") for part in sorted(parts, reverse=True))])


def decimal_words(value: Decimal) -> str:
    """Return a number with a decimal comma, five figures and more in groups, no zeros that say nothing."""
    whole, _, part = f"{value:,f}".partition(".")
    part = part.rstrip("0")
    return whole.replace(",", " " if abs(value) >= _GROUPED else "") + (f",{part}" if part else "")


def _bounded(quantity: Quantity, unit: str, language: str) -> str:
    if quantity.high is not None:
        high = f"{decimal_words(quantity.high)} {_unit(unit, quantity.high, language, genitive=True)}"
        return text(language, "compose", "range", low=decimal_words(quantity.low), high=high)
    exact = quantity.bound is Bound.EXACT
    value = f"{decimal_words(quantity.low)} {_unit(unit, quantity.low, language, genitive=not exact)}"
    return value if exact else text(language, "compose", quantity.bound, value=value)


def _unit(unit: str, value: Decimal, language: str, *, genitive: bool) -> str:
    """Return the form of a unit that goes with a number; Russian asks for the genitive after a bound."""
    forms = text(language, "compose", f"unit_{unit}").split("|")
    if len(forms) < 3 or language not in LANGUAGES:
        return forms[0] if value == 1 else forms[-1]
    return forms[_russian(value, genitive=genitive)]


def _russian(value: Decimal, *, genitive: bool) -> int:
    """Return which of день, дня, дней goes with a number."""
    if value != value.to_integral_value():
        return 1
    last, teen = value % 10, value % 100 in range(11, 20)
    if last == 1 and not teen:
        return 1 if genitive else 0
    return 1 if last in (2, 3, 4) and not teen and not genitive else 2
