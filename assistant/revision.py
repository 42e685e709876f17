"""What changed between two editions of a text: amounts, dates, conditions and denials first, each with both quotes.

One difference may be of several kinds and is told under each.  Rules over figures, conditions and negations, without a
model; a change of words that touches none of these is wording.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assistant.alignment import Pair, aligned
from assistant.conditions import marks
from assistant.figures import Figure, Kind, figures
from assistant.records import Citation
from assistant.texts import text
from corpora.dates import pattern
from corpora.draft import Entry
from corpora.numerals import lowered
from corpora.quantity_words import Unit

_SPANS = frozenset({Unit.MINUTE, Unit.HOUR, Unit.DAY, Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.WEEK, Unit.MONTH,
                    Unit.YEAR})
_DENIED = pattern(r"(?<!\w)(?:наме\w+|нест\w*|набо\w+|надо[рш]\w+|нашуд\w*|нашав\w*|накун\w*|накард\w*|нагир\w*|"
                  r"надиҳ\w*|не|ни|нет|бе|без|нельзя|манъ\w*|запрещ\w+)(?!\w)")
# Words that bind a rule besides "if", "only" and "except": both or either, must or may, all or some.
_BINDING = pattern(r"(?<!\w)(?:ва|ё|и|или|бояд|метавон\w*|мумкин|ҳатм\w*|должн?\w*|обязан\w*|вправе|может|могут|ҳамаи|"
                   r"кадоме|якҷоя|все|каждый|любой|якум|дуюм|сеюм|I|II|III)(?!\w)")


class ChangeKind(StrEnum):
    """What a change touches, the weightiest first."""

    AMOUNT = "amount"
    DATE = "date"
    CONDITION = "condition"
    NEGATION = "negation"
    WORDING = "wording"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change with the quotes it stands on; `said` are the figures that went and came, where it is of figures."""

    kind: ChangeKind
    pair: Pair
    said: tuple[str, str] = ("", "")

    @property
    def article(self) -> str:
        """The article or heading it stands under, in the new edition where there is one."""
        shown = self.pair.new or self.pair.old
        return shown.article if shown else ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The quotes, the old edition's first."""
        return tuple(one.citation for one in (self.pair.old, self.pair.new) if one)

    def plain(self, language: str) -> str:
        """Return what changed for the reader, in a sentence."""
        old, new = (one.citation.quote if one else "" for one in (self.pair.old, self.pair.new))
        if all(self.said):
            old, new = self.said
        return text(language, "compare", self.kind, old=" ".join(old.split()), new=" ".join(new.split()))

    def to_json(self) -> dict[str, Any]:
        """Return the change of the contracts."""
        old, new = (one.citation.quote if one else None for one in (self.pair.old, self.pair.new))
        return {"kind": self.kind, "article": self.article or None, "old": old, "new": new,
                "citations": [citation.to_json() for citation in self.citations],
                "plain": {language: self.plain(language) for language in ("tg", "ru")}}


def changes(old: Entry, new: Entry) -> tuple[Change, ...]:
    """Return what changed, the weightiest kinds first and each kind in the order of the new edition."""
    found = [change for pair in aligned(old, new) for change in _changes(pair)]
    return tuple(sorted(found, key=lambda change: list(ChangeKind).index(change.kind)))


def _changes(pair: Pair) -> Iterator[Change]:
    if pair.old is None or pair.new is None:
        yield Change(ChangeKind.REMOVED if pair.new is None else ChangeKind.ADDED, pair)
        return
    old, new = pair.old.citation.quote, pair.new.citation.quote
    found = dict(_figures(old, new))
    if _bound(old) != _bound(new):
        found.setdefault(ChangeKind.CONDITION, ("", ""))
    if _denials(old) != _denials(new):
        found.setdefault(ChangeKind.NEGATION, ("", ""))
    yield from (Change(kind, pair, said) for kind, said in (found or {ChangeKind.WORDING: ("", "")}).items())


def _figures(old: str, new: str) -> Iterator[tuple[ChangeKind, tuple[str, str]]]:
    """Yield each kind whose figures differ, with the words of those that went and of those that came."""
    before, after = _by_kind(old), _by_kind(new)
    for kind in before.keys() | after.keys():
        went, came = before.get(kind, Counter()), after.get(kind, Counter())
        if went != came:
            yield kind, (_words(old, went - came), _words(new, came - went))


_Key = tuple[str, str, str, str, str]


def _by_kind(sentence: str) -> dict[ChangeKind, Counter[_Key]]:
    found: dict[ChangeKind, Counter[_Key]] = {}
    for one in figures(sentence):
        if kind := _kind(one):
            found.setdefault(kind, Counter())[_key(one)] += 1
    return found


def _key(one: Figure) -> _Key:
    return one.value, one.high, one.unit, one.bound, f"{one.per}{one.until}"


def _kind(one: Figure) -> ChangeKind | None:
    """Return what a figure is to a reader; the number of an act or an article is wording."""
    if one.kind is Kind.DATE or one.unit in _SPANS:
        return ChangeKind.DATE
    if one.kind is Kind.QUANTITY and one.unit != Unit.AGE:
        return ChangeKind.AMOUNT
    return ChangeKind.CONDITION if one.kind in (Kind.QUANTITY, Kind.COUNT) else None


def _words(sentence: str, keys: Counter[_Key]) -> str:
    return ", ".join(sentence[one.start:one.end] for one in figures(sentence) if keys[_key(one)])


def _bound(sentence: str) -> tuple[frozenset[str], Counter[str]]:
    small = lowered(sentence)
    return frozenset(marks(sentence)), Counter(match[0] for match in _BINDING.finditer(small))


def _denials(sentence: str) -> int:
    return len(re.findall(_DENIED, lowered(sentence)))
