"""PDF files become printed pages of lines: the one place that speaks to pypdfium2 and pypdf.

pypdfium2 gives text with size, weight and place of each line; where it cannot open a file, pypdf
gives text alone.  What the lines mean is decided in `layout`.  A page without readable letters is
left out with a note: recognising scans is not done here.  pdfium serves one thread at a time.
"""

from __future__ import annotations

import ctypes
import io
import logging
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from corpora.errors import EncryptedFileError, UnreadableFileError
from corpora.extract.blocks import Extracted, assemble
from corpora.extract.layout import Line, Page, page_blocks

_NO_LETTER = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")
# Fewer letters than this beside an image are a stamp or a page number on a scan.
_FEW_LETTERS = 10
_NOISE_SHARE = 0.3
_BOLD_WEIGHT = 600
_TAIL = 2048


def read_pdf(data: bytes, name: str) -> Extracted:
    """Return the text of a PDF with its pages and headings.

    Raises:
        EncryptedFileError: it needs a password.
        UnreadableFileError: it is cut short or damaged.
    """
    if b"%%EOF" not in data[-_TAIL:]:
        raise UnreadableFileError(f"{name} is cut short: the end of the PDF is missing")
    notes: list[str] = []
    try:
        pages, reader = list(_pdfium_pages(data, name, notes)), f"pypdfium2 {version('pypdfium2')}"
    except _PdfiumFailed as error:
        notes = [f"read by pypdf, since pdfium says: {error}"]
        pages, reader = _pypdf_pages(data, name, notes), f"pypdf {version('pypdf')}"
    blocks, printed = page_blocks(pages)
    return assemble(blocks, extractor=reader, media_type="application/pdf", notes=notes, printed=printed)


class _PdfiumFailed(Exception):
    """pdfium cannot open the file; another reader may."""


def _pdfium_pages(data: bytes, name: str, notes: list[str]) -> Iterator[Page]:
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise EncryptedFileError(f"{name} is protected by a password") from error
        raise _PdfiumFailed(str(error)) from error
    try:
        for index in range(len(document)):
            try:
                page = document[index]
                read = _pdfium_page(page, index + 1, document.get_page_label(index))
            except pypdfium2.PdfiumError:
                notes.append(f"page {index + 1} cannot be read")
                continue
            if fault := _fault(read, _has_image(page)):
                notes.append(f"page {index + 1} {fault}")
            else:
                yield read
            page.close()
    finally:
        document.close()


def _pdfium_page(page: Any, number: int, label: str) -> Page:  # noqa: ANN401 - pypdfium2 is untyped
    text_page = page.get_textpage()
    try:
        text = text_page.get_text_range()
        if len(text) != text_page.count_chars():
            return Page(number, page.get_height(), (), text, label)
        lines, at = [], 0
        for printed in text.split("\r\n"):
            if printed.strip():
                lines.append(_line(text_page, printed, at))
            at += len(printed) + 2
        return Page(number, page.get_height(), tuple(lines), text, label)
    finally:
        text_page.close()


def _line(text_page: Any, printed: str, at: int) -> Line:  # noqa: ANN401 - pypdfium2 is untyped
    first = at + len(printed) - len(printed.lstrip())
    last = at + len(printed.rstrip()) - 1
    size, bold = _type(text_page, first)
    also_bold = _type(text_page, last)[1]
    left, right = text_page.get_charbox(first, loose=True)[0], text_page.get_charbox(last, loose=True)[2]
    return Line(printed.strip(), size, bold and also_bold, left, right, _baseline(text_page, first),
                _baseline(text_page, last))


def _type(text_page: Any, index: int) -> tuple[float, bool]:  # noqa: ANN401 - pypdfium2 is untyped
    """Return the size in points and whether the letter is bold."""
    from pypdfium2 import raw

    size, matrix = raw.FPDFText_GetFontSize(text_page.raw, index), raw.FS_MATRIX()
    if raw.FPDFText_GetMatrix(text_page.raw, index, matrix):
        size *= (matrix.c ** 2 + matrix.d ** 2) ** 0.5
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(text_page.raw, index, name, len(name), flags)
    weight = raw.FPDFText_GetFontWeight(text_page.raw, index)
    return round(size, 1), weight >= _BOLD_WEIGHT or b"bold" in name.value.lower()


def _baseline(text_page: Any, index: int) -> float:  # noqa: ANN401 - pypdfium2 is untyped
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text_page.raw, index, x, y)
    return y.value


def _has_image(page: Any) -> bool:  # noqa: ANN401 - pypdfium2 is untyped
    from pypdfium2 import raw

    return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2))


def _fault(page: Page, has_image: bool) -> str:
    """Return what is wrong with a page's text, or nothing."""
    letters = sum(letter.isalpha() for letter in page.text)
    noise = len(_NO_LETTER.findall(page.text))
    if noise > _NOISE_SHARE * (noise + letters):
        return "has no readable letters"
    if letters == 0 or (letters < _FEW_LETTERS and has_image):
        return "has no text layer"
    return ""


def _pypdf_pages(data: bytes, name: str, notes: list[str]) -> list[Page]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise EncryptedFileError(f"{name} is protected by a password")
        texts = [page.extract_text() for page in reader.pages]
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise UnreadableFileError(f"{name} is damaged: {error or type(error).__name__}") from error
    pages = []
    for number, text in enumerate(texts, 1):
        page = Page(number, 0.0, (), text, "")
        if fault := _fault(page, has_image=True):
            notes.append(f"page {number} {fault}")
        else:
            pages.append(page)
    return pages
