"""The tables of reviews: what is written to them and read back.  No rule and no transaction is here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from assistant.notices.card import Card, CardStatus, FieldName
from assistant.review.card_record import card_from_json, card_to_json
from assistant.review.records import Approval, Change, Doubt, Review, ReviewError, Standing, Summary
from corpora.draft import Entry
from corpora.extract.blocks import WordBox
from corpora.records import Document, Passage
from sync.rollout import TIME, read_time

TABLES = (
    """CREATE TABLE IF NOT EXISTS readings (
        number INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL, sha256 TEXT NOT NULL, entry TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS reviews (
        number INTEGER PRIMARY KEY AUTOINCREMENT, reading INTEGER NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL,
        card TEXT NOT NULL, standing TEXT NOT NULL, begun TEXT NOT NULL, begun_by TEXT NOT NULL,
        question TEXT NOT NULL DEFAULT '', acknowledged TEXT NOT NULL DEFAULT '', approved_by TEXT,
        approved_name TEXT, approved TEXT, dropped TEXT NOT NULL DEFAULT '', exported TEXT)""",
    """CREATE TABLE IF NOT EXISTS review_seen (
        review INTEGER NOT NULL, quote INTEGER NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (review, quote))""",
    """CREATE TABLE IF NOT EXISTS review_changes (
        number INTEGER PRIMARY KEY AUTOINCREMENT, review INTEGER NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
        field TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL)""")
_SUMMARY = """SELECT reviews.number, readings.file, title, status, standing, begun, begun_by, question, approved_by,
    approved_name, approved, exported FROM reviews JOIN readings ON readings.number = reading"""
# The largest number that SQLite takes; no card has it.
_LARGEST = 2 ** 63 - 1
_CHANGES = "SELECT review, at, who, field, before, after, reason FROM review_changes"


class Rows:
    """The rows of reviews in the database that the connection opens."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, read: Entry, cards: Sequence[Card], digest: str, who: str, at: datetime) -> tuple[int, ...]:
        """Add a reading and its cards, and return their numbers."""
        reading = self._insert("readings (file, sha256, entry)", (read.document.file, digest, _entry_text(read)))
        columns = "reviews (reading, title, status, card, standing, begun, begun_by)"
        return tuple(self._insert(columns, (reading, card.title, card.status.value, _text(card_to_json(card)),
                                            Standing.OPEN.value, _time(at), who)) for card in cards)

    def open_of(self, digest: str) -> tuple[int, ...]:
        """Return the numbers of the open cards of a file."""
        found = self._connection.execute("""SELECT reviews.number FROM reviews JOIN readings
            ON readings.number = reading WHERE sha256 = ? AND standing = ? ORDER BY reviews.number""",
                                         (digest, Standing.OPEN.value))
        return tuple(number for (number,) in found)

    def all(self, standing: Standing | None) -> tuple[Summary, ...]:
        """Return what a list shows, the newest first."""
        order = f"{_SUMMARY} WHERE ? IS NULL OR standing = ? ORDER BY reviews.number DESC"
        wanted = standing.value if standing else None
        return tuple(_summary(*row) for row in self._connection.execute(order, (wanted, wanted)))

    def get(self, number: int) -> Review:
        """Return a review.

        Raises:
            ReviewError: there is none of this number.
        """
        asked = min(number, _LARGEST)
        row = self._connection.execute(f"{_SUMMARY} WHERE reviews.number = ?", (asked,)).fetchone()
        if row is None:
            raise ReviewError(f"there is no card {number}", "See all: rohnamo notes list.")
        short = _summary(*row)
        digest, entry, card, acknowledged, dropped = self._connection.execute(
            """SELECT sha256, entry, card, acknowledged, dropped FROM reviews JOIN readings
               ON readings.number = reading WHERE reviews.number = ?""", (number,)).fetchone()
        seen = self._connection.execute("SELECT quote FROM review_seen WHERE review = ?", (number,))
        changes = self._connection.execute(f"{_CHANGES} WHERE review = ? ORDER BY number", (number,))
        return Review(number, short.file, digest, card_from_json(json.loads(card)), _entry(json.loads(entry)),
                      short.standing, short.begun, short.begun_by, frozenset(quote for (quote,) in seen),
                      frozenset(Doubt(one) for one in acknowledged.split()), short.question, short.approval,
                      tuple(_change(*row[1:]) for row in changes), dropped)

    def see(self, number: int, quote: int, who: str, at: datetime) -> None:
        """Keep who opened a quote first."""
        self._connection.execute("INSERT OR IGNORE INTO review_seen VALUES (?, ?, ?, ?)",
                                 (number, quote, who, _time(at)))

    def acknowledge(self, number: int, doubts: Iterable[Doubt]) -> None:
        """Keep what was seen."""
        self._set(number, "acknowledged = ?", " ".join(sorted(doubts)))

    def ask(self, number: int, question: str) -> None:
        """Keep the question."""
        self._set(number, "question = ?", question)

    def change(self, number: int, card: Card, change: Change) -> None:
        """Keep a card as it was corrected, and the correction."""
        self._set(number, "card = ?", _text(card_to_json(card)))
        self._insert("review_changes (review, at, who, field, before, after, reason)",
                     (number, _time(change.at), change.who, change.field.value, _text(list(change.before)),
                      _text(list(change.after)), change.reason))

    def approve(self, number: int, approval: Approval) -> None:
        """Keep an approval."""
        self._set(number, "standing = ?, approved_by = ?, approved_name = ?, approved = ?", Standing.APPROVED.value,
                  approval.by, approval.name, _time(approval.at))

    def drop(self, number: int, reason: str) -> None:
        """Keep that a card was put away."""
        self._set(number, "standing = ?, dropped = ?", Standing.DROPPED.value, reason)

    def export(self, number: int, at: datetime) -> None:
        """Keep when a note was written out."""
        self._set(number, "exported = ?", _time(at))

    def digest(self, number: int) -> str:
        """Return the SHA-256 of a card as it is kept and of its question, which nobody can change unseen later."""
        card, question = self._connection.execute("SELECT card, question FROM reviews WHERE number = ?",
                                                  (number,)).fetchone()
        return sha256(f"{card}\n{question}".encode()).hexdigest()

    def corrections(self) -> tuple[tuple[int, Change], ...]:
        """Return every correction with the number of its card, in order."""
        return tuple((row[0], _change(*row[1:])) for row in self._connection.execute(f"{_CHANGES} ORDER BY number"))

    def _insert(self, into: str, values: tuple[object, ...]) -> int:
        marks = ", ".join("?" * len(values))
        return self._connection.execute(f"INSERT INTO {into} VALUES ({marks})", values).lastrowid or 0

    def _set(self, number: int, what: str, *values: str) -> None:
        self._connection.execute(f"UPDATE reviews SET {what} WHERE number = ?", (*values, number))


def _summary(number: int, file: str, title: str, status: str, standing: str, *rest: str | None) -> Summary:
    begun, begun_by, question, by, name, approved, exported = rest
    approval = Approval(by, name or by, read_time(approved)) if by and approved else None
    return Summary(number, file, title, CardStatus(status), Standing(standing), read_time(begun), begun_by or "",
                   question or "", approval, read_time(exported) if exported else None)


def _change(at: str, who: str, field: str, before: str, after: str, reason: str) -> Change:
    return Change(read_time(at), who, FieldName(field), tuple(json.loads(before)), tuple(json.loads(after)), reason)


def _entry_text(read: Entry) -> str:
    return _text({"document": read.document.to_json(), "passages": [one.to_json() for one in read.passages],
                  "boxes": [box.to_json() for box in read.boxes]})


def _entry(plain: dict[str, Any]) -> Entry:
    return Entry(Document.from_json(plain["document"]), tuple(Passage.from_json(one) for one in plain["passages"]),
                 boxes=tuple(WordBox.from_json(one) for one in plain["boxes"]))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime(TIME)
