"""Pictures of pages become printed lines, with a box for every word.

A picture is cleaned, levelled, recognised and judged; one whose words are noise is not handed on, but
refused with the reason.  Two pages are recognised at a time.  Boxes are shares of the page as it was given,
so that a quote can be marked on its picture.  How lines become paragraphs is decided in `layout`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from corpora import ocr
from corpora.encodings import repair
from corpora.errors import UnreadableFileError
from corpora.extract import picture
from corpora.extract.blocks import Extracted, PageSpan, WordBox
from corpora.extract.layout import Line, Page
from corpora.ocr import Word
from corpora.quality import Verdict, judge

if TYPE_CHECKING:
    from PIL.Image import Image

POINTS = 72.0                          # to an inch
_AT_ONCE = 2
# Below this mean confidence a page came out as guesses: drawings, handwriting, pages on their side.
_LEAST_CONFIDENCE = 65
# A few words are more easily guessed than a page.
_FEW_WORDS, _LEAST_OF_FEW = 10, 80
_LARGER_STEPS = ((1.7, 1.8), (1.22, 1.4))
# Heights of ink in shares of the size of type, about the same in all common type: small letters, what rises
# above them, what reaches below the line.
_SMALL, _RISE, _DESCENT, _COMMA = 0.54, 0.2, 0.23, 0.14
_RISING = frozenset("бёйӣӯфіїbdfhklt()[]/|№%«»\"'")
_DESCENDING = frozenset("руфқҳҷӯgjpqy()[]|/ҚҲҶQ")
_REACHING = frozenset("цщдЦЩД,;")
# A shorter line than this may stand on its page by chance.
_TELLING = 12


@dataclass(frozen=True, slots=True)
class Scan:
    """The grey picture of a page.  `dpi` turns its pixels into points."""

    number: int                        # of the file, from 1
    image: Image
    dpi: float


@dataclass(frozen=True, slots=True)
class Mark:
    """The words of one printed line with their boxes (x0, y0, x1, y1): shares of the page, y downwards."""

    words: tuple[str, ...]
    boxes: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What recognition made of a page.  A page with a `fault` has no lines; sizes of lines count the body as 1."""

    page: Page
    marks: tuple[Mark, ...]
    confidence: int                    # 0 to 100
    fault: str = ""


def read_scans(scans: Iterable[Scan]) -> Iterator[Reading]:
    """Yield a reading of each scan in order; only a few pictures are held at a time."""
    running: deque[Future[Reading]] = deque()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for scan in scans:
            running.append(pool.submit(_read, scan))
            if len(running) > _AT_ONCE:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def note(reading: Reading) -> str:
    """Return for the admin how a page was read."""
    return f"page {reading.page.number} was read by text recognition, confidence {reading.confidence} of 100"


def with_body(page: Page, size: float) -> Page:
    """Return a recognised page whose body has this size in points."""
    return replace(page, lines=tuple(replace(line, size=round(line.size * size, 1)) for line in page.lines))


def with_boxes(extracted: Extracted, readings: Iterable[Reading]) -> Extracted:
    """Return the document with a box for each recognised word that stands in its text, in order."""
    spans = {span.page: span for span in extracted.spans}
    boxes = (box for reading in readings if (span := spans.get(reading.page.number))
             for box in _on_page(extracted.text, span, reading.marks))
    return replace(extracted, boxes=tuple(sorted(boxes, key=lambda box: (box.start, box.end))))


def _read(scan: Scan) -> Reading:
    image, dpi = picture.enlarged(picture.without_specks(scan.image), scan.dpi)
    scan = replace(scan, image=image, dpi=dpi)
    try:
        reading = _level(scan, 0.0)
        if reading.fault and (quarter := ocr.turn(image)):
            reading = min(reading, _level(scan, quarter), key=lambda one: (bool(one.fault), -one.confidence))
    except UnreadableFileError as error:
        return _refused(scan.number, str(error).removeprefix("text recognition "))
    return reading


def _refused(number: int, fault: str, confidence: int = 0) -> Reading:
    return Reading(Page(number, 0.0, (), "", ""), (), confidence, fault)


