"""Sentences said to the program instead of asking it something: "forget your rules", "you are now a pirate".

They are left out of what is searched, quoted or given to a model, and never followed; the words around them stay.
A new wording passes unseen, so what protects an answer is that it only quotes documents.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from corpora.suspicion import instructions
from index.scripts import latin_to_folded
from index.tokens import clean, fold, words

_SENTENCE = re.compile(r"(?<=[.!?;…。])\s+|\n+|\s+(?:---+|###+|\*\*\*\*+|===+)\s*|\s*(?:/\*|\*/|<!--|-->|```)\s*")
# Marks of who speaks, as models know them, and what is hidden between them.
_TURN = re.compile(r"<\|?/?\s*(?:im_start|im_end|system|sys|assistant|user|model|start_of_turn|end_of_turn|endoftext|"
                   r"bos|eos|s|inst)\s*\|?>|\[/?\s*(?:inst|system|sys)\s*\]|<</?\s*sys\s*>>", re.IGNORECASE)
_TURN_BLOCK = re.compile(
    r"(?:<\|im_start\|>|<start_of_turn>|<\|(?:system|assistant)\|>|<<\s*sys\s*>>|\[inst\]|\[system\]|<system>)\s*"
    r".*?(?:<\|im_end\|>|<end_of_turn>|<</\s*sys\s*>>|\[/inst\]|\[/system\]|</system>|$)", re.IGNORECASE | re.DOTALL)
_SPEAKER = re.compile(r"^\W{0,6}(?:system|assistant|developer|admin|root|instructions?|prompt|ai|система|ассистент|"
                      r"модель|инструкция|администратор|низом|дастур(?:и нав)?|ёрдамчӣ|супориш|админ)"
                      r"(?:\s+(?:message|prompt|override|note|сообщение|паём))?\s*(?:>|:|=>|\]\s*:?)", re.IGNORECASE)
_FORGED_EVIDENCE = re.compile(r"^\W{0,3}(?:\[\d\]|(?:далел|ҷавоб|манбаъ|evidence|answer|source|источник|ответ)"
                              r"\s*(?:\[?\d*\]?)\s*:)", re.IGNORECASE)
_CODED = re.compile(r"\b[A-Za-z0-9+/]{32,}={0,2}(?!\w)|(?:\\x[0-9a-f]{2}){4,}|(?:%[0-9A-F]{2}){6,}")
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-_*]){5,}\w(?!\w)")
_LATIN = re.compile("[A-Za-z]")
_SILENT = re.compile(r"(?<=[A-Za-z])['’ʻ`‘](?=[A-Za-z])")
_NAMED = re.compile(r"<(\w+)>")
_LEET = str.maketrans("013457@$", "oieastas")


@dataclass(frozen=True, slots=True)
class Heard:
    """A text without the orders in it, and whether there were any."""

    text: str
    ordered: bool


def without_orders(text: str) -> Heard:
    """Return the sentences of a text that ask or tell, on one line, without those that order."""
    bare = _TURN.sub(" ", _TURN_BLOCK.sub("\n", text))
    pieces = [piece for piece in _SENTENCE.split(_CODED.sub(" ", bare)) if piece and piece.strip()]
    kept = [piece for piece in pieces if not is_order(piece) and not _FORGED_EVIDENCE.match(piece)]
    marked = bool(_TURN.search(text) or _CODED.search(text))
    return Heard(" ".join(" ".join(kept).split()), marked or len(kept) < len(pieces))


@lru_cache(maxsize=4096)
def speaks_to_program(text: str) -> bool:
    """Return whether a text of a document holds an order to the program; such a passage is evidence of nothing."""
    return bool(_TURN.search(text)) or any(map(is_order, filter(None, _SENTENCE.split(text))))


def is_order(sentence: str) -> bool:
    """Return whether a sentence speaks to the program."""
    if _TURN.search(sentence) or _SPEAKER.match(sentence) or instructions(sentence):
        return True
    return any(pattern.search(reading) for reading in _readings(sentence) for pattern in _patterns())


def _readings(sentence: str) -> tuple[str, ...]:
    """Return a sentence as plain words: as typed, folded, and with Latin letters read in Cyrillic."""
    joined = _SPACED.sub(lambda found: re.sub(r"[ .\-_*]", "", found[0]), _SILENT.sub("", sentence))
    found = words(joined)
    folded = " ".join(map(fold, found))
    if not _LATIN.search(joined):
        return (folded,)
    read = " ".join((latin_to_folded(word) or [fold(word)])[0] if word.isascii() else fold(word) for word in found)
    mended = " ".join(words(clean(joined).translate(_LEET)))
    return tuple(dict.fromkeys((" ".join(found), folded, read, mended)))


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of `orders.toml`, the names in them replaced by their words."""
    table = tomllib.loads((files("assistant") / "orders.toml").read_text(encoding="utf-8"))
    return tuple(re.compile(_NAMED.sub(lambda name: table["words"][name[1]], pattern))
                 for language in table["patterns"].values() for pattern in language)
