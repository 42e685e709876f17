"""Editions of one act in a line, and which documents held on a day.

Rules over what documents say of themselves (`validity`): that one took another's place is what its publisher or its
text said.  Where nothing is known of a day, that is said, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assistant.validity import holds
from corpora.records import Document, DocumentId, DocumentStatus


class Standing(StrEnum):
    """Whether a document was in force on a day, as far as is known."""

    HELD = "held"
    UNKNOWN = "unknown"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Bar:
    """Where an edition holds on a line of time that `begins` and `ends` on two days (ISO), in shares of its width."""

    document: Document
    start: float
    end: float
    begins: str
    ends: str


def standing_on(document: Document, day: date) -> Standing:
    """Return whether a document held on a day; of a day before anything is known of it, nothing is."""
    if not holds(document, None, day):
        return Standing.NOT
    first = document.valid_from or _adopted(document) or document.as_of
    known = bool(first) and day.isoformat()[:len(str(first))] >= str(first)
    return Standing.HELD if known and document.status is not DocumentStatus.UNKNOWN else Standing.UNKNOWN


def standings(documents: Iterable[Document], day: date, service: str = "") -> dict[Standing, list[Document]]:
    """Return the documents of a service, all where none is named, by whether they held on a day, in their order."""
    found: dict[Standing, list[Document]] = {one: [] for one in Standing}
    for document in documents:
        if not service or document.service == service:
            found[standing_on(document, day)].append(document)
    return found


def history(document: Document, known: Mapping[DocumentId, Document]) -> tuple[Document, ...]:
    """Return the editions of the act of a document, the first before those that took its place; each once."""
    line, seen = [document], {document.id}
    before = {one.superseded_by: one for one in known.values() if one.superseded_by}
    while (earlier := before.get(line[0].id)) and earlier.id not in seen:
        line.insert(0, earlier)
        seen.add(earlier.id)
    while (place := line[-1].superseded_by) and place in known and place not in seen:
        line.append(known[place])
        seen.add(place)
    return tuple(line)


def bars(editions: Iterable[Document], today: date) -> tuple[Bar, ...]:
    """Return the editions of which a first day is known, on one line of time from the first of them to today."""
    dated = [(one, _day(first), _day(one.valid_until) if one.valid_until else None) for one in editions
             if (first := one.valid_from or _adopted(one))]
    if not dated:
        return ()
    ends = [end or today for _, _, end in dated]
    begin, last = min(first for _, first, _ in dated), max(today, *ends)
    whole = max((last - begin).days, 1)
    return tuple(Bar(one, min((first - begin).days / whole, 1.0), max((end - begin).days / whole, 0.0),
                     begin.isoformat(), last.isoformat()) for (one, first, _), end in zip(dated, ends, strict=True))


def _adopted(document: Document) -> str:
    return document.act.date if document.kind == "act" and document.act else ""


def _day(iso: str) -> date:
    """Return the day of an ISO date; the first of a month or year where it is cut short."""
    return date.fromisoformat((iso + "-01-01")[:10])
