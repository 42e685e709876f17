"""Which sentences of the hits speak to the question.

Units are facts' quotes and the sentences around them, cut from the passages and never changed; a list stays
together under the sentence that opens it.  What does not hold at the day asked about is kept apart, not lost.
No sentence is written here, and whether to answer is decided elsewhere (`abstain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from assistant.intent import meets
from assistant.query import Query
from assistant.records import Citation
from assistant.retrieve import around
from assistant.validity import holds
from corpora.records import Document, Fact, Passage
from corpora.sentences import sentences
from index import Hit, Snapshot
from index.tables import FACE_HEADINGS

MOST_HITS, MOST_UNITS, MOST_ITEMS = 8, 4, 16
# How much each sign weighs beside the share of the question's words (set on the train part of the questions).
_FINAL, _TYPE, _FACT, _LANGUAGE, _HEADING = 4.0, 0.4, 0.3, 0.15, 0.5
# A further unit must come this near to the best one; one that is no fact of the type asked for, nearer.
_NEAR_BEST, _NEARLY = 0.72, 0.88
# What a document says of itself (its face) is shown as status and dates, never as an answer.
_FACE = re.compile(r"^(?:Матни тавзеҳӣ, на расмӣ|Пояснительный текст, не официальный|Дар бораи ин матн|Об этом тексте|"
                   r"Вазъият: |Статус: |Маълумот ба ҳолати |Сведения на |"
                   r"Ин матн |Ин ҷо |Ин варақа |Эти сведения |Здесь собран|Этот текст |Этот образец )")
# A sentence that only points at the one before it says nothing alone; a fact was written to stand alone.
_POINTING = re.compile(r"^(?:Ин|Он|Инҳо|Онҳо|Инро|Онро|Аз ин|Барои ин|Бинобар ин|Это|Эти|Этот|Эта|Она|Они|Поэтому)\b")
# Where a document says itself that it does not know, there is nothing to answer.
_UNKNOWN = re.compile(
    r"маълум нест|дар манбаъҳои мо нест|ёфт нашуд|гуфта нашудааст|навишта нашудааст|не ?известн|не видно|не сказано|"
    r"не указан|нет в (?:наших )?источник", re.IGNORECASE)
_LEAST_WORDS = 3
_ITEM = re.compile(r"^[–—•*-]\s+")
_BLANK = re.compile("_{4,}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a passage that can be quoted alone: a sentence, a fact's quote, or a list with its opening."""

    hit: Hit
    document: Document
    spans: tuple[tuple[int, int], ...]     # of its sentences in passage.text, in order
    fact: Fact | None
    coverage: float                        # share of the topic's words in it, its heading and its title, 0..1
    score: float

    @property
    def text(self) -> str:
        """All its sentences, one a line."""
        return "\n".join(self.hit.passage.text[start:end] for start, end in self.spans)

    @property
    def unknowing(self) -> bool:
        """Whether it says no more than that something is not known."""
        return self.fact is None and bool(_UNKNOWN.search(self.text))

    @property
    def citations(self) -> tuple[Citation, ...]:
        """One citation a sentence, in order."""
        return tuple(Citation(self.hit.passage, self.document, span) for span in self.spans)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The units chosen, in reading order, and those that spoke to it but do not hold on the day asked about."""

    units: tuple[Unit, ...] = ()
    lapsed: tuple[Unit, ...] = ()

    @property
    def best(self) -> Unit | None:
        """The unit that speaks most to the question."""
        return max(self.units, key=lambda unit: unit.score, default=None)


def gather(query: Query, hits: Sequence[Hit], snapshot: Snapshot, today: date) -> Evidence:
    """Return the evidence among the first hits.

    What has lapsed is evidence only where the question is whether it still holds.
    """
    day = query.at or today
    units = [unit for hit in hits[:MOST_HITS] for unit in _units(query, hit, snapshot)]
    units.sort(key=lambda unit: (-unit.score, unit.hit.rank, unit.spans))
    holding = [unit for unit in units if holds(unit.document, unit.fact, day)]
    lapsed = [unit for unit in units if not holds(unit.document, unit.fact, day)]
    if query.asks_validity and lapsed and (not holding or lapsed[0].score > holding[0].score):
        return Evidence(_chosen(query, lapsed))
    return Evidence(_chosen(query, holding), _chosen(query, lapsed))


def _chosen(query: Query, units: list[Unit]) -> tuple[Unit, ...]:
    """Return the best unit and what else of its service comes near it, without repeating a sentence.

    A fact of the type asked for is taken before one that scores a little higher.
    """
    if not units:
        return ()
    fitting = [unit for unit in units if unit.fact and unit.fact.type in query.facts
               and _meets(query, unit.text, unit.fact) and unit.document.service == units[0].document.service]
    best = fitting[0] if fitting and fitting[0].score >= _NEARLY * units[0].score else units[0]
    chosen, said = [best], {_said(best)}
    for unit in units:
        share = _NEAR_BEST if unit in fitting or (unit.fact and not fitting) else _NEARLY
        near = unit.score >= share * best.score and not unit.unknowing
        kin = (unit.document.service, unit.document.language) == (best.document.service, best.document.language)
        if near and kin and _said(unit) not in said:
            chosen.append(unit)
            said.add(_said(unit))
    return _in_reading_order(chosen[:MOST_UNITS])


def _in_reading_order(units: list[Unit]) -> tuple[Unit, ...]:
    """Return units passage by passage, the best one's first, within a passage as they stand there."""
    passages = list(dict.fromkeys(unit.hit.passage.id for unit in units))
    return tuple(sorted(units, key=lambda unit: (passages.index(unit.hit.passage.id), unit.spans)))


