"""Sources that disagree: facts of one kind about one thing, both holding on a day, with different amounts or dates.

Found for what a question's evidence says, and over a whole snapshot for the admin.  Few but sure: a fee for adults
beside one for children, prices of two towns, an older edition beside a newer, k indicators beside their sum are no
disagreement, nor are two lines of one document.  Which source is right is not decided; the later act stands first.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import combinations, product
from typing import Protocol

from assistant.query import Query
from assistant.records import Citation, Conflict
from assistant.texts import date_words, text
from assistant.validity import LAPSED, holds
from corpora.dates import read_dates
from corpora.quantities import Quantity, quantities
from corpora.quantity_words import Bound
from corpora.records import Document, Fact, FactType
from index import Snapshot
from index.terms import FUNCTION_WORDS
from index.tokens import fold, stem, words

MOST_SHOWN = 2
# Kinds of facts whose amounts or days can disagree.
_MATTERS = (FactType.FEE, FactType.BENEFIT, FactType.PENALTY, FactType.DURATION, FactType.AGE, FactType.DEADLINE)
# Share of all words of two statements that both have, and how many at least (set on the tuning half of the pairs).
_ALIKE, _LEAST_SHARED = 0.6, 2
_WHOLE_DATE, _LEAST_BEGINNING = 10, 3
# Groups and categories: "гурӯҳи I", "категорияи В".
_LETTERS = re.compile(r"\b(?:[IVX]{2,4}|[A-ZА-Я])\b(?!\.)")


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact of a document."""

    document: Document
    fact: Fact

    @property
    def dated(self) -> str:
        """The ISO date of its act, else from when it holds, else when it was seen; empty where none is known."""
        act = self.document.act.date if self.document.act else ""
        return act or self.fact.valid_from or self.document.valid_from or self.document.as_of or ""

    @property
    def later(self) -> tuple[str, str, str]:
        """What the later of two is told by: the date of the act, from when it holds, when it was seen."""
        act = self.document.act.date if self.document.act else ""
        return act, self.fact.valid_from or self.document.valid_from or "", self.document.as_of or ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two statements, the later first, and the words in which each says what the other says otherwise."""

    statements: tuple[Statement, Statement]
    words: tuple[str, str]


class Cited(Protocol):
    """A unit of evidence."""

    @property
    def document(self) -> Document:
        """The document it stands in."""
        ...

    @property
    def fact(self) -> Fact | None:
        """The fact it states, if it states one."""
        ...

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Where it stands."""
        ...


def conflicts(query: Query, units: Sequence[Cited], day: date) -> tuple[Conflict, ...]:
    """Return where the units disagree on a day, in the asker's language, at most MOST_SHOWN."""
    cited = {(unit.document.id, unit.fact.id, unit.fact.quote): unit.citations for unit in units if unit.fact}
    stated = [Statement(unit.document, unit.fact) for unit in units if unit.fact]
    found = (_conflict(one, [cited[said.document.id, said.fact.id, said.fact.quote] for said in one.statements],
                       query.language) for one in disagreements(stated, day))
    return tuple({conflict.why: conflict for conflict in found}.values())[:MOST_SHOWN]


def conflicts_of(snapshot: Snapshot, language: str, day: date) -> tuple[Conflict, ...]:
    """Return every disagreement of a snapshot's documents on a day, for whoever keeps them."""
    stated = [Statement(document, fact) for document in snapshot.documents() for fact in document.facts]
    found = ((one, [_cited(snapshot, said) for said in one.statements]) for one in disagreements(stated, day))
    return tuple(_conflict(one, places, language) for one, places in found if all(places))


def disagreements(stated: Iterable[Statement], day: date) -> Iterator[Disagreement]:
    """Yield the pairs of statements that disagree on a day, the later act of each first."""
    alike: defaultdict[tuple[str, FactType], defaultdict[str, list[Statement]]]
    alike = defaultdict(lambda: defaultdict(list))
    for one in stated:
        if one.fact.type in _MATTERS and holds(one.document, one.fact, day) and not _overtaken(one):
            alike[one.document.language, one.fact.type][one.document.service].append(one)
    for first, second in (pair for services in alike.values() for pair in _pairs(services)):
        if found := _disagreement(*sorted((first, second), key=lambda one: one.later, reverse=True)):
            yield found


def _pairs(services: Mapping[str, Sequence[Statement]]) -> Iterator[tuple[Statement, Statement]]:
    """Yield the pairs within each service; a document that names no service may be of any."""
    unnamed = services.get("", ())
    for service, group in services.items():
        yield from combinations(group, 2)
        yield from product(group, unnamed) if service else ()


def _overtaken(one: Statement) -> bool:
    """Return whether no end of its own tells how long an old statement held; a later one may have come."""
    return one.document.status in LAPSED and not one.fact.valid_until


