"""Plain values become the objects a PDF is written with.

A text that begins with "/" is a name, any other a text string; whoever has a text of a person to write passes
`text_object(text)`.  Nothing is read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdf import PdfWriter
    from pypdf.generic import DictionaryObject, IndirectObject, PdfObject, TextStringObject

Plain = object


def pdf_object(value: Plain) -> PdfObject:
    """Return a value as a PDF object; dictionaries and lists with all they hold."""
    from pypdf.generic import ArrayObject, BooleanObject, FloatObject, NameObject, NumberObject
    from pypdf.generic import PdfObject as Ready
    match value:
        case Ready():
            return value
        case bool():
            return BooleanObject(value)
        case int():
            return NumberObject(value)
        case float():
            return FloatObject(round(value, 3))
        case str():
            return NameObject(value) if value.startswith("/") else text_object(value)
        case Mapping():
            return dictionary(value)
        case list() | tuple():
            return ArrayObject(map(pdf_object, value))
    raise TypeError(f"{type(value).__name__} has no form in a PDF")


def text_object(text: str) -> TextStringObject:
    """Return a text string, whatever it begins with."""
    from pypdf.generic import TextStringObject
    return TextStringObject(text)


def dictionary(entries: Mapping[str, Plain]) -> DictionaryObject:
    """Return a dictionary; its keys begin with "/"."""
    from pypdf.generic import DictionaryObject, NameObject
    return DictionaryObject({NameObject(key): pdf_object(value) for key, value in entries.items()})


def add(writer: PdfWriter, entries: Mapping[str, Plain], data: bytes | None = None) -> IndirectObject:
    """Put a dictionary into the file, or with `data` a compressed stream, and return the reference to it."""
    from pypdf.generic import DecodedStreamObject
    whole = dictionary(entries)
    if data is None:
        return writer._add_object(whole)
    stream = DecodedStreamObject()
    stream.set_data(data)
    stream.update(whole)
    return writer._add_object(stream.flate_encode())
