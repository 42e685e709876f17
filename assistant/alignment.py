"""Which sentence of a new edition was which of the old: the same words first, then the same article, then the likest.

Sentences are compared by their letters and digits, so that another layout, dash or line end is no change; one that only
moved is none.  What a difference means is told in `revision`.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from assistant.records import Citation
from corpora.draft import Entry
from corpora.sentences import sentences

# Share of words below which two sentences are no editions of one another: in one article, and anywhere.
_ALIKE_THERE, _ALIKE = 0.5, 0.7
_MARK = re.compile(r"^\s*(?:[-–—•*·]\s+|#+\s+)")
_WORD = re.compile(r"[^\W_]+|[%$€+<>=]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an edition: its place, its article or heading, and its words by which it is compared."""

    citation: Citation
    article: str
    words: tuple[str, ...]
    bag: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence in both editions, or in one of them only."""

    old: Sentence | None
    new: Sentence | None


def aligned(old: Entry, new: Entry) -> Iterator[Pair]:
    """Yield each sentence that differs, with the one it was, in the order of the new edition; what went comes last."""
    before, after = _unlike(list(_sentences(old)), list(_sentences(new)))
    left = deque(before)
    for sentence in after:
        was = _was(sentence, left)
        if was:
            left.remove(was)
        yield Pair(was, sentence)
    yield from (Pair(sentence, None) for sentence in left)


def _sentences(entry: Entry) -> Iterator[Sentence]:
    for passage in entry.passages:
        article = passage.locator.article or passage.locator.heading or ""
        for start, end in sentences(passage.text):
            mark = _MARK.match(passage.text[start:end])
            first = start + (mark.end() if mark else 0)
            words = tuple(_WORD.findall(passage.text[first:end].casefold()))
            if words:
                yield Sentence(Citation(passage, entry.document, (first, end)), article, words, frozenset(words))


def _unlike(old: Sequence[Sentence], new: Sequence[Sentence]) -> tuple[list[Sentence], list[Sentence]]:
    """Return the sentences of each edition that do not stand in the other, each counted once."""
    where: dict[tuple[str, ...], deque[Sentence]] = defaultdict(deque)
    for sentence in old:
        where[sentence.words].append(sentence)
    after = [sentence for sentence in new if not (where[sentence.words] and where[sentence.words].popleft())]
    left = {id(sentence) for rest in where.values() for sentence in rest}
    return [sentence for sentence in old if id(sentence) in left], after


def _was(sentence: Sentence, among: Sequence[Sentence]) -> Sentence | None:
    """Return the likest sentence, in the same article before any other; None where none is like enough."""
    rated = [(_likeness(sentence, other), other.article == sentence.article, other) for other in among]
    fit = [one for one in rated if one[0] >= (_ALIKE_THERE if one[1] else _ALIKE)]
    return max(fit, key=lambda one: (one[1], one[0]))[2] if fit else None


def _likeness(one: Sentence, other: Sentence) -> float:
    if 2 * len(one.bag & other.bag) < _ALIKE_THERE * (len(one.bag) + len(other.bag)):
        return 0.0
    return SequenceMatcher(None, one.words, other.words, autojunk=False).ratio()
