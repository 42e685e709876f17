"""The day a question asks about: "соли 2022", "пеш аз июли 2023", "в прошлом году", "autumn 2025".

A span of time becomes one day of it: the middle of a year, season or month, the last day before a date, the first
since it.  A year that an act, a car or a birth carries is not asked about.  No clock is read: today is given.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from importlib.resources import files

_YEAR = re.compile(r"((?:19|20)\d\d)(?:го|г|с|ум|юм|м|ro|ро|и)?$")
_FIGURES = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./]((?:19|20)\d\d)(?!\d)"
                      r"|(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_TABLE = tomllib.loads((files("assistant") / "asked_date.toml").read_text(encoding="utf-8"))
_WORDS = {name: tuple(text.split()) for name, text in _TABLE["words"].items()}
_MONTHS = [tuple(names.split()) for names in _TABLE["months"]]
_SEASONS = [(tuple(names.split()), month) for names, month in _TABLE["seasons"].items()]


class Relation(StrEnum):
    """How the time asked about lies to the date named."""

    IN = "in"
    NAMED = "named"                    # beside something else: an act of 2014
    BEFORE = "before"
    AFTER = "after"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class Span:
    """The first and last day of a time named, and how the question lies to it."""

    first: date
    last: date
    relation: Relation

    def day(self, today: date) -> date | None:
        """Return one day of the time asked about, None where that is today's time."""
        match self.relation:
            case Relation.BEFORE:
                day = self.first - timedelta(days=1)
                return day if day < today else None
            case Relation.AFTER:
                day = self.last + timedelta(days=1)
            case Relation.SINCE:
                day = self.first
            case _:
                day = self.first + max(self.last - self.first - timedelta(days=1), timedelta()) // 2
        return None if self.first <= today <= self.last else day


def asked_day(text: str, keys: Sequence[str], intents: Collection[str], today: date) -> date | None:
    """Return the day that a question asks about, None where it asks about now.

    keys: the folded words of the text.
    """
    was = any(key.startswith(_WORDS["was"]) or key in _WORDS["was_whole"] for key in keys)
    sums = not {"how_much", "how_many"}.isdisjoint(intents)
    done = not set(_WORDS["done"]).isdisjoint(keys)
    if not set(_WORDS["now"]).isdisjoint(keys) and not was:
        return None
    spans = [*_relative(keys, today, was=was), *_figures(text), *_named(keys)]
    asking = [span for span in spans if was or span.first > today
              or (span.relation is Relation.IN and not _belongs(keys, span))
              or ((sums or done) and not _belongs(keys, span))]
    days = [day for span in sorted(asking, key=_weight) if (day := span.day(today))]
    return days[0] if days else None


def sums_like_years(keys: Sequence[str]) -> frozenset[str]:
    """Return the numbers among folded words that look like years and are sums wherever they stand."""
    places = [(at, found[1]) for at, key in enumerate(keys) if (found := _YEAR.match(key))]
    return frozenset(year for _, year in places) - {year for at, year in places if not _is_sum(keys, at)}


def _belongs(keys: Sequence[str], span: Span) -> bool:
    """Return whether something else carries the year: an act, a car, a birth."""
    places = [at for at, key in enumerate(keys) if key.startswith(str(span.first.year))]
    return any(_carried(keys, at) for at in places)


def _carried(keys: Sequence[str], at: int) -> bool:
    before = [key for key in keys[max(at - 5, 0):at] if key not in _WORDS["of_year"] and key not in _WORDS["in"]]
    return any(key.startswith(_WORDS["acts"]) for key in before[-3:]) or any(
        key.startswith((*_WORDS["things"], *_WORDS["begun"])) for key in (*before[-1:], *keys[at + 1:at + 3]))


def _weight(span: Span) -> tuple[bool, int]:
    """Order spans: those that the question places itself in first, then the latest."""
    return span.relation is Relation.NAMED, -span.first.toordinal()


def _relative(keys: Sequence[str], today: date, *, was: bool) -> Iterator[Span]:
    """Yield the times named from today: last year, two years ago, next year."""
    joined = f" {' '.join(keys)} "
    for shift, phrases in _TABLE["relative"].items():
        if any(f" {phrase} " in joined for phrase in phrases):
            yield _whole(today.year + int(shift))
    for at in range(2, len(keys)):
        count = _count(keys[at - 2])
        if was and count and keys[at] in _WORDS["ago"] and keys[at - 1] in _WORDS["years"]:
            yield _whole(today.year - count)


def _count(key: str) -> int:
    """Return a small number in words or figures, 0 where it is none."""
    return int(key) if key.isdecimal() and len(key) < 3 else int(_TABLE["small"].get(key, 0))


