"""Every figure of a sentence with what it counts: dates, sums, spans, numbers of acts and articles, telephones.

Figures are compared by value, so that 15.03.2026 is "15 марти соли 2026" and "дусаду панҷоҳ" is 250, and never
without what they count: 2 days are not 2 months.  What is said around a figure is told in `pairing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain, takewhile

from assistant.wording import classes
from corpora.dates import pattern, read_dates
from corpora.numerals import Number, lowered, read_numbers
from corpora.quantities import quantities
from corpora.quantity_words import BOUNDS_AFTER, BOUNDS_BEFORE, Bound, Unit
from index.tokens import fold, words

_NOUNS = frozenset(name for name, _ in classes("units")) | set(Unit)


class Kind(StrEnum):
    """What a figure is."""

    DATE = "date"                      # value is ISO; "--10-01" for a day without a year
    REFERENCE = "reference"            # the number of an act, an article, a point
    PHONE = "phone"                    # also short numbers to dial: *#06#
    QUANTITY = "quantity"
    COUNT = "count"                    # a number with any other noun, or none


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at [start, end).  `unit` says what it counts, "" where that is not known."""

    kind: Kind
    value: str
    start: int
    end: int
    unit: str = ""
    bound: Bound = Bound.EXACT
    high: str = ""                     # the other end of a range
    per: str = ""
    until: bool = False                # a date that ends something
    one: bool = False                  # the word "one", which may be no more than an article

    @property
    def telling(self) -> bool:
        """Whether it must be in the quotes: not the mere word "one"."""
        return not self.one or (self.kind is Kind.COUNT and self.unit in _NOUNS)


