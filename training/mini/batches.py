"""Examples as tokens, in the order they are learnt: first sentences copied whole, then short answers.

The order depends on the seed alone, so that a run that was cut off goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from training.mini.examples import ABSTAIN, Example
from training.mini.tokens import Vocabulary, prompt_of

# Answers that abstain stand beside copied ones from the start, else the first stage teaches never to.
ABSTAIN_SHARE = 0.25
# Examples of the first stage at most: copying is learnt soon, and what only copies forgets to choose.
FIRST_STAGE = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """One example: all its tokens, and where the answer begins."""

    tokens: tuple[int, ...]
    answer: int


Batch = tuple[Row, ...]


def row(example: Example, vocabulary: Vocabulary) -> Row:
    """Return an example as tokens."""
    prompt = vocabulary.prompt(prompt_of(example.question, list(example.evidence), example.language))
    return Row((*prompt, *vocabulary.answer(example.target)), len(prompt))


def stages(examples: Sequence[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """Return what is learnt first, some copying and a share of abstaining, and the rest, each in a random order."""
    chance = Random(seed)  # noqa: S311 - nothing secret
    mixed = chance.sample(examples, len(examples))
    copied = [one for one in mixed if one.copied][:round(FIRST_STAGE * (1 - ABSTAIN_SHARE))]
    silent = [one for one in mixed if one.target == ABSTAIN][:round(len(copied) * ABSTAIN_SHARE / (1 - ABSTAIN_SHARE))]
    first = chance.sample([*copied, *silent], len(copied) + len(silent))
    chosen = set(first)
    return first, [one for one in mixed if one not in chosen]


def batches(rows: Sequence[Row], tokens: int, seed: int) -> list[Batch]:
    """Return rows of like length together, at most so many tokens with their padding, in a random order."""
    found: list[list[Row]] = []
    for one in sorted(rows, key=lambda row: (len(row.tokens), row.tokens)):
        if not found or len(one.tokens) * (len(found[-1]) + 1) > tokens:
            found.append([])
        found[-1].append(one)
    return [tuple(some) for some in Random(seed).sample(found, len(found))]  # noqa: S311 - nothing secret


def course(examples: Sequence[Example], read: Callable[[Example], Row], tokens: int, seed: int) -> Iterator[Batch]:
    """Yield batches without end: the first stage once, then everything else and all again in another order."""
    first, rest = stages(examples, seed)
    yield from batches([read(one) for one in first], tokens, seed)
    rows, everything = [read(one) for one in rest], [read(one) for one in examples]
    for round_ in range(1, 1_000_000):
        yield from batches(rows, tokens, seed + round_)
        rows = everything
