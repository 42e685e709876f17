"""What a form asks for, and by which rule.

A PDF with fields is described field by field; a paper form becomes the list of what to write on it.  A field names
its rule by the id of a fact, and the rule is quoted from the documents.  A field of which no rule is known has none.
Nothing is filled in here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from corpora.acroform import COMB, MULTILINE, RADIO, REQUIRED, RULE, FieldType, Widget, open_pdf, reading, widgets
from corpora.errors import CorpusError
from corpora.records import Document, DocumentId, DocumentStatus, Passage

__all__ = ["Fault", "Field", "FieldType", "Form", "FormError", "FormRecord", "Rule", "checklist", "form_record",
           "read_form", "rules"]

_ITEM = re.compile(r"^\s*(?:[-–—•*▪□☐]|\d{1,2}[.)])\s+(.+)$")
_BLANK = re.compile(r"[\s:]*[_.…]{3,}.*$")
_LAPSED = (DocumentStatus.SUPERSEDED, DocumentStatus.VOID)


class Fault(StrEnum):
    """What is wrong with a value, a closed set: pages say each in the reader's language."""

    MISSING = "missing"
    TYPE = "type"
    OPTION = "option"
    DAY = "day"
    LINES = "lines"
    LETTERS = "letters"
    LONG = "long"
    ROOM = "room"


