"""The object of `notes show --json`: the card of docs/formats.md, and under `review` what people did to it."""

from __future__ import annotations

from typing import Any

from assistant.notices.object import card_object
from assistant.review.records import Review


def review_object(review: Review) -> dict[str, Any]:
    """Return a review as plain JSON; a corrected field has who corrected it, on which day, and why."""
    return card_object(review.card) | {"review": review.to_json()}
