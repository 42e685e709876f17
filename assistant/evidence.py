"""Which sentences of the hits speak to the question.

Units are stretches of the passages found, each with its score (`relevance`).  What does not bear on the time asked
about is kept apart, not lost.  No sentence is written here, and whether to answer is decided elsewhere (`abstain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.bearing import parted
from assistant.circumstance import Case
from assistant.cues import table
from assistant.intent import meets
from assistant.orders import speaks_to_program
from assistant.query import Query
from assistant.records import Citation
from assistant.relevance import Look, score, unknowing
from assistant.stretches import Spans, stretches
from assistant.validity import holds, is_past
from corpora.quantities import quantities
from corpora.quantity_words import Unit as Measure
from corpora.records import Document, Fact, FactType
from index import Hit, Snapshot

MOST_HITS, MOST_UNITS = 8, 4
# How far below the best a further unit may score; chosen on the train and dev parts.
_NEAR = 2.0
# How far below the best the one unit may score that answers what no better one does.
_FAR = 6.0
_SUMS = frozenset((Measure.SOMONI, Measure.DIRHAM, Measure.INDICATOR, Measure.PERCENT, Measure.USD, Measure.EUR,
                   Measure.RUB))
# A number that can be called, told from years and sums by the word beside it.
_CALLED = re.compile(r"(?:тел\.|телефон|занг|факс|звон|лини|call|phone)\w*\W(?:\D{0,30}|.{0,12}?)"
                     r"(?!(?:19|20)\d\d)\d{3}|(?<!\d)\d{3,4}(?!\d)\W{1,3}(?:занг|звон)|\+992|\d\d-\d\d-\d\d",
                     re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a passage that can be quoted alone: a sentence, a fact's quote, or a list with its opening."""

    hit: Hit
    document: Document
    spans: Spans                           # of its sentences in passage.text, in order
    fact: Fact | None
    signs: tuple[float, ...]               # in the order of relevance.SIGNS
    score: float

    @property
    def text(self) -> str:
        """All its sentences, one a line."""
        return "\n".join(self.hit.passage.text[start:end] for start, end in self.spans)

    @property
    def unknowing(self) -> bool:
        """Whether it says no more than that something is not known."""
        return unknowing(self.text, self.fact)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """One citation a sentence, in order."""
        return tuple(Citation(self.hit.passage, self.document, span) for span in self.spans)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The units chosen, in reading order, and those that spoke to it but do not bear on the time asked about.

    `considered` are all that bear on it, best first; `told` is how much the question says (`relevance.Look.told`);
    `year` is the one we are in.
    """

    units: tuple[Unit, ...] = ()
    lapsed: tuple[Unit, ...] = ()
    considered: tuple[Unit, ...] = ()
    told: float = 0.0
    year: int = 0

    @property
    def best(self) -> Unit | None:
        """The unit that speaks most to the question."""
        return max(self.units, key=lambda unit: unit.score, default=None)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sentences of the units, the best unit's first."""
        ordered = sorted(self.units, key=lambda unit: -unit.score)
        return tuple(dict.fromkeys(citation for unit in ordered for citation in unit.citations))

    @property
    def near(self) -> tuple[Unit, ...]:
        """What is considered of the best unit's service or of none named; among it, sources may disagree."""
        best = self.best
        return tuple(unit for unit in self.considered if best and
                     (not best.document.service or unit.document.service in ("", best.document.service)))


def facts_of(intent: str) -> frozenset[FactType]:
    """Return the types of the facts that answer an intent."""
    return frozenset(FactType(name) for name in table("intent")[intent]["facts"])


def answers(unit: Unit, intent: str) -> bool:
    """Return whether a unit holds what an intent asks for; True where that cannot be told."""
    wanted = facts_of(intent)
    stated = unit.fact is not None and unit.fact.type in wanted
    if intent == "phone":
        return stated or bool(_CALLED.search(unit.text))
    if intent == "how_much" and stated and any(one.unit in _SUMS for one in quantities(unit.text)):
        return True
    return meets(intent, unit.text, unit.fact, wanted)


