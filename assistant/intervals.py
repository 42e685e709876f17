"""How sure a mean is, and whether two runs over the same questions differ.

Percentile bootstrap over questions (Efron and Tibshirani 1993, chapter 13), and the exact two-sided sign test over
those questions where the two differ; on measures of 0 and 1 that is McNemar's exact test.  The same values and seed
give the same numbers.  Nothing here knows what is measured, nor allows for many comparisons made at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

LEVEL = 0.95
RESAMPLES = 2000
SEED = 2026
# Sums of the same thirds and logarithms may differ in the last bits; nobody won by so little.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Paired:
    """How much better one run is than another: the mean difference and its interval, low to high.

    won and lost count the pairs that differ; p is of the sign test over them.
    """

    difference: float
    low: float
    high: float
    won: int
    lost: int
    p: float


def interval(values: Sequence[float], *, seed: int = SEED, resamples: int = RESAMPLES) -> tuple[float, float]:
    """Return the lower and upper end of the 95 % interval of the mean, both inclusive.

    values: one number a question.  Where all are equal the interval has no width, however few they are.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values, no interval")
    import numpy as np
    listed = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(listed), size=(resamples, len(listed)))
    low, high = np.quantile(listed[drawn].mean(axis=1), ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def interval_of(statistic: Callable[[list[int]], float | None], count: int, *, seed: int = SEED,
                resamples: int = RESAMPLES // 4) -> tuple[float, float] | None:
    """Return the 95 % interval of what is no mean: `statistic` of the places of resampled questions, 0..count-1.

    None where there are no questions, or where it is nowhere defined.
    """
    import numpy as np
    if not count:
        return None
    drawn = np.random.default_rng(seed).integers(0, count, size=(resamples, count))
    found = [value for places in drawn if (value := statistic(places.tolist())) is not None]
    if not found:
        return None
    low, high = np.quantile(found, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def paired(values: Sequence[float], others: Sequence[float], *, seed: int = SEED,
           resamples: int = RESAMPLES) -> Paired:
    """Return how much better `values` are than `others`, question by question in the same order.

    Raises:
        ValueError: there are no values, or not as many of the one as of the other.
    """
    differences = [value - other for value, other in zip(values, others, strict=True)]
    low, high = interval(differences, seed=seed, resamples=resamples)
    won, lost = sum(one > _SAME for one in differences), sum(one < -_SAME for one in differences)
    return Paired(fmean(differences), low, high, won, lost, sign_test(won, lost))


def sign_test(won: int, lost: int) -> float:
    """Return the exact two-sided p in (0, 1]: how often a fair coin splits so many at least so unevenly."""
    tosses = won + lost
    tail = ways = 1                    # of losing no toss, then one more each time
    for count in range(min(won, lost)):
        ways = ways * (tosses - count) // (count + 1)
        tail += ways
    return min(1.0, 2 * tail / (1 << tosses))
