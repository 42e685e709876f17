"""What the words of a question may look like in the passages.

A word is looked for as it was typed, folded and stemmed; from Latin letters it is read in Cyrillic;
a word no passage has is corrected to the nearest one that some have.  Nothing is dropped or scored here.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from index import persian
from index.lexicon import Expansion, Lexicon
from index.scripts import latin_to_folded, script_of
from index.tokens import fold, grouped_numbers, stem, words

# A question longer than this is a pasted text; its first words are enough to find what it is about.
_MOST_WORDS = 64
# Shorter words are too near to each other to be corrected; longer ones may have two slips.
_LEAST_CORRECTED, _TWO_SLIPS = 5, 8
# In fewer passages nothing can be told of how common a word is.
_FEW_PASSAGES = 100
# A word that only its expansions find is taken to be as telling as most words of a subject.
_EXPANDED_RARITY = 0.6
# A Russian word in a Tajik question (справка, развод); a short one may be a Tajik word of another meaning.
_LEAST_BORROWED = 5
# Tajik passages answer a Tajik question: what its words are in Russian counts less (chosen on train and dev).
_ACROSS = 0.6
_STEMMERS = ("tg", "ru")

_FUNCTION_WORDS = {
    "tg": "ва дар аз ба бо то барои ки чи чӣ ин он аст ҳаст мебошад бояд мешавад кай куҷо чанд чанто кадом оё "
          "ё ҳам мо ман шумо вай онҳо худ агар пас чун чаро кӣ чигуна хел тавр метавонам мекунад лозим даркор "
          "қадар шуд шавад мегӯянд лутфан салом мебошанд ҳастанд будан кунам кардан чист кист",
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


@dataclass(frozen=True, slots=True)
class Question:
    """The terms of a question in order, and what spans of them may be in another language."""

    terms: tuple[Term, ...]
    expansions: tuple[Expansion, ...]

    @property
    def restored(self) -> str:
        """The question with the letters and spellings the passages use."""
        return " ".join(term.spelling for term in self.terms)


    def coverage(self, stems: AbstractSet[str]) -> float:
        """Return the share, by rarity, of the content terms that `stems` or an expansion over them holds, 0..1.

        Where all words only hold the question together, they count.
        """
        places = {place for place, term in enumerate(self.terms) if term.content} or set(range(len(self.terms)))
        found = {place for place in places if not stems.isdisjoint(self.terms[place].stems)}
        for item in self.expansions:
            if stems >= set(item.target.split()):
                found.update(range(item.start, item.end))
        whole = sum(self.terms[place].rarity for place in places)
        return sum(self.terms[place].rarity for place in found & places) / whole if whole else 0.0


class Vocabulary:
    """The folded words of the passages, in a snapshot's `vocabulary` table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._count = connection.execute("SELECT max(number) FROM passages").fetchone()[0] or 1

    def spelling(self, folded: str) -> str | None:
        """Return the most frequent spelling of a folded word, None where no passage has it."""
        query = "SELECT spelling FROM vocabulary WHERE folded = ?"
        row = self._connection.execute(query, (folded,)).fetchone()
        return str(row[0]) if row else None

    def of_consonants(self, consonants: str) -> list[tuple[str, int]]:
        """Return the folded words of these consonants, and how often each stands in the passages."""
        query = "SELECT folded, frequency FROM vocabulary WHERE consonants = ?"
        return list(self._connection.execute(query, (consonants,)))

    def has_stem(self, stemmed: str) -> bool:
        """Return whether some passage has a word of this stem."""
        query = 'SELECT 1 FROM passages_fts WHERE passages_fts MATCH ? LIMIT 1'
        return self._connection.execute(query, (f'stemmed : "{stemmed}"',)).fetchone() is not None

    def rarity(self, stems: Iterable[str]) -> float:
        """Return how much it says that a word of these stems is in a passage: 0 in all of them .. 1 in none."""
        query = "SELECT doc FROM tokens WHERE col = 'stemmed' AND term = ?"
        counts = [row[0] for stemmed in stems for row in self._connection.execute(query, (stemmed,))]
        return 1 - math.log1p(max(counts, default=0)) / math.log1p(max(self._count, _FEW_PASSAGES))

    def nearest(self, folded: str) -> str | None:
        """Return the nearest word of the passages: one slip away, two in words of 8 letters; None where none is.

        Of equals the most frequent; one with the same first letter first.  Under five letters nothing is near.
        """
        if len(folded) < _LEAST_CORRECTED or not folded.isalpha():
            return None
        slips = 2 if len(folded) >= _TWO_SLIPS else 1
        begins = self._near("folded >= ? AND folded < ?", (folded[0], chr(ord(folded[0]) + 1)), folded, slips)
        return begins or self._near("?", (1,), folded, 1)

    def _near(self, where: str, values: tuple[object, ...], folded: str, slips: int) -> str | None:
        from rapidfuzz.distance import OSA

        rows = self._connection.execute(
            f"SELECT folded, frequency FROM vocabulary WHERE length(folded) BETWEEN ? AND ? AND {where}",
            (len(folded) - slips, len(folded) + slips, *values))
        near = ((OSA.distance(folded, other, score_cutoff=slips), -frequency, other)
                for other, frequency in rows)
        best = min((found for found in near if found[0] <= slips), default=None)
        return best[2] if best else None


