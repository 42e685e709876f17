"""Where the sentences of a text begin and end.

Knows the official style of Tajik and Russian: с. 2020, мод. 14, № 294, initials, dates, "1." at the
start of a line, «…».  A line end always ends a sentence.  It gives places only, never changed text;
every character that is not a space lies in exactly one sentence.
"""

from __future__ import annotations

import re

# They lead on to the word after them, so their full stop never ends a sentence.
_LEADING_WORDS = ("с ш к ҷ д н р т кӯч куч хиё ноҳ вил мод қ қис сарх ст п гл ч стр рис см ниг тел факс моб "
                  "ул кв просп им проф акад дотс и.о")
_LEADING = frozenset(_LEADING_WORDS.split())
# They may close a sentence: it ends when a capital letter follows.
_CLOSING_WORDS = "ғ т.д т.п т.е т.к др пр г гг сс сом дир руб коп тыс млн млрд ҳаз дақ мин"
_CLOSING = frozenset(_CLOSING_WORDS.split())
_AFTER_NUMBER = frozenset({"с", "г", "р"})
_CANDIDATE = re.compile(r"([.!?…]+)([»”\"')\]]*)\s+")
# Letters looked at on each side of a stop; no abbreviation or number of an article is longer.
_WINDOW = 40
_WORD_BEFORE = re.compile(r"[^\s(«\"“„\[,;:/–—-]*$")
_LINE_NUMBER = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[IVXLC]{1,6}|[A-Za-zА-ЯЁа-яёғӣқӯҳҷҒӢҚӮҲҶ])")
_TITLE_NUMBER = re.compile(
    r"(?:моддаи?|боби?|фасли|бахши|қисми|банди|сархати|замимаи|статья|глава|раздел|часть|пункт|приложение|ҷадвали?|таблица|"
    r"article|chapter)"
    r"\s+(?:№\s*)?(?:\d+(?:[.\-–]\d+)*[¹²³]?(?:\(\d+\))?|[IVXLC]+)", re.IGNORECASE)
# Stops inside a name in quotes or brackets end nothing; longer quotations are prose of their own.
_ENCLOSED = re.compile(r"«[^«»\n]{0,200}»|\([^()\n]{0,200}\)")
_OPENING = "«\"“„(['–—- "


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the span of each sentence, in order, without spaces around; `end` is exclusive."""
    spans: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        spans += [(start + first, start + last) for first, last in _line_sentences(line)]
        start += len(line) + 1
    return spans


def _line_sentences(line: str) -> list[tuple[int, int]]:
    enclosed = [match.span() for match in _ENCLOSED.finditer(line)]
    cuts = [match.end() for match in _CANDIDATE.finditer(line)
            if not any(first < match.end(2) < last for first, last in enclosed) and _ends(line, match)]
    spans = []
    for first, last in zip([0, *cuts], [*cuts, len(line)], strict=True):
        piece = line[first:last]
        if trimmed := piece.strip():
            at = first + len(piece) - len(piece.lstrip())
            spans.append((at, at + len(trimmed)))
    return spans


def _ends(line: str, match: re.Match[str]) -> bool:
    """Return whether the stop found at `match` ends a sentence."""
    following = line[match.end():match.end() + _WINDOW].lstrip(_OPENING)[:1]
    if not following or following.islower():
        return False
    if match[1] != "." or match[2]:
        return True
    return not _is_abbreviation(line, match.start(1), following)


def _is_abbreviation(line: str, stop: int, following: str) -> bool:
    before = line[max(0, stop - _WINDOW):stop]
    opening = before.strip() if stop <= _WINDOW else ""
    if _LINE_NUMBER.fullmatch(opening) or _TITLE_NUMBER.fullmatch(opening):
        return True
    found = _WORD_BEFORE.search(before)
    word = (found[0] if found else "").casefold()
    preceding = before[:len(before) - len(word)].rstrip()
    if word in _AFTER_NUMBER and preceding[-1:].isdigit():
        return following.isdigit() or following == "№"
    if word in _CLOSING:
        return following.isdigit() and word not in ("ғ", "т.д", "т.п")
    return word in _LEADING or (len(word) == 1 and word.isalpha()) or word == "№"
