"""What the words of a question may look like in the passages.

A word is looked for as it was typed, folded and stemmed; from Latin letters it is read in Cyrillic;
a word no passage has is corrected to the nearest one that some have.  Nothing is dropped or scored here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property

from index import persian
from index.lexicon import Expansion, Lexicon
from index.rows import Connection
from index.scripts import latin_to_folded, script_of
from index.steps import Step
from index.synonyms import synonyms
from index.tokens import fold, grouped_numbers, stem, words
from index.vocabulary import Vocabulary

# A question longer than this is a pasted text; its first words are enough to find what it is about.
_MOST_WORDS = 64
# A word that only its expansions find is taken to be as telling as most words of a subject.
_EXPANDED_RARITY = 0.6
# A Russian word in a Tajik question (справка, развод); a short one may be a Tajik word of another meaning.
_LEAST_BORROWED = 5
# Tajik passages answer a Tajik question: what its words are in Russian counts less (chosen on train and dev).
_ACROSS = 0.6
# Another word for the same counts less than the word itself.
_SAME = 0.5
_STEMMERS = ("tg", "ru")
# A shorter form stands within too many other words to be looked for as letters.
_LEAST_FORM = 3

_FUNCTION_WORDS = {
    "tg": "ва дар аз ба бо то барои ки чи чӣ ин он аст ҳаст мебошад бояд мешавад кай куҷо чанд чанто кадом оё "
          "ё ҳам мо ман шумо вай онҳо худ агар пас чун чаро кӣ чигуна хел тавр метавонам мекунад лозим даркор "
          "қадар шуд шавад мегӯянд лутфан салом мебошанд ҳастанд будан кунам кардан чист кист не мумкин мешуд ҳамин",
    "ru": "и в во на с со по для из от до к ко о об у за или же ли бы не а но что это как где когда какой "
          "какая какие какую сколько кто кому чем мне я мы вы он она они мой моя если то при так нужно надо можно "
          "есть быть ещё уже пожалуйста здравствуйте через",
    "en": "the a an of and to in is for on with by or be are this that from how what when where which who "
          "much many do does can i my me we you it at as if please need",
}
FUNCTION_WORDS = {language: frozenset(fold(word) for word in text.split())
                  for language, text in _FUNCTION_WORDS.items()}
_ALL_FUNCTION_WORDS = frozenset().union(*FUNCTION_WORDS.values())


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question.  `folded` and `stems` list what it may be in the passages, likeliest first."""

    word: str
    folded: tuple[str, ...]
    stems: tuple[str, ...]
    content: bool                      # False for words that only hold a question together
    spelling: str                      # with Tajik letters restored, where the passages show them
    rarity: float                      # 0 where every passage has it .. 1 where none has


@dataclass(frozen=True)
class Question:
    """The terms of a question in order, and what spans of them may be in another language."""

    terms: tuple[Term, ...]
    expansions: tuple[Expansion, ...]

    @property
    def restored(self) -> str:
        """The question with the letters and spellings the passages use."""
        return " ".join(term.spelling for term in self.terms)

    def forms(self) -> list[list[str]]:
        """Return for each content term, in order, the stems it may have and the words it may be across languages."""
        across: defaultdict[int, set[str]] = defaultdict(set)
        for item in self.expansions:
            for place in range(item.start, item.end):
                across[place].update(item.target.split())
        return [[form for form in {*term.stems, *across[place]} if len(form) >= _LEAST_FORM]
                for place, term in enumerate(self.terms) if term.content]

    def coverage(self, stems: AbstractSet[str]) -> float:
        """Return the share, by rarity, of the content terms that `stems` or an expansion over them holds, 0..1.

        A term that only an expansion finds counts by its weight.  Where all words only hold the question together,
        they count.
        """
        found = {place: 1.0 for place in self._telling if not stems.isdisjoint(self.terms[place].stems)}
        for places, target, weight in self._across:
            if stems >= target:
                found |= {place: max(weight, found.get(place, 0.0)) for place in places}
        return sum(self._telling[place] * share for place, share in found.items()) / self._whole if self._whole else 0.0

    @cached_property
    def _telling(self) -> dict[int, float]:
        """The rarity of each content term by place; of all terms where there is none."""
        places = [place for place, term in enumerate(self.terms) if term.content] or range(len(self.terms))
        return {place: self.terms[place].rarity for place in places}

    @cached_property
    def _whole(self) -> float:
        return sum(self._telling.values())

    @cached_property
    def _across(self) -> list[tuple[frozenset[int], frozenset[str], float]]:
        """What telling places each expansion stands for, the stems it needs, and its weight."""
        return [(frozenset(range(item.start, item.end)).intersection(self._telling), frozenset(item.target.split()),
                 item.weight) for item in self.expansions]


def stems_of(text: str) -> frozenset[str]:
    """Return the stems of the words of a text in any of our languages."""
    keys = {fold(word) for word in words(text) + grouped_numbers(text)}
    return frozenset(stem(key, kind) for key in keys for kind in _STEMMERS)


