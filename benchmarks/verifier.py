"""How many drafts that lie are caught, by kind of lie, and how many faithful ones pass.

    python -m benchmarks.verifier

Two halves: services of train and dev, on which the rules were tuned, and those of test.  95 % intervals are of
`assistant.intervals`.  The lies are made by `tests/perturb.py`, the paraphrases were written by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter

from assistant.intervals import interval
from assistant.verify import fault
from tests.perturb import Faithful, Lie, faithful, perturbed

_MOST = 60                             # lies of a kind


def _rate(values: Sequence[bool]) -> str:
    low, high = interval([float(value) for value in values])
    return f"{sum(values):5}/{len(values):<5} {sum(values) / len(values):6.3f}  [{low:.3f}, {high:.3f}]"


def _caught(drafts: Sequence[Faithful]) -> Iterator[tuple[Lie, bool]]:
    for lie in perturbed(drafts, most=_MOST):
        yield lie.lie, fault(lie.text, lie.quotes, language=lie.origin.language) is not None


def _passes(draft: Faithful) -> bool:
    return fault(draft.text, [draft.quote], language=draft.language) is None


def _milliseconds(drafts: Sequence[Faithful]) -> float:
    times = []
    for draft in drafts:
        started = perf_counter()
        _passes(draft)
        times.append((perf_counter() - started) * 1000)
    return median(times)


def _print_half(name: str, drafts: Sequence[Faithful]) -> None:
    paraphrases = [draft for draft in drafts if draft.text != draft.quote]
    print(f"\n{name}\n  median of a sentence, first reading: {_milliseconds(paraphrases):.1f} ms")
    caught = list(_caught(drafts))
    for kind in Lie:
        print(f"  caught: {kind.value:36}{_rate([found for lie, found in caught if lie is kind])}")
    print(f"  caught: {'all':36}{_rate([found for _, found in caught])}")
    for language in ("tg", "ru", "en"):
        passed = [_passes(draft) for draft in paraphrases if draft.language == language]
        print(f"  passed: paraphrases in {language:21}{_rate(passed)}")
    print(f"  passed: {'all paraphrases':36}{_rate([_passes(draft) for draft in paraphrases])}")


def main() -> None:
    """Print both halves."""
    drafts = faithful()
    _print_half("tuned on: services of train and dev", [draft for draft in drafts if not draft.held_out])
    _print_half("held out: services of test", [draft for draft in drafts if draft.held_out])


if __name__ == "__main__":
    main()
