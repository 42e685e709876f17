"""A notice cut into the smallest pieces that say one thing: sentences, items of lists, cells of rows, with their label.

A label is a heading, a question, the first cell of a row or the words before a colon that name a field of the card.
It holds until the next heading; one before a colon, for its own line and the list under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.notices import words
from assistant.notices.card import FieldName
from assistant.records import Citation
from corpora.numerals import lowered
from corpora.records import Document, Passage
from corpora.sentences import sentences
from corpora.structure import chapter

_BULLET = re.compile(r"\s*(?:[-–—•▪●*·]\s+|\(?\d{1,2}(?:\.\d{1,2})*[.)]?\s+(?=\D)|\(?[а-яёғӣқӯҳҷa-z]\)\s*)+")
_LABELLED = re.compile(r"(?P<label>[^:|\d]{2,60}?)\s*:\s+(?=\S)")
_CELLS = re.compile(r"\s*\|\s*")
_LABEL_WORDS, _INLINE_WORDS = 12, 4
# Words like these end a label that only looks like one: what is a sentence says its own thing.
_STOPS = ".;,!"


@dataclass(frozen=True, slots=True)
class Clause:
    """One piece at [start, end) of a passage; `label` is the field its label names, None where it has none.

    listed: whether it is an item of a list or a cell.  heading: whether it is itself a label.
    """

    passage: Passage
    start: int
    end: int
    label: FieldName | None = None
    listed: bool = False
    heading: bool = False

    @property
    def text(self) -> str:
        """The words, verbatim."""
        return self.passage.text[self.start:self.end]

    @property
    def small(self) -> str:
        """The words folded, letter for letter."""
        return lowered(self.text)

    def citation(self, document: Document) -> Citation:
        """Return the pointer to these words, without the full stop or semicolon of an item."""
        end = self.end
        while self.listed and end - 1 > self.start and self.passage.text[end - 1] in ";,.":
            end -= 1
        return Citation(self.passage, document, (self.start, end))


def clauses(passages: Sequence[Passage], title: str = "") -> tuple[Clause, ...]:
    """Return the clauses of a notice, in order; its title is a heading that names no field."""
    found: list[Clause] = []
    label: FieldName | None = None
    for passage in passages:
        heading = passage.locator.heading or ""
        for start, end in _lines(passage.text):
            line = passage.text[start:end]
            if _is_heading(line, heading):
                label = None if line == title else label_of(line)
                found.append(Clause(passage, start, end, label, heading=True))
            else:
                found += _clauses(passage, start, end, label)
                label = _opened(line) or label
    return tuple(found)


@lru_cache(maxsize=512)
def label_of(words_: str) -> FieldName | None:
    """Return the field a label names, None where it names none."""
    small = lowered(_BULLET.sub("", words_, count=1)).strip(" :?.!")
    return next((name for name, finds in words.LABELS if finds.search(small)), None)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        if line.strip():
            yield at, at + len(line)
        at += len(line) + 1


def _is_heading(line: str, heading: str) -> bool:
    """Return whether a line is the document's heading, or one that the reader could not tell by its looks."""
    if line == heading or chapter(line):
        return True
    if "|" in line or re.match(r"\s*[-–—•]", line) or len(line.split()) > _LABEL_WORDS or line.strip()[-1] in _STOPS:
        return False
    plain = _BULLET.sub("", line, count=1).strip()
    if _LABELLED.match(plain) or not plain[:1].isupper():
        return False
    return line.rstrip().endswith(("?", ":")) or (label_of(line) is not None and not re.search(r"\d", plain))


def _opened(line: str) -> FieldName | None:
    """Return the field whose list a line opens: "Ба ариза замима карда мешавад:"."""
    return label_of(line) if line.rstrip().endswith(":") else None


def _clauses(passage: Passage, start: int, end: int, label: FieldName | None) -> Iterator[Clause]:
    line = passage.text[start:end]
    bullet = _BULLET.match(line)
    first = start + (bullet.end() if bullet else 0)
    if "|" in line:
        yield from _row(passage, first, end, label)
    elif (inline := _LABELLED.match(passage.text, first, end)) and (named := _inline(inline["label"])):
        yield Clause(passage, first, inline.end("label"), named, heading=True)
        yield from _sentences(passage, inline.end(), end, named, listed=True)
    else:
        listed = bool(bullet and re.search(r"[-–—•▪●*·)]", bullet[0])) or (label is FieldName.PAPERS and bool(bullet))
        yield from _sentences(passage, first, end, label, listed=listed)


def _inline(label: str) -> FieldName | None:
    return label_of(label) if len(label.split()) <= _INLINE_WORDS else None


def _row(passage: Passage, start: int, end: int, label: FieldName | None) -> Iterator[Clause]:
    """Yield the cells of a row; the first is the label of the others where it names a field."""
    places = [match.span() for match in _CELLS.finditer(passage.text, start, end)]
    starts, ends = [start, *(last for _, last in places)], [*(first for first, _ in places), end]
    named = label_of(passage.text[starts[0]:ends[0]])
    for at, (first, last) in enumerate(zip(starts, ends, strict=True)):
        if first < last:
            head = at == 0 and named is not None
            yield Clause(passage, first, last, named or label, listed=True, heading=head)


def _sentences(passage: Passage, start: int, end: int, label: FieldName | None, *, listed: bool) -> Iterator[Clause]:
    whole = Clause(passage, start, end, label, listed)
    if listed:
        yield whole
        return
    for first, last in sentences(whole.text):
        yield replace(whole, start=start + first, end=start + last)