def read_question(text: str, language: str, connection: sqlite3.Connection) -> Question:
    """Return the terms of a question over the passages of a snapshot.

    language: tg, ru, en or unknown, which is looked up both as Tajik and as Russian.
    """
    found = (words(text) + grouped_numbers(text))[:_MOST_WORDS]
    vocabulary = Vocabulary(connection)
    read = [_readings(word, vocabulary) for word in found]
    expansions = _expansions(found, read, language, Lexicon(connection))
    covered = {place for item in expansions for place in range(item.start, item.end)}
    terms = (_term(word, folded, language, vocabulary, place in covered)
             for place, (word, folded) in enumerate(zip(found, read, strict=True)))
    return Question(tuple(terms), tuple(expansions))


def stems_of(text: str) -> frozenset[str]:
    """Return the stems of the words of a text in any of our languages."""
    keys = {fold(word) for word in words(text) + grouped_numbers(text)}
    return frozenset(stem(key, kind) for key in keys for kind in _STEMMERS)


def _readings(word: str, vocabulary: Vocabulary) -> list[str]:
    """Return what a word is when folded: one key, or several Cyrillic ones for a word in Latin letters."""
    if script_of(word) == "Arab":
        return _persian(word, vocabulary) or [word]
    readings = latin_to_folded(word) if script_of(word) == "Latn" and word.isalpha() else []
    known = [reading for reading in readings if vocabulary.spelling(reading)]
    return [*(known or readings[:1]), fold(word)]


def _persian(word: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words of the passages that a word in Persian letters may be."""
    found = next(filter(None, map(vocabulary.of_consonants, persian.skeletons(word))), [])
    return persian.nearest(word, found)


def _expansions(found: Sequence[str], read: Sequence[list[str]], language: str,
                lexicon: Lexicon) -> list[Expansion]:
    """Return what spans are in the other language; Russian words in a Tajik question count as borrowed."""
    if language == "en":
        return lexicon.expand(found, "en")
    keys = [folded[0] for folded in read]
    if language == "ru":
        return lexicon.expand(keys, "ru")
    borrowed = [item for item in lexicon.expand(keys, "ru")
                if language != "tg" or all(len(key) >= _LEAST_BORROWED for key in keys[item.start:item.end])]
    return [replace(item, weight=_ACROSS * item.weight) for item in lexicon.expand(keys, "tg") + borrowed]


def _term(word: str, read: list[str], language: str, vocabulary: Vocabulary, expanded: bool) -> Term:
    functions = FUNCTION_WORDS.get(language, _ALL_FUNCTION_WORDS)
    spelling = next(filter(None, map(vocabulary.spelling, read)), None)
    folded, content = list(read), not functions.intersection(read)
    if not spelling and not expanded and content:
        known = any(vocabulary.has_stem(stem(key, kind)) for key in read for kind in _STEMMERS)
        nearest = None if known else vocabulary.nearest(read[0])
        if nearest:
            folded.append(nearest)
            spelling = vocabulary.spelling(nearest)
    stems = dict.fromkeys(stem(key, kind) for key in folded for kind in _STEMMERS)
    rarity = vocabulary.rarity(stems) if spelling or not expanded else _EXPANDED_RARITY
    return Term(word, tuple(dict.fromkeys(folded)), tuple(stems), content, spelling or word, rarity)
