"""What a document, a passage and a fact are.

Records only: frozen, typed, turned to and from plain JSON here and nowhere else.  Nothing in this
file reads a file, cleans text or decides anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

DocumentId = NewType("DocumentId", str)
PassageId = NewType("PassageId", str)


class DocumentStatus(StrEnum):
    """Whether a document holds, as its publisher or its metadata says."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    VOID = "void"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    UNKNOWN = "unknown"


class FactType(StrEnum):
    """The closed set of things a fact can state."""

    FEE = "fee"
    BENEFIT = "benefit"
    DEADLINE = "deadline"
    DURATION = "duration"
    AGE = "age"
    REQUIRED_PAPERS = "required_papers"
    OFFICE = "office"
    PHONE = "phone"
    HOURS = "hours"
    ELIGIBILITY = "eligibility"
    PROCEDURE = "procedure"
    VALIDITY = "validity"
    PENALTY = "penalty"
    LEGAL_BASIS = "legal_basis"
    DEFINITION = "definition"
    SUPERSEDES = "supersedes"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Act:
    """The legal act a document is or explains.  `date` is ISO, or empty where it is not known."""

    type: str
    number: str = ""
    date: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the plain object of the contracts."""
        return {"type": self.type, "number": self.number, "date": self.date}

    @classmethod
    def from_json(cls, value: dict[str, Any] | None) -> Act | None:
        """Return the act, or None where there is none."""
        return cls(str(value["type"]), str(value.get("number", "")), str(value.get("date", ""))) if value else None


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a passage stands in its document; None where that kind of place does not exist."""

    page: int | None = None            # of the file, from 1
    printed_page: str | None = None    # as printed on the page
    article: str | None = None         # e.g. "модда 14, қисми 2"
    heading: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the plain object of the contracts."""
        return {"page": self.page, "printed_page": self.printed_page, "article": self.article,
                "heading": self.heading}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Locator:
        """Return the locator written by `to_json`."""
        return cls(value["page"], value["printed_page"], value["article"], value["heading"])


@dataclass(frozen=True, slots=True)
class Fact:
    """One typed statement, given in a document's metadata or read by rules, with the sentence it was read from.

    `quote` stands verbatim in the document's text; a fact whose quote does not is refused at ingest.
    """

    id: str
    type: FactType
    quote: str
    value: str = ""
    unit: str = ""
    audience: str = ""
    valid_from: str | None = None
    valid_until: str | None = None
    status: DocumentStatus = DocumentStatus.UNKNOWN
    confidence: str = ""               # A official text, B reputable secondary, C weak or single
    origin: str = "given"              # given by a person in the metadata, or read from the text

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Fact:
        """Return the fact written by `to_json`."""
        return cls(**{**value, "type": FactType(value["type"]), "status": DocumentStatus(value["status"])})


@dataclass(frozen=True, slots=True)
class Document:
    """One published text with its provenance and validity.  Dates are ISO strings."""

    id: DocumentId
    title: str
    language: str                      # tg | ru | en | unknown
    file: str                          # name of the ingested file
    sha256: str                        # of the ingested file's bytes
    media_type: str
    extractor: str                     # name and version; offsets depend on it
    publisher: str = ""
    kind: str = ""
    service: str = ""
    source_url: str = ""
    act: Act | None = None
    status: DocumentStatus = DocumentStatus.UNKNOWN
    valid_from: str | None = None
    valid_until: str | None = None
    as_of: str | None = None
    review_by: str | None = None
    confidence: str = ""
    superseded_by: DocumentId | None = None
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()        # what extraction repaired or refused, for the admin

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"act": self.act.to_json() if self.act else None,
                        "facts": [fact.to_json() for fact in self.facts], "notes": list(self.notes)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Document:
        """Return the document written by `to_json`."""
        return cls(**(value | {"act": Act.from_json(value["act"]), "status": DocumentStatus(value["status"]),
                               "facts": tuple(Fact.from_json(fact) for fact in value["facts"]),
                               "notes": tuple(value["notes"])}))


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is retrieved and cited: `text` is exactly `document text[start:end]`."""

    id: PassageId
    document: DocumentId
    text: str
    start: int                         # Unicode code points in the document's text
    end: int                           # exclusive
    locator: Locator = field(default_factory=Locator)

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"id": self.id, "document": self.document, "text": self.text, "start": self.start,
                "end": self.end, "locator": self.locator.to_json()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Passage:
        """Return the passage written by `to_json`."""
        return cls(**(value | {"locator": Locator.from_json(value["locator"])}))
