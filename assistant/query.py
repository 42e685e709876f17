"""What a question asks: its language, script, intents, the time it speaks of, and reasons not to answer it.

Rules and tables only; no document is looked at.  Text that cannot be read is refused here, before any work.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from assistant.errors import UnusableQuestionError
from assistant.language import question_language
from assistant.place import Place, places_in
from assistant.records import AnswerStatus
from corpora.records import FactType
from index import SearchQuery
from index.scripts import latin_to_folded, script_of
from index.steps import Step
from index.terms import FUNCTION_WORDS
from index.tokens import fold, words

# A page of typed text.  Longer input is a document: `ingest` reads those.
MOST_LETTERS = 4_000
# Stands in a cue for any words, up to so many.
_GAP, _GAP_WORDS = "*", 6
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_YEAR = re.compile(r"(?<![\d.,№-])(?:19|20)\d\d(?!\d)")
# "The act of 2014" and "issued in 2014" name a year without asking about it; a sum or a past tense asks.
_WAS = ("буд", "пеш", "пешина", "собик", "кухна", "было", "были", "раньше", "прежн", "старый", "старая", "was", "were",
        "former", "before")


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood.  `decline` is a reason of its own, before any search."""

    text: str
    language: str                      # tg | ru | en | unknown
    script: str                        # Cyrl | Latn | Arab | mixed
    intents: tuple[str, ...]
    facts: frozenset[FactType]
    topic: str                         # the words left when those that ask are taken away; all where none are left
    places: tuple[Place, ...]
    at: date | None                    # the day asked about, None for today
    decline: AnswerStatus | None = None
    without: frozenset[Step] = frozenset()    # steps left out, to measure what they are worth

    @property
    def search(self) -> SearchQuery:
        """The question as the snapshot takes it."""
        return SearchQuery(self.text, self.language, self.script, self.at, self.without)

    @property
    def subject_words(self) -> int:
        """How many words say what the question is about."""
        keys = folded_words(self.topic, self.language)
        return sum(key not in FUNCTION_WORDS.get(self.language, frozenset()) for key in keys)

    @property
    def asks_validity(self) -> bool:
        """Whether the question is if something still holds."""
        return "still_valid" in self.intents

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
    kept = "".join(letter for letter in _CONTROL.sub(" ", question) if not _is_surrogate(letter))
    text = " ".join(unicodedata.normalize("NFC", kept).split())
    if not any(letter.isalnum() for letter in text):
        raise UnusableQuestionError("the question is empty", 'Ask for example: rohnamo ask "Шиноснома чанд пул аст?"')
    return text


def _is_surrogate(letter: str) -> bool:
    return "\ud800" <= letter <= "\udfff"


def understand(question: str, *, language: str = "auto", at: date | None = None, today: date) -> Query:
    """Return what a question asks.  `language` other than auto is taken as said.

    Raises:
        UnusableQuestionError: the question cannot be read.
    """
    text = readable(question)
    script = script_of(text)
    spoken = question_language(text, script) if language == "auto" else language
    keys = folded_words(text, spoken)
    intents = tuple(name for name, cues in _cues("intent") if _cued(keys, cues))
    topic = _topic(words(text), keys)
    decline = next((AnswerStatus(f"abstained_{name}") for name, cues in _cues("decline") if _cued(keys, cues)), None)
    types = frozenset(FactType(kind) for name in intents for kind in _tables()["intent"][name]["facts"])
    day = at or _past_day(text, keys, intents, today)
    return Query(text, spoken, script, intents, types, topic, places_in(keys), day, decline)


def folded_words(text: str, language: str) -> list[str]:
    """Return the folded words of a question; Latin ones read as Tajik, unless it is English."""
    found = words(text)
    if language == "en":
        return [fold(word) for word in found]
    return [(latin_to_folded(word) or [fold(word)])[0] if word.isascii() and word.isalpha() else fold(word)
            for word in found]


def _past_day(text: str, keys: Iterable[str], intents: Iterable[str], today: date) -> date | None:
    """Return the middle of a past year that the question asks about, None where it asks about now."""
    years = [int(year) for year in _YEAR.findall(text) if int(year) < today.year]
    asked_back = "how_much" in intents or any(key.startswith(_WAS) for key in keys)
    return date(max(years), 7, 1) if years and asked_back else None


@cache
def _tables() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads((files("assistant") / "cues.toml").read_text(encoding="utf-8"))


@cache
def _cues(table: str) -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
    """Return each name of a table with its cues, every cue as its folded words (a final "." kept)."""
    return tuple((name, tuple(_cue(cue) for language in ("tg", "ru", "en") for cue in row[language]))
                 for name, row in _tables()[table].items())


def _cue(cue: str) -> tuple[str, ...]:
    return tuple(fold(word.rstrip(".").casefold()) + "." * word.endswith(".") for word in cue.split())


def _topic(found: list[str], keys: list[str]) -> str:
    """Return the words that are no cue and no word that every question may have."""
    asking = {place for table in ("intent", "generic") for _, cues in _cues(table) for place in _cued(keys, cues)}
    left = [word for place, word in enumerate(found) if place not in asking]
    return " ".join(left if any(len(word) > 2 for word in left) else found)


def _cued(keys: list[str], cues: tuple[tuple[str, ...], ...]) -> set[int]:
    """Return the places of the words that stand in a cue."""
    return {place for cue in cues for start in range(len(keys)) for place in _stands(keys, start, cue)}


def _stands(keys: list[str], start: int, cue: tuple[str, ...]) -> list[int]:
    """Return the places of the words of a cue that begins at `start`, none where it does not stand there."""
    found: list[int] = []
    for number, part in enumerate(cue):
        if part == _GAP:
            continue
        reach = _GAP_WORDS if number and cue[number - 1] == _GAP else 0
        near = range(start, min(start + reach + 1, len(keys)))
        here = next((place for place in near if _is(keys[place], part)), None)
        if here is None:
            return []
        found.append(here)
        start = here + 1
    return found


def _is(key: str, part: str) -> bool:
    return key == part[:-1] if part.endswith(".") else key.startswith(part)
