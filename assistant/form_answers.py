"""What a person writes into a form, question by question: what each answer may be, and what is wrong with it.

Rules only.  Answers are text, as a page sends them: a tick is "yes".  Nothing is kept here, and nothing is drawn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from corpora.form_values import Value, checked
from corpora.forms import Fault, Field, FieldType, Form, FormError, FormRecord, Rule
from corpora.typeface import shipped

YES = "yes"
# No field of a form takes more; a single line is a line of paper.
LONGEST = 2000
_DATE_HINT = re.compile(r"\s*\((?:рӯз\.моҳ\.сол|дд\.мм\.гггг|рр\.мм\.сссс|dd\.mm\.yyyy)\)", re.IGNORECASE)


class Example(StrEnum):
    """What a person may be shown an example of, a closed set; the words are in the texts."""

    NAME = "example_name"
    PHONE = "example_phone"
    ADDRESS = "example_address"


_LIKE = {Example.PHONE: re.compile(r"^телефон|^phone", re.IGNORECASE),
         Example.NAME: re.compile(r"насаб, ном ва номи падар|фамилия, имя", re.IGNORECASE),
         Example.ADDRESS: re.compile(r"суроға|ҷойи (?:истиқомат|зист)|адрес|address", re.IGNORECASE)}


@dataclass(frozen=True, slots=True)
class Question:
    """A field as it is asked for; `number` counts from 1, `label` tells it apart from the others of its form."""

    number: int
    field: Field
    rule: Rule | None
    label: str
    example: Example | None = None

    @property
    def input(self) -> str:
        """Return the name it has in a page: no word of the form."""
        return f"q{self.number}"


def questions(record: FormRecord) -> tuple[Question, ...]:
    """Return what a form asks, in its order."""
    labels = [_DATE_HINT.sub("", field.label) for field, _ in record.fields]
    often = Counter(labels)
    told = [f"{label} ({field.name})" if often[label] > 1 else label
            for label, (field, _) in zip(labels, record.fields, strict=True)]
    return tuple(Question(number, field, rule, label, _example(field, label))
                 for number, ((field, rule), label) in enumerate(zip(record.fields, told, strict=True), 1))


def fault_of(question: Question, given: str) -> Fault | None:
    """Return what is wrong with an answer, None where nothing is."""
    field = question.field
    try:
        checked(Form((field,)), {field.name: _value(field, given)}, shipped())
    except FormError as error:
        return error.fault
    return None


def tidy(question: Question, given: str) -> str:
    """Return an answer as it is kept: ends of lines as ours, a single line without spaces around it."""
    text = given[:LONGEST].replace("\r\n", "\n")
    return text if question.field.multiline else " ".join(text.split())


def values_of(record: FormRecord, answers: Mapping[str, str]) -> dict[str, Value]:
    """Return the answers as a form is filled with them; what was left empty is left out."""
    return {field.name: _value(field, given) for field, _ in record.fields if (given := answers.get(field.name))}


def lacking(record: FormRecord, answers: Mapping[str, str]) -> int:
    """Return how many required answers are not given."""
    return sum(1 for field, _ in record.fields if field.required and not answers.get(field.name))


def _value(field: Field, given: str) -> Value:
    return given == YES if field.type is FieldType.CHECKBOX else given


def _example(field: Field, label: str) -> Example | None:
    if field.type is not FieldType.TEXT:
        return None
    return next((example for example, pattern in _LIKE.items() if pattern.search(label)), None)
