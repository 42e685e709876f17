"""Learn which Tajik words stand for Russian and English ones: `lexicon.py DATA_DIR BITEXT [OUT]`.

From everything `parts.train_pairs` allows: IBM model 1 in both directions, the geometric mean of the two, kept where
the words also keep company (Dice) in at least two texts; then pairs of words that nearly always meet.
OUT (index/lexicon_learnt.tsv) holds words and numbers only, no sentence; `weight` is how sure a row is, 0..1.
What the hand-made lexicon says already is left out.  The same texts give the same bytes.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

from parts import train_pairs

from index.lexicon_file import SHIPPED, Origin, key_of, rows_of
from index.terms import FUNCTION_WORDS
from index.tokens import fold, words

OUT = Path(__file__).parents[1] / "index" / "lexicon_learnt.tsv"
HEAD = "ru\ttg\ten\tdomain\tweight\tevidence\tnote\n"

_ROUNDS = 6
_LONGEST, _LEAST_LETTERS = 50, 3
# Our own sentences and official names say more about our subject than interfaces do.
_TIMES = {"seed": 3, "register": 3, "sib200": 2, "ntrex": 2}
_LETTERS = {"tg": frozenset("абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюяцщыь"),
            "ru": frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя"), "en": frozenset("abcdefghijklmnopqrstuvwxyz")}
# Words that only carry another (дода шудан) or join others: of no subject, so no key and no target.
_EMPTY = {language: frozenset(map(fold, text.split())) for language, text in {
    "tg": "кардан кардани намудан намудани шудан шудани додан додани гардад мекунад мешавад намешавад карда накарда "
          "шуда дода буд буда бошад нест дорад доранд метавонад метавонед метавонанд наметавонад наметавонанд кунед "
          "кунад шавад шуданд намоед намояд гирифта худро ҳар ҳамаи дигар ки дошта дошт ин онро онҳо шумо шуморо танҳо "
          "бештар агар вақте зеро марҳамат байни пеш баъд баъдан ҳангоми зерин зери дорои ҷиҳати рӯи дохили",
    "ru": "который которая которые которого которых также кроме его её было был была были будет будут это эта этот эти "
          "вам вас ваш ваша ваши свой себя более уже того чтобы если только между после перед является являются",
    "en": "your yours they them their was were using such has have had not may will would could should cannot can't "
          "its than then into out about between after before while during there here some any all each other been "
          "being which does did but only also more most",
}.items()}
_DENIALS = frozenset(("no", "not", "не", "нет", "нест", "на"))
_LEAST_SURE, _LEAST_DICE = 0.2, 0.2
# In two texts alone, words must nearly always meet.
_RARE, _RARE_SURE, _RARE_DICE = 2, 0.3, 0.45
# How sure a whole message of one word is that stands nowhere else.
_MESSAGE_SURE = 0.5
_MOST_TARGETS = 3
_PHRASE_DICE, _PHRASE_WORDS = 0.4, 3

Words = tuple[str, ...]
Bitext = list[tuple[Words, Words, int]]  # stems of the other language, of Tajik, and how often the pair counts
Scores = dict[tuple[str, str], float]


@dataclass
class Texts:
    """The pairs of one language with Tajik, stemmed, and how each stem was spelt."""

    language: str
    pairs: Bitext = field(default_factory=list)
    spellings: dict[str, dict[str, Counter[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    messages: dict[str, str] = field(default_factory=dict)  # how a short message was spelt, by its stems

    def add(self, other: str, tajik: str, times: int) -> None:
        """Add a pair of texts."""
        left, right = self._stems(other, self.language), self._stems(tajik, "tg")
        if 0 < len(left) <= _LONGEST and 0 < len(right) <= _LONGEST:
            self.pairs.append((left, right, times))

    def spelling(self, stems: str, language: str) -> str:
        """Return the words a person reads for stems: a message as it was, else the shortest usual spelling of each."""
        if " " in stems:
            return self.messages[stems]
        return " ".join(self._shortest(one, language, self.spellings[language][one]) for one in stems.split())

    @staticmethod
    def _shortest(stemmed: str, language: str, counts: Counter[str]) -> str:
        most = max(counts.values())
        word = min((len(word), -count, word) for word, count in counts.items() if 10 * count >= most)[2]
        bare = word.removesuffix("и") if language == "tg" else word  # the izafet
        return bare if len(bare) >= _LEAST_LETTERS and key_of(bare, language) == stemmed else word

    def _stems(self, text: str, language: str) -> Words:
        found = []
        for word in words(text):
            key = fold(word)
            if (len(word) >= _LEAST_LETTERS and _LETTERS[language].issuperset(word)
                    and key not in FUNCTION_WORDS[language] and key not in _EMPTY[language]):
                found.append(key_of(word, language))
                self.spellings[language][found[-1]][word] += 1
        if 1 < len(found) <= _PHRASE_WORDS >= len(words(text)) and _DENIALS.isdisjoint(words(text)):
            self.messages.setdefault(" ".join(found), " ".join(words(text)))
        return tuple(found)


def model_one(pairs: Bitext) -> Scores:
    """Return the chance of each right word given a left one after `_ROUNDS` of IBM model 1 (Brown et al. 1993)."""
    chance: Scores = {(left, right): 1.0 for lefts, rights, _ in pairs for left in ("", *lefts) for right in rights}
    for _ in range(_ROUNDS):
        counts: defaultdict[tuple[str, str], float] = defaultdict(float)
        totals: defaultdict[str, float] = defaultdict(float)
        for lefts, rights, times in pairs:
            options = ("", *lefts)
            for right in rights:
                whole = sum(chance[left, right] for left in options)
                for left in options:
                    share = times * chance[left, right] / whole
                    counts[left, right] += share
                    totals[left] += share
        chance = {(left, right): count / totals[left] for (left, right), count in counts.items()}
    return chance


def company(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> dict[tuple[str, str], tuple[int, float]]:
    """Return in how many texts each left and right word meet, and the Dice of it, 0..1."""
    lefts: Counter[str] = Counter()
    rights: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for left, right in pairs:
        lefts.update(set(left))
        rights.update(set(right))
        both.update((one, other) for one in sorted(set(left)) for other in sorted(set(right)))
    return {(one, other): (count, 2 * count / (lefts[one] + rights[other]))
            for (one, other), count in both.items() if count > 1}


def single_words(pairs: Bitext) -> Iterator[tuple[str, str, float, int]]:
    """Yield (left, right, how sure, texts) for words that both directions align."""
    there = model_one(pairs)
    back = model_one([(right, left, times) for left, right, times in pairs])
    meet = company((left, right) for left, right, _ in {pair[:2]: pair for pair in pairs}.values())
    for (left, right), (count, dice) in meet.items():
        sure = sqrt(there.get((left, right), 0) * back.get((right, left), 0))
        rare = count <= _RARE
        if sure >= (_RARE_SURE if rare else _LEAST_SURE) and dice >= (_RARE_DICE if rare else _LEAST_DICE):
            yield left, right, sure, count
    yield from ((left[0], right[0], _MESSAGE_SURE, 1) for left, right, _ in pairs
                if len(left) == len(right) == 1 and (left[0], right[0]) not in meet)


def phrases(pairs: Bitext) -> Iterator[tuple[str, str, float, int]]:
    """Yield (left, right, Dice, texts) for messages of two words whose words meet in a row elsewhere too."""
    def runs(found: Words, longest: int) -> list[str]:
        return [" ".join(found[start:start + length]) for length in range(1, longest + 1)
                for start in range(len(found) - length + 1)]

    unlike = sorted({(left, right) for left, right, _ in pairs})
    whole = {(" ".join(left), " ".join(right)) for left, right in unlike
             if len(left) == 2 and len(right) <= _PHRASE_WORDS}
    lefts, rights = {one for one, _ in whole}, {other for _, other in whole}
    meet = company(([one for one in runs(left, 2) if one in lefts],
                    [other for other in runs(right, _PHRASE_WORDS) if other in rights]) for left, right in unlike)
    for left, right in sorted(whole):
        count, dice = meet.get((left, right), (0, 0.0))
        if dice >= _PHRASE_DICE:
            yield left, right, dice, count


def learnt(texts: Texts, known: set[tuple[str, str]]) -> list[tuple[str, str, float, int]]:
    """Return the rows of a language, at most three targets a key, the surest first; those known are left out."""
    by_key: defaultdict[str, list[tuple[float, int, str]]] = defaultdict(list)
    for left, right, sure, count in [*single_words(texts.pairs), *phrases(texts.pairs)]:
        by_key[left].append((sure, count, right))
    rows = []
    for left in sorted(by_key):
        best = sorted(set(by_key[left]), key=lambda row: (-row[0], -row[1], row[2]))[:_MOST_TARGETS]
        rows += [(left, right, sure, count) for sure, count, right in best
                 if (left, right) not in known and left != right and not _loses_negation(left, right)
                 and all(stems in texts.messages for stems in (left, right) if " " in stems)]
    return rows


def _loses_negation(left: str, right: str) -> bool:
    """Return whether a Russian word denies something and the Tajik one does not: невозможно is not имкон."""
    return left.startswith("не") and not right.startswith(("на", "но", "бе", "гаир", "имконно", "дастно"))


def lines(texts: Texts, known: set[tuple[str, str]]) -> Iterator[str]:
    """Yield the lines of the file for one language."""
    for left, right, sure, count in learnt(texts, known):
        other, tajik = texts.spelling(left, texts.language), texts.spelling(right, "tg")
        ru, en = (other, "") if texts.language == "ru" else ("", other)
        yield f"{ru}\t{tajik}\t{en}\tlearnt\t{sure:.2f}\t{count}\t\n"


def main(data_dir: Path, bitext: Path, out: Path = OUT) -> None:
    """Learn from both languages, write the file and say how many rows it has."""
    both = [Texts("ru"), Texts("en")]
    for pair in train_pairs(data_dir, bitext):
        for texts, other in zip(both, (pair.ru, pair.en), strict=True):
            if other:
                texts.add(other, pair.tg, _TIMES.get(pair.source, 1))
    written = []
    for texts in both:
        known = {(row[1], row[2]) for row in rows_of([(SHIPPED, Origin.HAND)]) if row[0] == texts.language}
        written += sorted(lines(texts, known))
        print(f"{len(written):6} rows to {texts.language}, from {len(texts.pairs)} pairs")
    out.write_text(HEAD + "".join(written), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *(Path(name) for name in sys.argv[3:4]))
