"""Set what each sign of a sentence counts, and when there is enough to answer: `python training/relevance.py`.

Learnt from the questions in `training/questions/` and the dev part of `tests/golden/questions.jsonl`; the train part of
the latter is left out, since the encoder has learnt from it.  The test part is not read.

1. A sentence that answers should score above all others found for its question (the loss is the logarithm of its
   share).
2. From the signs of the best sentence: whether the documents answer the question at all (logistic regression).

Printed are the weights to copy into `assistant/relevance.py` and `assistant/abstain.py`, and how each of five groups of
services comes out when it is left aside.  Needs PyTorch, which comes with the extra `encoders`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import torch

from assistant import abstain, relevance
from assistant import config as settings
from assistant.encoders import open_encoder
from assistant.evidence import Evidence, Unit, gather
from assistant.query import Query, understand
from assistant.retrieve import retrieve
from assistant.update import current_snapshot
from index import Snapshot

ROOT = Path(__file__).parents[1]
DAY = date(2026, 11, 25)
GROUPS, STEPS, RATE = 5, 400, 0.05
# How much large weights cost: of sentences, of answering; chosen on the groups left aside.
SHRINK, SHRINK_ANSWER = 0.003, 0.003


@dataclass(frozen=True)
class Seen:
    """One question with what was found for it."""

    row: dict[str, object]
    query: Query
    evidence: Evidence
    signs: torch.Tensor                # (units, relevance.SIGNS) float32
    answers: torch.Tensor              # (units,) bool: whether the unit answers

    @property
    def service(self) -> str:
        """Whose documents answer it, or would."""
        return str(self.row["service"])


def rows() -> Iterator[dict[str, object]]:
    """Yield the questions learnt from."""
    for path in (*sorted((ROOT / "training" / "questions").glob("*.jsonl")), ROOT / "tests/golden/questions.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if path.parent.name == "questions" or row["split"] == "dev":
                yield row


def seen(snapshot: Snapshot) -> Iterator[Seen]:
    """Yield every question that is looked for, with its units."""
    for row in rows():
        query = understand(str(row["question"]), today=DAY)
        hits = retrieve(snapshot, query)
        if query.decline or not hits:
            continue
        evidence = gather(query, hits, snapshot, DAY)
        units = (*evidence.considered, *evidence.lapsed)
        if units:
            stating = facts_of(row, snapshot)
            yield Seen(row, query, evidence, torch.tensor([unit.signs for unit in units]),
                       torch.tensor([_answers(unit, row, stating) for unit in units]))


def facts_of(row: dict[str, object], snapshot: Snapshot) -> set[str]:
    """Return the facts that answer a question: those named, or those that state all expected values."""
    if row.get("expected_facts"):
        return set(row["expected_facts"])  # type: ignore[call-overload]
    documents = filter(None, map(snapshot.document, row["expected_documents"]))  # type: ignore[call-overload]
    values = [str(value) for value in row["expected_values"]]  # type: ignore[attr-defined]
    return {fact.id for document in documents for fact in document.facts
            if values and all(value in _even(fact.quote) for value in values)}


def _answers(unit: Unit, row: dict[str, object], stating: set[str]) -> bool:
    values, documents = row["expected_values"], row["expected_documents"]
    holds = unit.document.id in documents and values and all(value in _even(unit.text) for value in values)  # type: ignore
    return bool(holds or (unit.fact and unit.fact.id in stating))


def _even(text: str) -> str:
    return " ".join(text.split())


Scorer = Callable[[torch.Tensor], torch.Tensor]


def sentence_weights(some: Sequence[Seen]) -> torch.Tensor:
    """Return the weights of relevance.SIGNS."""
    some = [one for one in some if one.answers.any()]
    signs, answers = torch.cat([one.signs for one in some]), torch.cat([one.answers for one in some])
    owner = torch.cat([torch.full((len(one.answers),), place) for place, one in enumerate(some)])
    scale = signs.std(0) + 0.05
    weights = torch.zeros(signs.shape[1], requires_grad=True)

    def loss() -> torch.Tensor:
        scores = (signs / scale) @ weights
        most = torch.full((len(some),), -torch.inf).scatter_reduce(0, owner, scores.detach(), "amax")
        shares = torch.exp(scores - most[owner])
        whole = torch.zeros(len(some)).index_add(0, owner, shares)
        right = torch.zeros(len(some)).index_add(0, owner, shares * answers)
        return -torch.log(right / whole + 1e-9).mean() + SHRINK * (weights ** 2).sum()

    return _least(weights, loss) / scale


def answer_weights(signs: torch.Tensor, answerable: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Return the weights of abstain.SIGNS and the bias."""
    mean, scale = signs.mean(0), signs.std(0) + 0.05
    weights = torch.zeros(signs.shape[1] + 1, requires_grad=True)

    def loss() -> torch.Tensor:
        scores = ((signs - mean) / scale) @ weights[:-1] + weights[-1]
        wrong = torch.nn.functional.binary_cross_entropy_with_logits(scores, answerable.float())
        return wrong + SHRINK_ANSWER * (weights[:-1] ** 2).sum()

    fitted = _least(weights, loss)
    plain = fitted[:-1] / scale
    return plain, float(fitted[-1] - plain @ mean)


