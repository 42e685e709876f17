"""What a clerk works on: cards of notices that are looked through, corrected, and approved as notes.

Only a card that somebody checked becomes a note, a note is a document like any other, and what was approved stays as
it was approved.
"""

from assistant.review.records import Approval, Change, Doubt, Review, ReviewError, Standing, Summary
from assistant.review.rules import Lack

__all__ = ["Approval", "Change", "Doubt", "Lack", "Review", "ReviewError", "Standing", "Summary"]
