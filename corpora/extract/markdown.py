"""Markdown becomes blocks: headings, paragraphs, list items, table rows.

Marks are read, not shown: **bold**, [link](address) and the like leave their words only.  It knows
the Markdown people write by hand, not every corner of CommonMark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from corpora.extract.blocks import Block, Extracted, assemble, table_rows
from corpora.normalise import normalise

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_UNDERLINE = re.compile(r"=+|-{2,}")
_RULE = re.compile(r"(?:[-*_]\s*){3,}")
_BULLET = re.compile(r"[-*+]\s+(.*)")
_NUMBER = re.compile(r"(\d{1,9})[.)]\s+(.*)")
_TABLE_RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_FENCE = re.compile(r"(?:```|~~~).*")
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
    blocks: list[Block] = []
    at, open_paragraph = 0, False
    while at < len(lines):
        line = re.sub(r"^(?:>\s?)+", "", lines[at])
        below = lines[at + 1] if at + 1 < len(lines) else ""
        if "|" in line and "|" in below and _TABLE_RULE.fullmatch(below):
            rows, at = _table(lines, at)
            blocks, open_paragraph = blocks + rows, False
            continue
        at += 1
        if open_paragraph and _UNDERLINE.fullmatch(line) and blocks[-1].kind == "paragraph":
            blocks[-1] = Block("heading", blocks[-1].text, 1 if line[0] == "=" else 2)
            open_paragraph = False
        elif not line or _RULE.fullmatch(line) or _FENCE.fullmatch(line):
            open_paragraph = False
        else:
            open_paragraph = _add_line(blocks, line, goes_on=open_paragraph)
    return blocks


def _add_line(blocks: list[Block], line: str, *, goes_on: bool) -> bool:
    """Add one line of text; return whether the next line may continue it."""
    if match := _HEADING.fullmatch(line):
        blocks.append(Block("heading", inline(match[2]), len(match[1])))
        return False
    if match := _BULLET.fullmatch(line):
        blocks.append(Block("item", "– " + inline(match[1])))
    elif match := _NUMBER.fullmatch(line):
        blocks.append(Block("item", f"{match[1]}. {inline(match[2])}"))
    elif goes_on:
        blocks[-1] = Block(blocks[-1].kind, f"{blocks[-1].text} {inline(line)}")
    else:
        blocks.append(Block("paragraph", inline(line)))
    return True


def _table(lines: list[str], at: int) -> tuple[list[Block], int]:
    header = _cells(lines[at])
    at += 2
    rows = []
    while at < len(lines) and "|" in lines[at]:
        rows.append(_cells(lines[at]))
        at += 1
    return table_rows(header, rows), at


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
