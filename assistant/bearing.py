"""Whether what is said bears on the time a question asks about.

What has lapsed never answers as if it held: it answers only where the question itself speaks of its time or its act,
or asks whether it is so, and then as an earlier rule.  What holds on a day is decided in `validity`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Protocol, TypeVar

from assistant.asked_date import sums_like_years
from assistant.query import Query, folded_words
from assistant.validity import LAPSED, begins, holds, is_past, stands
from corpora.records import Document, DocumentStatus, Fact, FactType
from index import Hit
from index.tokens import fold

_YEAR = re.compile(r"(?<![\d№.,])(?<!№ )(?:19|20)\d\d(?!\d)(?!\s*(?:сомон|дирам|доллар|рубл|евро|кВт|somon|dollar))")
# The number of an act as people write it: "№ 437", "қарори 213", "рақами 103".
_ACT_NUMBER = re.compile(r"(?:№\s*|(?<!\w)(?:қарор|карор|рақам|ракам|номер|постановлени|number|decree)\w*\s+)"
                         r"(\d+)(?!\d)", re.IGNORECASE)
_NUMBERED = re.compile(r"№\s*(\d+)")
_NO_END = "9999"
_MONTH = re.compile(r"(?<!\w)(?:январ|феврал|март|апрел|ма(?:йи?|е|я)(?!\w)|июн|июл|август|сентябр|октябр|ноябр|декабр|"
                    r"january|february|march|april|may(?!\w)|june|july|august|september|october|november|december|"
                    r"\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d\d-\d\d)",
                    re.IGNORECASE)
# Beginnings of words that ask about an act, or whether something is still so.
_OF_ACTS = tuple(map(fold, (
    "қонун", "қарор", "кодекс", "фармон", "низомнома", "қоида", "дастурамал", "барнома", "ҳанӯз", "беэътибор", "бекор",
    "кӯҳна", "пештара", "пешина", "собиқ", "закон", "постановлен", "правил", "положени", "старый", "старая", "старое",
    "старого", "прежн", "отмен", "утрат", "law", "decree", "code", "rule", "old", "former", "still", "repeal")))
# A question in the past tense; of the year we are in only such a one asks about what has lapsed.
_WAS = re.compile(r"\b(?:буд\w*|доданд|медоданд|гирифтанд|мегирифтанд|пеш|was|were|did|раньше)\b")
_RUSSIAN_PAST = re.compile(r"\b[а-яё]{2,}[аиея]л[аои]?\b")
_STILL = frozenset((fold(first), fold(second)) for first, second in
                   (("ҳозир", "ҳам"), ("ҳоло", "ҳам"), ("сих", "пор"), ("всё", "ещё")))


class Bearing(StrEnum):
    """How a text bears on a question, as far as time goes."""

    HOLDS = "holds"        # on the day asked about, as far as is known
    STANDS = "stands"      # an amount without an end of its own, in a notice that has expired
    ASKED = "asked"        # not then, but the question speaks of its time or its act, or asks whether it is so
    BESIDE = "beside"      # it tells the end of an act, of which nothing is asked
    LAPSED = "lapsed"      # none of these


class Said(Protocol):
    """A text that speaks to a question, such as a unit of evidence."""

    @property
    def document(self) -> Document:
        """The document it stands in."""
        ...

    @property
    def fact(self) -> Fact | None:
        """The fact it states, if it states one."""
        ...

    @property
    def text(self) -> str:
        """Its words."""
        ...

    @property
    def score(self) -> float:
        """How much it speaks to the question."""
        ...


SaidT = TypeVar("SaidT", bound=Said)


def parted(query: Query, units: Sequence[SaidT], today: date) -> tuple[list[SaidT], list[SaidT]]:
    """Return the units that may answer and the others that are past, each in the order given.

    What does not hold but is asked about may answer where a day is asked about, or where it speaks to the question
    more than all that holds; an amount of an expired notice, where no other of its service holds.  What tells of an
    act's end is in neither where no act is asked about, nor is what is still to come.
    """
    found = [(unit, one) for unit in units if (one := bearing(query, unit, today)) != Bearing.BESIDE]
    best = {kind: max((unit.score for unit, one in found if one == kind), default=float("-inf")) for kind in Bearing}
    told = bool(query.at) or best[Bearing.ASKED] > best[Bearing.HOLDS]
    allowed = {Bearing.HOLDS, Bearing.ASKED} if told else {Bearing.HOLDS}
    newer = [unit for unit, one in found if one == Bearing.HOLDS]

    def may_answer(unit: SaidT, one: Bearing) -> bool:
        return one in allowed or (one == Bearing.STANDS and not _outdone(unit, newer))

    return ([unit for unit, one in found if may_answer(unit, one)],
            [unit for unit, one in found if not may_answer(unit, one) and is_past(unit.document, unit.fact, today)])


def _outdone(old: Said, holding: Iterable[Said]) -> bool:
    """Return whether what holds states another amount of the same kind and service."""
    return any(new.fact and old.fact and new.fact.type == old.fact.type and new.fact.id != old.fact.id
               and new.document.service == old.document.service for new in holding)


def tells_the_past(query: Query, best: Said, units: Iterable[Said], today: date) -> bool:
    """Return whether an answer made of these units is an earlier rule: its best unit is, or any where a past day is
    asked about.
    """
    asked_back = query.at is not None and query.at < today
    return any(is_past(unit.document, unit.fact, today) for unit in (units if asked_back else (best,)))


def led_by(first: Iterable[Hit], hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits with some of them, or some others, before the rest; each passage once, ranks from 1."""
    ordered = {hit.passage.id: hit for hit in (*first, *hits)}
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered.values(), 1)]


