"""The object of `summarise --json`: a card, the quotes by number, and the card in plain words."""

from __future__ import annotations

from typing import Any

from assistant.notices.card import Card, CardStatus
from assistant.notices.plain import Say, plain_text

_SPOKEN = ("tg", "ru")


def card_object(card: Card, say: Say = plain_text) -> dict[str, Any]:
    """Return a card as plain JSON; the numbers in `plain` are places, from 1, in `sources`."""
    spoken = _SPOKEN if card.status is not CardStatus.ACT else ()
    return card.to_json() | {"sources": [citation.to_json() for citation in card.citations],
                             "plain": {language: say(card, language).to_json() for language in spoken}}
