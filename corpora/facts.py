"""Typed facts read from a document's text, sentence by sentence.

Each fact quotes the whole sentence it was read from, with its conditions and exceptions, or a list with its
opening sentence.  What a person gave in the metadata is not touched here.  A sum whose digits and words
disagree is no fact but a note for the admin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from corpora import fact_words as words
from corpora.dates import DatePhrase, first_day, last_day, pattern, read_dates, read_validity
from corpora.fact_rules import Statement, disagreements, is_about, is_past, statements
from corpora.numerals import lowered
from corpora.records import Document, Fact, FactType
from corpora.sentences import sentences

VERSION = "1"
_LONGEST = 700                         # letters of a quote; longer ones are tables run together
_LONGEST_LIST = 2500
_ID_LETTERS = 10
_ITEM = re.compile(r"(?:[-–—•*·]|\(?\d{1,2}[.)]|[а-яё]\))\s*\S")
_HEADING = 120                         # letters of the longest line that is read as a heading
_CLOSING = tuple(".!?:;,…»\"”")
_SINCE = pattern(r"(?<!\w)(?:аз|с|со|сар\s+карда\s+аз|начиная\s+с)\s+$")
_UNTIL = pattern(r"(?<!\w)(?:то|до|по|то\s+охири|до\s+конца)\s+$")
_IN = pattern(r"(?<!\w)(?:дар|в|во|за|барои|на|и)\s+$|^$|[\s«(]$")
# A date that belongs to an act, not to what is said.
_OF_ACT = pattern(r"(?:қарор|қонун|фармон|фармоиш|кодекс|низомнома|постановлен|закон|указ|приказ|протокол|"
                  r"дастурамал|санад|шартнома)\w*[^,;.]{0,80}$")
_NUMBERED = re.compile(r"\s*(?:г\.?|сол|года)?,?\s*(?:№|таҳти|за\s+№|under|истеҳсол|таваллуд|выпуск|рожден)")
# What a document says of itself is no fact of its service.
_FACE = pattern(r"^(?:\W{0,3}матни\s+тавзеҳӣ|\W{0,3}пояснительный\s+текст|санад:|акт:|манбаъ:|источник:|"
                r"ин\s+матн|этот\s+текст|маълумот\s+ба\s+ҳолати|бознигарӣ\s+лозим|вазъият:|эътимод:|данные\s+на|пересмотреть|статус:|"
                r"достоверность:|мақоми\s+масъул)")
_OF_NEWS = pattern(r"(?:хабар\w*|маълумот\w*|нашри|сообщени\w+|данны\w+)\s+(?:аз\s+|за\s+|от\s+)?$")
# A sentence is whole when it ends with a stop; a row of a table or an item of a list needs none, a heading has none.
_WHOLE = re.compile(r"[.;!]\W*$|^(?:[-–—•*·]\s|\(?\d{1,2}[.)]\s)|: [^;]+; [^;]+: |\|")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A place in the text that is quoted whole; `heading` is the line over it, `items` the list it opens."""

    start: int
    end: int
    heading: str
    items: tuple[str, ...] = ()


def read_facts(text: str, document: Document) -> tuple[Fact, ...]:
    """Return the facts of a text in order; several of one quote have ids that differ in their last part.

    Validity is what the sentence says, else the document's; a fact of the past must say its year.
    """
    found: dict[str, Fact] = {}
    for stretch in _stretches(text):
        for fact in _facts(text[stretch.start:stretch.end], stretch, document):
            found.setdefault(fact.id, fact)
    return tuple(found.values())


def read_notes(text: str) -> tuple[str, ...]:
    """Return a note for each amount whose digits and words in brackets say two numbers."""
    quotes = (text[start:end] for start, end in sentences(text) if end - start <= _LONGEST)
    return tuple(f"{said}: digits and words disagree" for quote in quotes if "(" in quote
                 for said in disagreements(quote))


