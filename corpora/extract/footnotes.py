"""Notes at the foot of a page go to the text they belong to.

The marker glued to a word ("боҷ¹") becomes " (*1)", which is neither part of the word nor an item of
a list; the note follows its paragraph as one of its own, or ends the row or item it belongs to.  A
note whose marker is not found stays where it was printed, as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corpora.extract.blocks import Block

_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_NOTE = re.compile(r"(?P<mark>\d{1,2}|[⁰¹²³⁴-⁹]{1,2}|\*{1,3})(?:\)|(?=[^\d.,)]))\s*(?P<text>.+)", re.DOTALL)

# m² is an area, not a marker.
_NO_UNIT = r"(?<!\bм)(?<!\bкм)(?<!\bсм)"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as printed at the foot of a page, and its parts: the mark in plain digits or stars, the words."""

    printed: str
    mark: str
    text: str
    page: int | None = None


def note_of(printed: str, page: int | None = None) -> Note | None:
    """Return the note that a line at the foot of a page opens, or None."""
    match = _NOTE.fullmatch(printed)
    return Note(printed, match["mark"].translate(_SUPERSCRIPT), match["text"], page) if match else None


def marker(mark: str) -> str:
    """Return how the marker of a note stands in the text."""
    return "(*)" if mark == "*" else f"({mark})" if mark.startswith("*") else f"(*{mark})"


def place_notes(blocks: Sequence[Block], notes: Sequence[Note]) -> list[Block]:
    """Return the blocks with every note after the one on its page that has its marker."""
    marked = list(blocks)
    after: dict[int, list[Block]] = {}
    for note in notes:
        at, text = _marked(marked, note)
        if at is None:
            end = max((at for at, block in enumerate(marked) if block.page == note.page), default=len(marked) - 1)
            after.setdefault(end, []).append(Block("paragraph", note.printed, page=note.page))
            continue
        marked[at] = replace(marked[at], text=text)
        after.setdefault(_end(marked, at), []).append(noted(marked[at], note.mark, note.text))
    return _merged(marked, after)


def noted(block: Block, mark: str, words: str) -> Block:
    """Return the block of a note that belongs to `block`, which has its marker already."""
    inside = block.kind in ("row", "item")
    text = words if inside and block.text.endswith(marker(mark)) else f"{marker(mark)} {words}"
    return Block(block.kind if inside else "paragraph", text, page=block.page, joined=inside)


def _merged(blocks: Sequence[Block], after: Mapping[int, list[Block]]) -> list[Block]:
    merged = list(after.get(-1, []))
    for at, block in enumerate(blocks):
        merged += [block, *after.get(at, [])]
    return merged


def _marked(blocks: Sequence[Block], note: Note) -> tuple[int | None, str]:
    """Return the first block of the note's page with its marker, and the block's text with it spelt out."""
    mark = re.escape(note.mark)
    if note.mark.isdigit():
        raised = re.escape(note.mark.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")))
        mark = rf"(?:{mark}|{raised})"
    glued = re.compile(rf"([^\W\d_][»”\")]?){_NO_UNIT}{mark}([.,;:!?]?)(?![\w*⁰¹²³⁴-⁹])"
                       rf"|([^\W\d_][»”\")]?[.,;:!?]){mark}(?![\w*.,)])")

    def spelt(match: re.Match[str]) -> str:
        if match[3]:
            return f"{match[3][:-1]} {marker(note.mark)}{match[3][-1]}"
        return f"{match[1]} {marker(note.mark)}{match[2]}"

    for at, block in enumerate(blocks):
        if block.page == note.page:
            text, count = glued.subn(spelt, block.text, count=1)
            if count:
                return at, text
    return None, ""


def _end(blocks: Sequence[Block], at: int) -> int:
    """Return the last block of the paragraph that block `at` begins or goes on."""
    while at + 1 < len(blocks) and blocks[at + 1].joined:
        at += 1
    return at
