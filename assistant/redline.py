"""What became of a text between two editions: which sentences differ, and in them which words.

Kept short, for people to look at: what stayed the same is cut to a few words, a long rewriting to its beginning.
Pure: the same two texts give the same pieces.  Words and sentences that fill a long text are no landmarks in it
(`autojunk` of difflib), so that none takes long.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from corpora.sentences import sentences

_AROUND = 6                            # words that stayed, shown on each side of a change
_MOST_WORDS = 60                       # of one piece that went or came
_COMPARED_WORDS = 2_000                # longer stretches are shown as gone and come, not word by word
_ALIKE = 0.4                           # share of words below which two stretches are no editions of one another


class Mark(StrEnum):
    """What became of some words."""

    SAME = "="
    GONE = "-"
    NEW = "+"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row, and what became of them."""

    mark: Mark
    text: str


def redline(old: str, new: str) -> Iterator[tuple[Piece, ...]]:
    """Yield each stretch of sentences that differs, in order."""
    before, after = _sentences(old), _sentences(new)
    start = first = 0
    for end, last in [*_anchors(before, after), (len(before), len(after))]:
        yield from _between(before[start:end], after[first:last])
        start, first = end + 1, last + 1


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of sentences that stand once in each text, as many as keep their order (patience diff)."""
    once = {text for text, count in Counter(old).items() if count == 1}
    counted = Counter(new)
    where = {text: at for at, text in enumerate(new) if text in once and counted[text] == 1}
    tops: list[int] = []
    before: dict[int, int] = {}
    place_in_old = {where[text]: at for at, text in enumerate(old) if text in where}
    for place in place_in_old:
        pile = bisect_left(tops, place)
        before[place] = tops[pile - 1] if pile else -1
        tops[pile:pile + 1] = [place]
    found, place = [], tops[-1] if tops else -1
    while place >= 0:
        found.append((place_in_old[place], place))
        place = before[place]
    return found[::-1]


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Piece, ...]]:
    if old or new:
        for tag, start, end, first, last in SequenceMatcher(None, old, new).get_opcodes():
            if tag != "equal":
                yield _pieces(" ".join(old[start:end]).split(), " ".join(new[first:last]).split())


def _sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentences(text)]


def _pieces(old: Sequence[str], new: Sequence[str]) -> tuple[Piece, ...]:
    if not old or not new or max(len(old), len(new)) > _COMPARED_WORDS:
        return _whole(old, new)
    matcher = SequenceMatcher(None, old, new)
    if matcher.ratio() < _ALIKE:
        return _whole(old, new)
    found: list[Piece] = []
    codes = matcher.get_opcodes()
    for tag, start, end, first, last in codes:
        if tag == "equal":
            found.append(Piece(Mark.SAME, _around(old[start:end], opens=start == 0, closes=end == len(old))))
        else:
            found += _whole(old[start:end], new[first:last])
    return tuple(found)


def _whole(old: Sequence[str], new: Sequence[str]) -> tuple[Piece, ...]:
    pairs = ((Mark.GONE, old), (Mark.NEW, new))
    return tuple(Piece(mark, _cut(words)) for mark, words in pairs if words)


def _cut(words: Sequence[str]) -> str:
    more = [f"… ({len(words) - _MOST_WORDS} more words)"] if len(words) > _MOST_WORDS else []
    return " ".join([*words[:_MOST_WORDS], *more])


def _around(words: Sequence[str], *, opens: bool, closes: bool) -> str:
    """Return words that stayed, without those far from what changed; they may open or close the stretch."""
    if len(words) <= _AROUND * (1 if opens or closes else 2):
        return " ".join(words)
    before = [] if opens else words[:_AROUND]
    after = [] if closes else words[-_AROUND:]
    return " ".join([*before, "…", *after])
