"""A quote of a card as a source that a page can show: its passage of the notice, with the quoted words marked."""

from __future__ import annotations

from assistant.cited import Cited
from assistant.records import Citation
from assistant.review import Review


def source_of(review: Review, quote: int | None) -> Cited | None:
    """Return a quote of a card as a source; the beginning of the notice where there is no such quote, unmarked."""
    citations = review.card.citations
    if quote is not None and quote <= len(citations):
        found = citations[quote - 1]
        if found.document.id != review.card.document.id:       # what a sum is worked out with
            return Cited(quote, found.passage, found.document, (found.span,), found)
        here = {passage.id: passage for passage in review.read.passages}
        passage = here.get(found.passage.id) or next((one for one in review.read.passages if one.start <=
                                                      found.passage.start < one.end), found.passage)
        start = found.passage.start - passage.start + found.span[0]
        span = (start, start + len(found.quote)) if passage is not found.passage else found.span
        return Cited(quote, passage, found.document, (span,), found)
    if not review.read.passages:
        return None
    first, document = review.read.passages[0], review.read.document
    return Cited(0, first, document, (), Citation(first, document, (0, len(first.text))))
