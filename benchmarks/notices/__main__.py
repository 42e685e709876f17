"""Measure the cards of the sample notices: `python -m benchmarks.notices [dev|test|all] [--wrong]`.

Prints fields right, quotes exact, amounts and dates lost or altered, and how long a notice of three pages takes, each
beside its target.  Scans need tesseract with `tgk` and `rus`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from time import perf_counter

from assistant.notices import cards_of, read_notice
from benchmarks.notices.drawing import draw, pdf
from benchmarks.notices.samples import Sample, samples
from benchmarks.notices.scoring import Score, score
from corpora.sandbox import Sandbox

TODAY = date(2026, 1, 20)


def scores(chosen: Sequence[Sample]) -> Iterator[Score]:
    """Yield the score of each sample, read from the file that is drawn of it."""
    with Sandbox() as sandbox:
        for sample in chosen:
            yield score(sample, cards_of(read_notice(*draw(sample), sandbox), TODAY)[0])


def seconds_of_three_pages() -> float:
    """Return how long three pages take with a cold reader, from bytes to the card, in seconds."""
    lines = list(next(one for one in samples() if one.id == "l1").lines)
    data = pdf([*lines, "\f", *lines[4:], "\f", *lines[4:]])
    begun = perf_counter()
    with Sandbox() as sandbox:
        cards_of(read_notice("three-pages.pdf", data, sandbox), TODAY)
    return perf_counter() - begun


def main() -> None:
    """Print the measures."""
    split = next((word for word in sys.argv[1:] if not word.startswith("-")), "all")
    chosen = samples(split)
    found = list(scores(chosen))
    wrong = [why for one in found for why in one.wrong]
    lost = [why for one in found for why in one.lost]
    fields, quotes = sum(one.fields for one in found), sum(one.quotes for one in found)
    print(f"{len(found)} notices ({split}): {sum(one.is_scan for one in chosen)} scans, "
          f"{sum('legacy' in one.format for one in chosen)} in old encodings, "
          f"{sum(one.language == 'ru' for one in chosen)} Russian")
    print(f"  fields right              {1 - len(wrong) / fields:.3f}  ({len(wrong)} of {fields} wrong; target 0.95)")
    print(f"  quotes exact              {1 - sum(one.inexact for one in found) / quotes:.2f}   ({quotes}; target 1.00)")
    print(f"  amounts and dates lost    {len(lost)}      (target 0)")
    print(f"  a card of three pages     {seconds_of_three_pages():.2f} s (target 2 s)")
    if "--wrong" in sys.argv:
        print("\n".join([*wrong, *lost]))


if __name__ == "__main__":
    main()