def gather(query: Query, hits: Sequence[Hit], snapshot: Snapshot, today: date) -> Evidence:
    """Return the evidence among the first hits."""
    look, case = Look(query, hits, snapshot), Case(query)
    units = [unit for hit in hits[:MOST_HITS] for unit in _units(look, case, hit, query.at or today)]
    units.sort(key=lambda unit: (-unit.score, unit.hit.rank, unit.spans))
    holding, lapsed = parted(query, units, today)
    chosen = _of_one_time(query, _chosen(query, holding), today)
    return Evidence(chosen, _chosen(query, lapsed), tuple(holding), look.told, today.year)


def _of_one_time(query: Query, units: tuple[Unit, ...], today: date) -> tuple[Unit, ...]:
    """Return the units without what is past, where the best one holds and no past day is asked about."""
    best = max(units, key=lambda unit: unit.score, default=None)
    if not best or (query.at and query.at < today) or is_past(best.document, best.fact, today):
        return units
    return tuple(unit for unit in units if not is_past(unit.document, unit.fact, today))


def _units(look: Look, case: Case, hit: Hit, day: date) -> Iterator[Unit]:
    """Yield the units of one hit about this case with their scores; none where its text gives orders to the program."""
    if speaks_to_program(hit.passage.text):
        return
    for spans, fact in stretches(hit.passage, hit.document):
        text = " ".join(hit.passage.text[start:end] for start, end in spans)
        if case.differs(hit.document, text):
            continue
        signs = look.signs(hit, text, fact, holding=holds(hit.document, fact, day))
        yield Unit(hit, hit.document, spans, fact, signs, score(signs))


def _chosen(query: Query, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Return the best unit and what else of its service comes near it, without repeating a sentence or a fact."""
    if not units:
        return ()
    units = _in_own_language(query, units)
    best = units[0]
    chosen = [best]
    for unit in units[1:]:
        near = unit.score >= best.score - _NEAR and not unit.unknowing
        kin = (unit.document.service, unit.document.language) == (best.document.service, best.document.language)
        if near and kin and not any(_same(unit, other) for other in chosen):
            chosen.append(unit)
    chosen = chosen[:MOST_UNITS]
    return _in_reading_order([*chosen, *_for_each_intent(query, units, chosen)])


def _for_each_intent(query: Query, units: Sequence[Unit], chosen: Sequence[Unit]) -> Iterator[Unit]:
    """Yield the best unit of the same service for each intent that nothing chosen answers."""
    best, found = chosen[0], list(chosen)
    kin = [unit for unit in units if unit.document.service == best.document.service and not unit.unknowing
           and unit.score >= best.score - _FAR and unit.fact]
    for intent in query.asked_in_order if len(query.asked_in_order) > 1 else ():
        if any(answers(unit, intent) for unit in found):
            continue
        own = [unit for unit in kin if unit.fact and unit.fact.type in facts_of(intent) and answers(unit, intent)]
        own.sort(key=lambda unit: unit.document.language != best.document.language)
        if own:
            found.append(own[0])
            yield own[0]


def _in_own_language(query: Query, units: Sequence[Unit]) -> list[Unit]:
    """Return the units, led by what states the best one's fact in the asker's language where that is among them."""
    best = units[0]
    if best.fact and best.document.language != query.language:
        own = next((unit for unit in units if unit.fact and unit.fact.id == best.fact.id
                    and unit.document.language == query.language), None)
        if own:
            return [replace(own, score=best.score), *(unit for unit in units if unit is not own)]
    return list(units)


def _same(one: Unit, other: Unit) -> bool:
    """Return whether two units say the same sentence or state the same fact."""
    stated = one.fact and other.fact and one.fact.id == other.fact.id and one.document.id != other.document.id
    return bool(stated) or _said(one) == _said(other)


def _in_reading_order(units: list[Unit]) -> tuple[Unit, ...]:
    """Return units passage by passage, the best one's first, within a passage as they stand there."""
    passages = list(dict.fromkeys(unit.hit.passage.id for unit in units))
    return tuple(sorted(units, key=lambda unit: (passages.index(unit.hit.passage.id), unit.spans)))


def _said(unit: Unit) -> str:
    return " ".join(unit.text.casefold().split())
