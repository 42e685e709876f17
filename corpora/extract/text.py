"""Plain text becomes blocks: paragraphs, list items, headings guessed from how a line stands.

Lines broken by the width of a page are joined again; a heading is what the words of an act show to
be one, or a short line that stands alone before other text.  No character of the text is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable

from corpora import structure
from corpora.extract.blocks import Block, Extracted, assemble, join_lines
from corpora.extract.tables import dashed, settle
from corpora.normalise import normalise

# Shorter lines end where they end on purpose: list entries, addresses, verses.
_WRAPPED_LINE = 40
_FULL_LINE = 55
# A text with a longer line than this was not broken to the width of a page anywhere.
_WIDEST_LINE = 110


def read_text(text: str, notes: Iterable[str] = ()) -> Extracted:
    """Return plain text with its guessed headings."""
    return assemble(settle(dashed(text_blocks(text))), extractor="rohnamo text", media_type="text/plain", notes=notes)


def text_blocks(text: str, page: int | None = None) -> list[Block]:
    """Return the blocks of plain text, all of them standing on `page`."""
    text = normalise(text)
    wrapped = max(map(len, text.split("\n"))) <= _WIDEST_LINE
    groups = [part.split("\n") for part in text.split("\n\n") if part]
    if wrapped:
        groups = [_whole_lines(group) for group in groups]
    blocks: list[Block] = []
    for at, group in enumerate(groups):
        follower = groups[at + 1] if at + 1 < len(groups) else None
        if level := _standing_alone(group, follower, first=not blocks):
            blocks.append(Block("heading", group[0], level, page))
        else:
            blocks += [_block(line, len(group), page) for line in group]
    return blocks


def _whole_lines(lines: list[str]) -> list[str]:
    whole: list[str] = []
    before = ""
    for line in lines:
        if whole and _goes_on(before, line):
            whole[-1] = join_lines(whole[-1], line)
        else:
            whole.append(line)
        before = line
    return whole


def _goes_on(before: str, line: str) -> bool:
    """Return whether a line continues the one printed above it."""
    if structure.item(line) or structure.heading_level(line) or structure.heading_level(before):
        return False
    if line[0].islower():
        return before.endswith("-") or (len(before) >= _WRAPPED_LINE and not before.endswith((":", ";")))
    return len(before) >= _FULL_LINE and not before.endswith((".", "!", "?", ":", ";"))


def _standing_alone(group: list[str], follower: list[str] | None, *, first: bool) -> int:
    """Return the level of a paragraph that is a heading by its place, 0 for any other."""
    if len(group) != 1 or follower is None or not structure.title_like(group[0]):
        return 0
    if level := structure.heading_level(group[0]):
        return 1 if first else level
    followed_by_text = len(follower) > 1 or not structure.title_like(follower[0])
    return 1 if first else 2 * followed_by_text


def _block(line: str, lines: int, page: int | None) -> Block:
    if level := structure.heading_level(line):
        return Block("heading", line, level, page)
    if structure.item(line):
        return Block("item", line, page=page)
    return Block("row" if lines > 1 and not line.endswith(":") else "paragraph", line, page=page)
