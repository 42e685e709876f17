"""The card of a benefit notice: eleven fields, each with the quotes it stands on, and what no field took.

Records only.  A value cannot be found without a quote, and a quote is a stretch of the notice by construction.  Which
words belong to which field is told in `placement`, what they are worth in `values`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from assistant.records import Citation, Computation
from corpora.records import Document


class FieldName(StrEnum):
    """The closed set of fields, in the order in which a card shows them."""

    ELIGIBILITY = "eligibility"
    AMOUNT = "amount"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"
    DEADLINE = "deadline"
    PAPERS = "papers"
    WHERE = "where"
    HOW = "how"
    REFUSAL_AND_APPEAL = "refusal_and_appeal"
    LEGAL_BASIS = "legal_basis"
    CONTACTS = "contacts"


class State(StrEnum):
    """How a field came to what it says."""

    FOUND = "found"
    NOT_STATED = "not_stated"
    CONFLICT = "conflict"
    EDITED = "edited"


class CardStatus(StrEnum):
    """What the text is that the card was made of."""

    NOTICE = "notice"
    NO_NOTICE = "no_notice"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing a field says: its value, the words it stands on, and a sum worked out from them.

    value: verbatim words, or as facts write values ("858 сомонӣ", "2026-03-31", "≤6 моҳ").
    basis: the words a computation stands on besides the citation.
    """

    value: str
    citation: Citation
    computation: Computation | None = None
    basis: Citation | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A person's correction: what the field is to say, who said so, on which day (ISO), and why."""

    values: tuple[str, ...]
    by: str
    day: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the plain object of the contracts."""
        return {"value": list(self.values), "by": self.by, "day": self.day, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the card with what the notice says for it, in the order of the notice."""

    name: FieldName
    entries: tuple[Entry, ...] = ()
    conflicting: bool = False
    edit: Edit | None = None

    @property
    def state(self) -> State:
        """How the field came to what it says."""
        if self.edit:
            return State.EDITED
        if not self.entries:
            return State.NOT_STATED
        return State.CONFLICT if self.conflicting else State.FOUND

    @property
    def values(self) -> tuple[str, ...]:
        """What the field says, each thing once."""
        return self.edit.values if self.edit else tuple(dict.fromkeys(entry.value for entry in self.entries))

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The words the field stands on, each stretch once; an edited field keeps those it was read from."""
        return tuple(dict.fromkeys(entry.citation for entry in self.entries))

    def edited(self, edit: Edit) -> Field:
        """Return the field as a person corrected it."""
        return replace(self, edit=edit)

    def to_json(self) -> dict[str, Any]:
        """Return the field of the contracts."""
        sums = [entry.computation.to_json() | {"citations": [one.to_json() for one in (entry.citation, entry.basis)
                                                             if one]}
                for entry in self.entries if entry.computation]
        return {"name": self.name, "state": self.state, "value": list(self.values),
                "citations": [citation.to_json() for citation in self.citations],
                **({"computations": sums} if sums else {}), **({"edit": self.edit.to_json()} if self.edit else {})}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text that could be read: its heading and its page."""

    title: str
    page: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"title": self.title, "page": self.page}


@dataclass(frozen=True, slots=True)
class Card:
    """What one notice says, field by field, and the sentences whose figures, offices or rights no field took.

    number, of: which notice of how many in the file.  figures: amounts, dates and telephones the notice has.
    """

    document: Document
    title: str
    status: CardStatus
    fields: tuple[Field, ...]
    left_over: tuple[Citation, ...] = ()
    figures: int = 0
    figures_left_over: int = 0
    number: int = 1
    of: int = 1
    parts: tuple[Part, ...] = field(default=())

    def field(self, name: FieldName) -> Field:
        """Return the field of a name."""
        return next(one for one in self.fields if one.name is name)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every quote of the card in the order of its fields, each once."""
        return tuple(dict.fromkeys(self._cited()))

    def _cited(self) -> Iterator[Citation]:
        for one in self.fields:
            for entry in one.entries:
                yield entry.citation
                if entry.basis:
                    yield entry.basis

    def edited(self, name: FieldName, edit: Edit) -> Card:
        """Return the card with one field as a person corrected it."""
        return replace(self, fields=tuple(one.edited(edit) if one.name is name else one for one in self.fields))

    def to_json(self) -> dict[str, Any]:
        """Return the card of the contracts."""
        return {"file": self.document.file, "sha256": self.document.sha256, "number": self.number, "of": self.of,
                "status": self.status, "title": self.title, "language": self.document.language,
                "fields": [one.to_json() for one in self.fields],
                "left_over": [citation.to_json() for citation in self.left_over],
                "figures": {"in_notice": self.figures, "in_card": self.figures - self.figures_left_over,
                            "left_over": self.figures_left_over},
                "parts": [part.to_json() for part in self.parts], "notes": list(self.document.notes)}