class FormError(CorpusError):
    """A form cannot be read, or not be filled with these values.

    `field` names the field, or is empty; `fault` says what is wrong with its value, None where it is not about one.
    """

    code = "form"
    next_step = "Run: rohnamo forms show ID, to see what the form asks for."

    def __init__(self, message: str, *, hint: str = "", field: str = "", fault: Fault | None = None) -> None:
        super().__init__(message, hint=hint)
        self.field, self.fault = field, fault


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a form asks for.

    `page` counts from 1; `rect` is left, bottom, right, top in points; `rule` is the id of a fact, or empty.  A field
    that stands in several places is described by its first.
    """

    name: str
    type: FieldType
    required: bool = False
    options: tuple[str, ...] = ()      # as people read them
    page: int = 1
    label: str = ""
    rect: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    rule: str = ""
    max_length: int | None = None      # letters
    multiline: bool = False
    comb: bool = False                 # one letter a box
    buttons: bool = False              # chosen or ticked; nothing is written


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a PDF that a person fills, in the order of its pages."""

    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Return the field of this name, or None."""
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True)
class Rule:
    """The sentence of a document that requires a field."""

    document_id: DocumentId
    quote: str

    def to_json(self) -> dict[str, str]:
        """Return the plain object of the contracts."""
        return {"document_id": self.document_id, "quote": self.quote}


@dataclass(frozen=True, slots=True)
class FormRecord:
    """A form of a corpus: its fields, each with the rule that requires it, or what to write on the paper."""

    id: DocumentId
    title: str
    fields: tuple[tuple[Field, Rule | None], ...] = ()
    checklist: tuple[str, ...] = ()

    @property
    def fillable(self) -> bool:
        """Return whether it can be filled on a machine."""
        return bool(self.fields)

    def to_json(self) -> dict[str, Any]:
        """Return the plain object of the contracts; a paper form also has its checklist."""
        fields = [{"name": field.name, "type": str(field.type), "required": field.required,
                   "options": list(field.options), "rule": rule.to_json() if rule else None}
                  for field, rule in self.fields]
        plain: dict[str, Any] = {"id": self.id, "title": self.title, "fillable": self.fillable, "fields": fields}
        return plain if self.fillable else plain | {"checklist": list(self.checklist)}


def read_form(data: bytes) -> Form | None:
    """Return the form a PDF is, or None where it is no PDF or has nothing to fill.

    Raises:
        EncryptedFileError: it needs a password.
        UnreadableFileError: it is damaged.
    """
    if data.lstrip()[:5] != b"%PDF-":
        return None
    reader = open_pdf(data)
    with reading("the form"):
        groups: dict[str, list[Widget]] = {}
        for widget in widgets(list(reader.pages)):
            if widget.is_open:
                groups.setdefault(widget.name, []).append(widget)
        fields = tuple(_field(group) for group in groups.values())
    return Form(fields) if fields else None


def _field(group: Sequence[Widget]) -> Field:
    widget = group[0]
    kind, options = FieldType.DATE if widget.is_date else FieldType.TEXT, tuple[str, ...]()
    if widget.kind == "/Ch":
        options = tuple(dict.fromkeys(shown for _, shown in choices(group)))
        kind = FieldType.CHOICE if options else FieldType.TEXT
    elif widget.kind == "/Btn":
        shown = tuple(dict.fromkeys(shown for _, shown in choices(group)))
        alone = len(shown) < 2 and not widget.flags & RADIO
        kind, options = (FieldType.CHECKBOX, ()) if alone else (FieldType.CHOICE, shown)
    most = widget.get("/MaxLen")
    return Field(widget.name, kind, bool(widget.flags & REQUIRED), options, widget.page,
                 widget.text("/TU") or widget.name, widget.rect, widget.text(RULE),
                 int(most) if most is not None else None,
                 bool(widget.flags & MULTILINE), bool(widget.flags & COMB) and most is not None,
                 buttons=widget.kind == "/Btn")


def choices(group: Sequence[Widget]) -> list[tuple[str, str]]:
    """Return what may be chosen as pairs of the value in the file and the words people read."""
    given = [option.get_object() for option in group[0].get("/Opt") or ()]
    pairs = [(str(option[0]), str(option[-1])) if isinstance(option, list) else (str(option), str(option))
             for option in given]
    if group[0].kind == "/Ch":
        return pairs
    states = [widget.on_state for widget in group if widget.on_state]
    return [(state, pairs[at][1] if at < len(pairs) else state[1:]) for at, state in enumerate(states)]


def rules(documents: Iterable[Document], language: str) -> dict[str, Rule]:
    """Return the rules by the ids of their facts: what lapsed is left out, and a form quotes others before itself."""
    found: dict[str, Rule] = {}
    of_forms: dict[str, Rule] = {}
    for document in documents:
        if document.language == language and document.status not in _LAPSED:
            for fact in document.facts:
                known = of_forms if document.kind == "form" else found
                if fact.status not in _LAPSED:
                    known.setdefault(fact.id, Rule(document.id, fact.quote))
    return of_forms | found


def form_record(document: Document, data: bytes, passages: Sequence[Passage], known: Mapping[str, Rule]) -> FormRecord:
    """Return the record of a form with the rule of each field.

    Raises:
        EncryptedFileError, UnreadableFileError: its file cannot be read.
    """
    record = FormRecord(document.id, document.title)
    if form := read_form(data):
        return replace(record, fields=tuple((field, known.get(field.rule)) for field in form.fields))
    return replace(record, checklist=tuple(checklist(document, passages)))


def checklist(document: Document, passages: Sequence[Passage]) -> list[str]:
    """Return what is to be written or brought for a paper form: its list lines, blanks cut off, in order.

    A line that stands under several headings names its heading.  A form without lists gives its headings, or its
    title, so that nobody gets an empty list.
    """
    items = [(passage.locator.heading or "", text) for passage in passages for text in _items(passage.text)]
    often = Counter(text for _, text in dict.fromkeys(items))
    named = [f"{heading}: {text}" if heading and often[text] > 1 else text for heading, text in items]
    headings = [passage.locator.heading for passage in passages if passage.locator.heading]
    return list(dict.fromkeys(named)) or list(dict.fromkeys(headings)) or [document.title]


def _items(text: str) -> list[str]:
    found = (_BLANK.sub("", match[1]).strip() for line in text.splitlines() if (match := _ITEM.match(line)))
    return [item for item in found if item]
