"""The cells of one printed line, read from pdfium: where wide gaps part it.

Only asks pdfium for places; which cells make a table is decided in `columns`.  An ordinary line
costs one call.
"""

from __future__ import annotations

import ctypes
import re
from itertools import pairwise
from typing import Any

from corpora.extract.columns import Cell

# A gap between words wider than this, in sizes of the letters, parts cells; justified words stand closer.
_GAP = 1.2
_SPACES = re.compile(r"\s+")


def cells_of(text_page: Any, printed: str, first: int, size: float) -> tuple[Cell, ...]:  # noqa: ANN401 - pypdfium2 is untyped
    """Return the cells of a line, left to right; none for a line without a wide gap.

    text_page: pypdfium2's.  printed: the line without spaces around.  first: the place of its first
    character on the page.  size: of its letters, in points.
    """
    if not _may_have_gap(text_page, first, len(printed), size) and "  " not in printed:
        return ()
    cells: list[Cell] = []
    start = 0
    for space in [*_SPACES.finditer(printed), None]:
        end = space.start() if space else len(printed)
        if space and not _is_wide(text_page, first + space.start() - 1, first + space.end(), size):
            continue
        left = text_page.get_charbox(first + start, loose=True)[0]
        cells.append(Cell(printed[start:end], left, text_page.get_charbox(first + end - 1, loose=True)[2]))
        start = space.end() if space else end
    return tuple(cells) if len(cells) > 1 else ()


def _may_have_gap(text_page: Any, first: int, length: int, size: float) -> bool:  # noqa: ANN401
    """Return whether pdfium's rectangles of the line stand apart."""
    from pypdfium2 import raw

    count = raw.FPDFText_CountRects(text_page.raw, first, length)
    if count < 2:
        return False
    edges: list[tuple[float, float]] = []
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    for index in range(count):
        raw.FPDFText_GetRect(text_page.raw, index, left, top, right, bottom)
        edges.append((left.value, right.value))
    return any(after[0] - before[1] > _GAP * size for before, after in pairwise(sorted(edges)))


def _is_wide(text_page: Any, before: int, after: int, size: float) -> bool:  # noqa: ANN401
    gap = text_page.get_charbox(after, loose=True)[0] - text_page.get_charbox(before, loose=True)[2]
    return bool(gap > _GAP * size)
