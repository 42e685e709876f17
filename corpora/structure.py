"""The words by which Tajik and Russian acts are divided.

Recognises, at the start of a line, chapters (боб, глава), articles (модда, статья), their parts
(қисм, часть; банд, пункт; сархат) and list items, and lines that look like headings.  Rules over
one line; which line stands in which article is decided by the caller.
"""

from __future__ import annotations

import re

_NUMBER = r"(?:\d+(?:[.\-–]\d+)*[¹²³⁴⁵⁶⁷⁸⁹]?(?:\(\d+\))?)"
_ROMAN = r"[IVXLC]+"
_ARTICLE = re.compile(
    rf"(?P<word>моддаи?|статья|article)\s+(?P<number>{_NUMBER})\s*(?:[.:–—]|$)", re.IGNORECASE)
_CHAPTER = re.compile(
    rf"(?:(?:боби?|фасли?|бахши?|глава|раздел|chapter)\s+(?:{_NUMBER}|{_ROMAN})"
    r"|(?:замимаи?|приложение)(?:\s*№?\s*\d+)?)\s*(?:[.:–—]|$)", re.IGNORECASE)
_PART = re.compile(
    rf"(?P<word>қисми|банди|сархати|часть|пункт|абзац)\s+(?P<number>{_NUMBER})\s*(?:[.:)–—]|$)",
    re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<number>\d{1,3})\.\s+(?=\D)")
_ITEM = re.compile(r"(?:[-–—•▪●*·]\s+|\(?(?:\d{1,3}|[а-яёғӣқӯҳҷa-z])\)\s*|\d{1,3}\.\s+)")
_ARTICLE_WORDS = {"моддаи": "модда", "модда": "модда", "статья": "статья", "article": "article"}
_NUMBERED_PART = {"модда": "қисми", "статья": "часть", "article": "part"}
HEADING_WORDS = 15


def article(line: str) -> str | None:
    """Return "модда 14" for a line that opens article 14, else None."""
    match = _ARTICLE.match(line)
    return f"{_ARTICLE_WORDS[match['word'].casefold()]} {match['number']}" if match else None


def chapter(line: str) -> bool:
    """Return whether a line opens a chapter, a section or an annex."""
    return bool(_CHAPTER.match(line))


def part(line: str, within: str | None) -> str | None:
    """Return "қисми 2" for a line that opens a part; a bare "2." counts only within an article."""
    if match := _PART.match(line):
        return f"{match['word'].casefold()} {match['number']}"
    if within and (match := _NUMBERED.match(line)):
        return f"{_NUMBERED_PART[within.split()[0]]} {match['number']}"
    return None


def item(line: str) -> bool:
    """Return whether a line is an item of a list: "– …", "1) …", "а) …", "3. …"."""
    return bool(_ITEM.match(line))


def heading_level(line: str) -> int:
    """Return the level of a line that its own words show to be a heading, 0 for any other line.

    2 for a chapter or a short line all in capitals, 3 for an article.
    """
    if len(line.split()) > HEADING_WORDS + 10 or line.endswith((";", ",")):
        return 0
    if article(line):
        return 3
    short = len(line.split()) <= HEADING_WORDS and not line.endswith(".")
    if chapter(line) and short:
        return 2
    letters = [letter for letter in line if letter.isalpha()]
    return 2 if short and len(letters) > 3 and all(letter.isupper() for letter in letters) else 0


def title_like(line: str) -> bool:
    """Return whether a line standing alone could be a heading: short, capital first, no full stop."""
    return (0 < len(line.split()) <= HEADING_WORDS and not line.endswith((".", ",", ";", ":", "!", "…"))
            and line[0].isupper() and not item(line))
