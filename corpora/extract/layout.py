"""Printed lines become paragraphs, headings and list items.

Pure rules over the size, weight and place of lines: no PDF library here.  A paragraph is what stands
in one style with even distances and was broken only because the line was full; a heading is set
larger or bolder than the body.  Page numbers and repeated page heads leave the text; nothing else does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpora import structure
from corpora.extract.blocks import BROKEN_WORD, Block, join_lines
from corpora.extract.text import text_blocks

_PAGE_NUMBER = re.compile(
    r"[-–—\s]*(?:саҳ(?:ифаи?|\.)?|стр(?:аница|\.)?|page)?\s*(\d{1,4}|[ivxlc]{1,6})[-–—\s]*", re.IGNORECASE)
_ENDS = (".", "!", "?", ":", ";", "…", ".»", "!»", "?»")
# Share of the page's height where heads, feet and page numbers stand.
_MARGIN = 0.09
# A distance this much over the usual one of the page begins a paragraph.
_WIDE = 1.12
_INDENT = 8.0                          # points
_SAME_LEFT = 60.0                      # points; lines further apart belong to other columns
_LARGER = 1.07
_HEADING_WORDS = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line.  Size and places are in points, y upwards; `last_y` is of its last letter."""

    text: str
    size: float
    bold: bool
    left: float
    right: float
    y: float
    last_y: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the file: its lines, or only its text where the places are not known."""

    number: int                        # of the file, from 1
    height: float                      # points
    lines: tuple[Line, ...]
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class _Measure:
    """What is usual in a document: the body's size and weight, the distance of lines, the right edge."""

    size: float
    bold: bool
    pitch: float


def page_blocks(pages: Sequence[Page]) -> tuple[list[Block], dict[int, str]]:
    """Return the blocks of all pages in order, and the printed number of each page that has one."""
    printed = {page.number: page.label for page in pages if page.label}
    repeated = _repeated(pages)
    kept = []
    for page in pages:
        lines, number = _without_margins(page, repeated)
        kept.append(replace(page, lines=lines))
        if number:
            printed[page.number] = number
    measure = _measure([line for page in kept for line in page.lines])
    paragraphs = [paragraph for page in kept for paragraph in _paragraphs(page, measure)]
    levels = _levels([lines for _, lines in paragraphs if lines], measure)
    return list(_blocks(paragraphs, kept, measure, levels)), printed


def _in_margin(page: Page, line: Line) -> bool:
    return not _MARGIN * page.height < line.y < (1 - _MARGIN) * page.height


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "0", line.text)


def _repeated(pages: Sequence[Page]) -> set[str]:
    """Return the heads and feet that stand on three pages and on more than half of them."""
    shapes = [{_shape(line) for line in page.lines if _in_margin(page, line)} for page in pages]
    seen = Counter(shape for on_page in shapes for shape in on_page)
    return {shape for shape, count in seen.items() if count >= 3 and count > len(pages) / 2}


def _without_margins(page: Page, repeated: set[str]) -> tuple[tuple[Line, ...], str]:
    lines, number = [], ""
    for line in page.lines:
        match = _PAGE_NUMBER.fullmatch(line.text) if _in_margin(page, line) else None
        if match:
            number = match[1]
        elif not (_in_margin(page, line) and _shape(line) in repeated):
            lines.append(line)
    return tuple(lines), number


def _measure(lines: Sequence[Line]) -> _Measure:
    styles: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        styles[line.size, line.bold] += len(line.text)
    (size, bold), _ = styles.most_common(1)[0] if styles else ((0.0, False), 0)
    body = [line for line in lines if line.size == size]
    distances = Counter(round((a.last_y - b.y) * 2) / 2 for a, b in pairwise(body) if a.last_y > b.y)
    common = [pitch for pitch, count in distances.items() if count * 3 >= max(distances.values())]
    return _Measure(size, bold, min(common, default=size * 1.2))


def _paragraphs(page: Page, measure: _Measure) -> Iterator[tuple[Page, list[Line]]]:
    """Yield the lines of each paragraph; none for a page whose places are not known."""
    if not page.lines:
        yield page, []
        return
    group = [page.lines[0]]
    for line in page.lines[1:]:
        if _breaks(group, line, page, measure):
            yield page, group
            group = []
        group.append(line)
    yield page, group


