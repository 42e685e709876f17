"""Whom to ask about a service, as far as the documents say: a card that is right, or none.

Each part is the words of a fact of type office, phone or hours that holds today.  A card stands only where its own
quote names the body, where the service has one body, and where a number is for anybody, not for one complaint.
Nothing is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from assistant.records import Citation, Office
from assistant.validity import holds, is_past
from corpora.records import Document, Fact, FactType
from index import Snapshot
from index.terms import FUNCTION_WORDS
from index.tokens import fold, stem, words

_STREET = r"(?:кӯчаи|кӯч\.|хиёбони|улица|ул\.|проспект|просп\.)\s[^,;()]{2,40}?,?\s\d+(?:/\d+)?"
_TOWN = r"(?:\d{6},\s*)?(?:(?:ш\.|шаҳри|г\.|город)\s*)?[А-ЯҒӢҚӮҲҶЁ][\w-]+,\s*"
_ADDRESS = re.compile(rf"(?:{_TOWN})?{_STREET}", re.IGNORECASE)
_PHONE = re.compile(r"\(?\+?\d[\d\s()–-]{4,}\d|(?<![\d.-])\d{3,4}(?![\d.])")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# A number for one purpose is not the number of the office; an address that was, is none.
_ONE_PURPOSE = re.compile(r"шикоят|пулситон|covid|зӯровар|жалоб|жалуют|жаловат|побор|насили|факс", re.IGNORECASE)
_FORMER = re.compile(r"пештара|куҳна|кӯҳна|прежн|бывш|эълон шуд|объявил", re.IGNORECASE)
# What the name of any body of the state may end in, and what bodies are called.
_STATE = frozenset(stem(fold(word), "tg") for word in (
    "ҷумҳурии", "тоҷикистон", "республики", "таджикистан", "назди", "ҳукумати", "правительстве", "при", "президенти",
    "президенте", "и"))
_BODY = re.compile(r"вазорат|кумита|агентӣ|агентии|хадамот|министерств|комитет|агентств|(?<!\w)служб|МИД|МВД",
                   re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
# What of a body's name must stand in the quote.
_NAMED = 0.7
# Hearsay, and what rules read from a text, name no office.
_WEAK, _GIVEN = "C", "given"


def find_office(snapshot: Snapshot, service: str, language: str, today: date) -> Office | None:
    """Return the office of a service, in the asker's language where known so; None where none is known for sure."""
    documents = [document for document in snapshot.documents() if document.service == service]
    documents.sort(key=lambda one: (one.language != language, one.kind != "office", one.kind == "form", one.id))
    for tongue in dict.fromkeys(document.language for document in documents):
        told = list(_facts([one for one in documents if one.language == tongue], today))
        if _several(told):
            return None
        if card := _card(snapshot, told):
            return card
    return None


def _several(told: Sequence[tuple[Document, Fact]]) -> bool:
    """Return whether more than one body serves: by the publishers, or by a quote that names another."""
    others = (_BODY.search(fact.quote) and not _name(document, fact) for document, fact in told
              if fact.type == FactType.OFFICE)
    return len({document.publisher for document, _ in told}) > 1 or any(others)


def _facts(documents: Iterable[Document], today: date) -> Iterator[tuple[Document, Fact]]:
    """Yield what holds today and is not only hearsay."""
    return ((document, fact) for document in documents for fact in document.facts
            if fact.type in (FactType.OFFICE, FactType.PHONE, FactType.HOURS) and fact.confidence != _WEAK
            and fact.origin == _GIVEN
            and holds(document, fact, today) and not is_past(document, fact, today))


def _card(snapshot: Snapshot, told: Sequence[tuple[Document, Fact]]) -> Office | None:
    """Return the card of the one body the facts are of, on the fact that says most of where it is."""
    named = [(document, fact, name) for document, fact in told if _lasts(fact) and (name := _name(document, fact))]
    named.sort(key=lambda one: (not _address(one[1]), one[1].type != FactType.PHONE, one[1].type != FactType.OFFICE))
    body = next((one for one in named if one[1].type != FactType.HOURS), None)
    citation = _citation(snapshot, *body[:2]) if body else None
    if not body or not citation:
        return None
    own = [fact for document, fact, name in named if (document.publisher, name) == (body[0].publisher, body[2])]
    phones = [_number(fact) for fact in own if fact.type == FactType.PHONE]
    hours = [fact.quote for fact in own if fact.type == FactType.HOURS]
    addresses = [_address(fact) for fact in own if fact.type == FactType.OFFICE]
    return Office(body[2], citation, *(next(filter(None, row), None) for row in (addresses, phones, hours)))


def _lasts(fact: Fact) -> bool:
    """Return whether a fact speaks of the office as it is: for anybody, not of a year gone by."""
    since = (fact.valid_from or "")[:4]
    dated = set(_YEAR.findall(fact.quote)) - {since}
    return not (dated or _ONE_PURPOSE.search(fact.quote) or _FORMER.search(fact.quote))


def _name(document: Document, fact: Fact) -> str | None:
    """Return the name of the body a fact is of: the publisher where the quote names it, else its value as quoted."""
    if _is_named(document.publisher, fact.quote):
        return document.publisher
    own = fact.type == FactType.OFFICE and fact.value[:1].isalpha() and fact.value in fact.quote
    return fact.value if own else None


def _is_named(body: str, quote: str) -> bool:
    """Return whether a quote names a body, in words or shortened: "ВКХ", "МВД", "Минюст"."""
    name = [word for word in _WORD.findall(body) if fold(word.lower()) not in FUNCTION_WORDS["tg"]]
    stems = {stem(fold(word.lower()), "tg") for word in name} - _STATE
    said = {stem(fold(word), "tg") for word in words(quote)}
    if stems and len(stems & said) >= _NAMED * len(stems):
        return True
    return any(_shortens(word, name) for word in _WORD.findall(quote))


def _shortens(word: str, name: Sequence[str]) -> bool:
    """Return whether a word is the first letters of a name's words, or the beginnings of two of them put together."""
    if word.isupper() and len(word) > 2:
        return "".join(part[0] for part in name).upper().startswith(word)
    folded, parts = fold(word.lower()), [fold(part.lower()) for part in name]
    return any(folded.startswith(first[:3]) and len(folded) > 5 and second.startswith(folded[3:])
               for first, second in pairwise(parts))


def _citation(snapshot: Snapshot, document: Document, fact: Fact) -> Citation | None:
    for passage in snapshot.passages(document.id):
        at = passage.text.find(fact.quote)
        if at >= 0:
            return Citation(passage, document, (at, at + len(fact.quote)))
    return None


def _address(fact: Fact) -> str | None:
    """Return the street an office fact names, as it stands; which kind of office it is, is no address."""
    found = _ADDRESS.search(fact.quote) if fact.type == FactType.OFFICE else None
    return found[0] if found else None


def _number(fact: Fact) -> str | None:
    """Return the numbers of a phone fact as they stand, None where none can be told apart."""
    return ", ".join(number.strip() for number in _PHONE.findall(fact.quote)) or None