def _level(scan: Scan, quarter: float) -> Reading:
    """Return the reading of a scan that is to be turned by a quarter first."""
    image = scan.image
    angle = quarter + picture.skew(picture.turned(image, quarter))
    upright = picture.turned(image, angle)
    words = ocr.recognise(upright)
    sure = ocr.confidence(words)
    lines = [list(line) for _, line in groupby(words, key=lambda word: word.line)]
    text = "\n".join(" ".join(word.text for word in line) for line in lines)
    if fault := _fault(text, sure):
        return _refused(scan.number, fault, sure)

    def placed(word: Word) -> tuple[float, float, float, float]:
        corners = [picture.before_turning((x, y), angle, upright.size, image.size)
                   for x in (word.left, word.right) for y in (word.top, word.bottom)]
        xs, ys = [x / image.width for x, _ in corners], [y / image.height for _, y in corners]
        return max(min(xs), 0.0), max(min(ys), 0.0), min(max(xs), 1.0), min(max(ys), 1.0)

    point = POINTS / scan.dpi
    page = Page(scan.number, upright.height * point, _lines(lines, upright.height, point), text, "")
    marks = tuple(Mark(tuple(word.text for word in line), tuple(map(placed, line))) for line in lines)
    return Reading(page, marks, sure)


def _fault(text: str, sure: int) -> str:
    if not text:
        return "found no words"
    quality = judge(repair(text).text)
    if quality.verdict is not Verdict.GOOD:
        return f"found no readable text ({quality.reason})"
    least = _LEAST_OF_FEW if len(text.split()) < _FEW_WORDS else _LEAST_CONFIDENCE
    return f"was unsure, confidence {sure} of 100" if sure < least else ""


def _lines(lines: list[list[Word]], height: int, point: float) -> tuple[Line, ...]:
    """Return the printed lines; `point` is the points of a pixel, `height` the pixels of the page."""
    sizes = [median(map(_size, line)) for line in lines]
    body = median(size for size, line in zip(sizes, lines, strict=True) for _ in line)
    printed = []
    for seen, line in zip(sizes, lines, strict=True):
        y = (height - median(word.bottom - _below(word) * seen for word in line)) * point
        size = next((step for least, step in _LARGER_STEPS if seen > least * body), 1.0)
        text = " ".join(word.text for word in line)
        printed.append(Line(text, size, False, line[0].left * point, line[-1].right * point, y, y))
    return tuple(printed)


def _below(word: Word) -> float:
    """Return how far the ink of a word reaches below its line, in shares of the size of type."""
    if not _DESCENDING.isdisjoint(word.text):
        return _DESCENT
    return 0.0 if _REACHING.isdisjoint(word.text) else _COMMA


def _size(word: Word) -> float:
    """Return the size of type in pixels that the height of a word's ink speaks for."""
    rises = not _RISING.isdisjoint(word.text) or any(letter.isupper() or letter.isdigit() for letter in word.text)
    return (word.bottom - word.top) / (_SMALL + _RISE * rises + _below(word))


def _on_page(text: str, span: PageSpan, marks: tuple[Mark, ...]) -> Iterator[WordBox]:
    """Yield the boxes of one page.  Lines that left the text, as page numbers do, have none."""
    cursor = span.start
    for mark in marks:
        at = _place(" ".join(mark.words).removesuffix("-"), text, cursor, span)
        if at is None:
            continue
        start = at
        for word, (x0, y0, x1, y1) in zip(mark.words, mark.boxes, strict=True):
            end = start + len(word)
            if text[start:end] != word:
                end -= 1               # the hyphen of a word that went on was dropped
            yield WordBox(start, end, span.page, x0, y0, x1, y1)
            start = end + 1
        cursor = max(cursor, start - 1)


def _place(line: str, text: str, cursor: int, span: PageSpan) -> int | None:
    """Return where a line stands: where the one before it ended, else wherever it surely is on the page."""
    for skipped in ("", " \n", " \n-"):
        at = cursor
        while skipped and at < span.end and text[at] in skipped:
            at += 1
        if line and text.startswith(line, at, span.end):
            return at
    if len(line) < _TELLING:
        return None
    at = text.find(line, cursor, span.end)
    return at if at >= 0 else None
