"""Write the word forms a repair or a quality gate may trust: `python training/known_words.py [OUT]`.

Reads only texts of this project: facts, sources and documents of the seed, and the Russian-Tajik lexicon.  Each line
of the result is a lower-case word, a tab and its language: tg, ru or both; sorted, so that a change shows in review.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[1]
SEED = HOUSE / "corpora" / "seed"
LEXICON = HOUSE / "index" / "lexicon.tsv"
OUT = HOUSE / "corpora" / "known_words.txt"

_ALPHABET = {"tg": frozenset("абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя"),
             "ru": frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")}
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 32
# Letters that are words by themselves; the others of one letter are labels of lists.
_ONE_LETTER = frozenset("авикосуяёӯ")


def words_of(texts: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the lower-case words of (language, text) pairs by language, those in the language's own letters."""
    words: dict[str, set[str]] = {language: set() for language in _ALPHABET}
    for language, text in texts:
        if language in words:
            found = set(_WORD.findall(text.lower()))
            words[language] |= {word for word in found
                                if len(word) <= _LONGEST and _ALPHABET[language].issuperset(word)
                                and (len(word) > 1 or word in _ONE_LETTER)}
    return words


def house_texts(sources: Iterable[Path] | None = None) -> Iterator[tuple[str, str]]:
    """Yield (language, text) for every text of the seed and the lexicon."""
    for path in sorted((SEED / "facts").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from _fact_texts(json.loads(line))
    for path in sorted((SEED / "sources").glob("*.md")) if sources is None else sources:
        text = path.read_text(encoding="utf-8")
        language = re.search(r'^language = "(\w+)"', text, re.M)
        yield (language[1] if language else ""), text.partition("\n+++\n")[2]
    for path in sorted((SEED / "documents").glob("*.md")):  # what the maker adds to each source: the face
        metadata = path.with_name(path.name + ".toml").read_text(encoding="utf-8")
        language = re.search(r'^language = "(\w+)"', metadata, re.M)
        yield (language[1] if language else ""), path.read_text(encoding="utf-8")
    with LEXICON.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield from (("tg", row["tg"] or ""), ("ru", row["ru"] or ""))


def _fact_texts(fact: dict[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in fact.items():
        if isinstance(value, str) and key[-3:] in ("_tg", "_ru"):
            yield key[-2:], value


def write(words: dict[str, set[str]], out: Path) -> int:
    """Write the list and return how many words it has."""
    every = sorted(words["tg"] | words["ru"])
    both = words["tg"] & words["ru"]
    lines = [f"{word}\t{'both' if word in both else 'tg' if word in words['tg'] else 'ru'}\n" for word in every]
    out.write_text("".join(lines), encoding="utf-8")
    return len(every)


if __name__ == "__main__":
    print(write(words_of(house_texts()), Path(sys.argv[1]) if len(sys.argv) > 1 else OUT), "words")