def _said(unit: Unit) -> str:
    return " ".join(unit.text.casefold().split())


def _units(query: Query, hit: Hit, snapshot: Snapshot) -> Iterator[Unit]:
    """Yield the units of one hit with their scores."""
    if (hit.passage.locator.heading or "").casefold() in FACE_HEADINGS:
        return
    for spans, fact in _stretches(hit.passage, hit.document):
        text = " ".join(hit.passage.text[start:end] for start, end in spans)
        bare = snapshot.coverage(query.search, text)
        placed = snapshot.coverage(query.search, around(hit, text))
        coverage = bare + _HEADING * (placed - bare)
        topic = snapshot.coverage(query.about, around(hit, text))
        fits = bool(fact and fact.type in query.facts) and _meets(query, text, fact)
        own = hit.document.language == query.language
        score = coverage + _FINAL * hit.scores["final"] + _TYPE * fits + _FACT * bool(fact) + _LANGUAGE * own
        yield Unit(hit, hit.document, spans, fact, topic, score)


def _meets(query: Query, text: str, fact: Fact | None) -> bool:
    return all(meets(intent, text, fact, query.facts) for intent in query.intents)


def _stretches(passage: Passage, document: Document) -> Iterator[tuple[tuple[tuple[int, int], ...], Fact | None]]:
    """Yield what can be quoted alone, with the fact it states if it states one."""
    lines = [span for span in sentences(passage.text) if _speaks(passage, document, span)]
    facts = _facts(passage, document)
    at = 0
    while at < len(lines):
        size = _list_size(passage.text, lines[at:])
        group = lines[at:at + size]
        fact = next((found for found in (_fact_at(facts, span) for span in group) if found), None)
        if size == 1 and fact:
            group = [span for span in lines[at:] if _fact_at(facts, span) is fact] if _apart(facts, fact) else group
        if fact or not _POINTING.match(passage.text[slice(*group[0])]):
            yield (*_heading_over(passage, group[0]), *group[:MOST_ITEMS]), fact
        at += max(len(group), 1)


def _heading_over(passage: Passage, first: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the place of the heading right above a list that no sentence opens; its items mean nothing alone."""
    heading = passage.locator.heading or ""
    above = passage.text[:first[0]].rstrip()
    if not heading or not _ITEM.match(passage.text[slice(*first)]) or not above.endswith(heading):
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
