"""What must be so of a document that came from elsewhere, before anything is done with it.

A signature says who wrote it, not that it is well made: a date that is none fails when somebody asks, a document
whose id nobody can write down cannot be withdrawn, a fact whose quote stands nowhere is nobody's word.  Kinds, closed
sets, dates, lengths and quotes are looked at here; whether what is said is true is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from math import isfinite

from corpora.draft import Entry
from corpora.errors import DamagedReleaseError
from corpora.extract.blocks import WordBox
from corpora.records import Document, Fact, Passage

# In letters; the chunker's own passages are far shorter, and so is whatever a person writes of a document.
LONGEST_PASSAGE, LONGEST_WORDS, MOST_FACTS = 100_000, 10_000, 5_000
_HINT = "It has to be mended where it was made, and released again."
_WORDS = ("title", "file", "media_type", "extractor", "publisher", "kind", "service", "source_url", "confidence")
_DATES = ("valid_from", "valid_until", "as_of", "review_by")
_FACT_WORDS = ("id", "value", "unit", "audience", "confidence")
_FACT_DATES = ("valid_from", "valid_until")
_ACT_WORDS = ("type", "number", "date")
_LANGUAGES, _ORIGINS = ("tg", "ru", "en", "unknown"), ("given", "read")
# What a list of withdrawals can name (`sync.revocations`): nothing else could ever be withdrawn.
_ID = re.compile(r"[^\x00-\x20\x7f/\\]{1,200}")
_HASH, _DAY, _ACT_DAY = re.compile("[0-9a-f]{64}"), re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"(\d{4}(-\d\d){0,2})?")
_WEB = ("https://", "http://")


def check_entry(entry: Entry) -> None:
    """See that a document, its passages and its boxes are well made.

    Raises:
        DamagedReleaseError: one of them is not; the first is named.
    """
    if wrong := next(_faults(entry), ""):
        whose = f" of {entry.release}" if entry.release else ""
        raise DamagedReleaseError(f"the document {_short(entry.document.id)}{whose}: {wrong}", hint=_HINT)


def _faults(entry: Entry) -> Iterator[str]:
    document = entry.document
    yield from _of_document(document)
    at = 0
    for passage in entry.passages:
        yield from _of_passage(passage, document, at)
        at = passage.end
    for fact in document.facts:
        yield from _of_fact(fact, entry)
    yield from (f"{box} is no box on a page" for box in entry.boxes if not _is_box(box))


def _of_document(document: Document) -> Iterator[str]:
    yield from (f"{_short(name)} cannot be the id of a document" for name in (document.id, document.superseded_by)
                if name is not None and not _matches(_ID, name))
    yield from _of_words(document, _WORDS)
    yield from _of_dates(document, _DATES)
    yield from (f"the note {_short(note)} is no text" for note in document.notes if not _is_text(note))
    if document.language not in _LANGUAGES:
        yield f"its language is {_short(document.language)}"
    if not _matches(_HASH, document.sha256):
        yield f"its sha256 is {_short(document.sha256)}"
    if not set("/\\").isdisjoint(document.file):
        yield f"its file {_short(document.file)} is not a name alone"
    if ":" in document.source_url and not document.source_url.startswith(_WEB):
        yield f"its source_url {_short(document.source_url)} is no address of a page"
    if document.act and not (_are_texts(document.act, _ACT_WORDS) and _ACT_DAY.fullmatch(document.act.date)):
        yield f"its act is {_short(document.act)}"
    if len(document.facts) > MOST_FACTS:
        yield f"it states {len(document.facts)} facts, at most {MOST_FACTS} are read"


def _of_passage(passage: Passage, document: Document, at: int) -> Iterator[str]:
    place = passage.locator
    if not _is_text(passage.id) or passage.id.rpartition(":")[0] != document.id:
        yield f"the passage {_short(passage.id)} is not named after it"
    if not (_is_text(passage.text, LONGEST_PASSAGE) and passage.text.strip()):
        yield f"the passage {_short(passage.id)} is no text of at most {LONGEST_PASSAGE} letters"
    if not (type(passage.start) is int and type(passage.end) is int and at <= passage.start <= passage.end):
        yield f"the passage {_short(passage.id)} stands at {_short((passage.start, passage.end))}"
    if not all(word is None or _is_text(word) for word in (place.printed_page, place.article, place.heading)) \
            or not (place.page is None or (type(place.page) is int and place.page > 0)):
        yield f"the passage {_short(passage.id)} stands under {_short(place)}"


def _of_fact(fact: Fact, entry: Entry) -> Iterator[str]:
    yield from (f"a fact: {wrong}" for wrong in (*_of_words(fact, _FACT_WORDS), *_of_dates(fact, _FACT_DATES)))
    if fact.origin not in _ORIGINS:
        yield f"the fact {fact.id} comes from {_short(fact.origin)}"
    if not _is_text(fact.quote) or not fact.quote or not any(fact.quote in one.text for one in entry.passages):
        yield f"the quote of the fact {fact.id} stands in none of its passages: {_short(fact.quote)}"


def _of_words(record: Document | Fact, names: tuple[str, ...]) -> Iterator[str]:
    return (f"its {name} is {_short(getattr(record, name))}" for name in names if not _is_text(getattr(record, name)))


def _of_dates(record: Document | Fact, names: tuple[str, ...]) -> Iterator[str]:
    return (f"its {name} is {_short(value)}, which is no day" for name in names
            if (value := getattr(record, name)) is not None and not (isinstance(value, str) and _is_day(value)))


def _is_box(box: WordBox) -> bool:
    return 0 <= box.start < box.end and box.page > 0 and all(map(isfinite, (box.x0, box.y0, box.x1, box.y1)))


def _are_texts(record: object, names: tuple[str, ...]) -> bool:
    return all(_is_text(getattr(record, name)) for name in names)


def _is_text(value: object, longest: int = LONGEST_WORDS) -> bool:
    return isinstance(value, str) and len(value) <= longest


@lru_cache(4096)
def _is_day(value: str) -> bool:
    try:
        return bool(_DAY.fullmatch(value) and date.fromisoformat(value))
    except ValueError:
        return False


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _short(value: object) -> str:
    said = repr(value)
    return said if len(said) <= 80 else f"{said[:79]}…"
