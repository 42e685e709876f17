"""Which values a form takes, and how each is written.

Pure rules: the values of a person become what stands in the fields, or the first fault is named with its field and
the next step.  Whether a text fits its box is decided here too, by the font that draws it.  Nothing is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from corpora.forms import Fault, Field, FieldType, Form, FormError
from corpora.typeface import Typeface

Value = str | bool

# Sizes in points: the usual one, and the smallest that is still read on paper.
USUAL, SMALLEST, STEP = 11.0, 6.0, 0.5
PADDING = 2.0                          # points between the box and its text
LEADING = 1.25                         # line to line, in sizes
_EM = 1000
_SLACK = 1e-6                          # points, for the rounding of a division
_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})|(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Lines:
    """A text as it is drawn in a box: the size in points and the lines, first on top."""

    size: float
    lines: tuple[str, ...]


def checked(form: Form, values: Mapping[str, Value], typeface: Typeface) -> dict[str, Value]:
    """Return what is written into each field that gets a value: text in NFC, a day as 31.01.2026.

    Raises:
        FormError: a name is unknown, a value is missing, of the wrong type, not among the options, not to be drawn,
            or too long for its field.
    """
    names = [field.name for field in form.fields]
    for name in values:
        if name not in names:
            near = get_close_matches(name, names, 1, 0.0)[0]
            raise FormError(f"the form has no field {name!r}", hint=f"The nearest field is {near!r}.", field=name)
    return {field.name: ready for field in form.fields
            if (ready := _value(field, values.get(field.name), typeface)) is not None}


def _value(field: Field, given: object, typeface: Typeface) -> Value | None:
    """Return the value as it is written; None where there is none and none is required."""
    missing = given is None or given is False or (isinstance(given, str) and not given.strip())
    if missing and field.required:
        raise _fault(field, Fault.MISSING, "must be filled in",
                     "Tick it with true." if field.type == FieldType.CHECKBOX else "Give it a value.")
    if given is None:
        return None
    if field.type == FieldType.CHECKBOX:
        if not isinstance(given, bool):
            raise _fault(field, Fault.TYPE, f"is a box to tick, and {given!r} is text", "Write true or false.")
        return given
    if not isinstance(given, str):
        raise _fault(field, Fault.TYPE, f"takes text, not {given!r}", 'Write the value in quotes: "…".')
    text = unicodedata.normalize("NFC", given).strip()
    if not text:
        return ""
    match field.type:
        case FieldType.CHOICE:
            text = _option(field, text)
        case FieldType.DATE:
            text = _day(field, text)
    if not field.buttons:
        _drawable(field, text, typeface)
    return text


def _option(field: Field, text: str) -> str:
    for option in field.options:
        if unicodedata.normalize("NFC", option).casefold() == text.casefold():
            return option
    raise _fault(field, Fault.OPTION, f"has no option {text!r}", f"Choose one of: {'; '.join(field.options)}.")


def _day(field: Field, text: str) -> str:
    match = _DAY.fullmatch(text)
    if match:
        year, month, day = (int(part) for part in (match[3] or match[4], match[2] or match[5], match[1] or match[6]))
        try:
            date(year, month, day)
            return f"{day:02}.{month:02}.{year:04}"
        except ValueError:
            pass
    raise _fault(field, Fault.DAY, f"is a day, and {text!r} is none", "Write it like 31.01.2026 or 2026-01-31.")


def _drawable(field: Field, text: str, typeface: Typeface) -> None:
    lines = text.split("\n")
    if len(lines) > 1 and not field.multiline:
        raise _fault(field, Fault.LINES, "has a single line", "Leave out the line ends.")
    if lacking := "".join(typeface.lacking(line) for line in lines):
        raise _fault(field, Fault.LETTERS, f"has letters that cannot be drawn: {lacking!r}",
                     "Write it in Tajik, Russian or English.")
    if field.max_length is not None and len(text) > field.max_length:
        raise _fault(field, Fault.LONG, f"takes at most {field.max_length} letters, and there are {len(text)}",
                     "Shorten it.")
    width, height = size_of(field.rect)
    if not field.comb and lay_out(text, (width, height), typeface, multiline=field.multiline) is None:
        raise _fault(field, Fault.ROOM, "is too small for so long a text",
                     "Shorten it, or add the rest on a sheet of its own.")


def size_of(rect: tuple[float, float, float, float]) -> tuple[float, float]:
    """Return the width and height of a box in points."""
    return rect[2] - rect[0], rect[3] - rect[1]


def lay_out(text: str, box: tuple[float, float], typeface: Typeface, *, size: float = 0.0,
            multiline: bool = False) -> Lines | None:
    """Return the text in the largest size, at most `size`, that fits the box; None where none does.

    `box` is width and height in points; a size of nought means the usual one.
    """
    width, height = box[0] - 2 * PADDING, box[1]
    line = (typeface.ascent - typeface.descent) / _EM
    tried = min(size or USUAL, height / line)
    smallest = min(SMALLEST, tried)
    while tried >= smallest:
        room = width * _EM / tried
        lines = _wrapped(text, room, typeface) if multiline else [text]
        high = (line + LEADING * (len(lines) - 1)) * tried
        if max(map(typeface.width, lines)) <= room and high <= height + _SLACK:
            return Lines(tried, tuple(lines))
        tried -= STEP
    return None


def _wrapped(text: str, room: float, typeface: Typeface) -> list[str]:
    """Return the lines of a text, broken between words; a word wider than the room stays whole."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and typeface.width(longer) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _fault(field: Field, fault: Fault, what: str, step: str) -> FormError:
    return FormError(f"the field {field.name!r} {what}", hint=step, field=field.name, fault=fault)
