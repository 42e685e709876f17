"""A table becomes rows that each answer alone: "header: cell; header: cell", under their caption.

Readers of HTML, Word, Markdown and PDF hand over a grid of cells with merged cells repeated.  The
caption stands before the rows as a lead-in, and again before each further group of rows, so that no
passage holds a row without it.  Where a table begins and ends is
not decided here, except for rows that were written with dashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from corpora.extract.blocks import Block
from corpora.normalise import one_line

# Words of rows under one caption: with the heading above still one passage.
GROUP_WORDS = 100
_CAPTION_WORDS = 30
_CAPTION = re.compile(r"(?:ҷадвали?|чадвали?|таблица|table)(?:\s*№?\s*\d+)?\b", re.IGNORECASE)
_UNIT = re.compile(r"\(?\s*(?:бо|ба|в)?\s*(?:ҳазор|млн\.?|тыс\.?)?\s*(?:сомонӣ|сомони|дирам)\s*\)?", re.IGNORECASE)
_VALUE_HEADER = re.compile(
    r"маблағ|андоза|нарх|боҷ|хироҷ|ҳадди|муҳлат|тариф|тарофа|арзиш|ҳаҷм|фоиз|сомонӣ|пардохт|шумора|миқдор|ҷарима|эзоҳ|"
    r"синну?|вақт|рӯз|сумм|размер|цен[аы]|стоимост|срок|ставк|пошлин|сбор|плат[аы]|количеств|штраф|примечан|"
    r"возраст|время|amount|fee|price|term\b", re.IGNORECASE)
_HEADER_WORDS = 12
_DASH = re.compile(r"\s[–—]\s")


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells, every row of the same length; the first `headers` rows name the columns."""

    grid: tuple[tuple[str, ...], ...]
    headers: int = 0
    caption: str = ""
    page: int | None = None


def settle(parts: Iterable[Block | Table]) -> list[Block]:
    """Return the blocks with each table as rows under its caption.

    A table without one takes the line above: "Ҷадвали 1. …", a lead-in ending in ":"; further groups
    of rows of a table right under a heading repeat that heading.
    """
    blocks: list[Block] = []
    before: Table | None = None
    for part in parts:
        if isinstance(part, Block):
            blocks.append(part)
            before = None
            continue
        table = _continued(before, part) if before else part
        caption = one_line(table.caption) or _caption_above(blocks)
        heading = blocks[-1].text if not caption and blocks and blocks[-1].kind == "heading" else ""
        before = replace(table, caption=caption)
        blocks += _table_blocks(before, heading)
    return blocks


def dashed(parts: Iterable[Block | Table]) -> Iterator[Block | Table]:
    """Yield the parts with runs of lines "service – fee" under a line that names the columns as a table."""
    run: list[Block] = []
    for part in parts:
        if isinstance(part, Block) and part.kind in ("paragraph", "row") and _goes_on(run, part):
            run.append(part)
            continue
        yield from _written(run)
        starts = isinstance(part, Block) and part.kind in ("paragraph", "row") and _DASH.search(part.text)
        run = [part] if isinstance(part, Block) and starts else []
        if not starts:
            yield part
    yield from _written(run)


def _goes_on(run: Sequence[Block], block: Block) -> bool:
    return bool(run) and not block.joined and len(_DASH.split(block.text)) >= len(_DASH.split(run[0].text))


def _written(run: Sequence[Block]) -> Iterator[Block | Table]:
    names = _DASH.split(one_line(run[0].text)) if run else []
    grid = tuple(tuple(_DASH.split(one_line(block.text), maxsplit=len(names) - 1)) for block in run)
    if len(grid) < 3 or header_rows(grid) != 1:
        yield from run
        return
    for page, rows in groupby(zip(run[1:], grid[1:], strict=True), key=lambda pair: pair[0].page):
        yield Table((grid[0], *(cells for _, cells in rows)), 1, page=page)


def _continued(before: Table, table: Table) -> Table:
    """Return a table that goes on from the page before with the names of its columns and its caption."""
    if table.page == before.page or len(table.grid[0]) != len(before.grid[0]) or table.caption:
        return table
    names = before.grid[:before.headers]
    rows = table.grid[table.headers:] if table.grid[:table.headers] == names else table.grid
    if table.headers and rows == table.grid:
        return table
    return Table((*names, *rows), before.headers, before.caption, table.page)


def _caption_above(blocks: list[Block]) -> str:
    """Take the caption from the end of the blocks and return it, or nothing."""
    at = len(blocks) - 1
    while at > 0 and _UNIT.fullmatch(one_line(blocks[at].text)) and blocks[at].kind == "paragraph":
        at -= 1
    text = one_line(blocks[at].text) if at >= 0 and blocks[at].kind == "paragraph" else ""
    short = 0 < len(text.split()) <= _CAPTION_WORDS
    if not short or not (is_caption(text) or (text.endswith(":") and at == len(blocks) - 1)):
        return ""
    caption = one_line(" ".join(block.text for block in blocks[at:]))
    del blocks[at:]
    return caption


