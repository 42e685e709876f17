"""Which fields of the card a clause fills: by its label first, then by its own words.

Rules over the words of `words`.  What denies or complains fills no other field; an act, a telephone or a list of papers
is told by what it is.  What a field's words are worth is told in `values`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.figures import Kind, figures
from assistant.notices import words
from assistant.notices.card import FieldName
from assistant.notices.clause import Clause
from assistant.notices.values import amounts, deadlines, ends, starts
from corpora.references import references

_F = FieldName
# Under these labels a clause says nothing else.
_CLOSED = frozenset({_F.REFUSAL_AND_APPEAL, _F.LEGAL_BASIS, _F.CONTACTS})
_VALUED = frozenset({_F.AMOUNT, _F.DEADLINE, _F.VALID_FROM, _F.VALID_UNTIL})


def fields_of(clause: Clause) -> frozenset[FieldName]:
    """Return the fields a clause fills; a lead-in, a salutation or a mark "sample" fills none."""
    small = clause.small
    if clause.heading or words.SAMPLE.search(small) or small.rstrip().endswith(":") or not _says(clause):
        return frozenset()
    if clause.label in _CLOSED:
        return frozenset({clause.label})
    if words.REFUSAL.search(small):
        return frozenset({_F.REFUSAL_AND_APPEAL, *_still_open(clause)})
    return frozenset(_labelled(clause)) if clause.label else frozenset(_told(clause))


def _says(clause: Clause) -> bool:
    """Return whether a clause is more than a number or a lone word of a sentence; an item may be one word."""
    found = re.findall(r"[^\W\d]{2,}", clause.text)
    if clause.listed or clause.label in _VALUED | {_F.CONTACTS}:
        return bool(found) or any(letter.isdigit() for letter in clause.text)
    return len(found) > 1 or (bool(found) and clause.label is not None and not re.search(r"\d", clause.text))


def _still_open(clause: Clause) -> Iterator[FieldName]:
    """Yield the deadline that a refusal of late papers tells: "after 15 August no paper is taken"."""
    if clause.label is _F.DEADLINE and deadlines(clause):
        yield _F.DEADLINE


def _labelled(clause: Clause) -> Iterator[FieldName]:
    """Yield the field of the label where the clause can fill it, and what its words say besides."""
    label, told = clause.label, set(_told(clause))
    if label in (_F.VALID_FROM, _F.VALID_UNTIL):
        yield from _period(clause)
    elif label in _VALUED:
        if _values(label, clause):
            yield label
            yield from told - {_F.ELIGIBILITY, _F.PAPERS}
        else:
            yield from told
    elif label is _F.PAPERS:
        asked = clause.listed or words.PAPER.search(clause.small) or not told
        yield from (told - {_F.AMOUNT} if not clause.listed else ())
        yield from (_F.PAPERS,) if asked else ()
    elif label is _F.WHERE and _F.HOW in told and not words.WHERE.search(clause.small):
        yield _F.HOW
    else:
        yield label
        yield from told & _VALUED - ({_F.DEADLINE} if label is _F.HOW else set())


def _period(clause: Clause) -> Iterator[FieldName]:
    """Yield the ends of a period that a clause under such a label gives; one date alone is what the label says."""
    found = [name for name, values in ((_F.VALID_FROM, starts(clause)), (_F.VALID_UNTIL, ends(clause))) if values]
    yield from found or _told(clause)


def _values(label: FieldName, clause: Clause) -> tuple[object, ...]:
    return {_F.AMOUNT: amounts, _F.DEADLINE: deadlines}[label](clause)


def _told(clause: Clause) -> Iterator[FieldName]:
    """Yield the fields that the clause's own words speak of."""
    small = clause.small
    if _is_basis(clause):
        yield _F.LEGAL_BASIS
        return
    if words.CONTACT.search(small) and _has_contact(clause):
        yield _F.CONTACTS
        return
    if amounts(clause):
        yield _F.AMOUNT
    if starts(clause):
        yield _F.VALID_FROM
    if ends(clause):
        yield _F.VALID_UNTIL
    if deadlines(clause):
        yield _F.DEADLINE
    if words.PAPERS.search(small) and words.PAPER.search(small):
        yield _F.PAPERS
    if words.WHERE.search(small):
        yield _F.WHERE
    if words.HOW.search(small):
        yield _F.HOW
    if _entitles(clause):
        yield _F.ELIGIBILITY


def _is_basis(clause: Clause) -> bool:
    """Return whether a clause names an act as what the benefit rests on."""
    named = [one for one in references(clause.text) if one.act.number or one.act.type]
    return bool(named) and bool(words.BASIS.search(clause.small))


def _has_contact(clause: Clause) -> bool:
    return any(one.kind is Kind.PHONE for one in figures(clause.text)) or bool(words.MAIL.search(clause.text))


def _entitles(clause: Clause) -> bool:
    return bool(words.ENTITLED.search(clause.small) and words.PEOPLE.search(clause.small)) \
        and not words.WHERE.search(clause.small) and not amounts(clause)
