"""The footnotes of a web page go to the text that refers to them.

Works on the parsed page before it is walked: a raised link to a place on the page is a marker, the
element at that place is the note.  Links of a table of contents and links back are left alone.
"""

from __future__ import annotations

import re

import lxml.html  # type: ignore[import-untyped]

from corpora.extract.footnotes import marker
from corpora.normalise import one_line

_MARK = re.compile(r"[\[(]?(\d{1,3}|\*{1,3})[\])]?")
_INLINE = frozenset({"a", "b", "em", "i", "small", "span", "strong", "sup"})
_CELLS = frozenset({"dd", "li", "td", "th"})
_PARAGRAPHS = frozenset({"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "p"})
_LONGEST_NOTE = 150                    # words


def place_page_notes(page: lxml.html.HtmlElement) -> None:
    """Move each note of a page after the paragraph that refers to it, or to the end of the item or cell."""
    targets = {element.get("id") or element.get("name"): element
               for element in page.xpath("//*[@id]|//a[@name]")}
    moved: dict[str, str] = {}
    last: dict[lxml.html.HtmlElement, lxml.html.HtmlElement] = {}
    for link in page.xpath("//a[starts-with(@href, '#')]"):
        name, mark = link.get("href")[1:], _mark(link)
        if not mark or link.getroottree().getroot() is not page:
            continue
        if name not in moved:
            note = _note(targets.get(name), link)
            if note is None:
                continue
            moved[name] = _words(note, mark)
            note.drop_tree()
            _put(link, mark, moved[name], last)
        else:
            _replace(link, f" {marker(mark)}")


def _mark(link: lxml.html.HtmlElement) -> str:
    """Return the mark of a link that is raised or says that it leads to a note, or an empty text."""
    match = _MARK.fullmatch(one_line(link.text_content()))
    said = f"{link.get('role', '')} {link.get('class', '')} {link.get('rel', '')}".casefold()
    raised = link.getparent().tag == "sup" or link.find("sup") is not None
    return match[1] if match and (raised or "noteref" in said or "footnote" in said) else ""


def _note(target: lxml.html.HtmlElement | None, link: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """Return the block of a note, or None where the target is no note: it holds the link or is too long."""
    while target is not None and target.tag in _INLINE:
        target = target.getparent()
    if target is None or target.tag in ("body", "html", "main", "article") or target in link.iterancestors():
        return None
    count = len(target.text_content().split())
    return target if 0 < count <= _LONGEST_NOTE else None


def _words(note: lxml.html.HtmlElement, mark: str) -> str:
    text = one_line(note.text_content()).strip(" ↑↩^")
    return re.sub(rf"^[\[(]?{re.escape(mark)}[\])]?[.:]?\s*", "", text).strip(" ↑↩^")


def _put(link: lxml.html.HtmlElement, mark: str, words: str,
         last: dict[lxml.html.HtmlElement, lxml.html.HtmlElement]) -> None:
    block = next((parent for parent in link.iterancestors() if parent.tag in _PARAGRAPHS | _CELLS), None)
    if block is None:
        _replace(link, f" {marker(mark)} ({words})")
        return
    _replace(link, f" {marker(mark)}")
    inside = block.tag in _CELLS
    last_words = inside and one_line(block.text_content()).endswith(marker(mark))
    note = lxml.html.Element("span" if inside else "p")
    note.text = f" {words}" if last_words else f" {marker(mark)} {words}"
    if inside:
        block.append(note)
    else:
        last.get(block, block).addnext(note)
        last[block] = note


def _replace(link: lxml.html.HtmlElement, text: str) -> None:
    """Put text in the place of a link and of the raised letters around it."""
    parent = link.getparent()
    alone = parent.tag == "sup" and one_line(parent.text_content()) == one_line(link.text_content())
    element = parent if alone else link
    span = lxml.html.Element("span")
    span.text, span.tail, element.tail = text, element.tail, None
    element.getparent().replace(element, span)
