"""A card as lines of text for a person: in plain words of two languages, what it left over, its quotes by number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.notices.card import Card, CardStatus
from assistant.notices.plain import PlainText, Say, plain_text
from assistant.records import Citation
from assistant.texts import LANGUAGES, text
from corpora.suspicion import visible

_MOST_PARTS = 40
# Notes of the readers that a clerk has to know of.
_NOTES = (("empty_page", re.compile(r"page (\d+) has no text")),
          ("recognised", re.compile(r"page (\d+) was read by text recognition")))


def card_lines(card: Card, language: str, say: Say = plain_text) -> Iterator[str]:
    """Yield the lines of a card: plain words of the language asked for, then of Tajik or Russian."""
    yield visible(card.title)
    yield from (f"  {line}" for line in remarks(card, language))
    if card.status is CardStatus.ACT:
        yield from _parts(card, language)
        return
    for spoken in (language, *(other for other in LANGUAGES[:2] if other != language)):
        yield from _plain(say(card, spoken))
    yield from _left_over(card, language)
    yield from _sources(card, language)
    if card.status is CardStatus.NO_NOTICE:
        yield from _parts(card, language)


def remarks(card: Card, language: str) -> Iterator[str]:
    """Yield what a reader has to know of a card before its fields: what the text is, which pages are scans or empty."""
    if card.status is not CardStatus.NOTICE:
        yield text(language, "card", card.status)
    if card.of > 1:
        yield text(language, "card", "part_of", of=card.of, number=card.number)
    for note in card.document.notes:
        yield from (text(language, "card", key, page=match[1]) for key, finds in _NOTES if (match := finds.match(note)))


def _plain(said: PlainText) -> Iterator[str]:
    language = said.language
    yield ""
    yield text(language, "card", "plain")
    yield from [f"  {visible(said.remark)}"] if said.remark else []
    yield from (f"  {visible(sentence.marked)}" for sentence in said.sentences)
    if said.terms:
        yield text(language, "card", "terms")
        yield from (f"  {term}" for term in said.terms)
    yield f"  {text(language, 'card', 'reading', words=said.words, minutes=said.minutes, longest=said.longest)}"


def _left_over(card: Card, language: str) -> Iterator[str]:
    yield ""
    yield text(language, "card", "figures", in_notice=card.figures, in_card=card.figures - card.figures_left_over,
               left_over=card.figures_left_over)
    if card.left_over:
        yield text(language, "card", "left_over")
        yield from (f"  {quote_words(citation, card, language)}" for citation in card.left_over)


def _sources(card: Card, language: str) -> Iterator[str]:
    if card.citations:
        yield ""
        yield text(language, "card", "sources")
    yield from (f"  [{number}] {quote_words(citation, card, language)}"
                for number, citation in enumerate(card.citations, 1))


def quote_words(citation: Citation, card: Card, language: str) -> str:
    """Return a quote on one line, with its page where that is known, and its document where that is not the notice."""
    page, other = citation.passage.locator.page, citation.document.id != card.document.id
    places = [visible(citation.document.title)] if other else []
    places += [text(language, "card", "page", page=page)] if page else []
    where = f"{', '.join(places)}: " if places else ""
    return f"{where}«{visible(' '.join(citation.quote.split()))}»"


def _parts(card: Card, language: str) -> Iterator[str]:
    yield ""
    yield text(language, "card", "parts")
    for part in card.parts[:_MOST_PARTS]:
        page = f"  ({text(language, 'card', 'page', page=part.page)})" if part.page else ""
        yield f"  {visible(part.title)}{page}"
    if len(card.parts) > _MOST_PARTS:
        yield f"  {text(language, 'card', 'more_parts', count=len(card.parts) - _MOST_PARTS)}"
