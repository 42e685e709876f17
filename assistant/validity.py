"""Whether a document or a fact holds on a day, and the words that say so to a person.

In force, superseded, void and not yet in force come from the publisher; stale and expired are computed here.
No clock is read: the day is given.  Which question a text may answer is decided in `bearing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.texts import date_words, text
from corpora.records import Document, DocumentId, DocumentStatus, Fact, FactType

LAPSED = (DocumentStatus.SUPERSEDED, DocumentStatus.VOID)
_AMOUNTS = (FactType.FEE, FactType.BENEFIT, FactType.PENALTY)
_WHOLE_DATE = 10
# The lines about validity under an answer; those of what does not hold are never left out.
_MOST_LINES = 2
_FRESH = timedelta(days=90)
_LIGHT = ("unknown", "stale")
_RANKS = ("void", "superseded", "ended", "expired", "partly_ended", "begins", "fact_begins", "ends", *_LIGHT)
# A sentence that says itself that a thing has ended misleads nobody, whenever it is read.
_SAYS_IT_ENDED = re.compile(r"(?<!ме)гузашт|бе ?эътибор|бекор шуд|ба охир расид|иваз шуд|дигар амал намекун|"
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


def stands(document: Document, fact: Fact | None, day: date) -> bool:
    """Return whether a fact is an amount without an end of its own, in a document that has expired but that nothing
    is known to have replaced.
    """
    if not fact or fact.type not in _AMOUNTS or fact.valid_until:
        return False
    return bool(document.valid_until) and holds(replace(document, valid_until=None), fact, day)


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


def successor(document: Document, known: Mapping[DocumentId, Document]) -> Document | None:
    """Return the document that stands in the place of another today, the last of a line; None where none is known."""
    seen, place = {document.id}, document.superseded_by
    found = None
    while place and place in known and place not in seen:
        found = known[place]
        seen.add(place)
        place = found.superseded_by
    return found if found and found.status not in LAPSED else None


def warnings(said: Iterable[tuple[Document, Fact | None]], language: str, today: date) -> list[str]:
    """Return what a reader of these texts must know about their validity, the worst first: a line a document at most.

    A fact's own dates go before those of its document.  That a source is old is told in the lines left of two.
    """
    facts: dict[DocumentId, tuple[Document, list[Fact | None]]] = {}
    for document, fact in said:
        facts.setdefault(document.id, (document, []))[1].append(fact)
    found = filter(None, (_worst(document, stated, today) for document, stated in facts.values()))
    grave, light = _parted(sorted(found, key=lambda one: _RANKS.index(one.key)))
    lines = dict.fromkeys(caution.words(language) for caution in grave)
    lines |= dict.fromkeys(caution.words(language) for caution in _merged(light))
    return list(lines)[:max(_MOST_LINES, len(grave))]


@dataclass(frozen=True, slots=True)
class _Caution:
    """One thing to say of documents: its key among the texts, the date it speaks of."""

    key: str
    iso: str | None
    titles: tuple[str, ...] = ()

    def words(self, language: str) -> str:
        """Return the line."""
        said = date_words(self.iso or "", language)
        return text(language, "warning", self.key if self.iso else f"{self.key}_undated", date=said,
                    title=text(language, "warning", "between_titles").join(self.titles))


def _worst(document: Document, facts: Sequence[Fact | None], today: date) -> _Caution | None:
    """Return the gravest thing to say of what a document states, None where it holds and is fresh."""
    for key, applies, iso in _cautions(document, facts, today):
        if applies:
            return _Caution(key, iso, (document.title,))
    return None


def _cautions(document: Document, facts: Sequence[Fact | None],
              today: date) -> Iterator[tuple[str, bool, str | None]]:
    """Yield what may have to be said, the gravest first: its key, whether it applies, the date it speaks of."""
    status, over = document.status, is_past(document, None, today)
    ends = {fact.valid_until if fact and is_past(document, fact, today) else None for fact in facts}
    known = {end for end in ends if end}
    begun = max(filter(None, (begins(document, fact, today) for fact in facts)), default=None)
    of_table = status == DocumentStatus.SUPERSEDED and any(fact and fact.valid_from for fact in facts)
    yield "void", status == DocumentStatus.VOID and over, document.valid_until
    yield "ended", bool(known) and None not in ends, next(iter(known), None) if len(known) == 1 else None
    yield "superseded", status == DocumentStatus.SUPERSEDED and over, None if of_table else document.valid_until
    yield "expired", over, document.valid_until
    yield "partly_ended", bool(known), max(known, default=None)
    yield "begins", bool(begins(document, None, today)), begun
    yield "fact_begins", bool(begun), begun
    yield "begins", status == DocumentStatus.NOT_YET_IN_FORCE and not document.valid_from, None
    yield "ends", status in LAPSED, document.valid_until
    yield "unknown", status == DocumentStatus.UNKNOWN, None if _is_fresh(document, today) else document.as_of
    yield "stale", is_stale(document, today), document.as_of


def _is_fresh(document: Document, today: date) -> bool:
    """Return whether a document was seen so lately that its date says nothing against it."""
    seen = document.as_of if document.as_of and len(document.as_of) == _WHOLE_DATE else None
    return bool(seen) and today - date.fromisoformat(str(seen)) <= _FRESH


def _parted(cautions: Sequence[_Caution]) -> tuple[list[_Caution], list[_Caution]]:
    """Return the cautions of what does not hold, and those of what may be old."""
    light = [one for one in cautions if one.key in _LIGHT]
    return [one for one in cautions if one.key not in _LIGHT], light


def _merged(cautions: Iterable[_Caution]) -> Iterator[_Caution]:
    """Yield the cautions with one of each key: all its titles, the earliest date."""
    by_key: dict[str, list[_Caution]] = {}
    for one in cautions:
        by_key.setdefault(one.key, []).append(one)
    for key, same in by_key.items():
        dates = [one.iso for one in same if one.iso]
        yield _Caution(key, min(dates, default=None), tuple(dict.fromkeys(one.titles[0] for one in same)))


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
