"""The pages of a clerk; all of them are behind the lock."""

from __future__ import annotations

from starlette.routing import Route

from assistant.web import acts_page, ask_page, card_deeds, card_page, cards_page, compare_page, search_page

# The most bytes that may be sent to these addresses: notices and editions are files.
LARGER = {cards_page.GIVE: cards_page.MOST_BYTES, compare_page.COMPARE: compare_page.MOST_BYTES}


def routes() -> list[Route]:
    """Return the pages of a clerk."""
    return [*cards_page.routes(), *card_page.routes(), *card_deeds.routes(), *compare_page.routes(),
            *ask_page.routes(), *search_page.routes(), *acts_page.routes()]
