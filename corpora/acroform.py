"""The widgets of a PDF form: the one place that knows how an AcroForm is built (PDF 32000-1, 12.7).

What a widget inherits from its parents is looked up here; push buttons, signatures and what is read-only are not
for a person to fill and are left out of `fields`.  Nothing is written here.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from corpora.errors import EncryptedFileError, UnreadableFileError

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader
    from pypdf.generic import DictionaryObject

READ_ONLY, REQUIRED, MULTILINE = 1 << 0, 1 << 1, 1 << 12
RADIO, PUSH_BUTTON, COMB = 1 << 15, 1 << 16, 1 << 24
# Our own entry of a field (PDF 32000-1, annex E): the id of the fact that requires it.
RULE = "/RohnamoRule"
_DATE_SCRIPT = "AFDate_"
_DATE_LABEL = re.compile(r"\((?:рӯз\.моҳ\.сол|дд\.мм\.гггг|рр\.мм\.сссс|dd\.mm\.yyyy)\)", re.IGNORECASE)
# Fields nest a few deep; a longer chain of parents is a circle.
_DEPTH = 32


class FieldType(StrEnum):
    """What may be written into a field."""

    TEXT = "text"
    CHECKBOX = "checkbox"
    CHOICE = "choice"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Widget:
    """One place of a field on a page, counted from 1; `node` carries the field's name and value."""

    name: str
    page: int
    annotation: DictionaryObject
    node: DictionaryObject

    @property
    def flags(self) -> int:
        """Return the field's flags."""
        return int(self.get("/Ff") or 0)

    @property
    def kind(self) -> str:
        """Return /Tx, /Btn, /Ch, /Sig or nothing."""
        return str(self.get("/FT") or "")

    @property
    def rect(self) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top in points from the page's lower left corner."""
        left, low, right, high = numbers(entry(self.annotation, "/Rect"))
        return min(left, right), min(low, high), max(left, right), max(low, high)

    @property
    def on_state(self) -> str:
        """Return the name of a button's state that is not /Off, or nothing."""
        states = entry(entry(self.annotation, "/AP") or {}, "/N") or {}
        return next((str(name) for name in states if name != "/Off"), "")

    def get(self, key: str) -> Any:  # noqa: ANN401 - whatever object the PDF has there
        """Return an entry of the widget or of the nearest field above that has it; None where none has."""
        return inherited(self.annotation, key)

    def text(self, key: str) -> str:
        """Return an entry as text, or nothing."""
        value = self.get(key)
        return str(value) if isinstance(value, str) else ""

    @property
    def is_open(self) -> bool:
        """Return whether a person may fill it."""
        filled = self.kind in ("/Tx", "/Ch") or (self.kind == "/Btn" and not self.flags & PUSH_BUTTON)
        return bool(self.name) and filled and not self.flags & READ_ONLY

    @property
    def is_date(self) -> bool:
        """Return whether its label or its script says that a day is written in it."""
        actions = [entry(self.get("/AA") or {}, key) or {} for key in ("/F", "/K")]
        return bool(_DATE_LABEL.search(self.text("/TU"))) \
            or any(_DATE_SCRIPT in str(entry(action, "/JS")) for action in actions)


def entry(node: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - whatever object the PDF has there
    """Return an entry of a dictionary, wherever in the file it is kept; None where there is none."""
    value = node.get(key)
    return None if value is None else value.get_object()


def numbers(array: Iterable[Any] | None) -> tuple[float, ...]:
    """Return the numbers of an array."""
    return tuple(float(number.get_object()) for number in array or ())


def inherited(node: DictionaryObject, key: str) -> Any:  # noqa: ANN401 - whatever object the PDF has there
    """Return an entry of a node or of the nearest one above that has it; None where none has."""
    for above in chain(node):
        if key in above:
            return above[key]
    return None


def chain(node: DictionaryObject) -> Iterator[DictionaryObject]:
    """Yield a node and those above it; a circle ends."""
    for _ in range(_DEPTH):
        yield node
        if "/Parent" not in node:
            return
        node = cast("DictionaryObject", node["/Parent"])


def on_page(page: PageObject) -> list[DictionaryObject]:
    """Return the annotations of a page; what is none is left out."""
    from pypdf.generic import DictionaryObject
    found = (each.get_object() for each in entry(page, "/Annots") or ())
    return [each for each in found if isinstance(each, DictionaryObject)]


def widgets(pages: list[PageObject]) -> list[Widget]:
    """Return the widgets in the order of the pages and of each page's list."""
    found = []
    for number, page in enumerate(pages, 1):
        for annotation in on_page(page):
            if entry(annotation, "/Subtype") == "/Widget" and "/Rect" in annotation:
                named = [node for node in chain(annotation) if "/T" in node]
                name = ".".join(str(node["/T"]) for node in reversed(named))
                found.append(Widget(name, number, annotation, named[0] if named else annotation))
    return found


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn every fault of a PDF reader into one sentence.

    Raises:
        UnreadableFileError: the PDF is damaged.
    """
    from pypdf.errors import PyPdfError
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        yield
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise UnreadableFileError(f"{what} is damaged: {error or type(error).__name__}") from error


def open_pdf(data: bytes) -> PdfReader:
    """Return the reader of a PDF.

    Raises:
        EncryptedFileError: it needs a password.
        UnreadableFileError: it is damaged.
    """
    from pypdf import PdfReader
    with reading("the form"):
        reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise EncryptedFileError("the form is protected by a password")
    return reader
