"""Which fields of the card a clause fills: by its label first, then by its own words.

Rules over the words of `words`.  What denies or complains fills no other field; an act, a telephone or a list of papers
is told by what it is.  What a field's words are worth is told in `values`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.figures import Kind, figures
from assistant.notices import roles, words
from assistant.notices.card import FieldName
from assistant.notices.clause import Clause
from assistant.notices.values import READERS, is_handled
from corpora.fact_words import ADDRESS, CLOCK, OPEN
from corpora.references import references

_F = FieldName
# Under these labels a clause says nothing else.
_CLOSED = frozenset({_F.REFUSAL_AND_APPEAL, _F.LEGAL_BASIS, _F.CONTACTS})
_PERIOD = frozenset({_F.VALID_FROM, _F.VALID_UNTIL})
# What a sentence of "how to apply" may say more exactly than how.
_SPECIAL = frozenset({_F.PAPERS, _F.WHERE, _F.DEADLINE})
_LISTED_PAPERS = 2


def fields_of(clause: Clause) -> frozenset[FieldName]:
    """Return the fields a clause fills; a lead-in, a salutation or a mark "sample" fills none."""
    small = clause.small
    if words.ORIGIN.search(small):
        return frozenset()
    if clause.heading or words.SAMPLE.search(small) or not _says(clause):
        return frozenset()
    if small.rstrip().endswith(":"):
        return frozenset({_F.LEGAL_BASIS} if _is_basis(clause) else ())
    if clause.label in _CLOSED and (clause.label is not _F.CONTACTS or _reaches(clause)):
        return frozenset({clause.label})
    closed = words.CLOSED.search(small)
    if closed and READERS[_F.DEADLINE](clause):
        return frozenset({_F.DEADLINE})
    if closed or words.REFUSAL.search(small):
        return frozenset({_F.REFUSAL_AND_APPEAL})
    if words.ANNOUNCED.search(small) and not clause.listed and not figures(clause.text):
        return frozenset()
    return frozenset(_told(clause) if clause.label is _F.CONTACTS else _labelled(clause))


def names_group(clause: Clause) -> bool:
    """Return whether a clause speaks of a group of people: it tells who is entitled where nothing else does."""
    small = clause.small
    told = clause.heading or words.SAMPLE.search(small) or words.ANNOUNCED.search(small) or words.REFUSAL.search(small)
    return not told and _says(clause) and bool(words.GROUP.search(small)) and small.rstrip().endswith((".", ";"))


def _says(clause: Clause) -> bool:
    """Return whether a clause is more than a number or a lone word of a sentence; an item may be one word."""
    found = re.findall(r"[^\W\d]{2,}", clause.text)
    if clause.listed or clause.label in READERS or clause.label is _F.CONTACTS:
        return bool(found) or any(letter.isdigit() for letter in clause.text)
    alone = bool(found) and clause.label is not None and not re.search(r"\d", clause.text)
    return len(found) > 1 or alone or _is_contact(clause)


def _labelled(clause: Clause) -> Iterator[FieldName]:
    """Yield the field of the label where the clause can fill it, and what its words say besides, or alone."""
    label, told = clause.label, set(_told(clause))
    if label is None:
        yield from told
    elif label in _PERIOD:
        yield from [name for name in _PERIOD if READERS[name](clause)] or told
    elif label in READERS:
        yield from ({label} | told - {_F.ELIGIBILITY, _F.PAPERS} if READERS[label](clause) else told)
    elif label is _F.PAPERS:
        asked = clause.listed or words.PAPER.search(clause.small) or not told
        yield from (() if clause.listed else told - {_F.AMOUNT})
        yield from (_F.PAPERS,) if asked else ()
    elif label is _F.WHERE and _F.HOW in told and not words.WHERE.search(clause.small):
        yield _F.HOW
    elif label is _F.HOW and not clause.listed and told & _SPECIAL:
        yield from told
    else:
        yield from {label} | told & set(READERS)


def _told(clause: Clause) -> Iterator[FieldName]:
    """Yield the fields that the clause's own words speak of."""
    if _is_basis(clause):
        yield _F.LEGAL_BASIS
    elif _is_contact(clause):
        yield _F.CONTACTS
    else:
        told = [*(name for name, reads in READERS.items() if reads(clause)), *_worded(clause)]
        yield from told or _named(clause)


def _worded(clause: Clause) -> Iterator[FieldName]:
    small = clause.small
    papers = len(words.PAPER.findall(small))
    if papers >= _LISTED_PAPERS or (papers and words.ASKED.search(small)):
        yield _F.PAPERS
    handled = is_handled(clause)
    if not handled and (words.WHERE.search(small) or ADDRESS.search(small) or roles.takes(small)):
        yield _F.WHERE
    if handled or words.HOW.search(small):
        yield _F.HOW
    if _entitles(clause):
        yield _F.ELIGIBILITY


def _named(clause: Clause) -> Iterator[FieldName]:
    """Yield what a cell, or words behind a colon, are by what they name: an office, papers, people."""
    if clause.listed or ":" in clause.text:
        people = ((words.PEOPLE, _F.ELIGIBILITY),) if clause.listed else ()
        found = ((words.OFFICE, _F.WHERE), (words.PAPER, _F.PAPERS), *people)
        yield from [name for finds, name in found if finds.search(clause.small)][:1]


def _is_basis(clause: Clause) -> bool:
    """Return whether a clause names an act as what the benefit rests on."""
    named = [one for one in references(clause.text) if one.act.number or one.act.date]
    return bool(named) and bool(words.BASIS.search(clause.small) or not clause.text[:named[0].start].strip(" «(–-"))


def _is_contact(clause: Clause) -> bool:
    """Return whether a clause gives a telephone, an address of mail or a page, or the hours of an office."""
    dialled = any(one.kind is Kind.PHONE for one in figures(clause.text))
    return dialled or bool(words.MAIL.search(clause.text) or (OPEN.search(clause.small) and CLOCK.search(clause.small)))


def _reaches(clause: Clause) -> bool:
    """Return whether a clause under "contacts" is one: it has a number to dial or hours, and no sum or day."""
    counted = any(one.kind in (Kind.QUANTITY, Kind.DATE) for one in figures(clause.text))
    numbered = bool(re.search(r"\d", clause.text)) and not counted
    return numbered or _is_contact(clause) or bool(CLOCK.search(clause.small))


def _entitles(clause: Clause) -> bool:
    small = clause.small
    entitled = words.ENTITLED.search(small) and words.PEOPLE.search(small)
    said = entitled or words.WHO.search(small) or roles.gives(small)
    summed = READERS[_F.AMOUNT](clause) and not roles.awards(small)
    return bool(said) and not (words.WHERE.search(small) or summed or READERS[_F.DEADLINE](clause))
