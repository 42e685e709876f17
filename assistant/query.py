"""What a question asks: its language, script, intents, audience, time, parts, and reasons not to answer it.

Rules and tables only; no document is looked at.  Text that cannot be read is refused here, before any work.  Personal
data and orders to the program are taken out first, so that nothing after this file ever sees them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from assistant.asked_date import asked_day
from assistant.audience import Audience, audiences
from assistant.cues import cued, cues, folded_words, said, table
from assistant.errors import UnusableQuestionError
from assistant.language import question_language
from assistant.negation import negated_words
from assistant.orders import without_orders
from assistant.parts import Part, parts_of
from assistant.personal import MARK, Personal, Redacted, redacted
from assistant.place import Place, places_in
from assistant.records import AnswerStatus
from corpora.records import FactType
from index import SearchQuery
from index.scripts import script_of
from index.steps import Step
from index.terms import FUNCTION_WORDS
from index.tokens import fold, words

__all__ = ["MOST_LETTERS", "Query", "folded_words", "readable", "subject", "understand"]

# A page of typed text.  Longer input is a document: `ingest` reads those.
MOST_LETTERS = 4_000
# Stands in the cues for what was marked as personal.
_PERSON = "шахс"
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "0123456789" * 2)
# Short nouns of which the index does not know the ending that says whose: "номам" is "ном".
_OWNED = re.compile(r"\b(ном|зан|кор|боҷ|боч|nom|zan|kor|boj|boch)[аa](?:[мmтtш]|sh)(?:[оo][нn])?(ро|ro)?\b",
                    re.IGNORECASE)
_OF_THE_ACT = frozenset(("legal_basis", "what_is"))
_COMES_FROM = (["ман", "аз"], ["я", "из"])
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood.  `decline` is a reason of its own, before any search."""

    text: str                          # what is searched; personal data as marks, orders left out
    language: str                      # tg | ru | en | unknown
    script: str                        # Cyrl | Latn | Arab | mixed
    intents: tuple[str, ...]
    facts: frozenset[FactType]
    topic: str                         # the words left when those that ask are taken away; all where none are left
    places: tuple[Place, ...]
    at: date | None                    # the day asked about, None for today
    decline: AnswerStatus | None = None
    without: frozenset[Step] = frozenset()    # steps left out, to measure what they are worth
    asked: str = ""                    # the question as it may be shown; not `text` where words were carried into it
    audience: tuple[Audience, ...] = ()
    negated: tuple[str, ...] = ()      # the words that a negation stands on, as typed
    parts: tuple[Part, ...] = ()       # what it asks for, clause by clause, in the order of asking
    personal: frozenset[Personal] = frozenset()    # the kinds of personal data that were taken out
    ordered: bool = False              # whether an order to the program was left out

    @property
    def search(self) -> SearchQuery:
        """The question as the snapshot takes it."""
        return SearchQuery(_searched(self.text, self.language), self.language, self.script, self.at, self.without)

    @property
    def asked_in_order(self) -> tuple[str, ...]:
        """The intents in the order of asking."""
        return tuple(dict.fromkeys([*(intent for part in self.parts for intent in part.intents), *self.intents]))

    @property
    def greets(self) -> bool:
        """Whether it is a greeting, thanks, or what may be asked at all, and nothing else."""
        keys = folded_words(self.text, self.language)
        greeting = cued(keys, dict(cues("greeting"))["words"])
        return bool(greeting) and not any(len(word) > 2 for word in subject(self.text, self.language))

    @property
    def asks_validity(self) -> bool:
        """Whether the question is if something still holds."""
        return "still_valid" in self.intents

    @property
    def demands(self) -> tuple[str, ...]:
        """The intents that are asked for outright, a figure or papers, so that an answer without them is none."""
        asked = said(folded_words(self.text, self.language), "demand")
        return tuple(name for name in asked if name in self.intents)

    @property
    def about(self) -> SearchQuery:
        """The words that say what the question is about, to compare with a text."""
        return SearchQuery(self.topic, self.language, self.script, self.at, self.without)


def readable(question: str) -> str:
    """Return the question in NFC on one line, without control characters.

    Raises:
        UnusableQuestionError: nothing is left of it, it is too long, or it is no text.
    """
    if len(question) > MOST_LETTERS:
        raise UnusableQuestionError(f"the question has {len(question)} letters; {MOST_LETTERS} can be read",
                                    "Ask in a sentence or two; a whole document is read with: rohnamo ingest FILE.")
    unseen = len(_CONTROL.findall(question)) + question.count("\ufffd") + sum(map(_is_surrogate, question))
    if unseen * 5 > len(question):
        raise UnusableQuestionError("the question is not text", "Type the question with letters.")
    text = " ".join(_kept(question).split())
    if not any(letter.isalnum() for letter in text):
        raise UnusableQuestionError("the question is empty", 'Ask for example: rohnamo ask "Шиноснома чанд пул аст?"')
    return text


def _kept(question: str) -> str:
    """Return the letters that can be read, lines as they are; digits of Persian and Arabic as ours."""
    kept = "".join(letter for letter in _CONTROL.sub(" ", question) if not _is_surrogate(letter))
    return unicodedata.normalize("NFC", kept.translate(_DIGITS))


