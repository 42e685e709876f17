"""How fast a draft is written with the packaged model, what the shared beginning saves, what 1 B would take.

    python benchmarks/generating.py [--questions 1000] [--json]

The packaged Gemma 3 270M (Q4_K_M) runs on two threads with the prompts and the grammar of real questions.  Its
text means nothing; its times do.  Those of a 1 B model in Q4_K_M are projected, not measured: a written token costs
in proportion to the bytes read for it, a prompt token to the parameters that work on it.  `--questions` asks so many
in a row and prints how the memory of both processes grew.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter

from assistant.evaluate import read_questions
from assistant.generate import whole
from assistant.llama import LlamaGenerator
from assistant.models import Models
from assistant.prompt import Prompt, compose_prompt

ROOT = Path(__file__).parents[1]
MODEL = "gemma-270m"
THREADS = 2
ROUNDS = 6
TOKENS = 48                   # written of each timed draft
DEADLINE_S = 300.0
BUDGET_FIRST_S = 8.0          # first token of a 1 B Q4 model on 2 cores
MOST_GROWTH = 0.05
WARM_UP = 100                 # questions before memory is looked at
# Bytes read for a written token: nearly the whole packaged file, because its embedding table is also its output,
# and the size of Gemma 3 1B in Q4_K_M as published.  Parameters that work on a prompt token: all but that table.
BYTES = {MODEL: 247e6, "1B Q4_K_M": 0.81e9}
WORKING = {MODEL: 0.10e9, "1B Q4_K_M": 0.70e9}
EVIDENCE = ("Барои гирифтани шиноснома аризаи хаттӣ, шаҳодатномаи таваллуд ва ду акс пешниҳод карда мешавад.",
            "Ҳуҷҷатҳо ба шуъбаи шиносномадиҳии ҷойи истиқомат супорида мешаванд.",
            "Шиноснома дар муҳлати даҳ рӯзи корӣ тайёр карда мешавад.")
Json = dict[str, float | str]


@dataclass(frozen=True, slots=True)
class Timing:
    """One draft: seconds to the first piece, tokens a second after it, tokens kept from the prompt before."""

    first_s: float
    rate: float
    kept: int


def timed(generator: LlamaGenerator, prompt: Prompt) -> Timing:
    """Return how long a draft took."""
    started = perf_counter()
    pieces = generator.stream(replace(prompt, max_tokens=TOKENS), deadline_s=DEADLINE_S)
    next(pieces)
    first = perf_counter()
    draft = whole(pieces)
    rate = (draft.tokens - 1) / max(perf_counter() - first, 1e-9)
    return Timing(first - started, rate, generator.kept_tokens)


def prompts(count: int) -> list[Prompt]:
    """Return prompts of the questions of the dev part, with three sentences of evidence each."""
    asked = [each.question for each in read_questions(ROOT / "tests" / "golden" / "questions.jsonl", "dev")]
    turned = (EVIDENCE[number % 3:] + EVIDENCE[:number % 3] for number in range(count))
    return [compose_prompt(question, evidence, "tg")
            for question, evidence in zip(islice(cycle(asked), count), turned, strict=True)]


def apart(prompt: Prompt, number: int) -> Prompt:
    """Return a prompt whose first words are its own, so that nothing read before can be kept."""
    return replace(prompt, instructions=f"{number} {prompt.instructions}")


def measure(generator: LlamaGenerator) -> Json:
    """Return medians, with and without the shared beginning in turn, and the projection."""
    generator.warm_up(deadline_s=DEADLINE_S)
    shared, alone = [], []
    for number, prompt in enumerate(prompts(ROUNDS)):
        alone.append(timed(generator, apart(prompt, number)))
        generator.warm_up(deadline_s=DEADLINE_S)
        shared.append(timed(generator, prompt))
    return (_of(shared, "shared") | _of(alone, "alone") | {"prompt tokens": tokens_read(generator)}
            | projected(shared, alone))


def _of(timings: list[Timing], name: str) -> Json:
    return {f"first token, {name} (s)": median(each.first_s for each in timings),
            f"tokens/s, {name}": median(each.rate for each in timings),
            f"tokens kept, {name}": median(each.kept for each in timings)}


def tokens_read(generator: LlamaGenerator) -> int:
    """Return how many tokens a prompt has: asked again, all but the last are kept."""
    short = replace(prompts(1)[0], max_tokens=1, grammar=None)
    for _ in range(2):
        generator.generate(short, deadline_s=DEADLINE_S)
    return generator.kept_tokens + 1


def projected(shared: list[Timing], alone: list[Timing]) -> Json:
    """Return what the same prompts would take with a 1 B model in 4 bits.

    The best round is the one least disturbed by whatever else the machine does.
    """
    slower, lighter = WORKING["1B Q4_K_M"] / WORKING[MODEL], BYTES[MODEL] / BYTES["1B Q4_K_M"]
    return {"1B Q4_K_M first token, shared (s)": median(each.first_s for each in shared) * slower,
            "1B Q4_K_M first token, shared, best (s)": min(each.first_s for each in shared) * slower,
            "1B Q4_K_M first token, alone (s)": median(each.first_s for each in alone) * slower,
            "1B Q4_K_M tokens/s": median(each.rate for each in shared) * lighter,
            "1B Q4_K_M tokens/s, best": max(each.rate for each in shared) * lighter}


def soak(generator: LlamaGenerator, count: int) -> Json:
    """Return how the memory of this process and of the model's grew over so many questions after a hundred."""
    before = (0, 0)
    for number, prompt in enumerate(prompts(WARM_UP + count)):
        if number == WARM_UP:
            before = resident(os.getpid()), resident(generator.pid or 0)
        generator.generate(replace(prompt, max_tokens=4), deadline_s=DEADLINE_S)
        if number % 100 == 0:
            print(f"  asked {number} of {WARM_UP + count}", file=sys.stderr)
    after = resident(os.getpid()), resident(generator.pid or 0)
    return {"questions in a row": count, "growth, this process": after[0] / before[0] - 1,
            "growth, the model's": after[1] / before[1] - 1}


def resident(pid: int) -> int:
    """Return the pages of memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])


def verdicts(found: Json) -> dict[str, bool]:
    """Return each budget and whether it is kept."""
    kept = {f"first token of 1B Q4_K_M within {BUDGET_FIRST_S:g} s (projected)":
            float(found["1B Q4_K_M first token, shared (s)"]) <= BUDGET_FIRST_S}
    grown = [float(found[name]) for name in found if name.startswith("growth")]
    return kept | ({"memory grows by at most 5 %": max(grown) <= MOST_GROWTH} if grown else {})


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--questions", type=int, default=0, help="also ask so many in a row")
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = Models(Path(folder))
        profile = replace(models.profile(MODEL), threads=THREADS)
        with LlamaGenerator(MODEL, models.resolve(MODEL), profile) as generator:
            found = {"model": profile.title, "threads": THREADS, "load": os.getloadavg()[0]} | measure(generator)
            if chosen.questions:
                found |= soak(generator, chosen.questions)
    if chosen.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        print(f"{name:44} {value if isinstance(value, str) else format(value, '10.3f')}")
    for name, kept in verdicts(found).items():
        print(f"{name:60} {'within' if kept else 'OVER'}")


if __name__ == "__main__":
    main()
