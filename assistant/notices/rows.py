"""The fields of a card for a reader: what each says in words, and the numbers of the quotes it stands on.

Nothing is worded here that is not in the card.  How rows look on a page or a paper is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.notices.card import Card, CardStatus, Edit, Field, FieldName, State
from assistant.notices.plain import PlainText, Say, entry_words, plain_text
from assistant.records import Citation
from assistant.texts import LANGUAGES


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a field says: in words, with the numbers of its quotes, and the sum it was worked out as."""

    words: str
    numbers: tuple[int, ...]
    quote: str
    sum: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A field.  `counted`: its quotes have to be opened before the card is approved."""

    name: FieldName
    state: State
    lines: tuple[Line, ...]
    edit: Edit | None
    values: tuple[str, ...]


def rows(card: Card, language: str) -> tuple[Row, ...]:
    """Return the fields of a card in their order."""
    numbers = {citation: number for number, citation in enumerate(card.citations, 1)}
    return tuple(_row(card, field, numbers, language) for field in card.fields)


def plain_texts(card: Card, language: str, say: Say = plain_text) -> tuple[PlainText, ...]:
    """Return a card in plain words: of the language asked for, and of Tajik or Russian beside it."""
    if card.status is CardStatus.ACT:
        return ()
    spoken = (language, *(other for other in LANGUAGES[:2] if other != language))[:2]
    return tuple(say(card, one) for one in spoken)


def _row(card: Card, field: Field, numbers: dict[Citation, int], language: str) -> Row:
    lines = tuple(Line(entry_words(card, field.name, entry, language),
                       tuple(numbers[one] for one in (entry.citation, entry.basis) if one),
                       " ".join(entry.citation.quote.split()),
                       f"{entry.computation.expression} = {entry.computation.value} {entry.computation.unit}"
                       if entry.computation else "") for entry in field.entries)
    return Row(field.name, field.state, lines, field.edit, field.values)
