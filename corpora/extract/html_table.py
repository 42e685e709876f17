"""A table of a web page becomes a grid: merged cells repeated, header rows counted, caption found.

Which tables hold data and which only place columns of a page is decided here too; how rows read in
the text is decided in `tables`.
"""

from __future__ import annotations

from collections.abc import Callable

import lxml.html  # type: ignore[import-untyped]

from corpora.extract.tables import Table, header_rows

_WIDEST_SPAN, _LONGEST_SPAN = 50, 1000
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))


def is_data(table: lxml.html.HtmlElement) -> bool:
    """Return whether a table holds data; old pages use tables to place menus and columns."""
    if any(inner.tag in _HEADINGS or inner.tag == "table" for inner in table.iterdescendants()):
        return False
    return any(len(row.xpath("./td|./th")) > 1 for row in table.iter("tr"))


def read_table(table: lxml.html.HtmlElement, text_of: Callable[[lxml.html.HtmlElement], str]) -> Table:
    """Return the grid of a table; `text_of` gives the text of one cell on one line."""
    grid = _grid(table, text_of)
    width = max(map(len, grid), default=0)
    full = tuple(tuple(row + [""] * (width - len(row))) for row in grid)
    return Table(full, _marked_headers(table) or header_rows(full), caption_of(table))


def caption_of(table: lxml.html.HtmlElement) -> str:
    """Return the caption of a table or of the figure around it, or an empty text."""
    own = table.find("caption")
    figure = next((parent for parent in table.iterancestors() if parent.tag == "figure"), None)
    found = own if own is not None else figure.find("figcaption") if figure is not None else None
    return str(found.text_content()) if found is not None else ""


def is_caption(element: lxml.html.HtmlElement) -> bool:
    """Return whether an element is the caption of a table of data beside it."""
    figure = element.getparent() if element.tag == "figcaption" else None
    tables = [table for table in figure.iter("table") if is_data(table)] if figure is not None else []
    return bool(tables) and tables[0].find("caption") is None


def _marked_headers(table: lxml.html.HtmlElement) -> int:
    """Return how many of the first rows the page itself marks as headers."""
    count = 0
    for row in table.iter("tr"):
        cells = row.xpath("./td|./th")
        if not cells or not (row.getparent().tag == "thead" or all(cell.tag == "th" for cell in cells)):
            break
        count += 1
    return count


def _grid(table: lxml.html.HtmlElement, text_of: Callable[[lxml.html.HtmlElement], str]) -> list[list[str]]:
    """Return the cells of a table by row, a cell that spans rows or columns repeated in each."""
    rows: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row.xpath("./td|./th"):
            _fill_hanging(cells, hanging)
            text = text_of(cell)
            down = _span(cell, "rowspan", _LONGEST_SPAN)
            for _ in range(_span(cell, "colspan", _WIDEST_SPAN)):
                if down > 1:
                    hanging[len(cells)] = (down - 1, text)
                cells.append(text)
        _fill_hanging(cells, hanging)
        rows.append(cells)
    return rows


def _fill_hanging(cells: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    while (held := hanging.get(len(cells))) is not None:
        left, text = held
        if left == 1:
            del hanging[len(cells)]
        else:
            hanging[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: lxml.html.HtmlElement, name: str, most: int) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(int(value), 1), most) if value.isdecimal() else 1