def _is_surrogate(letter: str) -> bool:
    return "\ud800" <= letter <= "\udfff"


def understand(question: str, *, language: str = "auto", at: date | None = None, today: date) -> Query:
    """Return what a question asks.  `language` other than auto is taken as said.

    Raises:
        UnusableQuestionError: the question cannot be read.
    """
    bare = redacted(readable(question))
    heard = without_orders(_kept(question))
    rest = redacted(heard.text).text
    only_orders = heard.ordered and not _says_something(rest)
    text = rest if heard.ordered and not only_orders else bare.text
    script = script_of(text)
    spoken = question_language(text, script) if language == "auto" else language
    found, keys = words(text), folded_words(text, spoken)
    intents = _intents(keys)
    types = frozenset(FactType(kind) for name in intents for kind in table("intent")[name]["facts"])
    day = at or asked_day(text, keys, intents, today)
    unsafe = AnswerStatus.ABSTAINED_UNSAFE if only_orders else None
    return Query(text, spoken, script, intents, types, _topic(found, keys), places_in(keys), day,
                 unsafe or _about_somebody(bare, spoken) or _decline(keys, text), asked=text,
                 audience=audiences(keys), negated=negated_words(found, keys), personal=bare.kinds,
                 ordered=heard.ordered,
                 parts=parts_of(text, lambda clause: _intents(folded_words(clause, spoken))))


def subject(text: str, language: str) -> tuple[str, ...]:
    """Return the words of a text that say what it is about: none that asks, and none that holds it together."""
    found, keys = words(text), folded_words(text, language)
    empty = _asking(keys)
    return tuple(word for place, (word, key) in enumerate(zip(found, keys, strict=True))
                 if place not in empty and key not in FUNCTION_WORDS.get(language, frozenset()))


def _says_something(text: str) -> bool:
    """Return whether there is more in a text than a greeting."""
    return any(len(word) > 2 for word in subject(text, question_language(text, script_of(text))))


def _about_somebody(bare: Redacted, language: str) -> AnswerStatus | None:
    """Return the reason to decline what is asked of a person by name, None where nothing is."""
    if Personal.NAME not in bare.kinds:
        return None
    keys = folded_words(bare.text.replace(MARK, f" {_PERSON} "), language)
    return AnswerStatus.ABSTAINED_PERSONAL_DATA if said(keys, "named") else None


def _decline(keys: list[str], text: str) -> AnswerStatus | None:
    """Return why a question is not answered from documents, None where it may be."""
    if MARK in text and not any(letter.isalnum() for letter in text):
        return AnswerStatus.ABSTAINED_PERSONAL_DATA
    return next((AnswerStatus(f"abstained_{name}") for name in said(keys, "decline")), None)


def _intents(keys: list[str]) -> tuple[str, ...]:
    """Return what the words ask for; what only tells how things stand asks for nothing."""
    told = cued(keys, dict(cues("told"))["words"])
    asking = ["" if place in told else key for place, key in enumerate(keys)]
    found = said(asking, "intent")
    if {"age", "how_long"} <= set(found):              # "аз чанд сол" holds "чанд сол"
        age, term = (cued(asking, dict(cues("intent"))[name]) for name in ("age", "how_long"))
        found = tuple(name for name in found if name != "how_long" or not term <= age)
    if not _OF_THE_ACT.intersection(found):
        found = tuple(dict.fromkeys((*said(asking, "named_sum"), *found)))
    return found or (("how_many",) if fold("чанд") in keys else ())


def _asking(keys: list[str]) -> set[int]:
    """Return the places of the words that are a cue, that any question may have, or that stand around a question."""
    return _beside(keys) | {place for name in ("intent", "generic", "greeting") for _, some in cues(name)
                            for place in cued(keys, some)}


def _beside(keys: list[str]) -> set[int]:
    """Return the places of the words around a question: greetings, asking to be told, where the asker is from."""
    from_there = {place for start in range(len(keys) - 2)
                  if keys[start:start + 2] in _COMES_FROM and places_in(keys[start + 2:start + 3])
                  for place in range(start, start + 3)}
    return cued(keys, dict(cues("filler"))["words"]) | from_there


def _searched(text: str, language: str) -> str:
    """Return a text as it is searched: as typed where nothing stands around the question."""
    found, beside = words(text), _beside(folded_words(text, language))
    kept = [word for place, word in enumerate(found) if place not in beside]
    return _without_owner(" ".join(kept) if beside and kept else text)


def _topic(found: list[str], keys: list[str]) -> str:
    """Return the words that are no cue and stand not in every question; what names a sum where nothing else is left."""
    asking, named = _asking(keys), cued(keys, dict(cues("named_sum"))["how_much"])
    for beside in (asking | named, asking - named):
        left = [word for place, word in enumerate(found) if place not in beside]
        if any(len(word) > 2 for word in left):
            return _without_owner(" ".join(left))
    return " ".join(found)


def _without_owner(text: str) -> str:
    """Return a text with "номамро" as "номро"."""
    return _OWNED.sub(r"\1\2", text)
