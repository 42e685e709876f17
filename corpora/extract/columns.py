"""Printed lines that stand in columns become a table.

Pure rules over the places of cells on one page: rows share a baseline, columns are stretches of the
page's width with a gap between them, a cell wrapped over lines is whole again.  Drawn rules are not
looked at, and lines of prose set in two columns are no table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpora.extract.blocks import join_lines
from corpora.extract.tables import Table, header_rows

# Lines of one row stand this near in the order of the file; columns of prose stand further apart.
_NEAR = 6
_SAME_BASELINE = 0.35                  # of the letters' size
_ROW_DISTANCE = 4.0                    # of the distance of lines; more ends a table
_WRAP_DISTANCE = 1.35                  # of the distance of lines; more ends a cell
# Where more rows than this begin in small letters, prose runs over from line to line.
_PROSE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Cell:
    """Text between two gaps of a line; places in points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on one baseline: the places of its lines on the page, its cells from the left."""

    lines: tuple[int, ...]
    y: float
    size: float
    bold: bool
    cells: tuple[Cell, ...]


def find_tables(rows: Sequence[Row], pitch: float, page: int) -> list[tuple[frozenset[int], Table]]:
    """Return each table with the places of the lines it is made of, in order.

    rows: one for each line, as `gather` returns them.  pitch: the usual distance of lines, in points.
    """
    found: list[tuple[frozenset[int], Table]] = []
    at = 0
    while at < len(rows):
        end = _run(rows, at, pitch) if len(rows[at].cells) > 1 else at
        run = rows[at:end]
        table = _table(run, pitch, page) if sum(len(row.cells) > 1 for row in run) > 1 else None
        if table:
            found.append((frozenset(at for row in run for at in row.lines), table))
        at = end if table else at + 1
    return found


def gather(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with lines that stand side by side on one baseline as one row."""
    gathered: list[Row] = []
    for row in rows:
        for at in range(len(gathered) - 1, max(len(gathered) - 1 - _NEAR, -1), -1):
            if row.lines[0] - gathered[at].lines[-1] <= _NEAR and _beside(gathered[at], row):
                cells = tuple(sorted((*gathered[at].cells, *row.cells), key=lambda cell: cell.left))
                gathered[at] = replace(gathered[at], lines=(*gathered[at].lines, *row.lines), cells=cells)
                break
        else:
            gathered.append(row)
    return gathered


def _beside(one: Row, other: Row) -> bool:
    if abs(one.y - other.y) > _SAME_BASELINE * max(one.size, other.size):
        return False
    gap = one.size
    return all(a.right + gap < b.left or b.right + gap < a.left for a in one.cells for b in other.cells)


def _run(rows: Sequence[Row], start: int, pitch: float) -> int:
    """Return where the table that may begin at `start` ends, exclusive."""
    anchors, end, low = [rows[start]], start + 1, rows[start].y
    for at in range(start + 1, len(rows)):
        row = rows[at]
        if not -_ROW_DISTANCE * pitch < low - row.y < _ROW_DISTANCE * pitch:
            break
        if len(row.cells) > 1:
            if not _aligned([*anchors[-3:], row]):
                break
            anchors.append(row)
            end = at + 1
        elif len(_columns_of(row.cells[0], _bands(_telling(anchors)))) > 1:
            break
        low = row.y
    return _with_tail(rows, end, anchors, pitch)


def _with_tail(rows: Sequence[Row], end: int, anchors: Sequence[Row], pitch: float) -> int:
    """Return the end with the lines below the last row that only end its cells."""
    bands = _bands(_telling(anchors))
    while end < len(rows) and len(rows[end].cells) == 1 and len(anchors) > 1:
        cell, above = rows[end].cells[0], rows[end - 1]
        columns = _columns_of(cell, bands)
        goes_on = cell.text[0].islower() or columns[0] > 0
        if len(columns) > 1 or not goes_on or not 0 < above.y - rows[end].y <= _WRAP_DISTANCE * pitch:
            break
        end += 1
    return end


