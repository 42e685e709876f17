"""What may be asked, field by field: how each is described to programs, and how it is read.

One table for both, so that what is described is what is taken.  A field that is not in its table is refused.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any, NoReturn

from assistant.api.refusal import RefusalError
from assistant.follow_up import Previous, read_previous
from assistant.query import MOST_LETTERS
from assistant.settings_table import nearest
from corpora.suspicion import visible

# A notice is a few pages; base64 takes four letters for three bytes.
MOST_FILE_BYTES = 8 * 1024 * 1024
_MOST_FILE_LETTERS = MOST_FILE_BYTES // 3 * 4
_NAME_LETTERS = 150
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """One field.  `read` returns its value, or raises ValueError with what it has to be; absent it is `default`."""

    schema: Schema
    read: Callable[[object], Any]
    default: Any = None
    needed: bool = False


def body_of(data: bytes) -> dict[str, Any]:
    """Return the JSON object that was sent.

    Raises:
        RefusalError: it is none.
    """
    try:
        read = json.loads(data.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, "not_json", "the body is no JSON in UTF-8 that can be read") from error
    if not isinstance(read, dict):
        raise RefusalError(400, "not_json", "the body is no JSON object")
    return read


def read_inputs(body: Mapping[str, Any], inputs: Mapping[str, Input]) -> dict[str, Any]:
    """Return the value of each field.

    Raises:
        RefusalError: a field is unknown, lacking, or has a value that it cannot have.
    """
    for name in body:
        if name not in inputs:
            raise RefusalError(400, "unknown_field", "a field of the request is not known", nearest(name, inputs))
    read: dict[str, Any] = {}
    for name, one in inputs.items():
        if name not in body:
            if one.needed:
                raise RefusalError(400, "wrong_field", f"the field {name} is lacking")
            read[name] = one.default
            continue
        try:
            read[name] = one.read(body[name])
        except ValueError as error:
            raise RefusalError(400, "wrong_field", f"the field {name} cannot have this value", f"It is {error}.") \
                from error
    return read


def schema_of(inputs: Mapping[str, Input]) -> dict[str, Any]:
    """Return the JSON Schema of a request."""
    return {"type": "object", "additionalProperties": False,
            "properties": {name: one.schema for name, one in inputs.items()},
            "required": [name for name, one in inputs.items() if one.needed]}


def words(what: str) -> Input:
    """Return the field of a text; whether it can be understood is seen when it is answered."""
    def read(value: object) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= MOST_LETTERS:
            raise ValueError(f"a text of 1 to {MOST_LETTERS} letters")
        return value

    schema = {"type": "string", "minLength": 1, "maxLength": MOST_LETTERS, "description": what}
    return Input(schema, read, needed=True)


def _choice(names: Sequence[str], what: str) -> Input:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return value

    return Input({"type": "string", "enum": list(names), "default": names[0], "description": what}, read, names[0])


def number(least: int, most: int, default: int, what: str) -> Input:
    """Return the field of a whole number."""
    def read(value: object) -> int:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole or not least <= value <= most:  # type: ignore[operator]
            raise ValueError(f"a whole number, {least} to {most}")
        return int(value)  # type: ignore[call-overload, no-any-return]

    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default, "description": what}
    return Input(schema, read, default)


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("a day like 2026-01-31")


def _previous(value: object) -> Previous:
    if not (found := read_previous(value)):
        raise ValueError("an answer object of ours")
    return found


def _name(value: object) -> str:
    """Return the name of a file, without the folders before it."""
    if not isinstance(value, str) or not value:
        raise ValueError("the name of a file")
    return visible(PurePath(value.replace("\\", "/")).name)[-_NAME_LETTERS:] or "?"


def _file(value: object) -> bytes:
    if isinstance(value, str) and len(value) <= _MOST_FILE_LETTERS and _BASE64.fullmatch(value):
        return b64decode(value)
    raise ValueError(f"the bytes of a file in base64, at most {MOST_FILE_BYTES} bytes")


def _no_number(_name: str) -> NoReturn:
    raise ValueError("JSON has no such number")


_AT = Input({"type": "string", "format": "date", "description": "The day asked about; without it, today."}, _day)
GENERATOR = ("auto", "extractive")
ASK: Mapping[str, Input] = {
    "question": words("The question, in anybody's spelling."),
    "language": _choice(("auto", "tg", "ru", "en"), "The question's language, where it is known."),
    "at": _AT,
    "generator": _choice(GENERATOR, "auto: what the machine is set to; extractive: words of documents alone."),
    "previous": Input({"type": "object", "required": ["question"], "description":
                       "The answer object before, for \"and for a child?\"; its question and its titles are used.",
                       "properties": {"question": {"type": "string", "minLength": 1, "maxLength": MOST_LETTERS,
                                                   "pattern": r"\S"}}}, _previous)}
SEARCH: Mapping[str, Input] = {"query": words("What is looked for."), "k": number(1, 100, 10, "How many hits."),
                               "at": _AT}
SUMMARISE: Mapping[str, Input] = {
    "name": Input({"type": "string", "minLength": 1, "description":
                   "The name of the file; its ending helps to read it."}, _name, needed=True),
    "content": Input({"type": "string", "contentEncoding": "base64",
                      "maxLength": _MOST_FILE_LETTERS, "pattern": f"^{_BASE64.pattern}$",
                      "description": "The bytes of a notice: PDF, scan, DOCX, HTML or text."}, _file, needed=True),
    "generator": _choice(GENERATOR[::-1], "Who words the plain text.")}
