"""What a card did not take: sentences with a sum, a date, a telephone, an office or a right that no field quotes.

Nothing that counts in a notice is lost: it stands in a field or here.  Pure rules over places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.figures import Figure, Kind, figures
from assistant.notices import words
from assistant.records import Citation
from corpora.numerals import lowered
from corpora.records import Document, Passage
from corpora.sentences import sentences

_COUNTED = frozenset({Kind.DATE, Kind.QUANTITY, Kind.PHONE})
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Remainder:
    """The sentences no field took, how many figures the notice has, and how many of them stand in those."""

    citations: tuple[Citation, ...]
    figures: int
    left_over: int


def remainder(document: Document, passages: Sequence[Passage], taken: Sequence[Citation]) -> Remainder:
    """Return what of a notice stands in no quote of `taken`."""
    found: list[Citation] = []
    counted = left = 0
    for passage in passages:
        spans = [citation.span for citation in taken if citation.passage.id == passage.id]
        told = [one for one in figures(passage.text) if one.kind in _COUNTED]
        outside = [one for one in told if not _is_within(one, spans)]
        counted, left = counted + len(told), left + len(outside)
        found += [Citation(passage, document, span) for span in _sentences(passage, spans, outside)]
    return Remainder(tuple(found), counted, left)


def _is_within(one: Figure, spans: Sequence[Span]) -> bool:
    return any(start <= one.start and one.end <= end for start, end in spans)


def _sentences(passage: Passage, spans: Sequence[Span], outside: Sequence[Figure]) -> Iterator[Span]:
    """Yield the sentences that hold a figure of `outside`, or name an office or a right and are quoted nowhere."""
    for start, end in sentences(passage.text):
        figured = any(start < one.end and one.start < end for one in outside)
        quoted = any(start < last and first < end for first, last in spans)
        if figured or (not quoted and _counts(passage.text[start:end])):
            yield start, end


def _counts(sentence: str) -> bool:
    small = lowered(sentence)
    named = words.OFFICE.search(small) or words.REFUSAL.search(small)
    return bool(named) and not words.SAMPLE.search(small) and len(sentence.split()) > _TITLE_WORDS


# Fewer words are a heading or the name of a field.
_TITLE_WORDS = 4
