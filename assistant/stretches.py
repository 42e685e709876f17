"""What of a passage can be quoted alone: a sentence, a fact's quote, or a list with the sentence that opens it.

Stretches are cut from the text and never changed.  What a document says of itself (its face), empty fields of forms
and sentences that only point at the one before are left out.  Which stretch answers is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from corpora.records import Document, Fact, Passage
from corpora.sentences import sentences
from index.tables import FACE_HEADINGS

Spans = tuple[tuple[int, int], ...]
MOST_ITEMS = 16
# What a document says of itself (its face) is shown as status and dates, never as an answer.
_FACE = re.compile(r"^(?:Матни тавзеҳӣ, на расмӣ|Пояснительный текст, не официальный|Дар бораи ин матн|Об этом тексте|"
                   r"Вазъият: |Статус: |Маълумот ба ҳолати |Сведения на |"
                   r"Ин матн |Ин ҷо |Ин варақа |Эти сведения |Здесь собран|Этот текст |Этот образец )")
# A sentence that only points at the one before it says nothing alone; a fact was written to stand alone.
_POINTING = re.compile(r"^(?:Ин|Он|Инҳо|Онҳо|Инро|Онро|Аз ин|Барои ин|Бинобар ин|Это|Эти|Этот|Эта|Она|Они|Поэтому)\b")
_LEAST_WORDS = 3
_ITEM = re.compile(r"^[–—•*-]\s+")
_BLANK = re.compile("_{4,}")


def stretches(passage: Passage, document: Document) -> Iterator[tuple[Spans, Fact | None]]:
    """Yield the spans of what can be quoted alone, in order, with the fact it states if it states one."""
    if (passage.locator.heading or "").casefold() in FACE_HEADINGS:
        return
    lines = [span for span in sentences(passage.text) if _speaks(passage, document, span)]
    facts = _facts(passage, document)
    at = 0
    while at < len(lines):
        size = _list_size(passage.text, lines[at:])
        group = lines[at:at + size]
        fact = next((found for found in (_fact_at(facts, span) for span in group) if found), None)
        if size == 1 and fact:
            group = [span for span in lines[at:] if _fact_at(facts, span) is fact] if _apart(facts, fact) else group
        if fact or not (_POINTING.match(passage.text[slice(*group[0])]) or _only_opens(passage.text, group)):
            yield (*_heading_over(passage, group[0]), *group[:MOST_ITEMS]), fact
        at += max(len(group), 1)


def _only_opens(text: str, group: Sequence[tuple[int, int]]) -> bool:
    """Return whether a stretch opens a list that it does not hold."""
    return len(group) == 1 and text[slice(*group[0])].endswith(":")


def _heading_over(passage: Passage, first: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the place of the heading right above a list that no sentence opens; its items mean nothing alone.

    Items that are sentences need no heading.
    """
    heading = passage.locator.heading or ""
    above = passage.text[:first[0]].rstrip()
    item = passage.text[slice(*first)]
    if not heading or not _ITEM.match(item) or item.endswith(".") or not above.endswith(heading):
        return []
    return [(len(above) - len(heading), len(above))]


def _apart(facts: list[tuple[int, int, Fact]], fact: Fact) -> bool:
    """Return whether one quote of this fact is all there is of it, so that its sentences belong together."""
    return sum(found is fact for _, _, found in facts) == 1


def _facts(passage: Passage, document: Document) -> list[tuple[int, int, Fact]]:
    found = ((passage.text.find(fact.quote), fact) for fact in document.facts)
    return [(at, at + len(fact.quote), fact) for at, fact in found if at >= 0]


def _fact_at(facts: list[tuple[int, int, Fact]], span: tuple[int, int]) -> Fact | None:
    overlapping = [(end - start, fact.id, fact) for start, end, fact in facts if start < span[1] and span[0] < end]
    return max(overlapping, key=lambda found: found[:2])[2] if overlapping else None


def _speaks(passage: Passage, document: Document, span: tuple[int, int]) -> bool:
    """Return whether a sentence says something: no title, no heading, no imprint, no empty field of a form."""
    text = passage.text[span[0]:span[1]]
    if text.rstrip(":") in (document.title, passage.locator.heading) or _FACE.match(text) or _BLANK.search(text):
        return False
    return bool(_ITEM.match(text)) or len(text.split()) >= _LEAST_WORDS


def _list_size(text: str, lines: Sequence[tuple[int, int]]) -> int:
    """Return how many sentences a list takes that the first one opens or is part of; 1 where there is none."""
    first = text[lines[0][0]:lines[0][1]]
    items = sum(1 for _ in takewhile(lambda span: _ITEM.match(text[span[0]:span[1]]), lines[1:]))
    return 1 + items if first.endswith(":") or _ITEM.match(first) else 1
