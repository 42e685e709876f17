"""The question before carried into the next one: "ва барои кӯдак?", "а для ребёнка?", "how long?".

A question with a subject of its own carries nothing.  The answer before comes from outside: only its question, and
titles of documents that this snapshot knows, are used; the question is understood anew, so orders in it and personal
data are left out like in any other.  Nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assistant.audience import audience_words
from assistant.cues import cued, cues, folded_words
from assistant.errors import UnusableQuestionError
from assistant.query import MOST_LETTERS, Query, subject, understand
from index.tokens import words

# A follow-up is short; a longer question says itself what it is about.
_MOST_WORDS = 9
_MOST_TITLES = 20


@dataclass(frozen=True, slots=True)
class Previous:
    """What of an answer given before may be carried: its question, and the titles it cited, best first."""

    question: str
    titles: tuple[str, ...] = ()


def read_previous(plain: object) -> Previous | None:
    """Return what can be carried of an answer object of `ask --json`; None where it is none."""
    if not isinstance(plain, Mapping):
        return None
    question = plain.get("question")
    if not isinstance(question, str) or not question.strip() or len(question) > MOST_LETTERS:
        return None
    cited = [citation for claim in _objects(plain.get("claims")) for citation in _objects(claim.get("citations"))]
    titles = [row.get("title") for row in (*cited, *_objects(plain.get("hits")))]
    return Previous(question, tuple(dict.fromkeys(title for title in titles if isinstance(title, str)))[:_MOST_TITLES])


def carried(query: Query, previous: Previous, known_titles: Collection[str], today: date) -> Query:
    """Return the question with the subject, audience, time and, where it asks for nothing itself, the asking of the
    one before; the question as it is where it has a subject of its own.
    """
    before = _understood(previous, today)
    if query.decline or before is None or before.decline or not _leans(query):
        return query
    about = _subject(before, previous, known_titles, query)
    if not about:
        return query
    asking = () if query.intents else _asking_words(before)
    joined = " ".join((*about, *asking, query.text))
    whole = understand(joined, language=query.language, at=query.at, today=today)
    if whole.decline:
        return query
    return replace(whole, asked=query.asked, script=query.script, at=query.at or before.at,
                   intents=whole.intents or before.intents, facts=whole.facts or before.facts,
                   places=query.places or before.places, personal=query.personal, ordered=query.ordered)


def _objects(some: object) -> list[Mapping[str, Any]]:
    return [row for row in some if isinstance(row, Mapping)] if isinstance(some, list) else []


def _understood(previous: Previous, today: date) -> Query | None:
    try:
        return understand(previous.question, today=today)
    except UnusableQuestionError:
        return None


def _leans(query: Query) -> bool:
    """Return whether a question names no subject: only for whom, when, where or what is asked."""
    found = words(query.text)
    if len(found) > _MOST_WORDS:
        return False
    keys = folded_words(query.text, query.language)
    side = audience_words(keys) | _leaning(keys)
    own = {word for place, word in enumerate(found)
           if place not in side and not any(letter.isdigit() for letter in word)
           and not any(place_named.named_in([keys[place]]) for place_named in query.places)}
    return not own & set(subject(query.text, query.language))


def _leaning(keys: list[str]) -> set[int]:
    """Return the places of the words with which a question leans on the one before."""
    return {place for _, some in cues("follow_up") for place in cued(keys, some)}


def _subject(before: Query, previous: Previous, known_titles: Collection[str], query: Query) -> tuple[str, ...]:
    """Return the words of what was asked about; of the title cited, where the question before leant as well."""
    found, keys = words(before.text), folded_words(before.text, before.language)
    named = set(subject(before.text, before.language))
    other = audience_words(keys) if query.audience else set()
    kept = tuple(word for place, word in enumerate(found)
                 if word in named and place not in other | _leaning(keys) and not _is_year(word))
    bare = [word for word in kept if len(word) > 2]
    if bare and not _leans(before):
        return kept
    title = next((title for title in previous.titles if title in known_titles), "")
    return tuple(words(title.split(":")[0]))


def _asking_words(before: Query) -> tuple[str, ...]:
    """Return the words with which the question before asked."""
    keys = folded_words(before.text, before.language)
    asking = {place for _, some in cues("intent") for place in cued(keys, some)}
    return tuple(word for place, word in enumerate(words(before.text)) if place in asking)


def _is_year(word: str) -> bool:
    return word.isdecimal() and len(word) == 4
