"""Offers of money that may be a fraud: "is this compensation real?"

A question about such an offer is told by its words; the offer is confirmed only where an official document in force
states a benefit of exactly that sum.  What is not confirmed is not answered from something near: the asker is told
that no official notice was found, and what never to give away.  Questions about real benefits are not meant here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from assistant.bearing import Said, led_by
from assistant.query import Query, folded_words
from assistant.retrieve import retrieve
from assistant.texts import text
from assistant.validity import holds
from corpora.quantities import quantities
from corpora.quantity_words import Unit
from corpora.records import Document, DocumentStatus, FactType
from index import Hit, Snapshot
from index.tokens import fold

_LIKELY = ("A", "B", "")               # confidences of a fact that may confirm an offer
_LOOKED_FOR = "огоҳӣ фиреб қаллобӣ ҷубронпулӣ мошенничество"
_FRAUD = re.compile(r"фиреб|қаллоб|мошенни|обман|\bscam|\bfraud", re.IGNORECASE)


def is_doubtful(query: Query, units: Sequence[Said], today: date) -> bool:
    """Return whether a question is about an offer of money that no official document among the units confirms.

    Where the first unit warns of that very offer, the warning is the answer, and nothing is left in doubt.
    """
    return is_offer(query) and not _is_warned_of(query, units) and not _confirmed(query, units, today)


def is_offer(query: Query) -> bool:
    """Return whether a question is about money promised to all, a prize, or a code of a card that is asked for."""
    said = {sign for sign in _signs() if _signs()[sign].search(_folded(query))}
    sums = bool(_sums(query.text))
    doubted = "doubt" in said or "is_it_true" in query.intents
    promised = {"compensation", "prize"} & said
    if "secret" in said:
        return bool(said - {"secret"}) or sums
    if "channel" in said:
        given = sums and bool({"everybody", "giver"} & said)
        return bool(promised) or given or (doubted and ("money" in said or sums))
    if promised:
        return sums or (doubted and ("prize" in said or "everybody" in said))
    return doubted and "everybody" in said and ("money" in said or sums)


def notices(language: str) -> tuple[str, str]:
    """Return that no official notice was found, and what not to do, in the asker's language."""
    return text(language, "rumour", "no_notice"), text(language, "rumour", "beware")


def nearest(query: Query, hits: Sequence[Hit], snapshot: Snapshot) -> list[Hit]:
    """Return the hits, those of documents that warn of a fraud first; such are looked for apart where none is found."""
    warned = [hit for hit in hits if warns_of_fraud(hit.document, hit.passage.text)]
    if not warned:
        apart = replace(query, text=_LOOKED_FOR, topic=_LOOKED_FOR, language="tg", script="Cyrl", intents=())
        warned = [hit for hit in retrieve(snapshot, apart) if warns_of_fraud(hit.document, hit.passage.text)][:1]
    return led_by(warned, hits)


def warns_of_fraud(document: Document, said: str) -> bool:
    """Return whether a document warns of a fraud, by its title or its words."""
    return bool(_FRAUD.search(document.title) or _FRAUD.search(said))


def _is_warned_of(query: Query, units: Sequence[Said]) -> bool:
    """Return whether the first unit warns of a fraud with exactly the sum asked about."""
    asked, first = _sums(query.text), units[0].text if units else ""
    return bool(asked and _FRAUD.search(first)) and asked <= _sums(first)


def _confirmed(query: Query, units: Iterable[Said], today: date) -> bool:
    """Return whether a benefit of exactly the sum asked about is stated by an official document in force.

    Nothing confirms that a code or the number of a card may be given away.
    """
    if _signs()["secret"].search(_folded(query)):
        return False
    asked = _sums(query.text)
    return any(asked & _sums(unit.text) for unit in units if _is_official(unit, today))


def _is_official(unit: Said, today: date) -> bool:
    fact = unit.fact
    stated = fact is not None and fact.type == FactType.BENEFIT and fact.confidence in _LIKELY
    in_force = unit.document.status == DocumentStatus.IN_FORCE and holds(unit.document, fact, today)
    return stated and in_force and not warns_of_fraud(unit.document, unit.text)


def _sums(said: str) -> set[tuple[Unit, Decimal]]:
    money = (Unit.SOMONI, Unit.USD, Unit.RUB, Unit.EUR)
    return {(one.unit, one.low) for one in quantities(said) if one.unit in money}


def _folded(query: Query) -> str:
    return " ".join(folded_words(query.text, query.language))


@cache
def _signs() -> dict[str, re.Pattern[str]]:
    """Return each sign as a pattern over folded words, each word matched from its beginning."""
    table = tomllib.loads((files("assistant") / "rumour.toml").read_text(encoding="utf-8"))
    return {name: re.compile("|".join(_phrase(words) for row in rows.values() for words in row))
            for name, rows in table.items()}


def _phrase(words: str) -> str:
    return r"\b" + r"\w* ".join(re.escape(fold(word)) for word in words.split())
