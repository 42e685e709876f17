"""Whether a sentence may stand on the quotes it cites.

Every number of it stands in a quote, negation agrees, and its words are covered.  A sentence that fails is
dropped by the caller; no threshold is ever lowered to keep one.  Nothing is rewritten here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from index.terms import FUNCTION_WORDS
from index.tokens import clean, fold, stem, words

# Share of a generated sentence's content words that stand in its quotes (research: peers E, 5).
LEAST_COVERED = 0.7

_GROUPED = re.compile("(?<=\\d)[ \u00a0\u202f](?=\\d{3}(?!\\d))")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATED = re.compile(
    r"(?<![^\W_])(?:на(?:ме|бо|дор|кун|шав|гир|дих|тавон|рав|буд|ша)\w*|не|нет|нест|нестанд|no|not|без|бе)(?![^\W_])")


class Fault(StrEnum):
    """Why a sentence may not be shown."""

    NO_QUOTE = "no quote"
    NUMBER = "a number that is in no quote"
    NEGATION = "negation differs from the quotes"
    WORDS = "words that are in no quote"


def numbers(text: str) -> list[str]:
    """Return the numbers of a text in order, digits grouped by spaces joined, decimal points as commas."""
    joined = _GROUPED.sub("", text)
    return [found.replace(".", ",") for found in _NUMBER.findall(joined)]


def fault(sentence: str, quotes: Sequence[str]) -> Fault | None:
    """Return why a sentence may not stand on its quotes; None where it may.

    A sentence that is part of a quote always may.
    """
    if not quotes:
        return Fault.NO_QUOTE
    cited = "\n".join(quotes)
    if sentence in cited:
        return None
    if not set(numbers(sentence)) <= set(numbers(cited)):
        return Fault.NUMBER
    if _negated(sentence) != _negated(cited):
        return Fault.NEGATION
    return None if covered(sentence, cited) >= LEAST_COVERED else Fault.WORDS


def covered(sentence: str, cited: str) -> float:
    """Return the share of a sentence's content words whose stems stand in the cited text, 0..1."""
    mine, theirs = _stems(sentence), _stems(cited)
    return len(mine & theirs) / len(mine) if mine else 0.0


def _stems(text: str) -> set[str]:
    folded = (fold(word) for word in words(_GROUPED.sub("", text)))
    return {stem(word, "tg") for word in folded if word not in FUNCTION_WORDS["tg"]}


def _negated(text: str) -> bool:
    return bool(_NEGATED.search(fold(clean(text))))
