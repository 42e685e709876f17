"""One question back, where a question is truly unclear: a bare noun, or hits of several services and nothing asked.

The options are whole questions made from templates (`texts`, section "clarify") and the titles of the documents found;
each can be asked as it stands.  Where something is asked for, nothing is asked back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.query import Query, subject
from assistant.records import Clarify
from assistant.texts import text
from corpora.records import Document, FactType
from index import Hit

# A subject of so many words is bare; two of them only where what was found is spread over services.
_BARE, _FEW = 1, 2
_LOOKED_AT, _MOST_OPTIONS, _LEAST_OPTIONS = 8, 4, 2
# How near to the first hit another service must come to be meant as well, as shares of `final`.
_NEAR, _EVEN = 0.75, 0.85
# Share of the subject that a hit must hold to be meant.
_HELD = 0.9
# From this share on, the first service is what is meant.
_MOSTLY = 0.6
# What is asked of a service most, in this order, where its documents state it.
_ASPECTS = {"which_papers": FactType.REQUIRED_PAPERS, "how_much": FactType.FEE, "benefit": FactType.BENEFIT,
            "how_long": FactType.DURATION, "who": FactType.ELIGIBILITY, "where": FactType.OFFICE, "age": FactType.AGE}


def clarify(query: Query, hits: Sequence[Hit]) -> Clarify | None:
    """Return a question with two to four options, None where the question was clear or nothing was found."""
    if not _unclear(query, hits):
        return None
    names = _names(query, hits)
    one = len(names) < 2 or _share_of_first(hits) >= _MOSTLY
    options = _by_service(query, names[one:])
    if one and names:
        options = (*_by_aspect(query, hits, names[0]), *options)[:_MOST_OPTIONS]
    if len(options) < _LEAST_OPTIONS:
        return None
    return Clarify(text(query.language, "clarify", "which_aspect" if one else "which_service"), options)


def _unclear(query: Query, hits: Sequence[Hit]) -> bool:
    """Return whether nothing is asked of a bare subject that the documents know."""
    asks = query.intents and len(query.text.split()) > 1
    if asks or query.decline or query.at or query.negated or not hits or query.language not in ("tg", "ru", "en"):
        return False
    said = subject(query.text, query.language)
    if len(said) > _FEW or any(letter.isdigit() for letter in query.text) or len(query.text.split()) > _FEW + 1:
        return False
    return hits[0].scores.get("topic", 0.0) >= _HELD and (len(said) <= _BARE or _spread(hits))


def _spread(hits: Sequence[Hit]) -> bool:
    """Return whether the first hits are of at least three services that come near to the first one."""
    first = hits[0].scores.get("final", 0.0)
    near = {hit.document.service for hit in hits[:_LOOKED_AT] if hit.scores.get("final", 0.0) >= _EVEN * first}
    return len(near) > _FEW


def _names(query: Query, hits: Sequence[Hit]) -> tuple[str, ...]:
    """Return what the found services are called, best first: the beginnings of titles, the asker's language first."""
    first = hits[0].scores.get("final", 0.0)
    near = [hit for hit in hits[:_LOOKED_AT] if hit.scores.get("final", 0.0) >= _NEAR * first and hit.document.service
            and hit.document.kind != "form" and hit.scores.get("topic", 0.0) >= _HELD]
    near.sort(key=lambda hit: (hit.document.language != query.language, hit.document.kind != "explainer",
                             len(_name(hit.document))))
    named: dict[str, str] = {}
    for hit in near:
        named.setdefault(hit.document.service, _name(hit.document))
    ordered = dict.fromkeys(hit.document.service for hit in sorted(near, key=lambda hit: hit.rank))
    return tuple(dict.fromkeys(named[service] for service in ordered))[:_MOST_OPTIONS]


def _name(document: Document) -> str:
    """Return the subject of a title, which stands before its colon or bracket."""
    return document.title.split(":")[0].split(" (")[0].strip(" .«»")


def _by_service(query: Query, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(text(query.language, "clarify", "how", subject=name) for name in names)


def _by_aspect(query: Query, hits: Sequence[Hit], name: str) -> tuple[str, ...]:
    """Return what may be asked of the first service, as far as its documents state it."""
    stated = {fact.type for hit in hits[:_LOOKED_AT] for fact in hit.document.facts
              if hit.document.service == hits[0].document.service}
    if FactType.BENEFIT in stated:         # what it costs is a side matter of what is paid out
        stated.discard(FactType.FEE)
    some = [aspect for aspect, kind in _ASPECTS.items() if kind in stated]
    return tuple(text(query.language, "clarify", aspect, subject=name) for aspect in some[:_MOST_OPTIONS - 1])


def _share_of_first(hits: Sequence[Hit]) -> float:
    """Return how many of the hits looked at are of the first one's service, 0..1."""
    looked = hits[:_LOOKED_AT]
    return sum(hit.document.service == hits[0].document.service for hit in looked) / len(looked)
