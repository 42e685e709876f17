"""What is still missing before a card may be approved.

Pure rules: no file, no clock.  What counts - sums and days - was compared with the notice, what the reader was not
sure of was decided by a person, and the note answers a question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assistant.notices.card import Card, CardStatus, FieldName, State
from assistant.personal import Personal, redacted
from assistant.review.records import Doubt, Review

# Fields of which a wrong figure does harm: each of their quotes is looked at in its place.
COUNTED = (FieldName.AMOUNT, FieldName.VALID_FROM, FieldName.VALID_UNTIL, FieldName.DEADLINE)
# Offices print their telephones and addresses on every notice; these are a person's own.
_OF_A_PERSON = frozenset({Personal.NAME, Personal.PASSPORT, Personal.CARD, Personal.BIRTH_DATE, Personal.NUMBER})


class Lack(StrEnum):
    """What may be missing, a closed set, in the order in which it is told."""

    NO_NOTICE = "no_notice"            # the text is a law or no notice; nothing can be done about it
    UNOPENED = "unopened"              # quotes of a sum or a day that nobody opened
    CONFLICT = "conflict"              # a field that says two things and was not decided
    LEFT_OVER = "left_over"
    PERSONAL = "personal"
    QUESTION = "question"
    SECOND_PERSON = "second_person"    # who approves is who worked on it last


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing to do before approval.  `quotes` are numbers, from 1, in `card.citations`."""

    lack: Lack
    quotes: tuple[int, ...] = ()
    field: FieldName | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"lack": self.lack, "quotes": list(self.quotes), "field": self.field}


def missing(review: Review, who: str = "", *, two_people: bool = False) -> tuple[Missing, ...]:
    """Return what is missing before `who` may approve, nothing where they may."""
    return tuple(_missing(review, who if two_people else ""))


def _missing(review: Review, who: str) -> Iterator[Missing]:
    if review.card.status is not CardStatus.NOTICE:
        yield Missing(Lack.NO_NOTICE)
    if unopened := tuple(one for one in to_open(review.card) if one not in review.seen):
        yield Missing(Lack.UNOPENED, unopened)
    yield from (Missing(Lack.CONFLICT, field=field.name) for field in review.card.fields
                if field.state is State.CONFLICT)
    yield from (Missing(Lack(doubt)) for doubt in doubts(review) if doubt not in review.acknowledged)
    if not review.question:
        yield Missing(Lack.QUESTION)
    if who and who == review.last_editor:
        yield Missing(Lack.SECOND_PERSON)


def to_open(card: Card) -> tuple[int, ...]:
    """Return the numbers of the quotes that have to be opened: those of sums and days, and what sums rest on."""
    numbers = {citation: number for number, citation in enumerate(card.citations, 1)}
    entries = [entry for name in COUNTED for entry in card.field(name).entries]
    return tuple(sorted({numbers[one] for entry in entries for one in (entry.citation, entry.basis) if one}))


def doubts(review: Review) -> tuple[Doubt, ...]:
    """Return what somebody has to say that they saw."""
    found = {Doubt.LEFT_OVER: bool(review.card.left_over), Doubt.PERSONAL: names_a_person(review)}
    return tuple(doubt for doubt, here in found.items() if here)


def names_a_person(review: Review) -> bool:
    """Return whether the notice, or a correction, seems to carry what belongs to one person."""
    edits = (value for field in review.card.fields if field.edit for value in field.edit.values)
    texts = (*(passage.text for passage in review.read.passages), *edits)
    return any(redacted(text).kinds & _OF_A_PERSON for text in texts)
