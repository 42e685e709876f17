"""A source in words, for a screen, a paper and a terminal alike: its act, its place, its status, all in one phrase."""

from __future__ import annotations

from assistant.records import Citation
from assistant.texts import date_words, text
from corpora.records import Document


def source_words(citation: Citation, language: str) -> str:
    """Return a source in one phrase: title, act, place, status."""
    return f"«{citation.document.title}»; {standing_words(citation, language)}"


def standing_words(citation: Citation, language: str) -> str:
    """Return what a source is besides its title: act, place, status."""
    words = (act_words(citation.document, language), place_words(citation, language),
             text(language, "document_status", citation.document.status))
    return "; ".join(filter(None, words))


def act_words(document: Document, language: str) -> str:
    """Return the act that a document stands on: kind, day, number; empty where there is none."""
    if not (act := document.act):
        return ""
    day = text(language, "label", "act_date", date=date_words(act.date, language)) if act.date else ""
    number = f"№ {act.number}" if act.number else ""
    return ", ".join(filter(None, (" ".join(filter(None, (act.type, day))), number)))


def place_words(citation: Citation, language: str) -> str:
    """Return where in its document a passage stands: page, article, heading."""
    locator = citation.passage.locator
    page = text(language, "label", "page", page=locator.page) if locator.page else None
    return ", ".join(filter(None, (page, locator.article, f"«{locator.heading}»" if locator.heading else None)))