def _whole(year: int) -> Span:
    return Span(date(year, 1, 1), date(year, 12, 31), Relation.IN)


def _figures(text: str) -> Iterator[Span]:
    """Yield the days written in figures, 13.11.2023 or 2023-11-13."""
    for found in _FIGURES.finditer(text):
        day, month, year = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
        if 1 <= int(month) <= 12 and 1 <= int(day) <= calendar.monthrange(int(year), int(month))[1]:
            before = re.findall(r"\w+", text[:found.start()].casefold())[-2:]
            one = date(int(year), int(month), int(day))
            yield Span(one, one, _relation(before))


def _named(keys: Sequence[str]) -> Iterator[Span]:
    """Yield the years, seasons, months and days named in words; a span of years as one."""
    at = 0
    while at < len(keys):
        found = _YEAR.match(keys[at])
        if found and not _is_sum(keys, at):
            further = at + 1 < len(keys) and _YEAR.match(keys[at + 1])
            last = int(further[1]) if further else int(found[1])
            yield _span(keys, at, int(found[1]), max(last, int(found[1])))
            at += bool(further)
        at += 1


def _is_sum(keys: Sequence[str], at: int) -> bool:
    """Return whether a number is a sum: something is counted behind it, or it is what a wage or price became."""
    after = keys[at + 1:at + 2]
    if after and after[0] in _WORDS["up_to"] and keys[at + 2:at + 3] and keys[at + 2].isdecimal():
        after = keys[at + 3:at + 4]           # "from 2000 to 2500 somoni"
    if any(key.startswith(_WORDS["money"]) for key in after):
        return True
    placed = at > 0 and (keys[at - 1] in (*_WORDS["in"], *_WORDS["of_year"]) or _piece(keys[at - 1]) is not None)
    paid = any(key.startswith(_WORDS["paid"]) for key in keys[:at])
    return paid and not placed and any(key.startswith(_WORDS["became"]) for key in (*after, *keys[at - 1:at]))


def _span(keys: Sequence[str], at: int, first: int, last: int) -> Span:
    """Return the time of which the year stands at a place: a day, a month, a season or the whole year."""
    said, start = _said_of_year(keys, at)
    act = start > 0 and keys[start - 1].startswith(_WORDS["acts"])
    relation = _relation(keys[max(start - 2 - act, 0):start - act])
    if act and relation is not Relation.BEFORE:
        relation = Relation.NAMED
    if relation is Relation.NAMED and start == 0 and at and not act:
        relation = Relation.IN            # "Соли 2022 …" opens the question
    if first != last:
        return Span(date(first, 1, 1), date(last, 12, 31), relation)
    return _days(first, said, relation)


def _said_of_year(keys: Sequence[str], at: int) -> tuple[dict[str, int], int]:
    """Return the day, month and season that stand before a year, and the place where they begin."""
    said: dict[str, int] = {}
    start = at
    while start and (piece := _piece(keys[start - 1])):
        kind, value = piece
        if kind in said or (kind == "day" and "month" not in said) or (kind == "season" and said):
            break
        if kind != "word":
            said[kind] = value
        start -= 1
    return said, start


def _days(year: int, said: Mapping[str, int], relation: Relation) -> Span:
    month, day = said.get("month", said.get("season", 0)), said.get("day", 0)
    if not month:
        return Span(date(year, 1, 1), date(year, 12, 31), relation)
    ends = calendar.monthrange(year, month)[1]
    if 0 < day <= ends:
        return Span(date(year, month, day), date(year, month, day), relation)
    return Span(date(year, month, 1), date(year, month, ends), relation)


def _piece(key: str) -> tuple[str, int] | None:
    """Return what a word before a year says of it; "word" where it only joins."""
    for number, names in enumerate(_MONTHS, 1):
        if key.startswith(names):
            return "month", number
    for names, number in _SEASONS:
        if key.startswith(names):
            return "season", number
    if key in _WORDS["of_year"]:
        return "word", 0
    return ("day", int(key)) if key.isdecimal() and 1 <= int(key) <= 31 else None


def _relation(before: Sequence[str]) -> Relation:
    """Return how a question lies to a time by the one or two words before it."""
    one = before[-1] if before else ""
    two = before[-2] if len(before) > 1 else ""
    if (two, one) in (("пеш", "аз"), ("кабл", "аз")) or one in _WORDS["before"]:
        return Relation.BEFORE
    if (two, one) in (("бад", "аз"), ("пас", "аз")) or one in _WORDS["after"]:
        return Relation.AFTER
    if one in _WORDS["since"]:
        return Relation.SINCE
    return Relation.IN if one in _WORDS["in"] else Relation.NAMED
