"""The short line that may stand before a quote, and the line that says in which language the quote is.

A line is only written where the quote leaves one reading: one quantity of the kind asked for, no condition,
no negation, no news, no draft.  Its values are read from the quote, never from a fact's own value, and a mark
"not confirmed" of the quote stays on it.  Where in doubt there is no line: the quote stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from assistant.amounts import amount_words
from assistant.query import Query
from assistant.texts import LANGUAGES, date_words, text
from assistant.verify import covered
from corpora.dates import read_dates
from corpora.numerals import read_numbers
from corpora.quantities import Quantity, quantities
from corpora.quantity_words import Unit
from corpora.records import Fact, FactType

MONEY = frozenset({Unit.SOMONI, Unit.DIRHAM, Unit.INDICATOR, Unit.PERCENT, Unit.USD, Unit.EUR, Unit.RUB})
_TIME = frozenset({Unit.MINUTE, Unit.HOUR, Unit.DAY, Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.WEEK, Unit.MONTH,
                   Unit.YEAR})
_AGE = frozenset({Unit.AGE})
# What each type of fact answers: the name of its line and the units it is counted in.
_LINES = {FactType.FEE: ("fee", MONEY), FactType.BENEFIT: ("benefit", MONEY), FactType.PENALTY: ("penalty", MONEY),
          FactType.DURATION: ("term", _TIME), FactType.DEADLINE: ("term", _TIME), FactType.AGE: ("age", _AGE)}
# Which intents a line answers.
_ASKED = {"fee": ("how_much", "how_many"), "benefit": ("how_much", "how_many"), "penalty": ("how_much", "how_many"),
          "term": ("how_long", "when"), "age": ("age",)}
# What the type of a fact may say over a foreign quote; of the other types it says too little.
_TOPICS = frozenset({FactType.FEE, FactType.BENEFIT, FactType.PENALTY, FactType.DEADLINE, FactType.DURATION,
                     FactType.AGE, FactType.REQUIRED_PAPERS, FactType.OFFICE, FactType.PHONE, FactType.HOURS,
                     FactType.ELIGIBILITY, FactType.PROCEDURE, FactType.LEGAL_BASIS, FactType.DEFINITION})
_UNCONFIRMED = re.compile(r"^(?:[–—•*-]\s+)?(?:Тасдиқнашуда|Не подтверждено|Not confirmed): ")
# Who is told by news, what is planned, and what holds on a condition is not told in one line.
_HEDGED = re.compile(
    r"лоиҳа|пешниҳод|хабар|расона|эълон|гуфт|иштибоҳ|овоза|проект|предл[оа]ж|сообщ|(?<!\w)сми(?!\w)|объяв|заяв(?!лени)|ошибочн|"
    r"(?<!\w)(?:агар|танҳо|истисно|ғайр|вале|аммо|магар|баъзе|если|только|кроме|исключ\w+|однако|некоторы\w+|но)(?!\w)|"
    r"истисно|ҳадди (?:ақал|аксар)|(?:зиёд|баланд|кам)\s+(?:шуд|кард|мешав|мекун)|боло\s+раф|повы[сш]|увелич|"
    r"выросл?|сниж|уменьш|мебардор|достига(?:ть|ет)|мерасад|draft|unless|except|if ", re.IGNORECASE)
# What is paid beside something else, or once for each, is not the answer alone.
_PARTIAL = re.compile(r"илова|дополнит|(?<!\w)(?:ҳар|барои ҳар)(?!\w)|кажд|additional|each", re.IGNORECASE)
_NEGATED = re.compile(r"(?<!\w)(?:не|нет|нельзя|без|нест|бе)(?!\w)|"
                      r"(?<!\w)на(?:ме|бо|бу|ги|гу|ди|до|ёф|ка|ку|ра|су|та|ша)\w+", re.IGNORECASE)
_PAST = re.compile(r"(?<!\w)(?:буд(?:анд|аст)?|шуд(?:анд)?|дод(?:анд)?|был[аои]?|стал[аои]?|да(?:ва)?л[аои]?|"
                   r"(?:составля|стои|взима|плати|удержива|выпла(?:чива|ти)|получа)л[аои]?|was|were)(?!\w)|"
                   r"(?<!\w)ме(?:гирифт|дод|дошт|шуд|пардохт|ситонид)\w*", re.IGNORECASE)
# "In 2022", but neither "since 2022" nor the year of a day or an act.
_IN_A_YEAR = re.compile(r"(?<!и )(?<!з )(?<!\w)соли\s+((?:19|20)\d\d)|(?<!\w)(?:в|за)\s+((?:19|20)\d\d)\s+год",
                        re.IGNORECASE)
_MONTHLY = re.compile(r"(?<!\w)(?:ҳар)?моҳ(?:онаи?|аи?)(?!\w)|месячн", re.IGNORECASE)
_YEARLY = re.compile(r"(?<!\w)(?:солона|ҳарсола)|годов|ежегодн", re.IGNORECASE)
# Two numbers with nothing but these words between them are one change or one range, not two quantities.
_LINKED = re.compile(r"\s*(?:ба|ва|и|до|то|к|по|[-–—])?\s*(?:на\s+\w+|не\s+\w+)?\s*(?:аз|чем)?\s*")
# The first words of a sentence say since when; elsewhere a date may be the date of an act.
_SINCE = re.compile(r"(?:Аз|С|Со|Since)\s+$")
_UNTIL = re.compile(r"\s*(?:то|до|по|until)(?!\w)")
_PHONE = re.compile(r"(?<!\w)(?:тел|phone)\w*\.?:?\s*(\+?[\d(][\d ()-]{4,}\d)", re.IGNORECASE)
_LEAST_WORDS = 12
_GENERAL = frozenset({"ҳама", "шаҳрвандон", "ҳамаи шаҳрвандон"})


def lead(query: Query, fact: Fact, quote: str, language: str) -> str | None:
    """Return the line that answers before a quote of a document in `language`, None where there is no safe one.

    A short quote in the asker's own language needs none.
    """
    if "phone" in query.intents and language != query.language:
        return _phone(quote, query.language)
    name, units = _LINES.get(fact.type, ("", frozenset()))
    asked = any(intent in _ASKED.get(name, ()) for intent in query.intents)
    if not asked or (language == query.language and len(quote.split()) <= _LEAST_WORDS):
        return None
    quantity = only(quote, units)
    if not quantity or _loose(quote) or not plain(quote, quantity, query.at):
        return None
    if quantity.unit in MONEY and _PARTIAL.search(quote):
        return None
    value = amount_words(_regular(quote, quantity), query.language)
    name = "rate" if quantity.unit is Unit.PERCENT else name
    details = [part for part in (_whom(fact, quote, language, query.language), _since(quote, query.language)) if part]
    line = "; ".join([text(query.language, "compose", name, value=value), *details]) + "."
    return marked(quote, line, query.language) if value else None


def only(quote: str, units: frozenset[Unit]) -> Quantity | None:
    """Return the one quantity of a quote in these units; None where there are more, or its words disagree."""
    found = [quantity for quantity in quantities(quote) if quantity.unit in units]
    return found[0] if len(found) == 1 and found[0].agrees is not False else None


def plain(quote: str, quantity: Quantity, asked: date | None) -> bool:
    """Return whether a quote says its quantity without condition, negation, hearsay or change.

    What only was, or was said of one year, holds for a day asked about that lies in a year the quote names.
    """
    past = asked is not None and str(asked.year) in quote
    if _IN_A_YEAR.search(quote) and not past:
        return False
    around = quote[:quantity.start] + " … " + quote[quantity.end:]
    if _HEDGED.search(around) or _NEGATED.search(_without_bound(around)) or (_PAST.search(around) and not past):
        return False
    return not any(_LINKED.fullmatch(quote[number.end:quantity.start])
                   for number in read_numbers(quote) if number.end <= quantity.start)


def _regular(quote: str, quantity: Quantity) -> Quantity:
    """Return a sum with "a month" or "a year" where another word of the quote says so."""
    if quantity.unit not in MONEY or quantity.per:
        return quantity
    said = "month" if _MONTHLY.search(quote) else "year" if _YEARLY.search(quote) else ""
    return replace(quantity, per=said)


def _loose(quote: str) -> bool:
    """Return whether a number stands in a quote that is no quantity, date or number of an act, and no "one"."""
    known = [*((found.start, found.end) for found in quantities(quote)),
             *((found.start, found.end) for found in read_dates(quote))]
    numbers = [number for number in read_numbers(quote) if not (number.in_words and number.value == 1)]
    return any(not quote[:number.start].rstrip().endswith("№")
               and not any(start <= number.start < end for start, end in known) for number in numbers)


def marked(quote: str, line: str, language: str) -> str:
    """Return a line with the mark "not confirmed" where the quote has it."""
    return text(language, "compose", "unconfirmed", line=line) if _UNCONFIRMED.match(quote) else line


def unmarked(quote: str) -> str:
    """Return a quote without the mark "not confirmed"."""
    return _UNCONFIRMED.sub("", quote)


def frame(source: str, language: str) -> str:
    """Return the words over quotes in another language that say which it is."""
    return text(language, "compose", f"quoted_{source if source in LANGUAGES else 'unknown'}")


def topic(fact: Fact | None, language: str) -> str:
    """Return what a fact is about in two or three words, "" where its type does not say."""
    return text(language, "compose", f"topic_{fact.type}") if fact and fact.type in _TOPICS else ""


def _without_bound(words: str) -> str:
    return re.sub(r"(?:не\s+(?:менее|более|позднее|позже|ранее|старше|моложе|выше|ниже))(?!\w)", "", words,
                  flags=re.IGNORECASE)


def _phone(quote: str, language: str) -> str | None:
    """Return the one telephone of a quote as a line."""
    found = _PHONE.findall(quote)
    return text(language, "compose", "phone", value=found[0]) + "." if len(found) == 1 else None


def _whom(fact: Fact, quote: str, language: str, asked: str) -> str:
    """Return for whom, as the fact says it, where every word of it stands in the quote."""
    whom = fact.audience.split(" / ")[0].strip()
    if language != "tg" or asked != "tg" or not whom or whom in _GENERAL or covered(whom, quote) < 1:
        return ""
    return text(asked, "compose", "whom", whom=whom)


def _since(quote: str, language: str) -> str:
    """Return since when, where the quote begins with it and names no end."""
    found = read_dates(quote)
    bare = _UNCONFIRMED.sub("", quote)
    at = len(quote) - len(bare)
    if not found or not _SINCE.fullmatch(quote[at:found[0].start]) or _UNTIL.match(quote[found[0].end:]):
        return ""
    return text(language, "compose", "since", date=date_words(found[0].iso, language))

