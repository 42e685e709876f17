"""The pages of a clerk; all of them are behind the lock."""

from __future__ import annotations

from starlette.routing import Route

from assistant.web import card_deeds, card_page, cards_page

# The most bytes that may be sent to these addresses: notices are files.
LARGER = {cards_page.GIVE: cards_page.MOST_BYTES}


def routes() -> list[Route]:
    """Return the pages of a clerk."""
    return [*cards_page.routes(), *card_page.routes(), *card_deeds.routes()]
