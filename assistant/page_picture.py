"""One page of a file as a picture, and where a quote stands on it: what is done with the bytes of a publisher.

Runs in the child process of `page_worker` only, because a file may be made to harm whoever opens it.  Sides are
shares 0 to 1 of the page as it is shown, y downwards.  Which quote, which file and who may see it are not known here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assistant.quote_place import Letters, Quote, Span, find, letters_of, part

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH = 1000                           # pixels of a page at 100 %
MOST_PIXELS = 12_000_000
_POINTS, _SCREEN = 72.0, 96.0
_QUALITY, _EFFORT = 80, 2              # of WebP: small enough to keep, quick enough to wait for
_FORMATS = ("PNG", "JPEG", "TIFF")
_FINE = 1_000_000                      # steps of a side when a place is asked from pdfium
Box = tuple[float, float, float, float]


class NoPageError(Exception):
    """There is no such page, or it cannot be drawn."""


def look(data: bytes, number: int, quotes: list[Quote]) -> dict[str, Any]:
    """Return how many pages a file has, the shape of one (height by width), and the boxes of each quote on it.

    Quotes that run on to the next page are marked as far as they stand on this one; `rest` is what is left of each.

    Raises:
        NoPageError: the file has no such page.
    """
    if not _is_pdf(data):
        image = _image(data, number)
        return {"pages": getattr(image, "n_frames", 1), "shape": image.height / image.width,
                "marks": [[] for _ in quotes], "rest": [quote.text for quote in quotes]}
    with _Pdf(data, number) as pdf:
        width, height = pdf.page.get_size()
        found = [pdf.marked(quote) for quote in quotes]
        return {"pages": pdf.pages, "shape": height / max(width, 1.0), "marks": [boxes for boxes, _ in found],
                "rest": [rest for _, rest in found]}


def draw(data: bytes, number: int, zoom: int) -> bytes:
    """Return a page as WebP; `zoom` in percent.

    Raises:
        NoPageError: the file has no such page, or it cannot be drawn.
    """
    if _is_pdf(data):
        with _Pdf(data, number) as pdf:
            width, height = pdf.page.get_size()
            scale = _scale(width, height, zoom)
            image = pdf.page.render(scale=scale, may_draw_forms=False).to_pil()
    else:
        image = _image(data, number)
        scale = _scale(image.width, image.height, zoom)
        image = image.convert("RGB").resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    kept = io.BytesIO()
    image.convert("RGB").save(kept, "WEBP", quality=_QUALITY, method=_EFFORT)
    return kept.getvalue()


def _scale(width: float, height: float, zoom: int) -> float:
    """Return by what a page is enlarged: to the width wanted, within the pixels one picture may have."""
    if min(width, height) < 1:
        raise NoPageError("the page has no size")
    wanted = WIDTH * zoom / 100 / width
    return float(min(wanted, (MOST_PIXELS / (width * height)) ** 0.5))


def _is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _image(data: bytes, number: int) -> Image:
    """Return one picture of an image file, upright as its camera noted."""
    from PIL import Image, ImageOps

    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
        image.seek(number - 1)
        upright = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise NoPageError(str(error)) from error
    if frames := getattr(image, "n_frames", None):
        upright.n_frames = frames      # type: ignore[attr-defined]
    return upright


class _Pdf:
    """One page of an open PDF."""

    def __init__(self, data: bytes, number: int) -> None:
        import pypdfium2
        try:
            self._document = pypdfium2.PdfDocument(data)
            self.pages = len(self._document)
            if not 1 <= number <= self.pages:
                raise NoPageError(f"there is no page {number}")
            self.page: Any = self._document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise NoPageError(str(error)) from error

    def __enter__(self) -> _Pdf:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close()
        self._document.close()

    def marked(self, quote: Quote) -> tuple[list[Box], str]:
        """Return the boxes of a quote, and its words that are left for the next page; all of them without boxes."""
        text = self.page.get_textpage()
        try:
            page = self._letters(text)
            if spans := find(quote, page):
                return [box for span in spans for box in self._boxes(text, span)], ""
            begun, rest = part(quote, page)
            return (list(self._boxes(text, begun)) if begun else []), rest.text
        finally:
            text.close()

    def _letters(self, text: Any) -> Letters:  # noqa: ANN401 - pypdfium2 is untyped
        """Return the letters of the page as its publisher meant them, with the number of each character."""
        from pypdfium2 import raw

        from corpora.encodings import repair

        points = (raw.FPDFText_GetUnicode(text.raw, at) for at in range(text.count_chars()))
        printed = "".join(chr(point) if 0 < point < 0x110000 else " " for point in points)
        meant = repair(printed).text
        return letters_of(meant if len(meant) == len(printed) else printed)

    def _boxes(self, text: Any, span: Span) -> Iterator[Box]:  # noqa: ANN401 - pypdfium2 is untyped
        for at in range(text.count_rects(span[0], span[1] - span[0])):
            left, bottom, right, top = text.get_rect(at)
            (x0, y0), (x1, y1) = self._shown(left, top), self._shown(right, bottom)
            yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def _shown(self, x: float, y: float) -> tuple[float, float]:
        """Return a point of the page's own plane as it is seen, whichever way the page is turned or cut."""
        import ctypes

        from pypdfium2 import raw

        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(self.page.raw, 0, 0, _FINE, _FINE, 0, x, y, across, down)
        return across.value / _FINE, down.value / _FINE