def _breaks(group: list[Line], line: Line, page: Page, measure: _Measure) -> bool:
    """Return whether a line begins a new paragraph."""
    above = group[-1]
    if abs(above.size - line.size) > 0.6 or above.bold != line.bold:
        # A bold word at an edge of a body line is no new style, unless the distance says so.
        same = abs(above.size - line.size) <= 0.6 and measure.bold == min(above.bold, line.bold)
        if not same or _apart(above, line, measure) or _ended(above, line, page):
            return True
    if structure.item(line.text) or structure.heading_level(line.text):
        return True
    if structure.heading_level(above.text) and not _styled(above, measure):
        return True
    if _apart(above, line, measure) or (above.size == measure.size and _ended(above, line, page)):
        return not (_styled(above, measure) and not _apart(above, line, measure))
    indented = line.left - above.left > _INDENT
    return indented and not structure.item(group[0].text) and above.text.endswith(_ENDS)


def _apart(above: Line, line: Line, measure: _Measure) -> bool:
    """Return whether two lines stand further apart than lines of one paragraph do."""
    usual = measure.pitch * max(1.0, line.size / measure.size if measure.size else 1.0)
    distance = above.last_y - line.y
    return distance > _WIDE * usual or distance < -0.5 * usual


def _ended(above: Line, line: Line, page: Page) -> bool:
    """Return whether the line above stopped before its edge though the next word had room."""
    edge = max(other.right for other in page.lines if abs(other.left - above.left) < _SAME_LEFT)
    letter = (line.right - line.left) / max(len(line.text), 1)
    word = letter * (len(line.text.split()[0]) + 1)
    room = edge - above.right
    return room > 1.3 * word + letter


def _styled(line: Line, measure: _Measure) -> bool:
    bolder = line.bold and not measure.bold and line.size > measure.size - 0.6
    return bolder or line.size > _LARGER * measure.size


def _is_heading(lines: Sequence[Line], measure: _Measure) -> bool:
    text = " ".join(line.text for line in lines)
    if not all(_styled(line, measure) for line in lines) or len(text.split()) > _HEADING_WORDS:
        return False
    larger = lines[0].size > _LARGER * measure.size
    return any(letter.isalpha() for letter in text) and (larger or not text.endswith((".", ";", ",")))


def _levels(paragraphs: Sequence[list[Line]], measure: _Measure) -> dict[tuple[float, bool], int]:
    """Return the level of each style of heading: the largest first; 1 only for one that stands once."""
    styles = Counter((lines[0].size, lines[0].bold) for lines in paragraphs if _is_heading(lines, measure))
    ranked = sorted(styles, reverse=True)
    first = 1 if ranked and styles[ranked[0]] == 1 else 2
    return {style: min(first + rank, 6) for rank, style in enumerate(ranked)}


def _blocks(paragraphs: Sequence[tuple[Page, list[Line]]], pages: Sequence[Page], measure: _Measure,
            levels: dict[tuple[float, bool], int]) -> Iterator[Block]:
    before: tuple[Page, list[Line]] | None = None
    for page, lines in paragraphs:
        if not lines:
            yield from text_blocks(page.text.replace(BROKEN_WORD, "-"), page.number)
        else:
            joined = before is not None and before[0] is not page and _runs_on(before, lines, measure)
            yield _block(lines, page, measure, levels, joined=joined)
        before = (page, lines)


def _runs_on(before: tuple[Page, list[Line]], lines: list[Line], measure: _Measure) -> bool:
    """Return whether a page begins in the middle of the paragraph that ended the page before."""
    page, above = before
    if not above or _is_heading(above, measure) or _is_heading(lines, measure):
        return False
    first, last = lines[0], above[-1]
    if structure.item(first.text) or structure.heading_level(first.text) or last.text.endswith(_ENDS):
        return False
    return abs(first.size - last.size) <= 0.6 and (first.text[0].islower() or not _ended(last, first, page))


def _block(lines: list[Line], page: Page, measure: _Measure, levels: dict[tuple[float, bool], int], *,
           joined: bool) -> Block:
    text = lines[0].text
    for line in lines[1:]:
        text = join_lines(text, line.text)
    styled = _is_heading(lines, measure)
    level = levels[lines[0].size, lines[0].bold] if styled else structure.heading_level(text)
    if level:
        return Block("heading", text, level, page.number)
    kind = "item" if structure.item(text) else "paragraph"
    return Block(kind, text, page=page.number, joined=joined)