def _aligned(rows: Sequence[Row]) -> bool:
    """Return whether the cells of rows leave gaps in common: at least as many columns as cells."""
    columns = len(_bands(rows))
    return columns > 1 and columns >= min(len(row.cells) for row in rows)


def _telling(anchors: Sequence[Row]) -> Sequence[Row]:
    """Return the rows that show the columns: without the first, where it has cells over several columns."""
    below = anchors[1:]
    return below if len(below) > 1 and len(_bands(below)) > len(_bands(anchors)) else anchors


def _bands(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Return the columns, left to right: the stretches covered by cells."""
    bands: list[tuple[float, float]] = []
    for left, right in sorted((cell.left, cell.right) for row in rows for cell in row.cells):
        if bands and left <= bands[-1][1]:
            bands[-1] = bands[-1][0], max(bands[-1][1], right)
        else:
            bands.append((left, right))
    return bands


def _columns_of(cell: Cell, bands: Sequence[tuple[float, float]]) -> list[int]:
    """Return the columns a cell stands in; the nearest for one that stands between."""
    over = [at for at, (left, right) in enumerate(bands) if cell.left < right and cell.right > left]
    middle = (cell.left + cell.right) / 2
    return over or [min(range(len(bands)), key=lambda at: min(abs(edge - middle) for edge in bands[at]))]


def _table(run: Sequence[Row], pitch: float, page: int) -> Table | None:
    """Return the table of a run of rows, or None where it is prose in columns."""
    anchors = [row for row in run if len(row.cells) > 1]
    bands = _bands(_telling(anchors))
    small = sum(row.cells[0].text[0].islower() for row in anchors)
    if len(bands) < 2 or small > _PROSE_SHARE * len(anchors):
        return None
    grid = tuple(tuple(_texts(members, bands)) for members in _members(run, bands, pitch))
    styled = grid and anchors[0].bold and not any(row.bold for row in anchors[1:]) and all(grid[0])
    return Table(grid, header_rows(grid) or int(bool(styled)), page=page)


def _members(run: Sequence[Row], bands: Sequence[tuple[float, float]], pitch: float) -> list[list[Row]]:
    """Return the lines of each row of the table, from the top; a lone line goes to the nearer row."""
    ordered = sorted(run, key=lambda row: -row.y)
    anchors = [at for at, row in enumerate(ordered) if len(row.cells) > 1]
    members = {at: [ordered[at]] for at in anchors}
    for chunk in _chunks(ordered, bands, pitch):
        above = max((at for at in anchors if at < chunk[0]), default=anchors[0])
        below = min((at for at in anchors if at > chunk[-1]), default=anchors[-1])
        up = ordered[above].y - ordered[chunk[0]].y if above < chunk[0] else float("inf")
        down = ordered[chunk[-1]].y - ordered[below].y if below > chunk[-1] else float("inf")
        members[below if down < 0.9 * up else above] += [ordered[at] for at in chunk]
    return [sorted(lines, key=lambda row: -row.y) for _, lines in sorted(members.items())]


def _chunks(ordered: Sequence[Row], bands: Sequence[tuple[float, float]], pitch: float) -> list[list[int]]:
    """Return the runs of lone lines that follow each other closely in one column, as places in `ordered`."""
    lone = [at for at, row in enumerate(ordered) if len(row.cells) == 1]
    chunks = [[at] for at in lone[:1]]
    for before, at in pairwise(lone):
        near = at == before + 1 and ordered[before].y - ordered[at].y <= _WRAP_DISTANCE * pitch
        same = _columns_of(ordered[before].cells[0], bands) == _columns_of(ordered[at].cells[0], bands)
        if near and same:
            chunks[-1].append(at)
        else:
            chunks.append([at])
    return chunks


def _texts(lines: Sequence[Row], bands: Sequence[tuple[float, float]]) -> list[str]:
    texts = [""] * len(bands)
    for row in lines:
        for cell in row.cells:
            for at in _columns_of(cell, bands):
                texts[at] = join_lines(texts[at], cell.text) if texts[at] else cell.text
    return texts
