"""Set what each sign of the second look counts: `python training/second_look.py [--data-dir FOLDER] [--leave-out]`.

The documents of each language stand among their distractors; a question's documents should come before all others
(the loss is the logarithm of an expected document's share against the others, each document scored by its best
passage).  Fitted on the dev part, since the encoder has learnt from train; printed are the weights to copy, and how
each of five groups of services comes out when it is left aside.  The test part is not read.  Needs PyTorch, which
comes with the extra `encoders`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import torch

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "benchmarks"))

from shelf import DAY, cases, shelves  # noqa: E402 - beside the benchmarks, no package

from assistant import config as settings  # noqa: E402
from assistant.encoders import open_encoder  # noqa: E402
from assistant.query import understand  # noqa: E402
from assistant.ranking import ndcg, recall  # noqa: E402
from assistant.retrieve import LOOKED_AT, WEIGHTS  # noqa: E402
from assistant.second_look import SIGNS, signs  # noqa: E402

GROUPS, STEPS, RATE, SHRINK, SHARPNESS = 5, 150, 0.08, 1e-3, 4.0
# A habit made by table counts less than a question that a person typed: there are seven for each of those.
MADE = 0.25
# Within one language "own" says nothing, and few questions meet what has lapsed: set, not fitted.
SET = ("lapsed", "own")


@dataclass(frozen=True)
class Seen:
    """One question with what was seen of its hits."""

    service: str
    style: str
    expected: tuple[str, ...]
    documents: tuple[str, ...]         # of the hits
    signs: torch.Tensor                # (hits, signs) float32


def seen(folder: Path) -> Iterator[Seen]:
    """Yield every question of the dev part, on each shelf that answers it."""
    for shelf in shelves(folder, open_encoder(settings.load(folder))):
        for case in cases("dev", shelf):
            query = understand(case.question, today=DAY)
            hits = shelf.snapshot.search(query.search, LOOKED_AT)
            if hits:
                yield Seen(case.service, f"{shelf.language} {case.style}", case.expected,
                           tuple(hit.document.id for hit in hits),
                           torch.tensor(signs(query, hits, shelf.snapshot), dtype=torch.float32))


def scores(weights: torch.Tensor, one: Seen) -> dict[str, torch.Tensor]:
    """Return the score of each document: that of its best passage."""
    best: dict[str, torch.Tensor] = {}
    for name, score in zip(one.documents, one.signs @ weights, strict=True):
        best[name] = torch.maximum(best[name], score) if name in best else score
    return best


def fitted(some: Sequence[Seen]) -> torch.Tensor:
    """Return the weights, one a sign."""
    weights = torch.tensor(WEIGHTS, dtype=torch.float32, requires_grad=True)
    adam = torch.optim.Adam([weights], lr=RATE)
    batch = _Batch(some)
    for _ in range(STEPS):
        loss = batch.loss(weights) + SHRINK * (weights ** 2).sum()
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
    return weights.detach()


class _Batch:
    """Questions side by side, padded: (questions, hits, signs)."""

    def __init__(self, some: Sequence[Seen]) -> None:
        some = [one for one in some if set(one.expected) & set(one.documents)]
        most = max(len(one.documents) for one in some)
        self.signs = torch.zeros(len(some), most, len(SIGNS))
        self.places = torch.full((len(some), most), most)
        self.there, self.right = (torch.zeros(len(some), most + 1, dtype=torch.bool) for _ in range(2))
        for row, one in enumerate(some):
            names = list(dict.fromkeys(one.documents))
            self.signs[row, :len(one.documents)] = one.signs
            self.places[row, :len(one.documents)] = torch.tensor([names.index(name) for name in one.documents])
            self.there[row, :len(names)] = True
            self.right[row, [names.index(name) for name in one.expected if name in names]] = True
        self.counts = torch.tensor([MADE if " made" in one.style else 1.0 for one in some])

    def loss(self, weights: torch.Tensor) -> torch.Tensor:
        never = torch.tensor(-1e9)
        found = SHARPNESS * (self.signs @ weights)
        best = torch.full(self.there.shape, -1e9).scatter_reduce(1, self.places, found, "amax")
        best = torch.where(self.there, best, never)
        others = torch.logsumexp(torch.where(self.right, never, best), 1, keepdim=True)
        shares = best - torch.logaddexp(best, others.expand_as(best))
        each = -(shares * self.right).sum(1) / self.right.sum(1)
        return (each * self.counts).sum() / self.counts.sum()


def measured(weights: torch.Tensor, some: Iterable[Seen]) -> list[tuple[str, float, float]]:
    """Return style, R@5 and nDCG@10 of each question."""
    rows = []
    for one in some:
        best = scores(weights, one)
        ranked = sorted(best, key=lambda name: -float(best[name]))
        rows.append((one.style, recall(one.expected, ranked, 5), ndcg(one.expected, ranked, 10)))
    return rows


def aside(some: Sequence[Seen]) -> list[tuple[str, float, float]]:
    """Return the measures of each group of services by weights fitted on the others."""
    names = sorted({one.service for one in some})
    rows = []
    for group in range(GROUPS):
        left = set(names[group::GROUPS])
        weights = fitted([one for one in some if one.service not in left])
        rows += measured(weights, [one for one in some if one.service in left])
    return rows


def _blind(found: torch.Tensor, place: int) -> torch.Tensor:
    """Return signs with one of them always 0."""
    found = found.clone()
    found[:, place] = 0
    return found


def told(name: str, rows: Sequence[tuple[str, float, float]]) -> None:
    """Print the means of all that were typed by hand, and of those in proper Tajik."""
    typed = [row for row in rows if " made" not in row[0]]
    proper = [row for row in rows if row[0] == "tg proper"]
    print(f"{name:26} typed: R@5 {fmean(row[1] for row in typed):.4f} nDCG@10 {fmean(row[2] for row in typed):.4f}   "
          f"tg proper: R@5 {fmean(row[1] for row in proper):.4f} nDCG@10 {fmean(row[2] for row in proper):.4f}")


def told_weights(weights: torch.Tensor) -> str:
    """Return the weights to copy; those of SET stay as they were chosen."""
    found = zip(SIGNS, weights.tolist(), WEIGHTS, strict=True)
    return ", ".join(f"{old if name in SET else new:.2f}" for name, new, old in found)


def main() -> None:
    """Fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, help="where vectors are kept between runs")
    parser.add_argument("--leave-out", action="store_true", help="print what is lost without each sign")
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        some = list(seen(given.data_dir or Path(folder)))
    told("as they are", measured(torch.tensor(WEIGHTS, dtype=torch.float32), some))
    told("each group left aside", aside(some))
    for place, name in enumerate(SIGNS if given.leave_out else ()):
        told(f"without {name}", aside([replace(one, signs=_blind(one.signs, place)) for one in some]))
    print("with vectors:", told_weights(fitted(some)))
    blind = [replace(one, signs=_blind(one.signs, SIGNS.index("vectors"))) for one in some]
    print("by words:", told_weights(fitted(blind)))


if __name__ == "__main__":
    main()
