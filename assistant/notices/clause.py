"""A notice cut into the smallest pieces that say one thing: sentences, items of lists, cells of rows, with their label.

A label is a heading, a question, the first cell of a row or the words before a colon that name a field of the card.
It holds until the next heading; one before a colon, for its own line and the list under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.notices.card import FieldName
from assistant.notices.labels import label_of, names_benefit
from assistant.records import Citation
from corpora.numerals import lowered
from corpora.records import Document, Passage
from corpora.sentences import sentences
from corpora.structure import chapter

_BULLET = re.compile(r"\s*(?:[-–—•▪●*·]\s+|\(?\d{1,2}[.)]\s+(?=\D)|"
                     r"\d{1,2}(?:\.\d{1,2})+\.?\s+(?=\D)|\(?[а-яёғӣқӯҳҷa-z]\)\s*)+")
# The words before a colon, within a line too: a scan runs short lines together.
_INLINE = re.compile(r"(?:(?<=\s)|(?<![^\n]))"
                     r"(?P<label>[A-ZА-ЯЁҒӢҚӮҲҶ][^A-ZА-ЯЁҒӢҚӮҲҶ:|.;!?\d\n]{1,40}?)\.?\s*:\s+(?=\S)")
_CELLS = re.compile(r"\s*\|\s*")
_ROMAN = re.compile(r"[IVX]{1,4}\.\s+[^.;]{3,100}$")
_NUMBER = re.compile(r"\s*\(?\d")
_PAIR = 2
_LABEL_WORDS, _INLINE_WORDS, _ITEM_WORDS = 12, 5, 5
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


def clauses(passages: Sequence[Passage], title: str, *, plain: bool) -> tuple[Clause, ...]:
    """Return the clauses of a notice, in order.

    title: a heading that names no field.  plain: whether the reader could not tell headings by their looks, so that
    a short line that names a field is taken for one.
    """
    found: list[Clause] = []
    label: FieldName | None = None
    outer: FieldName | None = None        # what held before a numbered paragraph opened its list
    for passage in passages:
        heading = passage.locator.heading or ""
        for start, end in _lines(passage.text):
            line = passage.text[start:end]
            named = plain and not (found and found[-1].heading and found[-1].label) and _is_label(line)
            if line in (heading, title) or chapter(line) or named or _asks(line) or _ROMAN.match(line) \
                    or _is_numbered_label(line, label):
                label = outer = None if line == title else label_of(line)
                found.append(Clause(passage, start, end, label, heading=True))
            else:
                label = outer if _NUMBER.match(line) and _is_sentence(line) else label
                found += _clauses(passage, start, end, label)
                label = _opened(line) or label
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        if line.strip():
            yield at, at + len(line)
        at += len(line) + 1


def _is_label(line: str) -> bool:
    """Return whether a short line without a stop names a field."""
    if "|" in line or len(line.split()) > _LABEL_WORDS or line.rstrip()[-1] in _STOPS or _BULLET.match(line) \
            or _INLINE.search(line):
        return False
    return line[:1].isupper() and not re.search(r"\d", line) and label_of(line) is not None


def _is_numbered_label(line: str, label: FieldName | None) -> bool:
    """Return whether a short numbered line without a stop opens another field than the one it stands under."""
    if not _NUMBER.match(line) or not _BULLET.match(line) or len(line.split()) > _ITEM_WORDS + 1 or "|" in line:
        return False
    return line.rstrip()[-1].isalpha() and label_of(line) not in (None, label) and not _INLINE.search(line)


def _is_sentence(line: str) -> bool:
    """Return whether a numbered line says something by itself, and is no item of a list."""
    return line.rstrip().endswith((".", ":")) and len(line.split()) > _ITEM_WORDS


def _asks(line: str) -> bool:
    """Return whether a line is a question; one that names no field ends what the one before it named."""
    return line.rstrip().endswith("?") and len(line.split()) <= _LABEL_WORDS


def _opened(line: str) -> FieldName | None:
    """Return the field whose list a line opens: "Ба ариза замима карда мешавад:"."""
    return label_of(line) if line.rstrip().endswith(":") else None


def _clauses(passage: Passage, start: int, end: int, label: FieldName | None) -> Iterator[Clause]:
    """Yield the clauses of a line: the cells of a row, what stands behind each label in it, else its sentences."""
    bullet = _BULLET.match(passage.text, start, end)
    first = bullet.end() if bullet else start
    if "|" in passage.text[start:end]:
        yield from _row(passage, first, end, label)
        return
    marks = [mark for mark in _INLINE.finditer(passage.text, first, end) if _inline(mark["label"])]
    listed = bool(bullet) and (not _NUMBER.match(passage.text, start) or (label is FieldName.PAPERS
                                                                and not _is_sentence(passage.text[start:end])))
    yield from _sentences(passage, first, marks[0].start() if marks else end, label, listed=listed)
    ends = [*(mark.start() for mark in marks[1:]), end]
    for mark, last in zip(marks, ends, strict=False):
        named = _inline(mark["label"])
        # "Hotline: …" tells which telephone it is.
        told = mark.start() if named is FieldName.CONTACTS else mark.end()
        if told == mark.end():
            yield Clause(passage, mark.start(), mark.end("label"), named, heading=True)
        yield from _sentences(passage, told, last, named, listed=True)


def _inline(label: str) -> FieldName | None:
    return label_of(label) if len(label.split()) <= _INLINE_WORDS else None


def _row(passage: Passage, start: int, end: int, label: FieldName | None) -> Iterator[Clause]:
    """Yield the cells of a row; the first is the label of the others where it names a field, else a pair is one."""
    places = [match.span() for match in _CELLS.finditer(passage.text, start, end)]
    starts, ends = [start, *(last for _, last in places)], [*(first for first, _ in places), end]
    head = passage.text[starts[0]:ends[0]]
    named = label_of(head)
    if named is None and len(starts) == _PAIR and not names_benefit(head):
        yield Clause(passage, start, end, label, listed=True)
        return
    for at, (first, last) in enumerate(zip(starts, ends, strict=True)):
        if first < last:
            titled = names_benefit(head) or (at == 0 and named is not None)
            yield Clause(passage, first, last, named or label, listed=True, heading=titled)


def _sentences(passage: Passage, start: int, end: int, label: FieldName | None, *, listed: bool) -> Iterator[Clause]:
    """Yield a listed piece whole, any other by its sentences, without spaces around."""
    text = passage.text[start:end]
    places = [(len(text) - len(text.lstrip()), len(text.rstrip()))] if listed else sentences(text)
    for first, last in places:
        if first < last:
            yield Clause(passage, start + first, start + last, label, listed)
