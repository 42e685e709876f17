"""One training run: steps over batches, a log, checkpoints, and an end when the dev part gets no better.

A checkpoint holds the adapter, the optimiser and the place in the course; it replaces the last one at once or not at
all, so a run may be cut off at any moment and goes on as if it had not been.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic

import torch
from peft import PeftModel, get_peft_model_state_dict, set_peft_model_state_dict

from training.mini.batches import Batch
from training.mini.weights import loss_of

RATE, EVERY = 6e-4, 100
_WARM_UP = 0.03                        # of the token budget
_LEAST_RATE = 0.1                      # of the highest
_CLIP = 1.0                            # largest norm of a gradient
_BETTER = 0.002                        # nats: a smaller gain on the dev part counts as none


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a run lasts and how fast it learns.  Tokens are prompt and answer together, without padding."""

    token_budget: int
    minutes: float
    rate: float = RATE
    every: int = EVERY                 # steps between checkpoints, each with a look at the dev part
    patience: int = 4                  # looks without a gain before the end


@dataclass(slots=True)
class Run:
    """A run in a folder: `checkpoint.pt`, `log.jsonl` and, where the dev part was best, `adapter/`."""

    model: PeftModel
    plan: Plan
    folder: Path
    clock: Callable[[], float] = monotonic
    step: int = 0
    tokens: int = 0
    best: float = math.inf
    since_best: int = 0
    ended: str = ""                    # budget, minutes or dev; nothing while it runs
    optimiser: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        trained = [weight for weight in self.model.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.AdamW(trained, lr=self.plan.rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.folder.mkdir(parents=True, exist_ok=True)

    def resume(self) -> bool:
        """Go on from the folder's checkpoint; return whether there was one."""
        file = self.folder / "checkpoint.pt"
        if not file.is_file():
            return False
        kept = torch.load(file, map_location=self._device, weights_only=True)
        set_peft_model_state_dict(self.model, kept["adapter"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.step, self.tokens = kept["step"], kept["tokens"]
        self.best, self.since_best = kept["best"], kept["since_best"]
        return True

    def train(self, course: Iterator[Batch], dev: Sequence[Batch]) -> None:
        """Take steps until the budget, the minutes or the patience is spent.  The course is read from its start."""
        self.model.train()
        start, before = self.clock(), self.tokens
        for batch in islice(course, self.step, None):
            loss = self._learn(batch)
            if self.step % 10 == 0:
                spent = max(self.clock() - start, 1e-9)
                self._log(loss=round(loss, 4), rate=self._rate(), tokens_s=round((self.tokens - before) / spent, 1))
            self._end(start)
            if self.step % self.plan.every == 0 or self.ended:
                self._look(dev)
            if self.ended:
                return

    def dev_loss(self, dev: Sequence[Batch]) -> float:
        """Return the mean loss of an answer's token over the dev part."""
        with torch.no_grad():
            sums = [(float(loss_of(self.model, *self._tensors(batch))), sum(_answered(batch))) for batch in dev]
        return sum(loss * count for loss, count in sums) / sum(count for _, count in sums)

    def _learn(self, batch: Batch) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda"):
            loss = loss_of(self.model, *self._tensors(batch))
        loss.backward()
        torch.nn.utils.clip_grad_norm_([weight for weight in self.model.parameters() if weight.requires_grad], _CLIP)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.step += 1
        self.tokens += sum(len(row.tokens) for row in batch)
        return float(loss.detach())

    def _look(self, dev: Sequence[Batch]) -> None:
        """Measure on the dev part, keep the best adapter, and write a checkpoint."""
        loss = self.dev_loss(dev)
        if loss < self.best - _BETTER:
            self.best, self.since_best = loss, 0
            self.model.save_pretrained(self.folder / "adapter")
        else:
            self.since_best += 1
            if self.since_best >= self.plan.patience:
                self.ended = self.ended or "dev"
        self._log(dev_loss=round(loss, 4), ended=self.ended)
        self._keep()

    def _keep(self) -> None:
        whole, half = self.folder / "checkpoint.pt", self.folder / "checkpoint.part"
        torch.save({"adapter": get_peft_model_state_dict(self.model), "optimiser": self.optimiser.state_dict(),
                    "step": self.step, "tokens": self.tokens, "best": self.best, "since_best": self.since_best}, half)
        half.replace(whole)

    def _end(self, start: float) -> None:
        if self.tokens >= self.plan.token_budget:
            self.ended = "budget"
        elif self.clock() - start > self.plan.minutes * 60:
            self.ended = "minutes"

    def _rate(self) -> float:
        """Return the learning rate: up over the first tokens, then down along a cosine."""
        done = min(1.0, self.tokens / self.plan.token_budget)
        if done < _WARM_UP:
            return self.plan.rate * max(done / _WARM_UP, _LEAST_RATE)
        falling = (1 + math.cos(math.pi * (done - _WARM_UP) / (1 - _WARM_UP))) / 2
        return self.plan.rate * (_LEAST_RATE + (1 - _LEAST_RATE) * falling)

    def _tensors(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return tokens and which of them are an answer's, (rows, length) each; rows padded at their end."""
        length = max(len(row.tokens) for row in batch)
        tokens = torch.zeros((len(batch), length), dtype=torch.long)
        answers = torch.zeros((len(batch), length), dtype=torch.bool)
        for number, row in enumerate(batch):
            tokens[number, :len(row.tokens)] = torch.tensor(row.tokens)
            answers[number, row.answer:len(row.tokens)] = True
        return tokens.to(self._device), answers.to(self._device)

    def _log(self, **said: float | str) -> None:
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps({"step": self.step, "tokens": self.tokens, **said}) + "\n")

    @property
    def _device(self) -> torch.device:
        return next(self.model.parameters()).device


def _answered(batch: Batch) -> Iterator[int]:
    return (len(row.tokens) - row.answer for row in batch)
