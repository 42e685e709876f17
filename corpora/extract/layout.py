"""Printed lines become paragraphs, headings, list items, rows of tables and notes.

Pure rules over the size, weight and place of lines: no PDF library here.  A paragraph is what stands
in one style with even distances and was broken only because the line was full; a heading is set
larger or bolder than the body.  What leaves the text as page numbers and repeated heads is decided
in `margins`, tables in `columns`, which text a note belongs to in `footnotes`; nothing else leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpora import structure
from corpora.extract.blocks import BROKEN_WORD, Block, join_lines
from corpora.extract.columns import Cell, Row, find_tables, gather
from corpora.extract.footnotes import Note, note_of, place_notes
from corpora.extract.margins import Line, Page, whole_lines, without_margins
from corpora.extract.tables import Table, dashed, settle
from corpora.extract.text import text_blocks

__all__ = ["Line", "Page", "page_blocks"]

_ENDS = (".", "!", "?", ":", ";", "…", ".»", "!»", "?»")
# A distance this much over the usual one of the page begins a paragraph.
_WIDE = 1.12
_INDENT = 8.0                          # points
_SAME_LEFT = 60.0                      # points; lines further apart belong to other columns
_LARGER = 1.07
_HEADING_WORDS = 40
# Notes are set smaller than the body, in the lower part of the page: a share of its height.
_SMALLER = 0.93
_FOOT = 0.45
_TELLING = 2                           # lines that go on, enough to measure by


@dataclass(frozen=True, slots=True)
class _Measure:
    """What is usual in a document: the body's size and weight, the distance of lines, the right edge."""

    size: float
    bold: bool
    pitch: float


def page_blocks(pages: Sequence[Page]) -> tuple[list[Block], dict[int, str]]:
    """Return the blocks of all pages in order, and the printed number of each page that has one."""
    kept, printed = without_margins([replace(page, lines=whole_lines(page.lines)) for page in pages])
    measure = _measure([line for page in kept for line in page.lines])
    notes: list[Note] = []
    bodies = []
    for page in kept:
        body, at_foot = _parted(page, measure)
        bodies.append(body)
        notes += at_foot
    paragraphs = [piece for page in bodies for piece in _pieces(page, measure)]
    levels = _levels([piece for _, piece in paragraphs if isinstance(piece, list) and piece], measure)
    blocks = settle(dashed(_blocks(paragraphs, measure, levels)))
    return place_notes(blocks, notes), printed


def _parted(page: Page, measure: _Measure) -> tuple[Page, list[Note]]:
    """Return the page without the notes at its foot, and these."""
    lines = list(page.lines)
    while lines and 0 < lines[-1].size < _SMALLER * measure.size and lines[-1].y < _FOOT * page.height:
        lines.pop()
    if not lines:
        return page, []
    printed: list[str] = []
    for line in page.lines[len(lines):]:
        if note_of(line.text):
            printed.append(line.text)
        elif printed:
            printed[-1] = join_lines(printed[-1], line.text)
        else:
            lines.append(line)
    notes = [note for text in printed if (note := note_of(text, page.number))]
    return replace(page, lines=tuple(lines)), notes


def _measure(lines: Sequence[Line]) -> _Measure:
    styles: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        styles[line.size, line.bold] += len(line.text)
    (size, bold), _ = styles.most_common(1)[0] if styles else ((0.0, False), 0)
    body = [line for line in lines if line.size == size]
    below = [(round((a.last_y - b.y) * 2) / 2, b.text[0].islower()) for a, b in pairwise(body) if a.last_y > b.y]
    # A line that begins with a small letter goes on with the one above, so it shows the distance best.
    going_on = [distance for distance, small in below if small]
    distances = Counter(going_on if len(going_on) >= _TELLING else [distance for distance, _ in below])
    common = [pitch for pitch, count in distances.items() if count * 3 >= max(distances.values())]
    return _Measure(size, bold, min(common, default=size * 1.2))


def _pieces(page: Page, measure: _Measure) -> Iterator[tuple[Page, list[Line] | Table]]:
    """Yield the lines of each paragraph, and each table; no lines for a page whose places are not known."""
    if not page.lines:
        yield page, []
        return
    at, used = 0, frozenset[int]()
    for places, table in _tables(page, measure):
        first = min(places)
        yield from _paragraphs(page, _left(page, at, first, used), measure)
        yield page, table
        at, used = first, used | places
    yield from _paragraphs(page, _left(page, at, len(page.lines), used), measure)


def _left(page: Page, start: int, end: int, used: frozenset[int]) -> list[Line]:
    """Return the lines between two places that stand in no table."""
    return [page.lines[at] for at in range(start, end) if at not in used]


def _tables(page: Page, measure: _Measure) -> list[tuple[frozenset[int], Table]]:
    rows = [Row((at,), line.y, line.size, line.bold, line.cells or (Cell(line.text, line.left, line.right),))
            for at, line in enumerate(page.lines)]
    rows = gather(rows)
    if not any(len(row.cells) > 1 for row in rows):
        return []
    return find_tables(rows, measure.pitch, page.number)


def _paragraphs(page: Page, lines: Sequence[Line], measure: _Measure) -> Iterator[tuple[Page, list[Line]]]:
    if not lines:
        return
    group = [lines[0]]
    for line in lines[1:]:
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


def _blocks(pieces: Sequence[tuple[Page, list[Line] | Table]], measure: _Measure,
            levels: dict[tuple[float, bool], int]) -> Iterator[Block | Table]:
    before: tuple[Page, list[Line]] | None = None
    for page, piece in pieces:
        if isinstance(piece, Table):
            yield piece
            before = None
            continue
        if not piece:
            yield from text_blocks(page.text.replace(BROKEN_WORD, "-"), page.number)
        else:
            joined = before is not None and before[0] is not page and _runs_on(before, piece, measure)
            yield _block(piece, page, measure, levels, joined=joined)
        before = (page, piece)


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
