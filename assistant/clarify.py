"""One question back, where a question is truly unclear: a bare noun, hits of several services, or only a greeting.

The options are whole questions made from templates (`texts`, section "clarify") and the titles of the documents found;
each can be asked as it stands, and only what a document states is offered.  Where something is asked for, nothing is
asked back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.query import Query, folded_words, subject
from assistant.records import Clarify
from assistant.texts import LANGUAGES, text
from assistant.validity import LAPSED
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
            "penalty": FactType.PENALTY, "how_long": FactType.DURATION, "who": FactType.ELIGIBILITY,
            "where": FactType.OFFICE, "age": FactType.AGE, "how": FactType.PROCEDURE, "phone": FactType.PHONE}
_EXAMPLES = ("example_fee", "example_age", "example_papers")
# A title that asks is no name of a service.
_ASKING = frozenset(("чанд", "чаро", "чи", "кай", "кучо", "кадом", "как", "сколько", "где", "почему", "когда"))
_FINE = re.compile("ҷарима|штраф|fine", re.IGNORECASE)


def clarify(query: Query, hits: Sequence[Hit]) -> Clarify | None:
    """Return a question with two to four options, None where the question was clear or nothing was found."""
    if query.greets and not query.decline:
        return _welcome(query.language if query.language in LANGUAGES else LANGUAGES[0])
    if not _unclear(query, hits):
        return None
    near = _near(query, hits)
    services = tuple(dict.fromkeys(hit.document.service for hit in sorted(near, key=lambda hit: hit.rank)))
    one = len(services) < 2 or _share_of_first(hits) >= _MOSTLY
    aspects = _aspects(query, near, services[0])[:_MOST_OPTIONS - 1] if one and services else []
    others = (_aspects(query, near, service)[0] for service in services[one:])
    options = tuple(dict.fromkeys((*aspects, *others)))[:_MOST_OPTIONS]
    if len(options) < _LEAST_OPTIONS:
        return None
    return Clarify(text(query.language, "clarify", "which_aspect" if one else "which_service"), options)


def _welcome(language: str) -> Clarify:
    """Return what may be asked, with questions that the documents answer."""
    return Clarify(text(language, "clarify", "greeting"),
                   tuple(text(language, "clarify", example) for example in _EXAMPLES))


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


def _near(query: Query, hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits whose services may be meant, those with the best names first: explainers, short.

    They are in the asker's language: a name in another one is no choice to somebody who does not read it.
    """
    first = hits[0].scores.get("final", 0.0)
    near = [hit for hit in hits[:_LOOKED_AT] if hit.scores.get("final", 0.0) >= _NEAR * first and hit.document.service
            and hit.document.kind != "form" and hit.document.language == query.language
            and hit.scores.get("topic", 0.0) >= _HELD and hit.document.status not in LAPSED
            and not _ASKING.intersection(folded_words(_name(hit.document), "tg"))]
    return sorted(near, key=lambda hit: (hit.document.kind != "explainer", len(_name(hit.document))))


def _name(document: Document) -> str:
    """Return the subject of a title, which stands before its colon or bracket."""
    return document.title.split(":")[0].split(" (")[0].strip(" .«»")


def _aspects(query: Query, near: Iterable[Hit], service: str) -> list[str]:
    """Return what may be asked of a service, of each aspect under the name of the best document that states it.

    Where its documents state nothing of the kind, its procedure.
    """
    documents = list({hit.document.id: hit.document for hit in near if hit.document.service == service}.values())
    types = [fact.type for document in documents for fact in document.facts]
    paid_out = types.count(FactType.BENEFIT) > types.count(FactType.FEE)
    asked: list[str] = []
    for aspect, kind in _ASPECTS.items():
        stating = next((document for document in documents if any(fact.type == kind for fact in document.facts)), None)
        if stating and _fits(aspect, _name(stating), paid_out=paid_out):
            wording = "condition" if aspect == "who" and not paid_out else aspect
            asked.append(text(query.language, "clarify", wording, subject=_name(stating)))
    return asked or [text(query.language, "clarify", "how", subject=_name(documents[0]))]


def _fits(aspect: str, name: str, *, paid_out: bool) -> bool:
    """Return whether an aspect is a main matter of what is called so: a fine of fines, no cost of what is paid out."""
    of_fines = bool(_FINE.search(name))
    if aspect in ("how_much", "benefit"):
        return not of_fines and paid_out == (aspect == "benefit")
    return of_fines or aspect != "penalty"


def _share_of_first(hits: Sequence[Hit]) -> float:
    """Return how many of the hits looked at are of the first one's service, 0..1."""
    looked = hits[:_LOOKED_AT]
    return sum(hit.document.service == hits[0].document.service for hit in looked) / len(looked)
