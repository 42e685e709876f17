"""A web page becomes blocks: its main text with headings, lists and tables; menus and scripts gone.

lxml walks the page, so that no paragraph, list or table of the main text is lost; trafilatura only
tells the menus from the main text on a page that does not say so itself, and its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import groupby

import lxml.html  # type: ignore[import-untyped]
from lxml import etree

from corpora.errors import UnreadableFileError
from corpora.extract.blocks import Block, Extracted, assemble, table_rows
from corpora.extract.text import text_blocks
from corpora.normalise import one_line

_DROPPED = frozenset({"script", "style", "noscript", "template", "iframe", "object", "svg", "nav", "footer",
                      "aside", "button", "select", "option", "input", "textarea", "dialog"})
_DROPPED_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "dialog"})
_BLOCKS = frozenset({
    "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "form", "header", "hgroup", "html", "li", "main", "ol", "p", "pre", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# A main text shorter than this is a stub beside the real one.
_ENOUGH = 200
# Letters; a shorter text may stand in a menu and in the main text alike.
_TELLING = 25
_MENU_LINKS = 3


def read_html(text: str, notes: Iterable[str] = ()) -> Extracted:
    """Return the main text of a page with its headings.

    Raises:
        UnreadableFileError: the page cannot be parsed at all.
    """
    try:
        page = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", text.lstrip("\ufeff")))
    except (etree.LxmlError, ValueError) as error:
        raise UnreadableFileError(f"the page cannot be parsed: {error}") from error
    _prune(page)
    root, certain = _main(page)
    blocks = list(_walk(root))
    if not certain:
        blocks = _main_blocks(blocks, root, text)
    titled = any(block.kind == "heading" and block.level == 1 for block in blocks)
    if not titled and (title := _title(page, text)):
        blocks.insert(0, Block("heading", title, 1))
    return assemble(blocks, extractor=f"lxml {version('lxml')}", media_type="text/html", notes=notes)


def _prune(page: lxml.html.HtmlElement) -> None:
    """Drop what is no text of the page: scripts, menus, forms, hidden parts, comments."""
    for element in list(page.iter()):
        if element.getparent() is not None and _is_no_text(element):
            element.drop_tree()


def _is_no_text(element: lxml.html.HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag in _DROPPED or element.get("role") in _DROPPED_ROLES:
        return True
    style = (element.get("style") or "").replace(" ", "")
    return element.get("hidden") is not None or "display:none" in style


def _main(page: lxml.html.HtmlElement) -> tuple[lxml.html.HtmlElement, bool]:
    """Return the element that holds the main text, and whether the page itself says so."""
    for path in ("//main", "//*[@role='main']", "//article"):
        found = page.xpath(path)
        if len(found) == 1 and len(found[0].text_content().split()) > 0:
            body = page.find("body")
            whole = len((body if body is not None else page).text_content())
            if len(found[0].text_content()) >= min(_ENOUGH, whole // 2):
                return found[0], True
    body = page.find("body")
    return (body if body is not None else page), False


def _walk(element: lxml.html.HtmlElement) -> Iterator[Block]:
    """Yield the blocks of an element, in order; loose text between blocks becomes paragraphs."""
    loose = [element.text or ""]
    for child in element:
        if child.tag == "br":
            yield from _loose(loose)
        elif child.tag in _HEADINGS or child.tag in _BLOCKS or _holds_blocks(child):
            yield from _loose(loose)
            yield from _element(child)
        elif child.tag not in _DROPPED:
            loose.append(child.text_content())
        loose.append(child.tail or "")
    yield from _loose(loose)


def _loose(pieces: list[str]) -> Iterator[Block]:
    text = "".join(pieces)
    pieces.clear()
    if one_line(text):
        yield Block("paragraph", text)


def _holds_blocks(element: lxml.html.HtmlElement) -> bool:
    inside = {inner.tag for inner in element.iterdescendants()}
    return "br" in inside or not inside.isdisjoint(_BLOCKS) or not inside.isdisjoint(_HEADINGS)


def _element(element: lxml.html.HtmlElement) -> Iterator[Block]:
    if element.tag in _HEADINGS:
        yield Block("heading", element.text_content(), _HEADINGS[element.tag])
    elif element.tag in ("ul", "ol"):
        yield from _list(element)
    elif element.tag == "pre":
        yield from text_blocks(element.text_content())
    elif element.tag == "table" and _is_data(element):
        yield from _table(element)
    else:
        yield from _walk(element)


def _list(element: lxml.html.HtmlElement) -> Iterator[Block]:
    """Yield each item with its mark: "– " or its number; what an item holds beyond text follows it."""
    number = int(start) if (start := element.get("start") or "1").lstrip("-").isdigit() else 1
    for child in element:
        if child.tag != "li":
            yield from _element(child)
            continue
        mark = f"{number}. " if element.tag == "ol" else "– "
        number += 1
        for at, block in enumerate(_walk(child)):
            if block.kind != "paragraph":
                yield block
            else:
                yield Block("item", mark + block.text.lstrip() if at == 0 else block.text)


def _is_data(table: lxml.html.HtmlElement) -> bool:
    """Return whether a table holds data; old pages use tables to place menus and columns."""
    if any(inner.tag in _HEADINGS or inner.tag == "table" for inner in table.iterdescendants()):
        return False
    return any(len(row.xpath("./td|./th")) > 1 for row in table.iter("tr"))


def _table(table: lxml.html.HtmlElement) -> Iterator[Block]:
    for caption in table.iter("caption"):
        yield Block("paragraph", caption.text_content())
    rows = _grid(table)
    elements = list(table.iter("tr"))
    first = elements[0].xpath("./td|./th") if elements else []
    headed = bool(first) and (all(cell.tag == "th" for cell in first) or bool(table.xpath("./thead/tr")))
    yield from table_rows(rows[0] if headed else (), rows[1:] if headed else rows)


def _grid(table: lxml.html.HtmlElement) -> list[list[str]]:
    """Return the cells of a table by row, a cell that spans rows or columns repeated in each."""
    rows: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row.xpath("./td|./th"):
            _fill_hanging(cells, hanging)
            text = one_line(" ".join(block.text for block in _walk(cell)))
            for _ in range(_span(cell, "colspan")):
                if (down := _span(cell, "rowspan")) > 1:
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


def _span(cell: lxml.html.HtmlElement, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(int(value), 1), 50) if value.isdecimal() else 1


def _main_blocks(blocks: Sequence[Block], root: lxml.html.HtmlElement, page: str) -> list[Block]:
    """Return the blocks without menus and without what stands above the main text, as trafilatura sees it.

    Only what trafilatura left out goes, and of that only runs of links and short lines at the top.
    """
    import trafilatura

    found = trafilatura.extract(page, favor_recall=True, include_tables=True, include_links=False) or ""
    main = one_line(found)
    telling = [len(_words(block)) >= _TELLING and _words(block) in main for block in blocks]
    if not any(telling):
        return list(blocks)
    first = next(at for at, block in enumerate(blocks)
                 if telling[at] or block.kind == "heading" or len(block.text) > _ENOUGH)
    links = {one_line(link.text_content()) for link in root.iter("a")}
    kept: list[Block] = []
    def is_left_out_link(block: Block) -> bool:
        return _words(block) in links and _words(block) not in main

    for linked, run in groupby(blocks[first:], is_left_out_link):
        group = list(run)
        kept += [] if linked and len(group) >= _MENU_LINKS else group
    return kept


def _words(block: Block) -> str:
    return one_line(block.text).removeprefix("– ")


def _title(page: lxml.html.HtmlElement, text: str) -> str:
    """Return the page's title without the name of the site."""
    import trafilatura

    metadata = trafilatura.extract_metadata(text)
    own = page.findtext(".//title") or ""
    return one_line((metadata.title if metadata else "") or own)
