"""How far a card is true: fields right, quotes exact, figures lost or altered.

A field is right when its state, its values and its words are: every true stretch is quoted, and every quote is of a
true stretch.  Words are compared by their letters and digits, so that a scan may misread a comma, and alike to 85 %.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from assistant.figures import Kind, figures
from assistant.notices import Card, FieldName, State
from benchmarks.notices.samples import Sample

_ALIKE = 0.85
_COUNTED = (Kind.DATE, Kind.QUANTITY)
_TIMED = (FieldName.AMOUNT, FieldName.VALID_FROM, FieldName.VALID_UNTIL, FieldName.DEADLINE)


@dataclass(frozen=True, slots=True)
class Score:
    """What is wrong with a card, in words; `fields` and `quotes` are how many there are."""

    sample: Sample
    fields: int
    quotes: int
    wrong: tuple[str, ...]
    inexact: int
    lost: tuple[str, ...]


def score(sample: Sample, card: Card) -> Score:
    """Return how far a card is true of its sample."""
    wrong = tuple(f"{sample.id} {name}: {why}" for name in FieldName if (why := _wrong(sample, card, name)))
    quotes = (*card.citations, *card.left_over)
    inexact = sum(citation.quote != citation.passage.text[slice(*citation.span)] or not citation.quote.strip()
                  for citation in quotes)
    return Score(sample, len(FieldName), len(quotes), wrong, inexact, _lost(sample, card))


def _wrong(sample: Sample, card: Card, name: FieldName) -> str:
    field, truth = card.field(name), [one for one in sample.truth if one.field == name]
    state = State.CONFLICT if name in sample.conflicts else State.FOUND if truth else State.NOT_STATED
    quotes = [citation.quote for citation in field.citations]
    missing = [one.text for one in truth if not any(_overlap(one.text, quote) for quote in quotes)]
    extra = [quote for quote in quotes if not any(_overlap(one.text, quote) for one in truth)]
    if missing or extra:
        return " · ".join([*(f"missing «{text}»" for text in missing), *(f"extra «{text}»" for text in extra)])
    if name in _TIMED and (given := _plain(field.values)) != (true := _plain(
            tuple(value for one in truth for value in one.values))):
        return f"values {sorted(given)}, true {sorted(true)}"
    return "" if field.state is state else f"is {field.state}, true {state}"


def _plain(values: tuple[str, ...]) -> set[str]:
    """Return values without bounds and what they are for one of, numbers without zeros that say nothing."""
    bare = (re.sub(r"/.*|[≤≥]", "", value).replace(",", ".") for value in values)
    return {re.sub(r"(\.\d*?)0+(?=\s)", r"\1", value) for value in bare}


def _overlap(one: str, other: str) -> bool:
    """Return whether two stretches are of one another, for most of the shorter and half of the longer.

    The label of a line before a colon may stand with it or not.
    """
    return any(_alike(one, said) for said in (other, re.sub(r"^[^:\d]{1,40}:\s+", "", other)))


def _alike(one: str, other: str) -> bool:
    first, second = (re.sub(r"\W+", "", text.casefold()) for text in (one, other))
    matched = sum(block.size for block in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
                  if block.size > 3 or block.size == min(len(first), len(second)))
    return matched >= _ALIKE * min(len(first), len(second)) and matched >= 0.5 * max(len(first), len(second))


def _lost(sample: Sample, card: Card) -> tuple[str, ...]:
    """Return the amounts and dates of the notice that stand neither in the card nor in what is left over."""
    told = Counter(_figures("\n".join(re.sub(r"^[#|\- ]+", "", line) for line in sample.lines)))
    kept = Counter(value for text in _stretches(card) for value in _figures(text))
    return tuple(f"{sample.id}: {value}" for value in told if not kept[value])


def _stretches(card: Card) -> list[str]:
    return [citation.quote for citation in dict.fromkeys((*card.citations, *card.left_over))]


def _figures(text: str) -> list[str]:
    return [f"{one.value}{'–' + one.high if one.high else ''} {one.unit}" for one in figures(text)
            if one.kind in _COUNTED]
