"""Whom to ask about a service, as far as the documents say; nothing is filled in.

Each part is the words of a fact of type office, phone or hours that holds today.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from assistant.records import Citation, Office
from assistant.validity import holds
from corpora.records import Document, Fact, FactType
from index import Snapshot

_STREET = re.compile(r"кӯча|хиёбон|суроға|улиц|ул\.|проспект|просп\.|адрес|кӯч\.", re.IGNORECASE)
_PHONE = re.compile(r"\(?\+?\d[\d\s()–-]{4,}\d|(?<!\d)\d{3,4}(?!\d)")


def find_office(snapshot: Snapshot, service: str, language: str, today: date) -> Office | None:
    """Return the office of a service, office cards and the asker's language first; None where none is known."""
    documents = [document for document in snapshot.documents() if document.service == service]
    documents.sort(key=lambda one: (one.kind != "office", one.kind == "form", one.language != language, one.id))
    found = {kind: next(_facts(documents, kind, today), None)
             for kind in (FactType.OFFICE, FactType.PHONE, FactType.HOURS)}
    first = found[FactType.OFFICE] or found[FactType.PHONE]
    citation = _citation(snapshot, *first) if first else None
    if not first or not citation:
        return None
    document = first[0]
    return Office(document.publisher or document.title, citation, _address(found[FactType.OFFICE]),
                  _number(found[FactType.PHONE]), _words(found[FactType.HOURS]))


def _facts(documents: Iterable[Document], kind: FactType, today: date) -> Iterator[tuple[Document, Fact]]:
    return ((document, fact) for document in documents for fact in document.facts
            if fact.type == kind and holds(document, fact, today) and fact.confidence != "C")


def _citation(snapshot: Snapshot, document: Document, fact: Fact) -> Citation | None:
    for passage in snapshot.passages(document.id):
        at = passage.text.find(fact.quote)
        if at >= 0:
            return Citation(passage, document, (at, at + len(fact.quote)))
    return None


def _address(found: tuple[Document, Fact] | None) -> str | None:
    """Return the words of an office fact that names a street; which kind of office it is, is no address."""
    return found[1].quote if found and _STREET.search(found[1].quote) else None


def _words(found: tuple[Document, Fact] | None) -> str | None:
    return found[1].quote if found else None


def _number(found: tuple[Document, Fact] | None) -> str | None:
    """Return the numbers of a phone fact as they stand; its whole sentence where none can be told apart."""
    if not found:
        return None
    numbers = [number.strip() for number in _PHONE.findall(found[1].quote)]
    return ", ".join(numbers) or found[1].quote
