"""What the words of a sentence are, so that two wordings of one thing can be compared.

A word is known by its stems, and by the group of words that mean the same in any of our languages.  Words that
only carry others are told apart by a list.  Which texts must agree is not decided here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any

from assistant.language import question_language
from corpora.language import TAJIK_LETTERS, guess_language
from corpora.numerals import read_numbers
from index.lexicon import Lexicon, Origin
from index.scripts import script_of
from index.terms import FUNCTION_WORDS
from index.tokens import fold, stem, words

_LANGUAGES = ("tg", "ru", "en")
# Two words with so many first letters in common, and no more of each behind them, are forms of one.
_LEAST_SHARED, _MOST_BEHIND, _LEAST_WHOLE = 5, 5, 4
_SHORTEST = 2
_LEAST_CONSONANTS = 3
_LEAST_DENIED = 5                      # letters of a verb with its prefix of denial, which polarity compares
_SURE = 0.5                            # weight of a row of the lexicon that stands by itself
# Letters that may follow the beginning of a word in a list: an ending, or what makes one word of another.
_ENDING, _TAIL = 4, 7
_BEGINNING = 2
_FUNCTION_WORDS = frozenset().union(*FUNCTION_WORDS.values())
_ONLY_TAJIK = FUNCTION_WORDS["tg"] - FUNCTION_WORDS["ru"]
_VERB = re.compile(r"(?:на)?ме\w{3,}|\w{3,}(?:анд|аст)|\w{3,}(?:[аяуюе]ет|ют|(?<!тит)(?<!шр)ут|ит|ят|ват|"
                   r"[аияе]л[иао])(?:ся|с)?")


@dataclass(frozen=True)
class Wording:
    """A text as words: folded and in order, and those of them that say something."""

    text: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word, folded, numbers among them."""
        return tuple(fold(word) for word in words(self.text))

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The words that say something of their own; numbers are compared as figures."""
        return tuple(dict.fromkeys(word for word in self.words
                                   if word.isalpha() and len(word) >= _SHORTEST and not _is_weak(word)))

    @cached_property
    def keys(self) -> frozenset[str]:
        """What any of its words may be known by."""
        return frozenset().union(*(keys_of(word) for word in self.words)) if self.words else frozenset()

    @cached_property
    def forms(self) -> Mapping[str, tuple[str, ...]]:
        """Its longer words by their first letters."""
        found: dict[str, tuple[str, ...]] = {}
        for word in self.words:
            found[word[:_LEAST_WHOLE]] = (*found.get(word[:_LEAST_WHOLE], ()), word)
        return found

    @cached_property
    def skeletons(self) -> frozenset[str]:
        """The consonants of its words."""
        return frozenset(map(_skeleton, self.words))

    @cached_property
    def language(self) -> str:
        """The language it is written in: tg, ru, en or unknown; without Tajik signs Cyrillic is Russian."""
        language = question_language(self.text, script_of(self.text))
        if language == "tg" and not self._sounds_tajik and guess_language(self.text) != "tg":
            return "ru" if script_of(self.text) in ("Cyrl", "mixed") else language
        return language

    @property
    def _sounds_tajik(self) -> bool:
        return not TAJIK_LETTERS.isdisjoint(self.text) or any(word in _ONLY_TAJIK for word in self.words)

    @cached_property
    def across(self) -> frozenset[str]:
        """The stems its words may have in the other languages."""
        targets = (item.target for item in _across(self.words, self.language))
        return frozenset(part for target in targets for part in target.split())

    @cached_property
    def targets(self) -> frozenset[str]:
        """What its words surely are in another language, as whole phrases."""
        return frozenset(item.target for item in _across(self.words, self.language)
                         if item.weight >= _SURE and item.origin is not Origin.LEARNT)

    def holds(self, word: str) -> bool:
        """Return whether a folded word stands here: itself, another form of it or another word for it."""
        return not self.keys.isdisjoint(keys_of(word)) or any(
            _is_form(word, other) for other in self.forms.get(word[:_LEAST_WHOLE], ()))

    def lacking(self, theirs: Wording) -> tuple[str, ...]:
        """Return the words that say something and another text does not hold, in order; across languages by lexicon."""
        lacking = tuple(word for word in self.content if not theirs.holds(word))
        if lacking and self.language != theirs.language:
            return tuple(word for word in lacking if not _translated(word, self, theirs))
        return lacking

    def uncovered(self, theirs: Wording) -> tuple[str, ...]:
        """Return the same without words that have one meaning by way of the other language; slower than `lacking`."""
        lacking = self.lacking(theirs)
        if lacking and self.language == theirs.language:
            return tuple(word for word in lacking if not _of_one_meaning(word, self, theirs))
        return lacking


@lru_cache(maxsize=4096)
def wording(text: str) -> Wording:
    """Return a text as words; read once for texts that come again."""
    return Wording(text)


def _of_one_meaning(word: str, mine: Wording, theirs: Wording) -> bool:
    """Return whether a word is in another language what a word of the other text is there."""
    return any(item.weight >= _SURE and item.target in theirs.targets for item in _of_word(mine, word)
               if item.origin is not Origin.LEARNT)


def _translated(word: str, mine: Wording, theirs: Wording) -> bool:
    if not keys_of(word).isdisjoint(theirs.across) or _skeleton(word) in theirs.skeletons:
        return True
    return any(theirs.keys >= set(item.target.split()) for item in _of_word(mine, word))


def _of_word(mine: Wording, word: str) -> Iterable[Any]:
    return [item for item in _across(mine.words, mine.language) if word in mine.words[item.start:item.end]]


@lru_cache(maxsize=512)
def _across(keys: tuple[str, ...], language: str) -> tuple[Any, ...]:
    return tuple(_lexicon().expand(keys, language))


@cache
def _lexicon() -> Lexicon:
    return Lexicon.load()


@lru_cache(maxsize=1 << 14)
def _skeleton(word: str) -> str:
    """Return the consonants of a word, by which names are known in another language: Истанбул, Стамбул."""
    bare = re.sub("[аеиоуяюйь]", "", stem(stem(word, "tg"), "ru")).replace("м", "н")
    return bare if len(bare) >= _LEAST_CONSONANTS else word


@lru_cache(maxsize=1 << 14)
def keys_of(word: str) -> frozenset[str]:
    """Return what a folded word may be known by: its stems, and its groups as "=12"."""
    stems = {stem(word, language) for language in (("en",) if word.isascii() else ("tg", "ru"))}
    return frozenset(stems) | {f"={group}" for group in _longest(word, _tables().groups, _TAIL)}


@lru_cache(maxsize=1 << 14)
def _is_weak(word: str) -> bool:
    if word.startswith("на") and len(word) > _LEAST_DENIED and _is_weak(word[2:]):
        return True
    return word in _FUNCTION_WORDS or bool(_longest(word, _tables().weak, _ENDING)) or bool(read_numbers(word))


def is_verb(word: str) -> bool:
    """Return whether a folded word looks like a finite verb or an infinitive, Tajik or Russian."""
    return bool(_VERB.fullmatch(word))


def _is_form(word: str, other: str) -> bool:
    shared = 0
    for mine, theirs in zip(word, other, strict=False):
        if mine != theirs:
            break
        shared += 1
    whole = shared >= _LEAST_WHOLE and shared == min(len(word), len(other))
    behind = max(len(word), len(other)) - shared
    return (whole or shared >= _LEAST_SHARED) and behind <= _MOST_BEHIND


@dataclass(frozen=True, slots=True)
class _Tables:
    """The lists of wording.toml: beginnings of words, whole words ending in a full stop."""

    weak: Mapping[str, tuple[int, ...]]
    groups: Mapping[str, tuple[int, ...]]


@cache
def _tables() -> _Tables:
    listed = lists()
    groups: dict[str, tuple[int, ...]] = {}
    for number, line in enumerate(listed["same"].strip().splitlines()):
        for entry in line.split():
            groups[_key(entry)] = (*groups.get(_key(entry), ()), number)
    return _Tables({_key(entry): (0,) for entry in listed["weak"].split()}, groups)


def _key(entry: str) -> str:
    return fold(entry.casefold().rstrip(".")) + ("." if entry.endswith(".") else "")


def _longest(word: str, table: Mapping[str, tuple[int, ...]], most: int) -> tuple[int, ...]:
    """Return what the table says of a word, or of its longest beginning there with at most so many letters behind."""
    if (found := table.get(word + ".")) is not None:
        return found
    return next((table[word[:size]] for size in range(len(word), max(1, len(word) - most - 1),
    -1) if word[:size] in table), ())


@cache
def lists() -> dict[str, Any]:
    """Return the word lists of wording.toml as they stand there."""
    return tomllib.loads(files("assistant").joinpath("wording.toml").read_text(encoding="utf-8"))


@cache
def classes(section: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return each class of a section with the pattern that finds it among folded words joined by spaces."""
    return tuple((name, re.compile("|".join(map(_pattern, entries)))) for name, entries in lists()[section].items())


@cache
def _beginnings(section: str) -> dict[str, frozenset[str]]:
    """Return the first letters that a text must have a word with to name each class."""
    return {name: frozenset(_key(entry)[:_BEGINNING].rstrip(".") for entry in entries)
            for name, entries in lists()[section].items()}


def named(text: str, section: str) -> frozenset[str]:
    """Return the classes of a section that a text names."""
    return _named(wording(text).words, section)


@lru_cache(maxsize=1024)
def _named(found: tuple[str, ...], section: str) -> frozenset[str]:
    begun, joined = {word[:size] for word in found for size in (1, _BEGINNING)}, " ".join(found)
    return frozenset(name for name, pattern in classes(section)
                     if not begun.isdisjoint(_beginnings(section)[name]) and pattern.search(joined))


def _pattern(entry: str) -> str:
    words_of = [_key(word) for word in entry.split()]
    return r"(?<!\w)" + r"\s+(?:(?:ва|и|of)\s+)?".join(
        re.escape(word[:-1]) + r"(?!\w)" if word.endswith(".") else re.escape(word) + r"\w*" for word in words_of)