def _least(weights: torch.Tensor, loss: Callable[[], torch.Tensor]) -> torch.Tensor:
    adam = torch.optim.Adam([weights], lr=RATE)
    for _ in range(STEPS):
        adam.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        adam.step()
    return weights.detach()


def scored(one: Seen, weights: torch.Tensor) -> list[Unit]:
    """Return what bears on the time asked about, scored by other weights, best first."""
    units = [replace(unit, score=float(torch.tensor(unit.signs) @ weights)) for unit in one.evidence.considered]
    return sorted(units, key=lambda unit: -unit.score)


def answer_signs(one: Seen, weights: torch.Tensor) -> torch.Tensor:
    """Return the signs that its evidence would have, were sentences weighed so."""
    units = scored(one, weights)
    evidence = replace(one.evidence, units=tuple(units[:1]), considered=tuple(units))
    return torch.tensor(abstain.signs(one.query, evidence))


def groups(some: Sequence[Seen]) -> list[set[str]]:
    """Return the services dealt into groups, always alike."""
    names = sorted({one.service for one in some})
    return [set(names[start::GROUPS]) for start in range(GROUPS)]


def tried(some: Sequence[Seen]) -> Iterator[str]:
    """Yield how good each group is when it is left aside, then all of them together."""
    right: list[tuple[bool, bool, bool]] = []
    chances: list[tuple[float, bool]] = []
    for left in groups(some):
        learnt = [one for one in some if one.service not in left]
        weights = sentence_weights(learnt)
        plain, bias = answer_weights(torch.stack([answer_signs(one, weights) for one in learnt]),
                                     torch.tensor([bool(one.row["answerable"]) for one in learnt]))
        for one in (one for one in some if one.service in left):
            order = torch.argsort(-(one.signs @ weights))
            if one.answers.any():
                right.append(tuple(bool(one.answers[order[:k]].any()) for k in (1, 2, 4)))  # type: ignore[arg-type]
            chance = torch.sigmoid(answer_signs(one, weights) @ plain + bias)
            chances.append((float(chance), bool(one.row["answerable"])))
    yield "answering sentence among the first 1, 2, 4: " + ", ".join(
        f"{sum(row[k] for row in right) / len(right):.3f}" for k in range(3))
    yield from _curve(chances)


def _curve(chances: Sequence[tuple[float, bool]]) -> Iterator[str]:
    able = sorted(chance for chance, answerable in chances if answerable)
    unable = sorted(chance for chance, answerable in chances if not answerable)
    pairs = sum(sum(one > other for other in unable) + sum(one == other for other in unable) / 2 for one in able)
    yield f"answerable {len(able)}, not {len(unable)}, area under the curve {pairs / len(able) / len(unable):.3f}"
    for refused in (0.03, 0.06, 0.1, 0.15, 0.2):
        threshold = able[int(refused * len(able))]
        caught = sum(chance < threshold for chance in unable) / len(unable)
        yield f"  refusing {refused:.2f} of the answerable below {threshold:.3f} catches {caught:.3f} of the others"


def main() -> None:
    """Print the weights to copy and what they are worth."""
    parser = argparse.ArgumentParser(description="Set what the signs of a sentence, and of enough evidence, count.")
    parser.add_argument("--data-dir", type=Path, required=True, help="where the seed corpus is built")
    config = settings.load(parser.parse_args().data_dir)
    snapshot, _ = current_snapshot(config, encoder=open_encoder(config))
    with snapshot:
        some = list(seen(snapshot))
    print("\n".join(tried(some)), file=sys.stderr)
    weights = sentence_weights(some)
    plain, bias = answer_weights(torch.stack([answer_signs(one, weights) for one in some]),
                                 torch.tensor([bool(one.row["answerable"]) for one in some]))
    print("relevance.WEIGHTS =", _rounded(weights, relevance.SIGNS))
    print("abstain.WEIGHTS =", _rounded(plain, abstain.SIGNS), "BIAS =", round(bias, 2))


def _rounded(weights: torch.Tensor, names: Sequence[str]) -> str:
    return ", ".join(f"{round(float(weight), 2)}" for weight in weights) + "   # " + "; ".join(
        f"{name} {float(weight):.2f}" for name, weight in zip(names, weights, strict=True))


if __name__ == "__main__":
    main()