def _disagreement(first: Statement, second: Statement) -> Disagreement | None:
    if first.document.id == second.document.id or _took_place_of(first.document, second.document):
        return None
    said = _differing(first.fact, second.fact)
    return Disagreement((first, second), said) if said and _of_one_thing(first.fact, second.fact) else None


def _took_place_of(one: Document, other: Document) -> bool:
    return one.superseded_by == other.id or other.superseded_by == one.id


def _differing(one: Fact, other: Fact) -> tuple[str, str] | None:
    """Return the words of the first amount, else date, on which two facts differ; None where one agrees."""
    first, second = quantities(one.quote), quantities(other.quote)
    pairs = [(mine, theirs) for mine in first for theirs in second
             if (mine.unit, mine.per) == (theirs.unit, theirs.per)]
    if any(_agree(mine, theirs) for mine, theirs in pairs):
        return None
    if pairs:
        mine, theirs = pairs[0]
        return one.quote[mine.start:mine.end], other.quote[theirs.start:theirs.end]
    return _differing_days(one, other) if one.type == FactType.DEADLINE and not first and not second else None


def _differing_days(one: Fact, other: Fact) -> tuple[str, str] | None:
    days, others = ([phrase for phrase in read_dates(fact.quote) if len(phrase.iso) == _WHOLE_DATE]
                    for fact in (one, other))
    if not days or not others or {day.iso for day in days} & {day.iso for day in others}:
        return None
    return one.quote[days[0].start:days[0].end], other.quote[others[0].start:others[0].end]


def _agree(one: Quantity, other: Quantity) -> bool:
    """Return whether two amounts may both be so: equal, or one within what the other leaves open."""
    if one.bound == other.bound:
        return (one.low, one.high) == (other.low, other.high)
    (low, high), (other_low, other_high) = _reach(one), _reach(other)
    return low <= other_high and other_low <= high


def _reach(one: Quantity) -> tuple[float, float]:
    match one.bound:
        case Bound.AT_LEAST:
            return float(one.low), float("inf")
        case Bound.AT_MOST:
            return 0.0, float(one.low)
        case _:
            return float(one.low), float(one.high or one.low)


def _of_one_thing(one: Fact, other: Fact) -> bool:
    """Return whether two facts speak of the same: the same people, the same words beside the amounts."""
    if one.audience and other.audience and fold(one.audience) != fold(other.audience):
        return False
    mine, theirs = _subject(one.quote), _subject(other.quote)
    apart = mine ^ theirs
    if mine - theirs and theirs - mine:
        return False                   # each names something of its own
    if any(word.startswith(_contrasts()) or word.isdigit() or word.isupper() for word in apart):
        return False
    shared = mine & theirs
    return len(shared) >= _LEAST_SHARED and len(shared) >= _ALIKE * len(mine | theirs)


def _subject(quote: str) -> frozenset[str]:
    """Return the stems of a quote's words without amounts, dates and who says so; letters of groups as they stand."""
    bare = quote
    spans = [(one.start, one.end) for one in quantities(quote)] + [(one.start, one.end) for one in read_dates(quote)]
    for start, end in sorted(spans, reverse=True):
        bare = f"{bare[:start]} {bare[end:]}"
    keys = [fold(word) for word in words(bare)]
    left = {stem(key, "tg") for key in keys if not any(key in common for common in FUNCTION_WORDS.values())}
    return frozenset(left - _reporting() | set(_LETTERS.findall(bare[1:])))


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("assistant") / "conflicts.toml").read_text(encoding="utf-8"))


@cache
def _reporting() -> frozenset[str]:
    return frozenset(stem(fold(word), "tg") for row in _tables()["reporting"].values() for word in row)


@cache
def _contrasts() -> tuple[str, ...]:
    """Return the beginnings, also as they are without an ending."""
    row = [fold(word) for words in _tables()["contrast"].values() for word in words]
    return tuple({*row, *(short for word in row if len(short := stem(word, "tg")) > _LEAST_BEGINNING)})


def _conflict(found: Disagreement, places: Sequence[tuple[Citation, ...]], language: str) -> Conflict:
    first, second = found.statements
    why = text(language, "conflict", first.fact.type, first=found.words[0], second=found.words[1],
               one=_named(first, language), other=_named(second, language))
    return Conflict(why, tuple(citation for place in places for citation in place))


def _named(said: Statement, language: str) -> str:
    """Return what a statement is told apart by: the title, and its date where one is known."""
    when = f", {date_words(said.dated, language)}" if said.dated else ""
    return f"{said.document.title}{when}"


def _cited(snapshot: Snapshot, said: Statement) -> tuple[Citation, ...]:
    for passage in snapshot.passages(said.document.id):
        at = passage.text.find(said.fact.quote)
        if at >= 0:
            return (Citation(passage, said.document, (at, at + len(said.fact.quote))),)
    return ()
