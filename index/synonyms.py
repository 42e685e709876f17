"""Other words of the same language for those of a question: everyday ones for official ones, and back by translation.

    метрика -> шаҳодатномаи таваллуд (`everyday.tsv`)
    тифл -> ребёнок -> кӯдак, фарзанд (`lexicon.tsv`, there and back)

Hints for finding passages, as in `lexicon`; nothing is shown as a translation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.lexicon import Expansion, Lexicon, Origin
from index.lexicon_file import SAID
from index.tokens import stem

# A Russian word with more Tajik ones than this says too little of which is meant.
_MOST_BACK = 12


def synonyms(words: Sequence[str], lexicon: Lexicon) -> list[Expansion]:
    """Return what folded Tajik words may be in other Tajik words, by place; each target of a span once."""
    said = lexicon.expand(words, SAID)
    found = {(item.start, item.end, item.target): item for item in said}
    for item in lexicon.expand(words, "tg"):
        for back in _back(item, lexicon) if item.origin is not Origin.LEARNT else ():
            at = (back.start, back.end, back.target)
            if back.weight > (found[at].weight if at in found else 0.0):
                found[at] = back
    return list(found.values())


def _back(there: Expansion, lexicon: Lexicon) -> list[Expansion]:
    """Return the Tajik words of a Russian one that a Tajik word stands for, without that word itself."""
    targets, own = lexicon.targets("ru", there.target), " ".join(stem(word, "tg") for word in there.source.split())
    if len(targets) > _MOST_BACK:
        return []
    return [replace(there, target=target.target, readable=target.readable, weight=there.weight * target.weight)
            for target in targets if target.weight and target.origin is not Origin.LEARNT
            and target.target != own]
