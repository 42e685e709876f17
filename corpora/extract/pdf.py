"""PDF files become printed pages of lines: the one place that speaks to pypdfium2 and pypdf.

pypdfium2 gives text with size, weight and place of each line; where it cannot open a file, pypdf
gives text alone.  Each page's text is judged: one that is noise, or only a picture, goes to text
recognition, and where that cannot read it either the page is refused by number.  What the lines mean is
decided in `layout`.  pdfium serves one thread at a time.
"""

from __future__ import annotations

import ctypes
import io
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from math import sqrt
from typing import Any

from corpora import ocr
from corpora.encodings import repair
from corpora.errors import EncryptedFileError, UnreadableFileError
from corpora.extract import scan
from corpora.extract.blocks import Extracted, assemble
from corpora.extract.cells import cells_of
from corpora.extract.layout import Line, Page, page_blocks
from corpora.extract.progress import Progress, unseen
from corpora.extract.scan import Reading, Scan
from corpora.quality import Verdict, judge

# Fewer letters than this beside an image are a stamp or a page number on a scan.
_FEW_LETTERS = 10
_BOLD_WEIGHT = 600
_TAIL = 2048
_USUAL_BODY = 10.0                     # points, where no page has a text layer
# A picture that covers this share of a page is the page; it is drawn at its own fineness.
_WHOLE_PAGE = 0.6
_LEAST_DPI = 150
_MOST_PIXELS = 40_000_000              # an A3 page at 300 dpi has 17 million


def read_pdf(data: bytes, name: str, progress: Progress = unseen) -> Extracted:
    """Return the text of a PDF with its pages and headings, and boxes for the words of its scanned pages.

    Raises:
        EncryptedFileError: it needs a password.
        UnreadableFileError: it is cut short or damaged.
    """
    if b"%%EOF" not in data[-_TAIL:]:
        raise UnreadableFileError(f"{name} is cut short: the end of the PDF is missing")
    notes: dict[int, str] = {}
    try:
        pages, readings = _pdfium_pages(data, name, notes, progress)
        reader = f"pypdfium2 {version('pypdfium2')}"
    except _PdfiumFailed as error:
        notes[0] = f"read by pypdf, since pdfium says: {error}"
        pages, readings, reader = _pypdf_pages(data, name, notes), [], f"pypdf {version('pypdf')}"
    if readings:
        reader = f"{reader}, tesseract {ocr.version()}"
        body = _body(pages)
        pages = sorted([*pages, *(scan.with_body(reading.page, body) for reading in readings)],
                       key=lambda page: page.number)
    blocks, printed = page_blocks(pages)
    extracted = assemble(blocks, extractor=reader, media_type="application/pdf",
                         notes=(note for _, note in sorted(notes.items())), printed=printed)
    return scan.with_boxes(extracted, readings)


class _PdfiumFailed(Exception):
    """pdfium cannot open the file; another reader may."""


def _pdfium_pages(data: bytes, name: str, notes: dict[int, str], progress: Progress
                  ) -> tuple[list[Page], list[Reading]]:
    """Return the pages with a good text layer, and the readings of the others that could be recognised."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise EncryptedFileError(f"{name} is protected by a password") from error
        raise _PdfiumFailed(str(error)) from error
    try:
        pages, faults = _text_layers(document, notes, progress)
        return pages, _recognised(document, faults, notes, progress)
    finally:
        document.close()


def _text_layers(document: Any, notes: dict[int, str], progress: Progress  # noqa: ANN401 - pypdfium2 is untyped
                 ) -> tuple[list[Page], dict[int, str]]:
    """Return the pages whose text layer is good, and by number what is wrong with those to be recognised."""
    import pypdfium2

    pages: list[Page] = []
    faults: dict[int, str] = {}
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
            read = _pdfium_page(page, number, document.get_page_label(number - 1))
        except pypdfium2.PdfiumError:
            notes[number] = f"page {number} cannot be read"
            continue
        if fault := _fault(read, partial(_has_image, page)):
            faults[number] = fault
            if _is_blank(page):
                notes[number] = f"page {number} {faults.pop(number)}"
        else:
            pages.append(read)
        page.close()
        progress(len(pages) + len(notes), len(document))
    return pages, faults


def _recognised(document: Any, faults: dict[int, str], notes: dict[int, str],  # noqa: ANN401 - pypdfium2 is untyped
                progress: Progress) -> list[Reading]:
    """Return the readings of the pages with a fault, those refused left out; `notes` tell of each."""
    if faults and (lacking := ocr.missing()):
        notes |= {number: f"page {number} is refused: it {fault}, and {lacking}; run: {ocr.INSTALL}"
                  for number, fault in faults.items()}
        return []
    done, readings = len(document) - len(faults), []
    for reading in scan.read_scans(_pictures(document, faults, notes)):
        number = reading.page.number
        if reading.fault:
            notes[number] = f"page {number} is refused: it {faults[number]}, and text recognition {reading.fault}"
        else:
            notes[number] = scan.note(reading)
            readings.append(reading)
        done += 1
        progress(done, len(document))
    return readings


def _pictures(document: Any, faults: dict[int, str], notes: dict[int, str]  # noqa: ANN401 - pypdfium2 is untyped
              ) -> Iterator[Scan]:
    """Yield the pictures of the pages with a fault; a page that cannot be drawn is refused."""
    import pypdfium2

    for number, fault in faults.items():
        try:
            page = document[number - 1]
            dpi = _fineness(page)
            image = page.render(scale=dpi / scan.POINTS, grayscale=True).to_pil()
            page.close()
        except (pypdfium2.PdfiumError, ValueError):
            notes[number] = f"page {number} is refused: it {fault}, and it cannot be drawn"
            continue
        yield Scan(number, image, dpi)


def _fineness(page: Any) -> float:  # noqa: ANN401 - pypdfium2 is untyped
    """Return at how many dots to the inch a page is to be drawn: as its own picture has them, else 300."""
    from pypdfium2 import raw

    width, height = map(float, page.get_size())
    most = min(ocr.DPI, scan.POINTS * sqrt(_MOST_PIXELS / max(width * height, 1.0)))
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        left, bottom, right, top = image.get_bounds()
        if (right - left) * (top - bottom) > _WHOLE_PAGE * width * height:
            own = scan.POINTS * float(max(image.get_px_size())) / max(right - left, top - bottom)
            return float(min(max(own, _LEAST_DPI), most))
    return most


def _body(pages: list[Page]) -> float:
    """Return the commonest size of type in points, weighted by letters."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else _USUAL_BODY


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
                _baseline(text_page, last), cells=cells_of(text_page, printed.strip(), first, size))


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


def _is_blank(page: Any) -> bool:  # noqa: ANN401 - pypdfium2 is untyped
    return not any(True for _ in page.get_objects(max_depth=1))


def _fault(page: Page, has_image: Callable[[], bool]) -> str:
    """Return what is wrong with a page's text, or nothing."""
    quality = judge(page.text)
    if quality.verdict is Verdict.NOISE:
        quality = judge(repair(page.text).text)
    if quality.verdict is Verdict.NOISE:
        return f"has no readable letters ({quality.reason})"
    few = quality.letters < _FEW_LETTERS and (quality.letters == 0 or has_image())
    return "has no text layer" if few else ""


def _pypdf_pages(data: bytes, name: str, notes: dict[int, str]) -> list[Page]:
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
        if fault := _fault(page, lambda: True):
            notes[number] = f"page {number} is refused: it {fault}"
        else:
            pages.append(page)
    return pages
