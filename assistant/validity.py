"""Whether a document or a fact holds on a day, and the words that say so to a person.

In force, superseded, void and not yet in force come from the publisher; stale and expired are computed
here.  No clock is read: the day is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from assistant.texts import date_words, text
from corpora.records import Document, DocumentStatus, Fact

_LAPSED = (DocumentStatus.SUPERSEDED, DocumentStatus.VOID)


def holds(document: Document, fact: Fact | None, day: date) -> bool:
    """Return whether what is said holds on a day, as far as is known.

    A superseded or void document holds on the days within its stated validity only.
    """
    if not _within(document.valid_from, document.valid_until, day):
        return False
    if fact and not _within(fact.valid_from, fact.valid_until, day):
        return False
    if document.status in _LAPSED:
        return bool(document.valid_until)
    return document.status != DocumentStatus.NOT_YET_IN_FORCE or bool(document.valid_from)


def _within(first: str | None, last: str | None, day: date) -> bool:
    """Compare ISO dates, which may be cut short to a month or a year, with a day."""
    iso = day.isoformat()
    return (not first or iso[:len(first)] >= first) and (not last or iso[:len(last)] <= last)


def is_stale(document: Document, today: date) -> bool:
    """Return whether the review date of a document has passed."""
    return bool(document.review_by) and str(document.review_by) < today.isoformat()


def warnings(documents: Iterable[Document], language: str, today: date) -> list[str]:
    """Return what a reader of these documents must know about their validity, each sentence once."""
    found = [line for document in documents for line in _of(document, language, today)]
    return list(dict.fromkeys(found))


def _of(document: Document, language: str, today: date) -> list[str]:
    title, lines = document.title, []
    if document.status in _LAPSED:
        status = text(language, "document_status", document.status)
        lines.append(text(language, "warning", "not_in_force", title=title, status=status))
    elif document.status == DocumentStatus.NOT_YET_IN_FORCE:
        lines.append(text(language, "warning", "not_yet", title=title))
    elif document.status == DocumentStatus.UNKNOWN:
        lines.append(text(language, "warning", "unknown", title=title))
    if document.valid_until and document.valid_until < today.isoformat() and document.status not in _LAPSED:
        lines.append(text(language, "warning", "expired", title=title,
                          date=date_words(document.valid_until, language)))
    elif is_stale(document, today) and document.status not in _LAPSED:
        lines.append(text(language, "warning", "stale", title=title,
                          as_of=date_words(document.as_of or "", language)))
    return lines
