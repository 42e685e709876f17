"""What the documents in use need from the people who keep them: looked at again, replaced, read anew, or written.

Nothing is decided here that answers depend on: the rules of validity, of disagreement and of acts are those that
answers are made by.  A day is given; the texts are read where acts are looked for, which takes a while.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from assistant.conflicts import conflicts_of
from assistant.records import Conflict
from assistant.texts import LANGUAGES
from assistant.validity import LAPSED, is_past, is_stale, says_it_ended
from corpora.acts import read_acts
from corpora.records import Act, Document, Fact
from corpora.references import Role as ActRole
from index import Snapshot

# So many days ahead somebody can still look, write and release: the indicator of a new year is known in November.
AHEAD_DAYS = 90
# What can be found, the most urgent first: the fields of `ContentHealth`.
KINDS = ("expiring", "review", "conflicts", "void_cited", "unread")
_UNREAD = re.compile(r"page (\d+) (?:is refused|cannot be read)")


@dataclass(frozen=True, slots=True)
class Due:
    """Something with a last day: a document to be looked at again, or what holds no longer after it."""

    document: Document
    day: str
    fact: Fact | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"document": self.document.id, "title": self.document.title, "day": self.day,
                "fact": self.fact.type.value if self.fact else None, "quote": self.fact.quote if self.fact else None}


@dataclass(frozen=True, slots=True)
class Stale:
    """A document in force that rests on an act of which another document says that it holds no longer."""

    document: Document
    act: Act
    lapsed: Document

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"document": self.document.id, "title": self.document.title, "act": self.act.to_json(),
                "lapsed": self.lapsed.id}


@dataclass(frozen=True, slots=True)
class ContentHealth:
    """The state of the documents on a day.

    review, expiring: by day, those over first.  unread: pages that were not read, by document.  coverage: how many
    documents in force a service has, by language.
    """

    day: date
    documents: int
    review: tuple[Due, ...]
    expiring: tuple[Due, ...]
    conflicts: tuple[Conflict, ...]
    void_cited: tuple[Stale, ...]
    unread: tuple[tuple[Document, tuple[int, ...]], ...]
    coverage: Mapping[str, Mapping[str, int]]

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how much was found of each kind, and how much of that is over."""
        return {kind: (len(rows), sum(one.day < self.day.isoformat() for one in rows if isinstance(one, Due)))
                for kind in KINDS for rows in (getattr(self, kind),)}

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"day": self.day.isoformat(), "documents": self.documents,
                "review": [one.to_json() for one in self.review],
                "expiring": [one.to_json() for one in self.expiring],
                "conflicts": [{"why": one.why, "documents": [said.document.id for said in one.citations]}
                              for one in self.conflicts],
                "void_cited": [one.to_json() for one in self.void_cited],
                "unread": [{"document": document.id, "pages": list(pages)} for document, pages in self.unread],
                "coverage": {service: dict(counts) for service, counts in self.coverage.items()}}


def read_content(snapshot: Snapshot, language: str, day: date) -> ContentHealth:
    """Return the state of a snapshot's documents on a day; what disagrees is said in a language."""
    documents = snapshot.documents()
    held = [one for one in documents if not is_past(one, None, day)]
    return ContentHealth(
        day, len(documents), _by_day(_review(held, day)), _by_day(_expiring(held, day)),
        conflicts_of(snapshot, language, day), tuple(_void_cited(snapshot, held, documents, day)),
        tuple((one, pages) for one in documents if (pages := unread_pages(one))), _coverage(held))


def by_month(found: Iterable[Due], day: date) -> dict[str, list[Due]]:
    """Return what is over by its year, as `2025`, then what will be by its month, as `2026-12`."""
    spans: dict[str, list[Due]] = {}
    for one in found:
        spans.setdefault(one.day[:4] if one.day < day.isoformat() else one.day[:7], []).append(one)
    return spans


def lacking(coverage: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return for how many services there is no document, by language."""
    return {language: sum(not counts[language] for counts in coverage.values()) for language in LANGUAGES}


def unread_pages(document: Document) -> tuple[int, ...]:
    """Return the pages of a document that could not be read."""
    return tuple(sorted({int(found[1]) for note in document.notes if (found := _UNREAD.match(note))}))


def _review(held: Iterable[Document], day: date) -> Iterator[Due]:
    for one in held:
        if one.review_by and (is_stale(one, day) or one.review_by <= _ahead(day)):
            yield Due(one, one.review_by)


def _expiring(held: Iterable[Document], day: date) -> Iterator[Due]:
    """Yield what will hold no longer soon: a document, else those of its facts that end before it does."""
    for one in held:
        if one.valid_until and one.valid_until <= _ahead(day):
            yield Due(one, one.valid_until)
            continue
        for fact in one.facts:
            if fact.valid_until and day.isoformat() <= fact.valid_until <= _ahead(day) and not says_it_ended(fact):
                yield Due(one, fact.valid_until, fact)


def _by_day(found: Iterable[Due]) -> tuple[Due, ...]:
    return tuple(sorted(found, key=lambda one: (one.day, one.document.id)))


def _void_cited(snapshot: Snapshot, held: Iterable[Document], documents: Iterable[Document],
                day: date) -> Iterator[Stale]:
    """Yield the documents that rest on an act which holds no longer; one that tells of its end does not."""
    lapsed = {_key(one.act): one for one in documents
              if one.act and one.act.number and one.act.date and one.status in LAPSED and is_past(one, None, day)}
    lapsed = {key: one for key, one in lapsed.items() if key not in {_key(other.act) for other in held if other.act}}
    for document in held if lapsed else ():
        text = "\n\n".join(passage.text for passage in snapshot.passages(document.id))
        named = {_key(one.act): one.act for one in read_acts(text) if one.role is ActRole.MENTIONED}
        for key, act in named.items():
            if key in lapsed and lapsed[key].superseded_by != document.id:
                yield Stale(document, act, lapsed[key])


def _key(act: Act | None) -> tuple[str, str]:
    """Return what tells acts apart, however their kind is written: the number and the date."""
    return (act.number.casefold(), act.date) if act else ("", "")


def _coverage(held: Iterable[Document]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(lambda: Counter(dict.fromkeys(LANGUAGES, 0)))
    for one in held:
        if one.service:
            found[one.service][one.language] += 1
    return dict(sorted(found.items()))


def _ahead(day: date) -> str:
    return (day + timedelta(days=AHEAD_DAYS)).isoformat()
