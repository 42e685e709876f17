"""The sources of an answer by number, each with the stretches that are quoted from it.

One passage is one source; its number is its place in the answer's claims, then in what contradicts them, then in the
office.  The words of a source are put on a screen or on paper elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.records import Answer, Citation
from corpora.records import Document, Passage

Span = tuple[int, int]
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage that is cited; `spans` are code points of its text, in order, and do not touch."""

    number: int
    passage: Passage
    document: Document
    spans: tuple[Span, ...]
    citation: Citation                 # the first

    @property
    def quotes(self) -> tuple[str, ...]:
        """The cited words, verbatim."""
        return tuple(self.passage.text[start:end] for start, end in self.spans)


def cited(answer: Answer, numbered: Sequence[str] = ()) -> tuple[Cited, ...]:
    """Return the sources of an answer, by number; `numbered` are passages whose numbers were given out before."""
    spans: dict[str, list[Citation]] = {passage: [] for passage in numbered}
    for citation in _citations(answer):
        spans.setdefault(citation.passage.id, []).append(citation)
    return tuple(Cited(number, found[0].passage, found[0].document, _merged(found), found[0])
                 for number, found in enumerate(spans.values(), 1) if found)


def marks(citations: Sequence[Citation], sources: Sequence[Cited]) -> str:
    """Return the numbers that stand behind a claim, as in `[1][3]`."""
    numbers = {source.passage.id: source.number for source in sources}
    return "".join(f"[{number}]" for number in sorted({numbers[citation.passage.id] for citation in citations}))


def nearest(answer: Answer) -> tuple[Document, ...]:
    """Return the documents that came nearest, each title once, best first: for where nothing is answered."""
    titles: dict[str, Document] = {}
    for _, document in answer.hits:
        titles.setdefault(document.title, document)
    return tuple(titles.values())[:NEAREST]


def _citations(answer: Answer) -> Iterator[Citation]:
    yield from (citation for claim in answer.claims for citation in claim.citations)
    yield from (citation for conflict in answer.conflicts for citation in conflict.citations)
    if answer.office:
        yield answer.office.citation


def _merged(found: Sequence[Citation]) -> tuple[Span, ...]:
    """Return the stretches of one passage; those with nothing but a line end or a dash between are one."""
    passage, spans = found[0].passage.text, sorted({citation.span for citation in found})
    cuts = [0] + [at for at, (before, after) in enumerate(pairwise(spans), 1)
                  if passage[before[1]:after[0]].strip(" \n–—•*-")] + [len(spans)]
    return tuple((spans[first][0], max(end for _, end in spans[first:last])) for first, last in pairwise(cuts))
