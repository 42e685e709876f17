"""What is printed on a page besides its text: heads and feet that repeat, and page numbers.

Pure rules over the place of lines.  A line goes only where it stands in the margin and repeats from
page to page or is a page number; the number is kept as the page's printed number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpora.extract.columns import Cell

_NUMBER = r"(\d{1,4}|[ivxlc]{1,6})"
_WORD = r"(?:саҳ(?:ифаи?|\.)?|стр(?:аница|\.)?|с\.|page|p\.)"
_PAGE_NUMBER = re.compile(
    rf"[-–—\s|]*{_WORD}?\s*{_NUMBER}(?:\s*(?:/|аз|из|of)\s*\d{{1,4}})?\s*(?:{_WORD})?[-–—\s|]*", re.IGNORECASE)
# Shares of the page's height: where page numbers and heads stand, and where only a first or last line is one.
_MARGIN = 0.09
_WIDE_MARGIN = 0.15
# Points; a head stands at the same height on every page.
_SAME_PLACE = 4.0
_LEAST_PAGES = 3
# Heads of left and right pages differ, so one may stand on half of them, less the first.
_SHARE = 0.4
# Of the letters' size: a raised or other letter begins a line of its own this near to the one before it.
_SAME_LINE, _NO_GAP = 0.6, 1.0


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
    cells: tuple[Cell, ...] = ()       # where wide gaps part it; none for an ordinary line


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the file: its lines, or only its text where the places are not known."""

    number: int                        # of the file, from 1
    height: float                      # points
    lines: tuple[Line, ...]
    text: str
    label: str


def without_margins(pages: Sequence[Page]) -> tuple[list[Page], dict[int, str]]:
    """Return the pages without heads, feet and page numbers, and the printed number of each that has one."""
    printed = {page.number: page.label for page in pages if page.label}
    repeated = _repeated(pages)
    kept = []
    for page in pages:
        lines, number = [], ""
        for line in page.lines:
            match = _PAGE_NUMBER.fullmatch(line.text) if _in_margin(page, line, _MARGIN) else None
            if match:
                number = match[1]
            elif not any(key in repeated for key in _keys(page, line)):
                lines.append(line)
        kept.append(replace(page, lines=tuple(lines)))
        if number:
            printed[page.number] = number
    return kept, printed


def _in_margin(page: Page, line: Line, share: float) -> bool:
    return not share * page.height < line.y < (1 - share) * page.height


def _keys(page: Page, line: Line) -> list[tuple[str, int]]:
    """Return under what a line is known again on other pages: its words but for numbers, and about where."""
    words = re.sub(r"\d+", "0", line.text)
    if _in_margin(page, line, _MARGIN):
        return [(words, -1), (words, round(line.y / _SAME_PLACE))]
    edge = line in (page.lines[0], page.lines[-1]) and _in_margin(page, line, _WIDE_MARGIN)
    return [(words, round(line.y / _SAME_PLACE))] if edge else []


def _repeated(pages: Sequence[Page]) -> set[tuple[str, int]]:
    """Return the heads and feet that stand on most pages, or at the same height on those of one side."""
    on_pages = [{key for line in page.lines for key in _keys(page, line)} for page in pages]
    seen = Counter(key for keys in on_pages for key in keys)
    return {key for key, count in seen.items()
            if count >= _LEAST_PAGES and count > len(pages) * (0.5 if key[1] < 0 else _SHARE)}


def whole_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines with those that go on at the same height, after a raised letter, as one."""
    whole: list[Line] = []
    for line in lines:
        above = whole[-1] if whole else None
        if above and abs(above.y - line.y) < _SAME_LINE * above.size and (
                -_NO_GAP * above.size < line.left - above.right < _NO_GAP * above.size):
            gap = " " if line.left - above.right > 0.15 * above.size else ""
            whole[-1] = replace(above, text=above.text + gap + line.text, right=line.right, last_y=line.last_y,
                                bold=above.bold and line.bold, cells=())
        else:
            whole.append(line)
    return tuple(whole)
