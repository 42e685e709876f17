"""A web page becomes blocks: its main text with headings, lists, tables and notes; menus and scripts gone.

What a reader cannot see never comes through, and is noted.  lxml walks the page, so that no
paragraph, list or table of the main text is lost; trafilatura only tells the menus from the main
text on a page that does not say so itself, and its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import groupby

import lxml.html  # type: ignore[import-untyped]
from lxml import etree

from corpora.errors import UnreadableFileError
from corpora.extract.blocks import Block, Extracted, assemble
from corpora.extract.html_notes import place_page_notes
from corpora.extract.html_table import is_caption, is_data, read_table
from corpora.extract.tables import Table, settle
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
_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:hidden|font-size:0(?:px|pt|em|%)?(?:;|!|$)|opacity:0(?:\.0+)?(?:;|!|$)")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CSS_NAME = re.compile(r"[.#][\w-]+")
# What is hidden in print or on narrow screens is seen elsewhere.
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
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
    hidden = _drop_hidden(page)
    place_page_notes(page)
    _prune(page)
    root, certain = _main(page)
    blocks = settle(_walk(root))
    if not certain:
        blocks = _main_blocks(blocks, root, text)
    titled = any(block.kind == "heading" and block.level == 1 for block in blocks)
    if not titled and (title := _title(page, text)):
        blocks.insert(0, Block("heading", title, 1))
    return assemble(blocks, extractor=f"lxml {version('lxml')}", media_type="text/html", notes=[*notes, *hidden])


def _drop_hidden(page: lxml.html.HtmlElement) -> list[str]:
    """Drop what a reader of the page cannot see, and return a note if that held words."""
    names = _hidden_names(" ".join(style.text or "" for style in page.iter("style")))
    places = 0
    for element in list(page.iter()):
        if element.getparent() is None or not isinstance(element.tag, str) or not _is_hidden(element, names):
            continue
        places += element.tag not in _DROPPED and bool(one_line(element.text_content()))
        element.drop_tree()
    return [f"hidden text left out in {places} places"] if places else []


def _hidden_names(rules: str) -> set[str]:
    """Return the classes and ids that the page's own style always hides; one shown elsewhere may be a tab."""
    hidden: set[str] = set()
    shown: set[str] = set()
    for selectors, style in _CSS_RULE.findall(_MEDIA.sub("", _CSS_COMMENT.sub("", rules))):
        style = re.sub(r"\s", "", style).casefold()
        if _HIDDEN_STYLE.search(style):
            hidden.update(name for part in selectors.split(",") if _CSS_NAME.fullmatch(name := part.strip()))
        elif "display:" in style or "visibility:" in style or "opacity:" in style:
            shown.update(_CSS_NAME.findall(selectors))
    return hidden - shown


def _is_hidden(element: lxml.html.HtmlElement, names: set[str]) -> bool:
    own = [f".{name}" for name in (element.get("class") or "").split()]
    style = re.sub(r"\s", "", element.get("style") or "").casefold()
    return (element.get("hidden") is not None or bool(_HIDDEN_STYLE.search(style))
            or not names.isdisjoint([*own, f"#{element.get('id')}"]))


def _prune(page: lxml.html.HtmlElement) -> None:
    """Drop what is no text of the page: scripts, menus, forms, comments."""
    for element in list(page.iter()):
        if element.getparent() is not None and _is_no_text(element):
            element.drop_tree()


def _is_no_text(element: lxml.html.HtmlElement) -> bool:
    return not isinstance(element.tag, str) or element.tag in _DROPPED or element.get("role") in _DROPPED_ROLES


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


def _walk(element: lxml.html.HtmlElement) -> Iterator[Block | Table]:
    """Yield the blocks of an element, in order; loose text between blocks becomes paragraphs."""
    loose = [element.text or ""]
    for child in element:
        if child.tag == "br":
            yield from _loose(loose)
        elif child.tag in _HEADINGS or child.tag in _BLOCKS or _holds_blocks(child):
            yield from _loose(loose)
            yield from () if is_caption(child) else _element(child)
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


def _element(element: lxml.html.HtmlElement) -> Iterator[Block | Table]:
    if element.tag in _HEADINGS:
        yield Block("heading", element.text_content(), _HEADINGS[element.tag])
    elif element.tag in ("ul", "ol"):
        yield from _list(element)
    elif element.tag == "pre":
        yield from text_blocks(element.text_content())
    elif element.tag == "table" and is_data(element):
        yield read_table(element, _cell_text)
    else:
        yield from _walk(element)


def _list(element: lxml.html.HtmlElement) -> Iterator[Block | Table]:
    """Yield each item with its mark: "– " or its number; what an item holds beyond text follows it."""
    number = int(start) if (start := element.get("start") or "1").lstrip("-").isdigit() else 1
    for child in element:
        if child.tag != "li":
            yield from _element(child)
            continue
        mark = f"{number}. " if element.tag == "ol" else "– "
        number += 1
        for at, block in enumerate(_walk(child)):
            if isinstance(block, Table) or block.kind != "paragraph":
                yield block
            else:
                yield Block("item", mark + block.text.lstrip() if at == 0 else block.text)


def _cell_text(cell: lxml.html.HtmlElement) -> str:
    return one_line(" ".join(part.text for part in _walk(cell) if isinstance(part, Block)))


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