class QuestionReader:
    """Reads questions against the words of a snapshot, over a connection to its tables."""

    def __init__(self, connection: Connection) -> None:
        self._vocabulary, self._lexicon = Vocabulary(connection), Lexicon(connection)

    def read(self, text: str, language: str, without: AbstractSet[Step] = frozenset()) -> Question:
        """Return the terms of a question.

        language: tg, ru, en or unknown, which is looked up both as Tajik and as Russian.
        without: steps that are left out, to measure what they are worth.
        """
        return _Reading(self._vocabulary, self._lexicon, language, without).question(text)

    def forget(self) -> None:
        """Let go of the words that were read."""
        self._lexicon.forget()


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one question is read."""

    _vocabulary: Vocabulary
    _lexicon: Lexicon
    _language: str
    _without: AbstractSet[Step]

    def question(self, text: str) -> Question:
        """Return the terms of a text."""
        found = (words(text) + grouped_numbers(text))[:_MOST_WORDS]
        read = [self.readings(word) for word in found]
        expansions = self.expansions(found, read)
        covered = {place for item in expansions for place in range(item.start, item.end)}
        terms = (self.term(word, folded, expanded=place in covered)
                 for place, (word, folded) in enumerate(zip(found, read, strict=True)))
        return Question(tuple(terms), tuple(expansions))

    def readings(self, word: str) -> list[str]:
        """Return what a word is when folded: one key, or several Cyrillic ones for a word in Latin letters."""
        if Step.FOLD in self._without:
            return [word]
        if script_of(word) == "Arab":
            return ([] if Step.PERSIAN in self._without else self._persian(word)) or [word]
        latin = script_of(word) == "Latn" and word.isalpha() and Step.LATIN not in self._without
        readings = latin_to_folded(word) if latin else []
        known = [reading for reading in readings if self._vocabulary.spelling(reading)]
        return [*(known or readings[:1]), fold(word)]

    def _persian(self, word: str) -> list[str]:
        """Return the words of the passages that a word in Persian letters may be."""
        found = next(filter(None, map(self._vocabulary.of_consonants, persian.skeletons(word))), [])
        return persian.nearest(word, found)

    def expansions(self, found: Sequence[str], read: Sequence[list[str]]) -> list[Expansion]:
        """Return what spans may be in other words: of the other language, or of the same."""
        if Step.LEXICON in self._without:
            return []
        if self._language == "en":
            return self._lexicon.expand(found, "en")
        keys = [folded[0] for folded in read]
        if self._language == "ru":
            return self._lexicon.expand(keys, "ru")
        return self._in_tajik(keys) + self._synonyms(keys)

    def term(self, word: str, read: list[str], *, expanded: bool) -> Term:
        """Return a word as it is looked for; `expanded` where an expansion stands for it."""
        functions = FUNCTION_WORDS.get(self._language, _ALL_FUNCTION_WORDS)
        spelling = next(filter(None, map(self._vocabulary.spelling, read)), None)
        folded, content = list(read), not functions.intersection(read)
        if not spelling and not expanded and content and (nearest := self._corrected(read)):
            folded.append(nearest)
            spelling = self._vocabulary.spelling(nearest)
        stems = dict.fromkeys(stem(key, kind) for key in folded for kind in _STEMMERS)
        rarity = self._vocabulary.rarity(stems) if spelling or not expanded else _EXPANDED_RARITY
        bare, unfolded = self._without & {Step.FOLD, Step.STEM}, Step.FOLD in self._without
        return Term(word, () if unfolded else tuple(dict.fromkeys(folded)), () if bare else tuple(stems), content,
                    spelling or word, rarity)

    def _corrected(self, read: list[str]) -> str | None:
        """Return the word of the passages that a word none of them has was meant to be."""
        if Step.CORRECT in self._without:
            return None
        known = any(self._vocabulary.has_stem(stem(key, kind)) for key in read for kind in _STEMMERS)
        return None if known else self._vocabulary.nearest(read[0])

    def _in_tajik(self, keys: Sequence[str]) -> list[Expansion]:
        """Return what Tajik words are in Russian, and what Russian ones among them, with Tajik endings or not, are."""
        bare = [key if self._vocabulary.spelling(key) else stem(key, "tg") for key in keys]
        borrowed = {(item.start, item.end, item.target): item
                    for item in (*self._lexicon.expand(bare, "ru"), *self._lexicon.expand(keys, "ru"))
                    if self._language != "tg" or all(map(self._is_borrowed, keys[item.start:item.end]))}
        own = (replace(item, weight=_ACROSS * item.weight) for item in self._lexicon.expand(keys, "tg"))
        return [*own, *borrowed.values()]

    def _is_borrowed(self, key: str) -> bool:
        """Return whether a word of a Tajik question may be a Russian one: it is long, or no passage has it."""
        return len(key) >= _LEAST_BORROWED or not self._vocabulary.spelling(key)

    def _synonyms(self, keys: Sequence[str]) -> list[Expansion]:
        """Return other words of the same language."""
        if Step.SYNONYMS in self._without or self._language != "tg":
            return []
        return [replace(item, weight=_SAME * item.weight) for item in synonyms(keys, self._lexicon)]
