"""Dates as Tajik and Russian official texts write them, and from when until when a text says it holds.

A date is read only where the words leave one reading: a day that no calendar has, two figures for a
year or a span of years give nothing.  What is known of a date is returned, never more: a day, a month
or a year.  Letters are compared without their Tajik marks, so that "карори" is read as "қарори".
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from corpora.records import DocumentStatus

# One letter for one letter, so that places in the folded text are places in the text.
_PLAIN = str.maketrans("ғӣқӯҳҷўйёҒӢҚӮҲҶЎЙЁ\u00a0", "гикухчуиеГИКУХЧУИЕ ")
_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_MONTH = r"(?:январ|феврал|март|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр)[яьеиаӣю]?|ма(?:йи|й|я|е)"
_YEAR = r"(?:19|20)\d\d(?!\d)"
_TAIL = r"(?:\s?-?[уюы]ми?(?!\w))?(?:\s*(?:года|году|год|г\.?|с\.|сол)(?!\w))?"
_SOLI = r"(?:(?:и\s+)?соли\s+|с\.\s*)"
# The pattern of a date without names of groups, for use inside a larger pattern.
DATE = (rf"(?:(?<![\d./№])[\"«“]?\d{{1,2}}[»\"”]?(?:\s?-?\s?(?:[уюы]ми?|го|е))?\s+(?:моҳи\s+)?(?:{_MONTH})\s*,?\s*"
        rf"{_SOLI}?{_YEAR}{_TAIL}"
        rf"|(?<![\d./-])\d{{1,2}}([./-])\d{{1,2}}(?:[./-]){_YEAR}(?!/|-\d|\.\d){_TAIL}"
        rf"|(?<![\d-])\d{{4}}-\d\d-\d\d(?![\d-])"
        rf"|(?<!\w)(?:{_MONTH})\s*,?\s*{_SOLI}?{_YEAR}(?!\s?[-–—]\s?\d){_TAIL}"
        rf"|(?<!\w){_SOLI}{_YEAR}(?!\s?[-–—/]\s?\d)(?:\s?-?[уюы]ми?(?!\w))?"
        rf"|(?<![\w–—./-]){_YEAR}\s?(?:года|году|год|г\.)(?!\w))").replace("([./-])", "[./-]")


def fold(text: str) -> str:
    """Return the text, letter for letter, without the marks of Tajik letters, and й, ё as и, е."""
    return text.translate(_PLAIN)


def pattern(words: str) -> re.Pattern[str]:
    """Return a pattern, written in true Tajik letters, for text that went through `fold`."""
    return re.compile(fold(words), re.IGNORECASE | re.MULTILINE)


_DATE = pattern(DATE)
_FIGURES = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_WORDS = pattern(rf"(?:(?P<day>\d{{1,2}})\D{{0,14}}?)?(?:(?P<month>{_MONTH})\W*)?{_SOLI}?(?P<year>{_YEAR})")


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """A date in a text: `iso` is YYYY-MM-DD, YYYY-MM or YYYY; `end` is exclusive."""

    iso: str
    start: int
    end: int


def read_dates(text: str) -> tuple[DatePhrase, ...]:
    """Return the dates of a text, in order; those that no calendar has are left out."""
    found = ((_iso(match[0]), match) for match in _DATE.finditer(fold(text)))
    return tuple(DatePhrase(iso, match.start(), match.end()) for iso, match in found if iso)


def iso_of(text: str) -> str:
    """Return the date of a phrase as ISO, or "" where it holds none or more than one."""
    found = {phrase.iso for phrase in read_dates(text)}
    return found.pop() if len(found) == 1 else ""


def _iso(phrase: str) -> str:
    if match := _ISO.match(phrase):
        return _real(int(match[1]), int(match[2]), int(match[3]))
    if match := _FIGURES.match(phrase):
        return _real(int(match[4]), int(match[3]), int(match[1]))
    match = _WORDS.search(phrase)
    if match is None or not re.search(r"[^\W\d]", phrase):
        return ""
    if not match["month"]:
        return str(match["year"])
    word = match["month"].casefold()
    month = max((len(stem), number) for number, stem in enumerate(_MONTHS, 1) if word.startswith(stem))[1]
    return _real(int(match["year"]), month, int(match["day"])) if match["day"] else f"{match['year']}-{month:02}"


def _real(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def first_day(iso: str) -> str:
    """Return the first day of an ISO day, month or year."""
    return iso + "-01-01"[len(iso) - 4:] if len(iso) < 10 else iso


def last_day(iso: str) -> str:
    """Return the last day of an ISO day, month or year."""
    if len(iso) == 10:
        return iso
    year, month = int(iso[:4]), int(iso[5:7] or 12)
    return date(year, month, calendar.monthrange(year, month)[1]).isoformat()


@dataclass(frozen=True, slots=True)
class Validity:
    """What a text says of itself: first and last day as ISO, None and UNKNOWN where it does not say."""

    valid_from: str | None = None
    valid_until: str | None = None
    status: DocumentStatus = DocumentStatus.UNKNOWN


_D = rf"(?P<date>{DATE})"
_ACT = (r"(?:қонун|кодекс|қарор|фармон|фармоиш|дастурамал|қоида|тартиб|низомнома|ҳуҷҷат|санад|закон|постановлени|"
        r"указ|приказ|инструкци|правил|поряд|положени|документ|акт)\w*")
_THIS = (rf"^(?:[^\w\n]|\d){{0,12}}(?:{_ACT}\s+(?:мазкур|ҷорӣ)|(?:ҳамин|ин)\s+{_ACT}|(?:настоящ|данн)\w+\s+{_ACT})"
         r"(?:\s+(?!(?:банд|модда|қисм|пункт|стать|част)\w*)[^\W\d]\w*,?){0,6}?\s+")
_SPEAKS = (r"(?:\s+(?:сар карда|эътиборан|инҷониб))?,?\s+(?:мавриди\s+амал|ба\s+амал|амал\s+ме|дар\s+амал|эътибор\s+"
           r"(?:пайдо|дорад|дошта)|қувва|ба\s+қувва|ҷорӣ\s+карда)")
_ENTERS = r"(?:вступа\w+|вступи\w+|вводит\w+|ввест\w+|действу\w+|введен\w*)(?:\s+в\s+(?:силу|действие))?"
_OF_CARD = r"\s*[:|–—]\s*(?:аз|то|с|со|от|до)?\s*"
_LABEL = r"^(?:[^\w\n]|\d){0,12}"
_FROM = [pattern(words) for words in (
    rf"{_THIS}аз\s+{_D}{_SPEAKS}", rf"^[\d.\s]*аз\s+{_D}{_SPEAKS}\w*\s+қарор\s+дода\s+шав",
    rf"{_THIS}{_ENTERS}\s+(?:с|со)\s+{_D}", rf"{_THIS}(?:с|со)\s+{_D}\s+{_ENTERS}",
    rf"{_LABEL}(?:санаи\s+(?:амал\w*|ба\s+амал\s+\w+|мавриди\s+амал[\w ]*)|"
    rf"дата\s+(?:вступления\s+в\s+силу|введения\s+в\s+действие)){_OF_CARD}{_D}",
    rf"{_LABEL}амал\s+мекунад\s+аз\s+{_D}", rf"{_LABEL}(?:вступа\w+|вступи\w+)\s+в\s+силу\s+(?:с|со)\s+{_D}",
    rf"{_LABEL}(?:действует|введ[её]н\w*\s+в\s+действие|ввести\s+в\s+действие)\s+(?:с|со)\s+{_D}")]
_UNTIL = [pattern(words) for words in (
    rf"{_THIS}то\s+{_D}\s+(?:эътибор\s+дор|амал\s+ме|мавриди\s+амал|дар\s+амал)", rf"{_THIS}действу\w+\s+до\s+{_D}",
    rf"{_THIS}(?:аз|с)\s+{DATE}[^.;\n]{{1,40}},?\s+то\s+{_D}\s+(?:эътибор\s+дор|амал\s+ме)",
    rf"{_THIS}{_ENTERS}\s+(?:с|со)\s+{DATE}\s+и\s+действу\w+\s+до\s+{_D}",
    rf"{_LABEL}(?:амал\s+мекунад|эътибор\s+дорад)\s+то\s+{_D}", rf"{_LABEL}то\s+{_D}\s+эътибор\s+дорад",
    rf"{_LABEL}действует\s+до\s+{_D}",
    rf"{_LABEL}(?:м[уӯ]ҳлати\s+(?:амал|эътибор)\w*|срок\s+действия(?:\s+до)?|санаи\s+қатъи\s+амал\w*|"
    rf"дата\s+(?:утраты|прекращения)\s+\w+){_OF_CARD}{_D}")]
_PUBLISHED = pattern(rf"{_LABEL}(?:санаи\s+нашр\w*(?:\s+расмӣ)?|дата\s+(?:официального\s+)?(?:опубликования|"
                     rf"публикации))"
                     rf"{_OF_CARD}{_D}")
_SINCE_PUBLISHED = pattern(
    rf"{_THIS}(?:аз\s+рӯзи\s+(?:ба\s+таври\s+расмӣ\s+)?(?:нашр|интишор)\w*|"
    rf"{_ENTERS}\s+(?:со\s+дня|после)\s+(?:его\s+|е[её]\s+)?официального\s+опубликования)")
_STATUS_LABEL = (rf"{_LABEL}(?:ҳолати\s+(?:ҳуҷҷат|санад)\w*|ваз[ъь]?ият\w*|ваз[ъь]и\s+(?:ҳуҷҷат|санад)\w*|"
                 r"стату?с(?:\s+(?:документа|акта))?|состояние(?:\s+документа)?)\s*[:|–—]\s*")
_VOID = (r"(?:бе\s?эътибор|эътибор\s+надорад|аз\s+эътибор\s+соқит|амал\s+намекунад|қувваи\s+худро\s+гум|бекор\s+карда|"
         r"не\s+действует|недействующ|утратил|отмен[её]н)")
_STATUSES = [(status, pattern(rf"{_STATUS_LABEL}{words}")) for status, words in (
    (DocumentStatus.VOID, _VOID),
    (DocumentStatus.SUPERSEDED, r"(?:бо\s+санади\s+нав\s+иваз|иваз\s+(?:карда\s+)?шуд|замен[её]н)"),
    (DocumentStatus.NOT_YET_IN_FORCE, r"(?:ҳанӯз\s+ба\s+амал|ба\s+амал\s+надаромад|(?:ещ[её]\s+)?не\s+вступил)"),
    (DocumentStatus.IN_FORCE, r"(?:амалкунанда|амал\s+мекунад|эътибор\s+дорад|дар\s+амал|действует|действующ)"))]
_STAMP = pattern(r"^[\s(*\[]*(?:аз\s+эътибор\s+соқит\s+дониста\s+шуд\w+|беэътибор\s+(?:дониста|карда)\s+шуд\w+|"
                 r"утратил[аои]?\s+силу)[\s)*.\]]*$")


def read_validity(text: str) -> Validity:
    """Return from when until when the text says it holds, and its status where a card line or stamp says it.

    A month or a year means its first day, or its last for an end.  Two different readings give none.  "From
    the day of publication" gives a day only where a card line names that day.
    """
    folded = fold(text)
    starts = {first_day(iso) for iso in _dates_of(_FROM, folded)}
    if not starts and _SINCE_PUBLISHED.search(folded):
        starts = {first_day(iso) for iso in _dates_of([_PUBLISHED], folded)}
    ends = {last_day(iso) for iso in _dates_of(_UNTIL, folded)}
    said = {status for status, words in _STATUSES if words.search(folded)}
    if _STAMP.search(folded):
        said.add(DocumentStatus.VOID)
    return Validity(_only(starts), _only(ends), said.pop() if len(said) == 1 else DocumentStatus.UNKNOWN)


def _dates_of(patterns: Iterable[re.Pattern[str]], folded: str) -> set[str]:
    return {iso for words in patterns for match in words.finditer(folded) if (iso := _iso(match["date"]))}


def _only(values: set[str]) -> str | None:
    return values.pop() if len(values) == 1 else None
