"""Markdown becomes blocks: headings, paragraphs, list items, table rows, notes after what they belong to.

Marks are read, not shown: **bold**, [link](address) and the like leave their words only.  It knows
the Markdown people write by hand, not every corner of CommonMark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from corpora.extract.blocks import Block, Extracted, assemble
from corpora.extract.footnotes import marker, noted
from corpora.extract.tables import Table, settle
from corpora.normalise import normalise

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_UNDERLINE = re.compile(r"=+|-{2,}")
_RULE = re.compile(r"(?:[-*_]\s*){3,}")
_BULLET = re.compile(r"[-*+]\s+(.*)")
_NUMBER = re.compile(r"(\d{1,9})[.)]\s+(.*)")
_TABLE_RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_FENCE = re.compile(r"(?:```|~~~).*")
_NOTE = re.compile(r"\[\^([^\]\s]+)\]:\s*(.*)")
_NOTE_MARK = re.compile(r"\s*\[\^([^\]\s]+)\]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_INLINE = (
    (re.compile(r"!?\[([^\]]*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    (re.compile(r"!?\[([^\]]+)\]\[[^\]]*\]"), r"\1"),
    (re.compile(r"<((?:https?|mailto):[^>\s]+)>"), r"\1"),
    (re.compile(r"`+([^`]+)`+"), r"\1"),
    (re.compile(r"\*\*(\S(?:.*?\S)?)\*\*"), r"\1"),
    (re.compile(r"(?<!\w)__(\S(?:.*?\S)?)__(?!\w)"), r"\1"),
    (re.compile(r"(?<![\w*])\*(\S(?:[^*]*\S)?)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)_(\S(?:[^_]*\S)?)_(?!\w)"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|<>-])"), r"\1"),
)


def read_markdown(text: str, notes: Iterable[str] = ()) -> Extracted:
    """Return the words of a Markdown text with its headings."""
    blocks = markdown_blocks(normalise(_COMMENT.sub("", text)).split("\n"))
    return assemble(blocks, extractor="rohnamo markdown", media_type="text/markdown", notes=notes)


def markdown_blocks(lines: list[str]) -> list[Block]:
    """Return the blocks of Markdown lines, which carry no leading spaces."""
    lines, notes = _without_notes(lines)
    return list(_noted(settle(_parts(lines)), notes))


def _without_notes(lines: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the lines without the definitions of notes, and these by their names."""
    notes = {match[1]: inline(match[2]) for line in lines if (match := _NOTE.fullmatch(line))}
    return [line for line in lines if not _NOTE.fullmatch(line)], notes


def _noted(blocks: list[Block], notes: dict[str, str]) -> Iterator[Block]:
    """Yield the blocks, the notes of a paragraph after it and those of an item or row at its end."""
    for block in blocks:
        names = [name for name in _NOTE_MARK.findall(block.text) if name in notes]
        text = _NOTE_MARK.sub(lambda match: f" {marker(match[1])}" if match[1] in notes else match[0], block.text)
        block = replace(block, text=text)
        yield block
        for name in dict.fromkeys(names):
            yield noted(block, name, notes[name])


def _parts(lines: list[str]) -> list[Block | Table]:
    blocks: list[Block | Table] = []
    at, open_paragraph = 0, False
    while at < len(lines):
        line = re.sub(r"^(?:>\s?)+", "", lines[at])
        below = lines[at + 1] if at + 1 < len(lines) else ""
        if "|" in line and "|" in below and _TABLE_RULE.fullmatch(below):
            table, at = _table(lines, at)
            blocks.append(table)
            open_paragraph = False
            continue
        at += 1
        above = blocks[-1] if blocks else None
        if open_paragraph and _UNDERLINE.fullmatch(line) and isinstance(above, Block) and above.kind == "paragraph":
            blocks[-1] = Block("heading", above.text, 1 if line[0] == "=" else 2)
            open_paragraph = False
        elif not line or _RULE.fullmatch(line) or _FENCE.fullmatch(line):
            open_paragraph = False
        else:
            open_paragraph = _add_line(blocks, line, goes_on=open_paragraph)
    return blocks


def _add_line(blocks: list[Block | Table], line: str, *, goes_on: bool) -> bool:
    """Add one line of text; return whether the next line may continue it."""
    if match := _HEADING.fullmatch(line):
        blocks.append(Block("heading", inline(match[2]), len(match[1])))
        return False
    if match := _BULLET.fullmatch(line):
        blocks.append(Block("item", "– " + inline(match[1])))
    elif match := _NUMBER.fullmatch(line):
        blocks.append(Block("item", f"{match[1]}. {inline(match[2])}"))
    elif goes_on and isinstance(above := blocks[-1], Block):
        blocks[-1] = Block(above.kind, f"{above.text} {inline(line)}")
    else:
        blocks.append(Block("paragraph", inline(line)))
    return True


def _table(lines: list[str], at: int) -> tuple[Table, int]:
    header = _cells(lines[at])
    at += 2
    rows = []
    while at < len(lines) and "|" in lines[at]:
        rows.append(_cells(lines[at]))
        at += 1
    grid = [cells + [""] * (len(header) - len(cells)) for cells in (header, *rows)]
    return Table(tuple(map(tuple, grid)), 1), at


def _cells(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [inline(cell.strip()) for cell in re.split(r"(?<!\\)\|", line)]


def inline(text: str) -> str:
    """Return a line's words without the marks around them."""
    for pattern, words in _INLINE:
        text = pattern.sub(words, text)
    return text