_MONTHS = {name: number for number, name in enumerate(
    ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр"), 1)}
_MONTH = r"(январ|феврал|март|апрел|ма|июн|июл|август|сентябр|октябр|ноябр|декабр)(?:[яьеиаӣю]|[йи]и?)?(?!\w)"
_DAY = pattern(rf"(?<![\d.№/])(\d{{1,2}})(?:\s?-?\s?(?:[уюы]ми?|го|е))?\s+(?:моҳи\s+)?{_MONTH}")
_DAY_IN_WORDS = pattern(rf"\s+(?:моҳи\s+)?{_MONTH}")
_SHORT_DAY = re.compile(r"(?<![\d.,/№-])(\d\d)\.(\d\d)(?![\d.,/-]|\s?(?:сомон|сом|%|фоиз))")
_PHONE = re.compile(r"(?<![\w№/.])(?:[*#][\d*#]+[*#]|\+?\(?\+?\d[\d ()\u00a0]*-[\d -]*\d\d|\+\(?\d[\d "
                    r"()-]{5,}\d)(?!\w)")
_DIALLED = re.compile(r"[\d*#+]+")
_REFERENCE = pattern(
    r"(?P<act>№\s*|(?:таҳти\s+)?рақами\s+(?=\d)|номер(?:ом|у|а)?\s+(?=\d))(?P<number>\d[\w./–-]*(?:\(\d+\))?)"
    r"|(?P<name>модда|стать|банд|пункт|қисм|част|article)\w*\.?\s+(?:№\s*)?(?P<place>\d+(?:\(\d+\)|[./]\d+)*)")
_ENGLISH_MONTHS = {name: number for number, name in enumerate((
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December"), 1)}
_NAMES = "|".join(_ENGLISH_MONTHS)
_ENGLISH_DAY = re.compile(rf"\b(?P<day>\d{{1,2}})\s+(?P<month>{_NAMES})(?:,?\s+(?P<year>(?:19|20)\d\d))?|"
                          rf"\b(?P<month2>{_NAMES})\s+(?P<day2>\d{{1,2}})(?!\d)(?:,\s+(?P<year2>(?:19|20)\d\d))?")
_CLAUSE = {"модда": "article", "стать": "article", "article": "article", "банд": "point", "пункт": "point",
           "кисм": "part", "част": "part"}
_UNTIL = pattern(r"(?<!\w)(?:то|до|until|till|by|before|пеш\s+аз|не\s+позднее|на\s+дертар\s+аз|со?\s[^.;,]{1,40}\sпо)"
                 r"(?:\s+(?:охири|конца|моҳи|соли|the|end|of)){0,3}\s+$")
# "From 10 to 7": where a change ends is no bound.
_CHANGE = pattern(r"(?<!\w)(?:аз|с|от|from)\s+\S+\s+(?:то|до|to)\s+$")
# "In one year", "each month": how often, no span.
_EACH = re.compile(r"(?:дар|ҳар|в|за|per|each|every|a)\s+$")
_ONE = re.compile(r"(?:1|як|один|одну|одного|one)\s")
_YEARS = range(1900, 2101)
_LOOK = 60
# Other ways to say a bound, in the words that are read as one.
_BOUNDS = tuple((pattern(said), meant) for said, meant in (
    (r"(?<!\w)аз\s+([\d\s]*\d|\w+)(\s+\w+){1,3}?\s+(?:зиёд|бештар|беш)\s+(?:(?:буда|шуда)\s+)?(?:намешавад|наметавонад|"
     r"нест|набояд(?:\s+\w+)?)(?:\s+бошад)?", r" на бештар аз \1\2 "),
    (r"не\s+(?:может|должен|должна|должны|могут)\s+(?:быть\s+|составлять\s+)?(?:больше|более|выше|превышать)\s",
    "не более "),
    (r"не\s+превыша(?:ет|ют)\s", "не более "), (r"камаш\s+(?=\S)", "на камтар аз "),
    (r"(?<!\w)ба\s+(\w+?)\s?-?(сола\w*)\s+расид\w+", r"аз \1-\2"), (r"(?<!\w)ба\s+синни\s+(\d+)\S*\s+расид\w+",
    r"аз \1-солагӣ"), (r"достиг\w+\s+(?=\d)", "не моложе "),
    (r"ha[sv]e?\s+reached\s+the\s+age\s+of\s+(\d+)", r"is at least \1 years old"),
    (r"(?:как\s+)?минимум\s+(?=\d)", "не менее "), (r"cannot\s+(?:be\s+more\s+than|exceed)\s", "not more than ")))


@lru_cache(maxsize=512)
def plain_bounds(text: str) -> str:
    """Return a text with its bounds in one wording: "аз 300 зиёд намешавад" as "на бештар аз 300"."""
    folded = lowered(text)
    for said, meant in _BOUNDS:
        if match := said.search(folded):
            plain = match.expand(meant)
            text = text[:match.start()] + plain + text[match.end():]
            folded = lowered(text)
    return text


@lru_cache(maxsize=512)
def figures(text: str) -> tuple[Figure, ...]:
    """Return the figures of a text, in order, none within another."""
    folded, taken = lowered(text), list[Figure]()
    for one in chain(_phones(text), _references(folded), _dates(text, folded), _quantities(text), _counts(text,
                     folded)):
        if not any(one.start < other.end and other.start < one.end for other in taken):
            taken.append(one)
    return tuple(sorted(taken, key=lambda one: one.start))


def _phones(text: str) -> Iterator[Figure]:
    for match in _PHONE.finditer(text):
        dialled = "".join(_DIALLED.findall(match[0]))
        if len(dialled) >= 6 or "*" in dialled or "#" in dialled:
            yield Figure(Kind.PHONE, dialled.lstrip("+"), match.start(), match.end())


def _references(folded: str) -> Iterator[Figure]:
    for match in _REFERENCE.finditer(folded):
        unit = "number" if match["number"] else _CLAUSE[match["name"]]
        value = (match["number"] or match["place"]).rstrip(".-–/").replace("–", "-")
        yield Figure(Kind.REFERENCE, re.sub(r"-(?:и|ро|ум|уми)$", "", value), match.start(), match.end(), unit)


def _dates(text: str, folded: str) -> Iterator[Figure]:
    for phrase in read_dates(text):
        yield Figure(Kind.DATE, phrase.iso, phrase.start, phrase.end, until=_ends(folded, phrase.start))
    for match in _ENGLISH_DAY.finditer(text):
        day, month, year = (match[name] or match[f"{name}2"] for name in ("day", "month", "year"))
        iso = f"{year or '-'}-{_ENGLISH_MONTHS[month]:02}-{int(day):02}"
        yield Figure(Kind.DATE, iso, *match.span(), until=_ends(folded, match.start()))
    for match in _DAY.finditer(folded):
        yield _day(folded, int(match[1]), _MONTHS[match[2]], match.span())
    for match in _SHORT_DAY.finditer(folded):
        if 1 <= int(match[1]) <= 31 and 1 <= int(match[2]) <= 12:
            yield _day(folded, int(match[1]), int(match[2]), match.span())
    for number in read_numbers(text):
        if number.in_words and number.value < 32 and (month := _DAY_IN_WORDS.match(folded, number.end)):
            yield _day(folded, int(number.value), _MONTHS[month[1]], (number.start, month.end()))


def _day(folded: str, day: int, month: int, span: tuple[int, int]) -> Figure:
    return Figure(Kind.DATE, f"--{month:02}-{day:02}", *span, until=_ends(folded, span[0]))


def _ends(folded: str, start: int) -> bool:
    return bool(_UNTIL.search(folded[max(0, start - _LOOK):start]))


def _quantities(text: str) -> Iterator[Figure]:
    for one in quantities(text):
        yield Figure(Kind.QUANTITY, f"{one.low.normalize():f}", one.start, one.end, one.unit, one.bound,
                     f"{one.high.normalize():f}" if one.high is not None else "", one.per,
                     one=bool(_EACH.search(text[:one.start].lower()) and _ONE.match(text[one.start:one.end].lower())))


def _counts(text: str, folded: str) -> Iterator[Figure]:
    for number in read_numbers(text):
        if number.value in _YEARS and not number.in_words and number.value % 1 == 0:
            yield Figure(Kind.DATE, f"{number.value:f}", number.start, number.end, until=_ends(folded, number.start))
        else:
            yield _count(folded, number)


def _count(folded: str, number: Number) -> Figure:
    after, before = folded[number.end:number.end + _LOOK], folded[max(0, number.start - _LOOK):number.start]
    changed = (Bound.EXACT for finds in (_CHANGE,) if finds.search(before))
    said = chain(changed, (bound for bound, finds in BOUNDS_AFTER if finds.match(after)),
                 (bound for bound, finds in BOUNDS_BEFORE if finds.search(before)))
    return Figure(Kind.COUNT, f"{number.value.normalize():f}", number.start, number.end, counted(after),
                  next(said, Bound.EXACT), one=number.in_words and number.value == 1)


def counted(after: str) -> str:
    """Return what the words behind a number say it counts: a class of unit, else the first word, else ""."""
    near = words(after.split(",")[0].split(".")[0])[:2]
    following = [fold(word) for word in takewhile(str.isalpha, near)]
    for word in following:
        if unit := _noun(word):
            return unit
    return following[0] if following and after[:1] in " -" else ""


@lru_cache(maxsize=1 << 12)
def _noun(word: str) -> str:
    return next((name for name, finds in classes("units") if finds.fullmatch(word)), "")


def supported(one: Figure, among: Sequence[Figure]) -> bool:
    """Return whether a figure is among others, with what it counts and with its bound."""
    return any(same_value(one, other) and same_unit(one, other) and same_bound(one, other) for other in among)


def same_value(one: Figure, other: Figure) -> bool:
    """Return whether two figures are of one value; a date also where the other says it more exactly."""
    if Kind.PHONE in (one.kind, other.kind):
        return one.value == other.value or (len(one.value) >= 7 and other.value.endswith(one.value))
    if one.kind is Kind.DATE:
        return other.kind is Kind.DATE and (other.value.startswith(one.value) or (other.value[-6:] == one.value[-6:]
                                            and one.value.startswith("--")))
    if other.kind is Kind.DATE:
        return False
    return one.value == other.value or (not one.high and one.value == other.high)


def same_unit(one: Figure, other: Figure) -> bool:
    """Return whether two figures of one value count the same; a number named without its unit may be any sum."""
    if {one.kind, other.kind} <= {Kind.QUANTITY, Kind.COUNT}:
        if one.per and other.per and one.per != other.per:
            return False
        return one.unit == other.unit or {one.unit, other.unit} == {Unit.AGE, Unit.YEAR} or _alike(one, other)
    if Kind.PHONE in (one.kind, other.kind):
        return one.kind in (Kind.PHONE, Kind.REFERENCE, Kind.COUNT)
    return one.kind is other.kind and one.unit == other.unit


def _alike(one: Figure, other: Figure) -> bool:
    """Return whether the nouns behind two numbers may be one: forms of a word, or not both of known classes."""
    if one.kind is Kind.QUANTITY or (one.unit in _NOUNS and other.unit in _NOUNS):
        return False
    return not one.unit or one.unit not in _NOUNS


def same_bound(one: Figure, other: Figure) -> bool:
    """Return whether two figures of one value are bounded alike: "at least 8" is neither "8" nor "at most 8"."""
    if one.kind is Kind.DATE:
        return one.until == other.until or (len(one.value) < len(other.value) and not one.until)
    if other.bound is Bound.RANGE:
        ends = {Bound.AT_LEAST: other.value, Bound.AT_MOST: other.high}
        return (one.bound is Bound.RANGE and one.high == other.high) or ends.get(one.bound) == one.value
    if {one.bound, other.bound} == {Bound.EXACT, Bound.AT_MOST}:
        return one.unit in _SPANS
    if Unit.AGE in (one.unit, other.unit) and other.bound is Bound.EXACT:
        return one.bound is not Bound.AT_MOST
    return one.bound is other.bound


# Within ten days, in ten days: a span in which something is done is its longest.
_SPANS = frozenset({Unit.DAY, Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR, Unit.HOUR})


def without_figures(text: str) -> str:
    """Return a text with a nought for each figure and the unit read with it: their words are compared as values."""
    for figure in reversed(figures(text)):
        text = text[:figure.start] + " 0" + text[figure.end:]
    return text
