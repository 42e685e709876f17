"""Large collections made from a small one, with a vocabulary that grows as that of real text does.

Sentences of one language are shuffled across its documents, and one word in five is replaced: by a word drawn as
often as it stood before (Simon's process, which gives Zipf's law), or by a new one, so that the number of words grows
with the 0.6th power of the text (Heaps' law).  The same seed of chance gives the same passages.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from corpora import Entry
from corpora.records import DocumentId, Passage, PassageId
from corpora.sentences import sentences

_WORD = re.compile(r"\w{4,}")
_REPLACED = 0.2
_HEAPS, _HEAPS_POWER = 20.0, 0.6


class _Words:
    """Draws the words of one language."""

    def __init__(self, chance: random.Random, words: list[str]) -> None:
        self._chance, self._urn, self._own = chance, words, len(words)
        self._drawn = 0

    def replaced(self, match: re.Match[str]) -> str:
        if self._chance.random() >= _REPLACED:
            return match[0]
        self._drawn += 1
        new = _HEAPS * _HEAPS_POWER * self._drawn ** (_HEAPS_POWER - 1)
        word = self._new() if self._chance.random() < new else self._any(len(self._urn))
        self._urn.append(word)
        return word

    def _new(self) -> str:
        """The beginning of one word with the end of another."""
        first, last = self._any(self._own), self._any(self._own)
        return (first[:(len(first) + 1) // 2] + last[len(last) // 2:]).casefold()

    def _any(self, among: int) -> str:
        return self._urn[int(self._chance.random() * among)]


def varied(entries: Sequence[Entry], count: int, seed: int = 7) -> Iterator[Entry]:
    """Yield the entries themselves and variations of them until there are `count` passages."""
    chance = random.Random(seed)  # noqa: S311 - a benchmark, not a secret
    pools = {language: _sentences(entries, language) for language in {entry.document.language for entry in entries}}
    words = {language: _Words(chance, _WORD.findall(" ".join(pool))) for language, pool in sorted(pools.items())}
    left, turn = count, 0
    while left > 0:
        entry = entries[turn % len(entries)]
        if turn >= len(entries):
            language = entry.document.language
            entry = _variation(entry, turn, pools[language], words[language], chance)
        entry = replace(entry, passages=tuple(entry.passages)[:left])
        left -= len(entry.passages)
        turn += 1
        yield entry


def _sentences(entries: Iterable[Entry], language: str) -> list[str]:
    return [passage.text[start:end] for entry in entries if entry.document.language == language
            for passage in entry.passages for start, end in sentences(passage.text)]


def _variation(entry: Entry, turn: int, pool: list[str], words: _Words, chance: random.Random) -> Entry:
    name = DocumentId(f"{entry.document.id}-{turn}")
    title = _WORD.sub(words.replaced, entry.document.title)
    passages, at = [], 0
    for number, passage in enumerate(entry.passages):
        drawn = " ".join(chance.choice(pool) for _ in sentences(passage.text))
        text = _WORD.sub(words.replaced, drawn)
        passages.append(Passage(PassageId(f"{name}:{number}"), name, text, at, at + len(text), passage.locator))
        at += len(text) + 1
    document = replace(entry.document, id=name, title=title, facts=())
    return Entry(document, tuple(passages))
