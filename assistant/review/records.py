"""What a review is: a card, the notice it was read from, and what people did to it.

Records only.  What may be done is told in `rules`, where it is kept in `reviews`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assistant.errors import AssistantError
from assistant.notices.card import Card, CardStatus, FieldName
from corpora.draft import Entry
from sync.rollout import TIME


class ReviewError(AssistantError):
    """A review is not there, or this cannot be done to it; nothing was changed."""

    code = "review"


class Standing(StrEnum):
    """What became of a card, a closed set."""

    OPEN = "open"
    APPROVED = "approved"
    DROPPED = "dropped"


class Doubt(StrEnum):
    """What somebody has to say that they saw before a card is approved."""

    LEFT_OVER = "left_over"            # sentences with figures that no field took
    PERSONAL = "personal"              # the notice seems to name a person


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved: `by` is the name of an account, `name` how that person is called in the note."""

    by: str
    name: str
    at: datetime

    def to_json(self) -> dict[str, str]:
        """Return a plain object."""
        return {"by": self.by, "name": self.name, "at": self.at.strftime(TIME)}


@dataclass(frozen=True, slots=True)
class Change:
    """A correction: what a field said before and after it, and why.  Without a reason an earlier one was undone."""

    at: datetime
    who: str
    field: FieldName
    before: tuple[str, ...]
    after: tuple[str, ...]
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"at": self.at.strftime(TIME), "who": self.who, "field": self.field, "before": list(self.before),
                "after": list(self.after), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of a review.  `exported`: when it was last written out for the next release."""

    number: int
    file: str
    title: str
    status: CardStatus
    standing: Standing
    begun: datetime
    begun_by: str
    question: str = ""
    approval: Approval | None = None
    exported: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"number": self.number, "file": self.file, "title": self.title, "status": self.status,
                "standing": self.standing, "begun": self.begun.strftime(TIME), "begun_by": self.begun_by,
                "question": self.question, "approval": self.approval.to_json() if self.approval else None,
                "exported": self.exported.strftime(TIME) if self.exported else None}


@dataclass(frozen=True, slots=True)
class Review:
    """A card with its corrections, and all that was done to it.

    read: the notice as it was read, with its passages, boxes and file.  seen: the numbers, from 1, of those of
    `card.citations` that were opened.  question: what a citizen asks that the card answers.  changes: in order.
    """

    number: int
    file: str
    sha256: str
    card: Card
    read: Entry
    standing: Standing
    begun: datetime
    begun_by: str
    seen: frozenset[int] = frozenset()
    acknowledged: frozenset[Doubt] = frozenset()
    question: str = ""
    approval: Approval | None = None
    changes: tuple[Change, ...] = ()
    dropped: str = ""                  # why

    @property
    def last_editor(self) -> str:
        """Who corrected it last; who began it where nobody did."""
        return self.changes[-1].who if self.changes else self.begun_by

    def to_json(self) -> dict[str, Any]:
        """Return what was done, without the card."""
        return {"number": self.number, "standing": self.standing, "begun": self.begun.strftime(TIME),
                "begun_by": self.begun_by, "question": self.question, "seen": sorted(self.seen),
                "acknowledged": sorted(self.acknowledged), "dropped": self.dropped,
                "approval": self.approval.to_json() if self.approval else None,
                "changes": [change.to_json() for change in self.changes]}