def _facts(quote: str, stretch: _Stretch, document: Document) -> Iterator[Fact]:
    is_whole = len(quote) <= _LONGEST_LIST if stretch.items else len(quote) <= _LONGEST and _WHOLE.search(quote)
    if not is_whole or _FACE.search(lowered(quote)):
        return
    said = _listed(stretch) if stretch.items else statements(quote, stretch.heading)
    if not said or not is_about(quote, document.title) or _is_of_document(quote):
        return
    since, until = _validity(quote, document)
    if is_past(quote) and not (since and until and _dated(quote)):
        return
    audience = _audience(quote)
    for number, one in enumerate(dict.fromkeys((one.type, one.value, one.unit) for one in said), 1):
        kind, value, unit = one
        by_date = unit == "date" or kind in (FactType.LEGAL_BASIS, FactType.SUPERSEDES)
        yield Fact(_id(quote, number), kind, quote, value, unit,
                   audience, document.valid_from if by_date else since, document.valid_until if by_date else until,
                   document.status, "C" if document.extractor.startswith("tesseract") else "", origin="read")


def _audience(quote: str) -> str:
    """Return for whom a sentence says it is, as it stands, or ""."""
    found = words.AUDIENCE.search(lowered(quote))
    return quote[slice(*found.span("who"))].strip() if found and not found["who"].endswith("ст") else ""


def _listed(stretch: _Stretch) -> Sequence[Statement]:
    return (Statement(FactType.REQUIRED_PAPERS, "; ".join(stretch.items)),)


def _id(quote: str, number: int) -> str:
    short = sha256(quote.encode()).hexdigest()[:_ID_LETTERS]
    return f"read-{short}" + (f"-{number}" if number > 1 else "")


def _is_of_document(quote: str) -> bool:
    """Return whether a sentence says how long its own document holds; that is the document's, not a fact's."""
    found = read_validity(quote)
    return bool(found.valid_from or found.valid_until)


def _stretches(text: str) -> Iterator[_Stretch]:
    """Yield the sentences, a list of papers with its opening as one."""
    spans, heading, at = sentences(text), "", 0
    while at < len(spans):
        start, end = spans[at]
        quote = text[start:end]
        if size := _list_size(text, spans, at):
            items = tuple(_bare(text[slice(*span)]) for span in spans[at + 1:at + 1 + size])
            yield _Stretch(start, spans[at + size][1], heading, items)
        else:
            yield _Stretch(start, end, heading)
        if len(quote) < _HEADING and not quote.endswith(_CLOSING) and _is_line(text, start, end):
            heading = quote
        at += 1 + size


def _is_line(text: str, start: int, end: int) -> bool:
    return (start == 0 or text[start - 1] == "\n") and (end == len(text) or text[end] == "\n")


def _list_size(text: str, spans: Sequence[tuple[int, int]], at: int) -> int:
    """Return how many items follow a sentence that opens a list of papers, 0 where it opens none."""
    opening = text[slice(*spans[at])]
    if not opening.endswith(":") or not words.LIST_OPENING.search(lowered(opening)):
        return 0
    size = 0
    while at + size + 1 < len(spans):
        item = text[slice(*spans[at + size + 1])]
        if not (_ITEM.match(item) or item.endswith(";") or (size and text[slice(*spans[at + size])].endswith(";"))):
            break
        size += 1
    return size


def _bare(item: str) -> str:
    """Return a list's item without its mark and its stop."""
    return re.sub(r"^(?:[-–—•*·]|\(?\d{1,2}[.)]|[а-яё]\))\s*", "", item).rstrip(" ;.,")


def _validity(quote: str, document: Document) -> tuple[str | None, str | None]:
    """Return from when until when a sentence says it holds, else what its document says."""
    since = until = None
    for phrase in _dated(quote):
        before = lowered(quote[max(0, phrase.start - 30):phrase.start])
        if _OF_NEWS.search(before) or _SINCE.search(before):
            since = since or first_day(phrase.iso)
        elif _UNTIL.search(before):
            # "Up to the year 1992" bounds what the sentence speaks of, not the time it holds.
            until = until or (last_day(phrase.iso) if len(phrase.iso) > 4 else None)
        elif len(phrase.iso) == 4 and _IN.search(before):
            since, until = since or first_day(phrase.iso), until or last_day(phrase.iso)
    if since and not until and is_past(quote) and words.WORTH.search(lowered(quote)):
        until = last_day(since[:4])    # the indicator is set for a year
    if since or until:
        return since, until
    return document.valid_from, document.valid_until


def _dated(quote: str) -> list[DatePhrase]:
    """Return the dates of a sentence that are not those of acts."""
    return [phrase for phrase in read_dates(quote)
            if not _NUMBERED.match(quote[phrase.end:]) and not _OF_ACT.search(lowered(quote[:phrase.start]))]
