"""What a passage shows of a question when it is looked at a second time, beside the score that found it.

Every sign is a number in 0..1: how much of the question the passage and its titles hold, how close together its words
stand, whether its document has more to say, whether what is asked for is in it.  How much each counts was
fitted (`training/second_look.py`); the order itself is made in `retrieve`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import fmean

from assistant.query import Query
from assistant.validity import holds
from corpora.records import DocumentStatus
from index import Hit, Snapshot
from index.terms import Question, stems_of
from index.tokens import roughly_folded

SIGNS = ("words", "vectors", "coverage", "titled", "letters", "near", "numbers", "document", "fact", "form", "face",
         "lapsed", "own")
# Letters of a group, and how far apart (in letters) two words are near.
_SHORTEST, _LONGEST = 3, 5
_NEAR = 40
_LAPSED = (DocumentStatus.VOID, DocumentStatus.SUPERSEDED)


def signs(query: Query, hits: Sequence[Hit], snapshot: Snapshot) -> list[tuple[float, ...]]:
    """Return the signs of each hit, in the order of SIGNS."""
    look = _Look(snapshot.understood(query.search), snapshot.understood(query.about))
    words = _stretched([hit.scores["lexical"] for hit in hits], least=0.0)
    vectors = _stretched([hit.scores["dense"] for hit in hits])
    document = _of_documents(hits, words)
    return [(word, vector, hit.scores["coverage"], *look.at(hit), share, *_kinds(query, hit))
            for hit, word, vector, share in zip(hits, words, vectors, document, strict=True)]


class _Look:
    """The words of one question, ready to be looked for in many passages."""

    def __init__(self, asked: Question, about: Question) -> None:
        self._forms = about.forms()
        self._all = frozenset().union(*self._forms)
        self._groups = _groups(about.restored)
        self._letters_asked = sum(map(len, self._groups)) or 1
        self._numbers = {term.word for term in asked.terms if term.word.isdigit()}

    def at(self, hit: Hit) -> tuple[float, ...]:
        """Return titled, letters, near and numbers."""
        titles = _title_stems(f"{hit.document.title} {hit.passage.locator.heading or ''}")
        text = _folded(hit.passage.text)
        titled = len(titles & self._all) / max(len(titles), 1)
        return titled, self._letters(text), self._near(text), self._found_numbers(hit)

    def _letters(self, text: str) -> float:
        """Return the share of the topic's groups of letters that stand in a text, long ones counting more."""
        return sum(map(len, filter(text.__contains__, self._groups))) / self._letters_asked

    def _near(self, text: str) -> float:
        """Return the share of neighbouring words of the topic that stand near each other in a text."""
        places = [_places(text, forms) for forms in self._forms]
        pairs = list(pairwise(places))
        return fmean(_closest(one, other) <= _NEAR for one, other in pairs) if pairs else 0.0

    def _found_numbers(self, hit: Hit) -> float:
        """Return the share of the question's numbers that the passage, its titles or the act it is has."""
        act = {hit.document.act.number, hit.document.act.date[:4]} if hit.document.act else set()
        return len(self._numbers & (hit.stems | act)) / max(len(self._numbers), 1)


def _kinds(query: Query, hit: Hit) -> tuple[float, ...]:
    """Return fact, form, face, lapsed and own."""
    document, text = hit.document, hit.passage.text
    stated = {fact.type for fact in document.facts if fact.quote in text} if query.facts else set()
    lapsed = document.status in _LAPSED and not (query.at and holds(document, None, query.at))
    form = document.kind == "form" and "form" not in query.facts
    kinds = (bool(stated & query.facts), form, hit.face, lapsed, document.language == query.language)
    return tuple(map(float, kinds))


def _of_documents(hits: Sequence[Hit], words: Sequence[float]) -> list[float]:
    """Return for each hit what all hits of its document score together, as a share of the best document's."""
    totals: defaultdict[str, float] = defaultdict(float)
    for hit, score in zip(hits, words, strict=True):
        totals[hit.document.id] += score
    most = max(totals.values(), default=0.0) or 1.0
    return [totals[hit.document.id] / most for hit in hits]


def _stretched(scores: Sequence[float], least: float | None = None) -> list[float]:
    low = min(scores, default=0.0) if least is None else least
    width = max(scores, default=0.0) - low
    return [(score - low) / width if width > 0 else 0.0 for score in scores]


def _groups(text: str) -> list[str]:
    padded = f" {roughly_folded(text)} "
    return list({padded[start:start + size] for size in range(_SHORTEST, _LONGEST + 1)
                 for start in range(len(padded) - size + 1)})


def _places(text: str, forms: Sequence[str]) -> list[int]:
    """Return where a word of any of these forms begins in a text."""
    found = []
    for form in forms:
        at = text.find(form)
        while at >= 0:
            if not form.isdigit() or not text[max(at - 1, 0):at + len(form) + 1].strip(form).strip().isdigit():
                found.append(at)
            at = text.find(form, at + 1)
    return found


def _closest(one: Sequence[int], other: Sequence[int]) -> int:
    return min((abs(first - second) for first in one for second in other), default=_NEAR + 1)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return roughly_folded(text)


@lru_cache(maxsize=4096)
def _title_stems(titles: str) -> frozenset[str]:
    return stems_of(titles)
