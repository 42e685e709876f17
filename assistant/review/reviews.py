"""The reviews in the database of the desks, and the files of notices beside it.

Each change stands together with its entry in the audit log or not at all.  A file lies in `desk/SHA256` of the data
directory, for its owner alone, before a row names it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from assistant.access.audit import AuditLog, Deed, read_entry
from assistant.notices.card import Card, Edit, FieldName
from assistant.personal import redacted
from assistant.review import rows
from assistant.review.records import Approval, Change, Doubt, Review, ReviewError, Standing, Summary
from assistant.review.rows import Rows
from assistant.review.rules import COUNTED, Missing, doubts, missing
from corpora.dates import read_dates
from corpora.draft import Entry
from sync.durable import write_whole
from sync.transaction import transaction

TABLES = rows.TABLES
FOLDER = "desk"
LONGEST_REASON, LONGEST_VALUE, MOST_VALUES, LONGEST_QUESTION, LONGEST_NAME = 1000, 1000, 20, 300, 100


@dataclass(frozen=True, slots=True)
class Begun:
    """The numbers of a file's cards; not `anew` where the same file is being worked on already."""

    numbers: tuple[int, ...]
    anew: bool


class Reviews:
    """The reviews in the database that the connection opens.  `two_people`: who worked on a card last approves not."""

    def __init__(self, connection: sqlite3.Connection, audit: AuditLog, folder: Path, *,
                 two_people: bool = False) -> None:
        self._connection, self._audit, self._folder = connection, audit, folder
        self._rows, self._two_people = Rows(connection), two_people

    def begin(self, read: Entry, cards: Sequence[Card], data: bytes, who: str, at: datetime) -> Begun:
        """Begin to work on the cards of a file, or go on with those of the same file that are open."""
        digest = sha256(data).hexdigest()
        if not (kept := self._folder / digest).is_file():
            write_whole(kept, data, mode=0o600)
        with transaction(self._connection):
            if known := self._rows.open_of(digest):
                return Begun(known, anew=False)
            numbers = self._rows.add(read, cards, digest, who, at)
            for number in numbers:
                self._audit.record(at, who, Deed.CARD_BEGUN, card=str(number), file=read.document.file, sha256=digest)
        return Begun(numbers, anew=True)

    def all(self, standing: Standing | None = None) -> tuple[Summary, ...]:
        """Return the reviews, the newest first; `standing`: only those."""
        return self._rows.all(standing)

    def get(self, number: int) -> Review:
        """Return a review; its `read.file` is where the notice lies.

        Raises:
            ReviewError: there is none of this number.
        """
        found = self._rows.get(number)
        path = self._folder / found.sha256
        return replace(found, read=replace(found.read, file=path if path.is_file() else None))

    def file(self, number: int) -> bytes:
        """Return the bytes of the notice.

        Raises:
            ReviewError: there is no such review, or its file is not as it was given.
        """
        review = self.get(number)
        data = review.read.file.read_bytes() if review.read.file else b""
        if sha256(data).hexdigest() != review.sha256:
            raise ReviewError(f"the file of card {number} is missing or was changed",
                              f"Restore {FOLDER}/{review.sha256} of the data directory from the last backup.")
        return data

    def missing(self, review: Review, who: str) -> tuple[Missing, ...]:
        """Return what is missing before `who` may approve."""
        return missing(review, who, two_people=self._two_people)

    def see(self, number: int, quote: int, who: str, at: datetime) -> None:
        """Note that a quote was opened; later than the approval nothing more is noted.

        Raises:
            ReviewError: the card has no such review or quote.
        """
        with transaction(self._connection):
            review = self.get(number)
            if not 1 <= quote <= len(review.card.citations):
                raise ReviewError(f"card {number} has no quote {quote}")
            if review.standing is Standing.OPEN:
                self._rows.see(number, quote, who, at)

    def acknowledge(self, number: int, doubt: Doubt, who: str, at: datetime) -> None:
        """Note that somebody saw what no field took, or that the notice seems to name a person.

        Raises:
            ReviewError: the card is not open, or gives no such cause.
        """
        with transaction(self._connection):
            review = self._open(number)
            if doubt not in doubts(review):
                raise ReviewError(f"card {number} has nothing of this kind to see")
            self._rows.acknowledge(number, review.acknowledged | {doubt})
            self._audit.record(at, who, Deed.CARD_ACKNOWLEDGED, card=str(number), what=doubt)

    def edit(self, number: int, field: FieldName, values: Sequence[str], reason: str, who: str, at: datetime) -> None:
        """Correct what a field says, with the reason; without values it says nothing.

        Raises:
            ReviewError: the card is not open, there is no reason, or too much is said.
        """
        said = tuple(_value(field, value) for one in values if (value := " ".join(one.split())))
        why = _short(reason, LONGEST_REASON, "reason")
        if not why:
            raise ReviewError("a correction needs its reason", "Say in a few words why the field was changed.")
        if len(said) > MOST_VALUES or any(len(one) > LONGEST_VALUE for one in said):
            raise ReviewError(f"a field holds at most {MOST_VALUES} values of {LONGEST_VALUE} letters each")
        with transaction(self._connection):
            card = self._open(number).card
            edited = card.edited(field, Edit(said, who, at.date().isoformat(), why))
            self._change(number, card, edited, Change(at, who, field, card.field(field).values, said, why))

    def undo(self, number: int, field: FieldName, who: str, at: datetime) -> None:
        """Let a field say again what was read; the correction stays in what was done.

        Raises:
            ReviewError: the card is not open, or the field was not corrected.
        """
        with transaction(self._connection):
            card = self._open(number).card
            if not card.field(field).edit:
                raise ReviewError(f"this field of card {number} was not corrected")
            fields = tuple(replace(one, edit=None) if one.name is field else one for one in card.fields)
            old = replace(card, fields=fields)
            self._change(number, card, old, Change(at, who, field, card.field(field).values, old.field(field).values))

    def ask(self, number: int, question: str, who: str, at: datetime) -> None:
        """Say what a citizen asks that the card answers.

        Raises:
            ReviewError: the card is not open, or the question is too long or carries personal data, which is not kept.
        """
        asked = _short(question, LONGEST_QUESTION, "question")
        if redacted(asked).kinds:
            raise ReviewError("the question carries personal data", "Ask as anybody would, without names and numbers.")
        with transaction(self._connection):
            if asked != self._open(number).question:
                self._rows.ask(number, asked)
                self._audit.record(at, who, Deed.CARD_ASKED, card=str(number), question=asked)

    def approve(self, number: int, who: str, at: datetime, *, name: str = "") -> Approval:
        """Approve a card: it is a note from now on and not changed any more.  `name`: how the note calls the person.

        Raises:
            ReviewError: the card is not open, or something is missing.
        """
        approval = Approval(who, _short(name, LONGEST_NAME, "name") or who, at)
        with transaction(self._connection):
            review = self._open(number)
            if lacks := self.missing(review, who):
                raise ReviewError(f"card {number} cannot be approved yet: " + ", ".join(
                    dict.fromkeys(one.lack for one in lacks)), "See what is missing on its page.")
            self._rows.approve(number, approval)
            self._audit.record(at, who, Deed.CARD_APPROVED, card=str(number), name=approval.name,
                               sha256=review.sha256, content=self._rows.digest(number),
                               quotes=",".join(map(str, sorted(review.seen))),
                               acknowledged=",".join(sorted(review.acknowledged)))
        return approval

    def drop(self, number: int, reason: str, who: str, at: datetime) -> None:
        """Put a card away, or take back an approval, with the reason.

        Raises:
            ReviewError: it is dropped already, or there is no reason.
        """
        why = _short(reason, LONGEST_REASON, "reason")
        if not why:
            raise ReviewError("say why the card is dropped")
        with transaction(self._connection):
            if self.get(number).standing is Standing.DROPPED:
                raise ReviewError(f"card {number} was dropped already")
            self._rows.drop(number, why)
            self._audit.record(at, who, Deed.CARD_DROPPED, card=str(number), reason=why)

    def note(self, number: int) -> Review:
        """Return an approved card that is what the audit log says was approved.

        Raises:
            ReviewError: it is not approved, or was changed since.
            BrokenAuditError: the audit log cannot be read.
        """
        review = self.get(number)
        if review.standing is not Standing.APPROVED or not review.approval:
            raise ReviewError(f"card {number} is not approved", "Approve it on its page first.")
        entries = (read_entry(body) for _, _, body in reversed(self._audit.rows()))
        sealed = next((one for one in entries if one.deed is Deed.CARD_APPROVED and one.detail["card"] == str(number)),
                      None)
        kept = (review.approval.by, review.approval.name, self._rows.digest(number))
        if not sealed or kept != (sealed.who, sealed.detail["name"], sealed.detail["content"]):
            raise ReviewError(f"card {number} is not what was approved", "See what the log says: rohnamo accounts log.")
        return review

    def exported(self, number: int, who: str, at: datetime) -> None:
        """Note that an approved card was written out for the next release.

        Raises:
            ReviewError: it is not approved.
        """
        with transaction(self._connection):
            if self.get(number).standing is not Standing.APPROVED:
                raise ReviewError(f"card {number} is not approved")
            self._rows.export(number, at)
            self._audit.record(at, who, Deed.NOTE_EXPORTED, card=str(number))

    def corrections(self) -> tuple[tuple[int, Change], ...]:
        """Return every correction with the number of its card, in the order in which they were made."""
        return self._rows.corrections()

    def _open(self, number: int) -> Review:
        review = self.get(number)
        if review.standing is not Standing.OPEN:
            raise ReviewError(f"card {number} is {review.standing} and not changed any more")
        return review

    def _change(self, number: int, before: Card, after: Card, change: Change) -> None:
        if before == after:
            return
        self._rows.change(number, after, change)
        self._audit.record(change.at, change.who, Deed.CARD_EDITED if change.reason else Deed.EDIT_UNDONE,
                           card=str(number), field=change.field, before="; ".join(change.before),
                           after="; ".join(change.after), reason=change.reason)


def _value(field: FieldName, value: str) -> str:
    """Return a value as cards write it: a day as ISO, whichever way it was typed."""
    days = read_dates(value) if field in COUNTED else ()
    return days[0].iso if len(days) == 1 and (days[0].start, days[0].end) == (0, len(value)) else value


def _short(text: str, most: int, what: str) -> str:
    short = " ".join(text.split())
    if len(short) > most:
        raise ReviewError(f"the {what} is longer than {most} letters", "Say it shorter.")
    return short
