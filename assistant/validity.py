"""Whether a document or a fact holds on a day, and the words that say so to a person.

In force, superseded, void and not yet in force come from the publisher; stale and expired are computed here.
No clock is read: the day is given.  Which question a text may answer is decided in `bearing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from assistant.texts import date_words, text
from corpora.records import Document, DocumentId, DocumentStatus, Fact, FactType

LAPSED = (DocumentStatus.SUPERSEDED, DocumentStatus.VOID)
_AMOUNTS = (FactType.FEE, FactType.BENEFIT, FactType.PENALTY)
_WHOLE_DATE = 10
# A sentence that says itself that a thing has ended misleads nobody, whenever it is read.
_SAYS_IT_ENDED = re.compile(r"гузашт|бе ?эътибор|бекор шуд|ба охир расид|иваз шуд|дигар амал намекун|"
                            r"ист[её]к|утратил|отмен[её]н|больше не действует", re.IGNORECASE)


def holds(document: Document, fact: Fact | None, day: date) -> bool:
    """Return whether what is said holds on a day, as far as is known.

    A superseded or void document holds on the days within a stated end only, of its own or of the fact; that an act
    was ended holds from the day after its end.
    """
    if fact and says_it_ended(fact):
        return not fact.valid_until or _after(fact.valid_until, day)
    if not _within(_first(document, fact), document.valid_until, day):
        return False
    if fact and not _within(fact.valid_from, fact.valid_until, day):
        return False
    if document.status == DocumentStatus.VOID:
        return bool(document.valid_until)
    if document.status == DocumentStatus.SUPERSEDED:
        return bool(document.valid_until or (fact and fact.valid_until))
    return document.status != DocumentStatus.NOT_YET_IN_FORCE or bool(_first(document, fact))


def says_it_ended(fact: Fact) -> bool:
    """Return whether a fact tells the end of something; its dates are then those of what ended."""
    told = fact.type in (FactType.VALIDITY, FactType.DEADLINE) and _SAYS_IT_ENDED.search(fact.quote)
    return fact.type == FactType.SUPERSEDES or bool(told)


def is_past(document: Document, fact: Fact | None, today: date) -> bool:
    """Return whether what is said is an earlier rule that holds no longer."""
    if document.status in LAPSED and not ends_later(document, today):
        return True
    ended = fact.valid_until if fact and not says_it_ended(fact) else None
    return any(until and _after(until, today) for until in (document.valid_until, ended))


def ends_later(document: Document, today: date) -> bool:
    """Return whether the end of a document is stated and still ahead."""
    return bool(document.valid_until) and not _after(str(document.valid_until), today)


def begins(document: Document, fact: Fact | None, today: date) -> str | None:
    """Return the day from which what is said will hold, None where it holds already or no day is known."""
    ahead = [first for first in (document.valid_from, fact.valid_from if fact else None)
             if first and today.isoformat()[:len(first)] < first]
    return max(ahead, default=None)


def is_stale(document: Document, today: date) -> bool:
    """Return whether the review date of a document has passed."""
    return bool(document.review_by) and _after(str(document.review_by), today)


def with_end(document: Document, successor: Document | None) -> Document:
    """Return the document; a superseded one without an end ends on the day before its successor begins.

    Not where it says itself of something later.
    """
    begun = successor.valid_from if successor else None
    if document.status != DocumentStatus.SUPERSEDED or document.valid_until or not begun or len(begun) != _WHOLE_DATE:
        return document
    last = (date.fromisoformat(begun) - timedelta(days=1)).isoformat()
    known = [document.valid_from, *(fact.valid_until or fact.valid_from for fact in document.facts)]
    return document if any(day and day > last for day in known) else replace(document, valid_until=last)


def successor(document: Document, known: Mapping[DocumentId, Document]) -> Document | None:
    """Return the document that stands in the place of another today, the last of a line; None where none is known."""
    seen, place = {document.id}, document.superseded_by
    found = None
    while place and place in known and place not in seen:
        found = known[place]
        seen.add(place)
        place = found.superseded_by
    return found if found and found.status not in LAPSED else None


def warnings(documents: Iterable[Document], language: str, today: date) -> list[str]:
    """Return what a reader of these documents must know about their validity: a line each at most, the worst first."""
    found = [_worst(document, language, today) for document in {one.id: one for one in documents}.values()]
    return list(dict.fromkeys(line for _, line in sorted(filter(None, found), key=lambda one: one[0])))


def _worst(document: Document, language: str, today: date) -> tuple[int, str] | None:
    """Return the gravest thing to say of a document, with its rank (0 the gravest)."""
    for rank, (key, applies, iso) in enumerate(_cautions(document, today)):
        if applies:
            date_said = date_words(iso or "", language)
            dated = key if iso else f"{key}_undated"
            return rank, text(language, "warning", dated, title=document.title, date=date_said)
    return None


def _cautions(document: Document, today: date) -> tuple[tuple[str, bool, str | None], ...]:
    """Return what may have to be said, the gravest first: its key, whether it applies, the date it speaks of."""
    status, over = document.status, is_past(document, None, today)
    return (("void", status == DocumentStatus.VOID and over, document.valid_until),
            ("superseded", status == DocumentStatus.SUPERSEDED and over, document.valid_until),
            ("expired", over, document.valid_until),
            ("begins", bool(begins(document, None, today)), begins(document, None, today)),
            ("begins", status == DocumentStatus.NOT_YET_IN_FORCE and not document.valid_from, None),
            ("ends", status in LAPSED, document.valid_until),
            ("unknown", status == DocumentStatus.UNKNOWN, document.as_of),
            ("stale", is_stale(document, today), document.as_of))


def _first(document: Document, fact: Fact | None) -> str | None:
    """Return from when a text can hold: its date, the day an act was adopted, the year in which an amount was seen."""
    if first := document.valid_from or (fact.valid_from if fact else None):
        return first
    if document.kind == "act" and document.act and document.act.date:
        return document.act.date
    until = document.valid_until or (fact.valid_until if fact else None)
    seen = fact and fact.type in _AMOUNTS and not until and document.status not in LAPSED
    return document.as_of[:4] if seen and document.as_of else None


def _within(first: str | None, last: str | None, day: date) -> bool:
    """Compare ISO dates, which may be cut short to a month or a year, with a day."""
    return (not first or day.isoformat()[:len(first)] >= first) and (not last or not _after(last, day))


def _after(last: str, day: date) -> bool:
    """Return whether a day comes after a date, one cut short being over with its last day."""
    return day.isoformat()[:len(last)] > last