def is_caption(text: str) -> bool:
    """Return whether a line says that it names a table: "Ҷадвали 1. …"."""
    return bool(_CAPTION.match(text))


def _table_blocks(table: Table, heading: str) -> Iterator[Block]:
    rows = [Block("row", text, page=table.page) for text in row_texts(table.grid, table.headers)]
    lead = table.caption or heading
    for at, group in enumerate(_groups(rows, len(lead.split()))):
        if lead and (table.caption or at):
            yield Block("paragraph", lead.rstrip(" .:") + ":", page=table.page)
        yield from group


def _groups(rows: Sequence[Block], lead_words: int) -> Iterator[list[Block]]:
    """Yield runs of rows of about one passage, evenly filled."""
    words = [len(re.findall(r"\w+", row.text)) for row in rows]
    room = max(GROUP_WORDS - lead_words, 1)
    share = sum(words) / max(-(-sum(words) // room), 1)
    group: list[Block] = []
    held = 0
    for row, count in zip(rows, words, strict=True):
        if group and held + count / 2 > share:
            yield group
            group, held = [], 0
        group.append(row)
        held += count
    if group:
        yield group


def row_texts(grid: Sequence[Sequence[str]], headers: int) -> list[str]:
    """Return each row as "header: cell; header: cell", or "cell | cell" without headers.

    Empty cells are left out; a cell that fills its whole row stands alone; headers are rows too where
    one of them has no cell below.
    """
    names = _names(grid[:headers])
    rows = _body(grid, headers)
    named = [len(names) > 1 and not _is_one_cell(cells) for cells in rows]
    told = {at for cells, whole in zip(rows, named, strict=True) if whole for at, cell in enumerate(cells) if cell}
    all_told = told.issuperset(at for at, name in enumerate(names) if name)
    texts = [] if all_told else [" | ".join(_distinct(cells)) for cells in grid[:headers]]
    for cells, whole in zip(rows, named, strict=True):
        texts.append("; ".join(_named(names, cells)) if whole else " | ".join(_distinct(cells)))
    return [text for text in texts if text]


def _is_one_cell(cells: Sequence[str]) -> bool:
    """Return whether one cell is merged over the whole row."""
    return len(cells) > 1 and all(cells) and len(set(cells)) == 1


def _distinct(cells: Sequence[str]) -> list[str]:
    return [cell for cell, _ in groupby(cells) if cell]


def _body(grid: Sequence[Sequence[str]], headers: int) -> Sequence[Sequence[str]]:
    """Return the rows below the headers, without the row that only numbers the columns."""
    body = grid[headers:]
    numbered = bool(headers and body) and list(body[0]) == [str(at) for at in range(1, len(body[0]) + 1)]
    return body[1:] if numbered and len(body) > 1 else body


def _named(names: Sequence[str], cells: Sequence[str]) -> Iterator[str]:
    """Yield "name: cell"; a cell merged over columns goes once under the name they share, or the first."""
    at = 0
    while at < len(cells):
        end = at + 1
        while end < len(cells) and cells[end] == cells[at] and names[end:end + 1] == names[at:at + 1]:
            end += 1
        name = names[at] if at < len(names) else ""
        if cells[at]:
            yield f"{name}: {cells[at].rstrip(' ;')}" if name else cells[at].rstrip(" ;")
        at = end


def _names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the name of each column; a header of several rows reads from the top: "Маблағ – кӯдак"."""
    width = max((len(row) for row in rows), default=0)
    names = []
    for column in range(width):
        parts = [row[column].rstrip(" :") for row in rows if column < len(row)]
        distinct = dict.fromkeys(part for part in parts if part)
        names.append(" – ".join(distinct))
    return names


def header_rows(grid: Sequence[Sequence[str]]) -> int:
    """Return how many of the first rows of unmarked cells read as names of columns: 0, 1 or 2.

    Two where a cell of the first is merged over columns that the second names apart.
    """
    if len(grid) > 3 and any(above == beside for above, beside in pairwise(grid[0])):
        merged = [_names(grid[:2]), *grid[2:]]
        if not any(re.search(r"\d", cell) for cell in grid[1]) and _is_headed(merged):
            return 2
    return int(_is_headed(grid))


def _is_headed(grid: Sequence[Sequence[str]]) -> bool:
    if len(grid) < 3 or len(grid[0]) < 2 or not all(grid[0]):
        return False
    first = grid[0]
    if any(re.search(r"\d", cell) or len(cell.split()) > _HEADER_WORDS or cell[-1] in ".;" for cell in first):
        return False
    valued = sum(any(re.search(r"\d", cell) for cell in row) for row in grid[1:]) * 2 >= len(grid) - 1
    return valued and (bool(_VALUE_HEADER.search(first[-1])) or first[0].startswith("№"))
