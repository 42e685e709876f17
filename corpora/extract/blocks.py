"""What a reader of files hands on: blocks of text in order, and the one text made of them.

A reader (PDF, HTML, Markdown, plain text) only lists its blocks.  Here they become one normalised
text with exact places for pages and headings; every later offset counts code points in that text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpora.normalise import one_line

# Where a line ended in a hyphen and the word went on: pdfium's own mark, resolved in `assemble`.
BROKEN_WORD = "\ufffe"
_BROKEN = re.compile(f"(?<!\\w)(\\w+){BROKEN_WORD}(\\w+)")
_COMPOUND = re.compile(r"(?<!\w)\w+-\w+")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item or table row.  `joined` continues the block before it."""

    kind: str                          # heading | paragraph | item | row
    text: str
    level: int = 0                     # of a heading, from 1
    page: int | None = None            # of the file, from 1
    joined: bool = False


@dataclass(frozen=True, slots=True)
class PageSpan:
    """The stretch of the text that stands on one page; `end` is exclusive."""

    start: int
    end: int
    page: int
    printed_page: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """The stretch of the text that is a heading; level 1 is the title."""

    start: int
    end: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class WordBox:
    """Where a recognised word of the text stands on the picture of its page.

    `start` and `end` (exclusive) are code points of the text.  x and y are shares 0 to 1 of the page's width
    and height as it is shown, y downwards; (x0, y0) is the upper left corner.
    """

    start: int
    end: int
    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    def to_json(self) -> list[float]:
        """Return the seven values in order; shares to a hundred-thousandth."""
        return [self.start, self.end, self.page, *(round(side, 5) for side in (self.x0, self.y0, self.x1, self.y1))]

    @classmethod
    def from_json(cls, value: Sequence[float]) -> WordBox:
        """Return the box written by `to_json`."""
        start, end, page, *sides = value
        return cls(int(start), int(end), int(page), *map(float, sides))


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of one file, normalised, with its pages and headings in order.

    `extractor` names what read it and its version: offsets depend on both.  `notes` say, for the
    admin, what was repaired, left out or guessed.  `boxes` are of the pages read by text recognition.
    """

    text: str
    spans: tuple[PageSpan, ...] = ()
    headings: tuple[Heading, ...] = ()
    extractor: str = ""
    media_type: str = "text/plain"
    notes: tuple[str, ...] = ()
    boxes: tuple[WordBox, ...] = ()


def assemble(blocks: Iterable[Block], *, extractor: str, media_type: str, notes: Iterable[str] = (),
             printed: dict[int, str] | None = None) -> Extracted:
    """Return the blocks as one text; `printed` gives the printed page number of a page of the file."""
    blocks = list(blocks)
    compounds = {word.casefold() for block in blocks for word in _COMPOUND.findall(block.text)}
    pieces: list[str] = []
    placed: list[tuple[int, int, Block]] = []
    length = 0
    before: Block | None = None
    for block in blocks:
        text = one_line(_mend(block.text, compounds))
        if not text:
            continue
        gap = _gap(before, block)
        pieces += [gap, text]
        placed.append((length + len(gap), length + len(gap) + len(text), block))
        length, before = placed[-1][1], Block(block.kind, text, block.level, block.page)
    text = "".join(pieces)
    headings = tuple(Heading(start, end, block.level, text[start:end])
                     for start, end, block in placed if block.kind == "heading")
    return Extracted(text, _pages(placed, printed or {}), headings, extractor, media_type, tuple(notes))


def _gap(before: Block | None, block: Block) -> str:
    """Return what stands between two blocks: nothing, a space, a line end or a blank line."""
    if before is None:
        return ""
    if block.joined and "heading" not in (before.kind, block.kind):
        return " "
    listed = block.kind in ("item", "row")
    if before.kind == "heading" or (listed and (before.kind in ("item", "row") or before.text.endswith(":"))):
        return "\n"
    return "\n\n"


def _mend(text: str, compounds: set[str]) -> str:
    """Return the text with words broken at a line end whole again; known compounds keep their hyphen."""
    def whole(match: re.Match[str]) -> str:
        compound = f"{match[1]}-{match[2]}"
        return compound if match[1].isdigit() or compound.casefold() in compounds else match[1] + match[2]
    return _BROKEN.sub(whole, text)


def join_lines(first: str, second: str) -> str:
    """Return two printed lines of one paragraph as one, a word broken by a hyphen marked as such."""
    if len(first) > 1 and first[-1] == "-" and first[-2].isalnum() and second[:1].islower():
        return first[:-1] + BROKEN_WORD + second
    return f"{first} {second}"


def _pages(placed: Sequence[tuple[int, int, Block]], printed: dict[int, str]) -> tuple[PageSpan, ...]:
    spans: list[PageSpan] = []
    for start, end, block in placed:
        if block.page is None:
            continue
        if spans and spans[-1].page == block.page:
            start = spans.pop().start
        spans.append(PageSpan(start, end, block.page, printed.get(block.page)))
    return tuple(spans)
