"""Words that stand in a file and are not seen by a person who reads it.

In a page: what its own style hides or paints white.  In a PDF: white letters on nothing, letters without
ink, letters too small.  White letters on a dark ground, and the letters that text recognition lays over a
scan, are no secret.  Style sheets and scripts are not run, so what only they hide is not found.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any

_SCAN_LETTERS = 5_000_000
_HIDING_STYLE = re.compile(
    r"display:none|visibility:hidden|opacity:0(?:\.0+)?(?![.\d])|font-size:0(?:\.0+)?(?:px|pt|em|rem|%)?(?![.\d])"
    r"|(?:text-indent|left|top|margin-left):-\d{3,}")
_WHITE_STYLE = re.compile(r"(?<![-\w])color:(?:#fff(?:fff)?|white|rgba?\(255,255,255)(?![\da-f])")
_MAY_HIDE = re.compile(
    r"hidden|display\s*:\s*none|opacity\s*:\s*0|font-size\s*:\s*0|color\s*:\s*(?:#fff|white|rgb)|-\d{3,}",
    re.IGNORECASE)
_UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "title"})
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
                   "wbr"})
# A letter of a PDF: whiter than this is white, smaller than this many points is a dot.
_WHITE, _LEAST_POINTS = 245, 1.5
_INVISIBLE_MODE = 3


def unseen_words(data: bytes, media_type: str) -> str:
    """Return the words of a file that a person reading it would not see, with single spaces between."""
    if media_type == "text/html":
        return " ".join(_hidden_html(data.decode("utf-8", "replace")[:_SCAN_LETTERS]).split())
    if media_type == "application/pdf":
        return " ".join(" ".join(_hidden_pdf(data)).split())
    return ""


def _hidden_html(page: str) -> str:
    if not _MAY_HIDE.search(page):
        return ""
    reader = _Hidden()
    reader.feed(page)
    reader.close()
    return "".join(reader.words)


class _Hidden(HTMLParser):
    """Collects the words inside elements whose own style hides them."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[tuple[str, bool, bool]] = []         # tag, hidden within, unseen within

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, and whether what it holds is hidden."""
        if tag not in _VOID and len(self._open) < 10_000:
            _, hidden, unseen = self._open[-1] if self._open else ("", False, False)
            self._open.append((tag, hidden or _style_hides(attrs), unseen or tag in _UNSEEN))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, and those left open within it."""
        for at in range(len(self._open) - 1, max(len(self._open) - 50, -1), -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        """Keep the words of a hidden element."""
        if self._open and self._open[-1][1] and not self._open[-1][2]:
            self.words += [data, " "]


def _style_hides(attributes: Iterable[tuple[str, str | None]]) -> bool:
    given = {name: value or "" for name, value in attributes}
    style = re.sub(r"\s", "", given.get("style", "")).lower()
    white = _WHITE_STYLE.search(style) and "background" not in style
    return "hidden" in given or bool(white or _HIDING_STYLE.search(style))


def _hidden_pdf(data: bytes) -> Iterator[str]:
    """Yield the texts drawn in white on nothing, without ink, or too small to be seen."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return                                # whoever read it had another way
    try:
        for index in range(len(document)):
            with suppress(pypdfium2.PdfiumError):
                page = document[index]
                yield from _hidden_on_page(page)
                page.close()
    finally:
        document.close()


def _hidden_on_page(page: Any) -> Iterator[str]:  # noqa: ANN401 - pypdfium2 is untyped
    from pypdfium2 import raw

    suspects: list[tuple[Any, bool, int]] = []
    grounds: list[Any] = []
    scanned = False
    color = _Color()
    for index in range(raw.FPDFPage_CountObjects(page.raw)):
        thing = raw.FPDFPage_GetObject(page.raw, index)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            inkless = raw.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE_MODE
            if inkless or color.is_white(thing) or _is_tiny(thing):
                suspects.append((thing, inkless, len(grounds)))
        elif kind == raw.FPDF_PAGEOBJ_IMAGE or (kind == raw.FPDF_PAGEOBJ_PATH and not color.is_white(thing)):
            scanned = scanned or kind == raw.FPDF_PAGEOBJ_IMAGE
            grounds.append(thing)
    if not suspects:
        return
    words = page.get_textpage()
    for thing, inkless, before in suspects:
        # Text without ink over a picture is what text recognition adds to a scan.
        if not (inkless and scanned) and not any(_covers(ground, thing) for ground in grounds[:before]):
            yield _text(thing, words)
    words.close()


class _Color:
    """Reads the fill of objects, into four numbers made once: there are many objects."""

    def __init__(self) -> None:
        self._parts = tuple(ctypes.c_uint() for _ in range(4))

    def is_white(self, thing: Any) -> bool:  # noqa: ANN401 - pypdfium2 is untyped
        """Return whether an object is filled with white, or with nothing one can see through to."""
        from pypdfium2 import raw

        found = raw.FPDFPageObj_GetFillColor(thing, *self._parts)
        red, green, blue, alpha = (part.value for part in self._parts)
        return bool(found) and (min(red, green, blue) >= _WHITE or alpha == 0)


def _is_tiny(thing: Any) -> bool:  # noqa: ANN401 - pypdfium2 is untyped
    from pypdfium2 import raw

    size, matrix = ctypes.c_float(), raw.FS_MATRIX()
    if not raw.FPDFTextObj_GetFontSize(thing, size) or size.value >= _LEAST_POINTS * 8:
        return False
    raw.FPDFPageObj_GetMatrix(thing, matrix)
    return bool(size.value * (matrix.c ** 2 + matrix.d ** 2) ** 0.5 < _LEAST_POINTS)


def _covers(ground: Any, thing: Any) -> bool:  # noqa: ANN401 - pypdfium2 is untyped
    """Return whether the middle of a text lies on an object."""
    left, bottom, right, top = _bounds(thing)
    x, y = (left + right) / 2, (bottom + top) / 2
    left, bottom, right, top = _bounds(ground)
    return left <= x <= right and bottom <= y <= top


def _bounds(thing: Any) -> tuple[float, ...]:  # noqa: ANN401 - pypdfium2 is untyped
    from pypdfium2 import raw

    sides = tuple(ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(thing, *sides)
    return tuple(side.value for side in sides)


def _text(thing: Any, words: Any) -> str:  # noqa: ANN401 - pypdfium2 is untyped
    from pypdfium2 import raw

    size = raw.FPDFTextObj_GetText(thing, words.raw, None, 0)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    raw.FPDFTextObj_GetText(thing, words.raw, buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").split("\0")[0]
