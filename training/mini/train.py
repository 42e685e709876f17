"""Train the adapter: `python -m training.mini.train EXAMPLES --base FOLDER --out FOLDER`.

Cut off, it goes on from its last checkpoint when it is started again with the same words.  On a GPU it takes large
batches in bfloat16, on CPUs small ones in float32.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from training.mini.batches import Row, batches, course, row
from training.mini.examples import Example, read
from training.mini.run import EVERY, RATE, Plan, Run
from training.mini.tokens import Vocabulary, base_file
from training.mini.weights import base_model, with_adapter

BATCH_TOKENS = {"cpu": 2_048, "cuda": 16_384}
TOKEN_BUDGET = {"cpu": 2_000_000, "cuda": 12_000_000}
DEV_EXAMPLES = {"cpu": 100, "cuda": 600}


def main() -> None:
    """Train until something is spent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path, nargs="+", help="the first file's dev part says when to stop")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base model; the packaged one if empty")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--gguf", type=Path, help="what the adapter will be loaded beside; the packaged one if empty")
    parser.add_argument("--token-budget", type=int)
    parser.add_argument("--batch-tokens", type=int, help="of a batch with its padding")
    parser.add_argument("--minutes", type=float, default=180)
    parser.add_argument("--every", type=int, default=EVERY, help="steps between checkpoints")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--threads", type=int, default=0, help="0 is as many as there are cores")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    device, dtype = ("cuda", torch.bfloat16) if torch.cuda.is_available() else ("cpu", torch.float32)
    vocabulary = Vocabulary(chosen.gguf or base_file(chosen.base))

    def tokens(example: Example) -> Row:
        return row(example, vocabulary)

    size = chosen.batch_tokens or BATCH_TOKENS[device]
    made = [read(file) for file in chosen.examples]
    train = [one for some in made for one in some if one.part == "train"]
    dev = [one for one in made[0] if one.part == "dev"]
    kept = batches([tokens(one) for one in dev[:DEV_EXAMPLES[device]]], size, chosen.seed)
    plan = Plan(chosen.token_budget or TOKEN_BUDGET[device], chosen.minutes, chosen.rate, chosen.every)
    run = Run(with_adapter(base_model(chosen.base, dtype), chosen.seed).to(device), plan, chosen.out)
    print(f"{'going on at' if run.resume() else 'starting at'} step {run.step}, {run.tokens} tokens, on {device}")
    run.train(course(train, tokens, size, chosen.seed), kept)
    print(f"ended by {run.ended} at step {run.step}, {run.tokens} tokens; dev loss at its best {run.best:.4f}")


if __name__ == "__main__":
    main()
