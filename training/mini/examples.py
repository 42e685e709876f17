"""Make what the small model is trained on: `python -m training.mini.examples --out FILE`.

An example is a question with numbered evidence and the draft that should be written: one to three short sentences,
each with its number, or the mark that the evidence does not answer.  No draft is kept that the program itself would
not show (`assistant.verify`).  The same seed gives the same file.  Printed are the counts, what fell out, and the
lengths in Gemma's tokens.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from statistics import mean, quantiles

from assistant.prompt import MAX_EVIDENCE_LETTERS, MAX_QUESTION_LETTERS, Prompt, cited_sentences, plain
from assistant.verify import fault
from training.mini.cases import KINDS, Cases
from training.mini.draws import Case, Line
from training.mini.tokens import Vocabulary, base_file, prompt_of

ABSTAIN = "[0]"
LIMIT, SEED = 22_000, 7
# Of all examples: how many the dev part has, for stopping early.
DEV_SHARE = 0.03
# A draw in so many may be left without an example before something is wrong.
_MOST_DRAWS = 12


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn; `copied` where the answer is the evidence's own sentence."""

    part: str
    kind: str
    language: str
    style: str
    service: str
    question: str
    evidence: tuple[str, ...]
    target: str
    copied: bool


class Fallen(Counter[tuple[str, bool]]):
    """How many draws of each kind were kept, and how many gave nothing that may be shown."""

    def share(self, kind: str) -> float:
        """Return the share of a kind's draws that fell out, 0..1."""
        return self[kind, False] / max(1, self[kind, False] + self[kind, True])


def examples(part: str, limit: int, seed: int, fallen: Fallen | None = None) -> Iterator[Example]:
    """Yield so many examples of a part, "train" or "dev", no two alike; fewer where no more can be drawn."""
    cases, seen, fallen = Cases(part, seed), set(), Fallen() if fallen is None else fallen
    for _ in range(limit * _MOST_DRAWS):
        if len(seen) == limit:
            return
        case = cases.draw()
        made = case and example(part, case)
        if case:
            fallen[case.kind, made is not None] += 1
        if made and (made.question, made.evidence) not in seen:
            seen.add((made.question, made.evidence))
            yield made


def example(part: str, case: Case) -> Example | None:
    """Return the example a case makes, None where it would not be shown or does not fit the prompt."""
    evidence = tuple(map(plain, case.evidence))
    if sum(map(len, evidence)) > MAX_EVIDENCE_LETTERS or len(case.question) > MAX_QUESTION_LETTERS:
        return None
    said = [_said(line, evidence, case.language) for line in case.lines]
    if None in said or len(set(said)) < len(said):
        return None
    target = " ".join(map(str, said)) if said else ABSTAIN
    copied = bool(said) and all(line.candidates == (case.evidence[line.evidence],) for line in case.lines)
    return Example(part, case.kind, case.language, case.style, case.service, case.question, evidence, target, copied)


def _said(line: Line, evidence: Sequence[str], language: str) -> str | None:
    """Return the first candidate that may be shown, with its number."""
    quote = evidence[line.evidence]
    return next((f"{text} [{line.evidence + 1}]" for text in line.candidates if _holds(text, quote, language)), None)


@lru_cache(maxsize=100_000)
def _holds(text: str, quote: str, language: str) -> bool:
    read = cited_sentences(f"{text} [1]")
    return len(read) == 1 and read[0].text == text and fault(text, [quote], language=language) is None


def report(made: Sequence[Example], vocabulary: Vocabulary | None) -> Iterator[str]:
    """Yield lines that say what was made."""
    for name in ("part", "kind", "language", "style"):
        yield f"{name}: " + ", ".join(f"{key} {count}" for key, count in
                                      Counter(getattr(one, name) for one in made).most_common())
    yield f"abstaining: {mean(one.target == ABSTAIN for one in made):.3f}"
    yield f"copied: {mean(one.copied for one in made):.3f}"
    yield f"evidence: {sorted(Counter(len(one.evidence) for one in made).items())}"
    answers = [one for one in made if one.target != ABSTAIN]
    yield f"words of an answer: {mean(len(one.target.split()) for one in answers):.1f}"
    if vocabulary:
        for name, sizes in (("prompt", [len(vocabulary.prompt(_prompt(one))) for one in made]),
                            ("target", [len(vocabulary.answer(one.target)) for one in made])):
            tenths = quantiles(sizes, n=20)
            yield f"tokens of a {name}: mean {mean(sizes):.0f}, 95 of 100 under {tenths[-1]:.0f}, most {max(sizes)}; " \
                  f"together {sum(sizes)}"


def read(file: Path) -> list[Example]:
    """Return the examples of a file."""
    with file.open(encoding="utf-8") as lines:
        return [Example(**row | {"evidence": tuple(row["evidence"])}) for row in map(json.loads, lines)]


def write(made: Iterable[Example], file: Path) -> None:
    """Write examples, one a line."""
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in made)


def _prompt(one: Example) -> Prompt:
    return prompt_of(one.question, list(one.evidence), one.language)


def main() -> None:
    """Make them, say what they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=LIMIT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--base", type=Path, help="folder of the packaged model; without it no tokens are counted")
    parser.add_argument("--show", type=int, default=0, help="print so many, drawn by chance")
    chosen = parser.parse_args()
    fallen, dev = Fallen(), round(chosen.limit * DEV_SHARE)
    made = [*examples("train", chosen.limit - dev, chosen.seed, fallen), *examples("dev", dev, chosen.seed, fallen)]
    write(made, chosen.out)
    print(*report(made, Vocabulary(base_file(chosen.base)) if chosen.base else None), sep="\n")
    print("fell out: " + ", ".join(f"{kind} {fallen.share(kind):.2f}" for kind in KINDS))
    for one in random.Random(chosen.seed).sample(made, chosen.show):  # noqa: S311 - nothing secret
        print(f"\n{one.kind} · {one.style} · {one.language}: {one.question}",
              *(f"  [{number}] {text}" for number, text in enumerate(one.evidence, 1)), f"  → {one.target}", sep="\n")


if __name__ == "__main__":
    main()