def bearing(query: Query, said: Said, today: date) -> Bearing:
    """Return whether a text holds on the day asked about, or is asked about all the same."""
    if said.fact and said.fact.type == FactType.SUPERSEDES and not (_asked(query, said, today) or _about_acts(query)):
        return Bearing.BESIDE
    if holds(said.document, said.fact, query.at or today):
        return Bearing.HOLDS
    if _asked(query, said, today):
        return Bearing.ASKED
    return Bearing.STANDS if stands(said.document, said.fact, query.at or today) else Bearing.LAPSED


def _asked(query: Query, said: Said, today: date) -> bool:
    """Return whether the question speaks of the time or the act of a text that does not hold, or doubts it."""
    if _later_than_asked(query, said):
        return False
    if asks_whether_so(query):
        return True
    act = {said.document.act.number} - {""} if said.document.act else set()
    if set(_ACT_NUMBER.findall(query.text)) & {*act, *_NUMBERED.findall(said.text)}:
        return True
    if _over_by_then(query, said):
        return False
    years = years_named(query) - (set() if _asks_back(query) else {str(today.year)})
    return any(_tells_of(said, year) for year in years)


def _later_than_asked(query: Query, said: Said) -> bool:
    """Return whether something begins in a later year than is asked about, or later in it where a month is named."""
    day = begins(said.document, said.fact, query.at) if query.at else None
    return bool(query.at and day and (day[:4] > str(query.at.year) or _MONTH.search(query.text)))


def _over_by_then(query: Query, said: Said) -> bool:
    """Return whether a fact's own end came before the month or day that the question names."""
    last = said.fact.valid_until if said.fact else None
    return bool(query.at and last and _MONTH.search(query.text) and last < query.at.isoformat()[:len(last)])


def _asks_back(query: Query) -> bool:
    text = query.text.casefold()
    return bool(_WAS.search(text) or (query.language == "ru" and _RUSSIAN_PAST.search(text)))


def asks_whether_so(query: Query) -> bool:
    """Return whether the question is if something holds still, or is true at all."""
    return query.asks_validity or "is_it_true" in query.intents


def years_named(query: Query) -> frozenset[str]:
    """Return the years that a question names, as they stand; a sum is none."""
    named = frozenset(_YEAR.findall(query.text))
    return named - sums_like_years(folded_words(query.text, query.language)) if named else named


def _about_acts(query: Query) -> bool:
    """Return whether a question is about an act, or about what still holds."""
    keys = folded_words(query.text, query.language)
    return any(key.startswith(_OF_ACTS) for key in keys) or bool(_STILL & set(pairwise(keys)))


def _tells_of(said: Said, year: str) -> bool:
    """Return whether a text tells what held in a year: it names the year, or its known dates reach into it.

    What is void tells only of years before a stated end: a wrong report was never a rule.
    """
    document, fact = said.document, said.fact
    first = (fact.valid_from if fact else None) or document.valid_from
    last = (fact.valid_until if fact else None) or document.valid_until
    if document.status == DocumentStatus.VOID and not last:
        return False
    if year in _YEAR.findall(said.text):
        return True
    known = last or (document.as_of if document.status in LAPSED else _NO_END)
    return bool(first and known) and str(first)[:4] <= year <= str(known)[:4]
