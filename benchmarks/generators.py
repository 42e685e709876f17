"""Generators side by side on the same questions: `python -m benchmarks.generators --data-dir FOLDER --out FOLDER`.

extractive quotes what was found as it stands, composed is the answer without a model, and of each model its drafts are
judged alone.  A generator that has been measured is not asked again, so a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant import config as settings
from assistant import edge, grading
from assistant.answer import Assistant
from assistant.drafted import MEASURES
from assistant.drafting import Drafting
from assistant.encoders import open_encoder
from assistant.evaluate import Asked, Outcome, read_questions, report, run
from assistant.generate import open_generators
from assistant.models import Models
from assistant.records import Claim, ClaimKind
from assistant.scores import cell
from assistant.update import current_snapshot

ROOT = Path(__file__).parents[1]
PLAIN = ("extractive", "composed")
_ROWS = ("right answers", "right shown", "answered", "abstention F1", "over-refusal", "CRAG", "altered numbers",
         "words of an answer", "value first")


def measured(config: settings.Config, name: str, questions: Sequence[Asked]) -> dict[str, Any]:
    """Return the measures of one generator over the questions, its drafts' among them."""
    snapshot, named = current_snapshot(config, encoder=open_encoder(config))
    with snapshot:
        opened = open_generators("extractive" if name in PLAIN else name, None, Models(config.data_dir))
        if opened.problem:
            raise opened.problem
        drafting = Drafting(opened.generators)
        outcomes = run(Assistant(snapshot, named, edge.today, drafting), questions, edge.counter(name))
        drafting.close()
    outcomes = [_quoted(one) for one in outcomes] if name == "extractive" else outcomes
    made = report(outcomes)
    everything: dict[str, Any] = made["all"]
    return everything | _worded(outcomes) | {"drafts": made["drafts"]}


def _quoted(outcome: Outcome) -> Outcome:
    """Return the outcome with each quote as a claim, and nothing of ours about it."""
    cited = dict.fromkeys(one for claim in outcome.answer.claims if not claim.computation for one in claim.citations)
    claims = tuple(Claim(one.quote, ClaimKind.EXTRACT, (one,)) for one in cited)
    return replace(outcome, answer=replace(outcome.answer, claims=claims))


def _worded(outcomes: Sequence[Outcome]) -> dict[str, float]:
    shown = [one for one in outcomes if one.answered]
    asked = [one for one in shown if one.wanted and one.wanted.values]
    return {"words of an answer": sum(len(claim.text.split()) for one in shown for claim in one.answer.claims)
            / len(shown),
            "value first": sum(grading.says(one.answer.claims[0], one.wanted) for one in asked if one.wanted)
            / len(asked)}


def table(found: dict[str, dict[str, Any]]) -> list[str]:
    """Return the lines of a Markdown table, a column each generator."""
    rows = [["", *found], ["---"] * (len(found) + 1)]
    rows += [[name, *(cell(one[name]) for one in found.values())] for name in _ROWS]
    rows += [[told, *(cell(one["drafts"][name]) if one["drafts"]["drafts"] else "" for one in found.values())]
             for name, told in MEASURES.items()]
    return [f"| {' | '.join(row)} |" for row in rows]


def main() -> None:
    """Measure each that has not been, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="where the seed corpus is built")
    parser.add_argument("--out", type=Path, required=True, help="one JSON file for each generator")
    parser.add_argument("--split", default="test")
    parser.add_argument("--every", type=int, default=1, help="ask one question in so many")
    parser.add_argument("--generators", nargs="+", default=[*PLAIN, "gemma-270m", "mini"])
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    questions = read_questions(ROOT / "tests" / "golden" / "questions.jsonl", chosen.split)[::chosen.every]
    found = {}
    for name in chosen.generators:
        file = chosen.out / f"{name}-{chosen.split}-{chosen.every}.json"
        if not file.is_file():
            file.write_text(json.dumps(measured(settings.load(chosen.data_dir), name, questions)), encoding="utf-8")
        found[name] = json.loads(file.read_text(encoding="utf-8"))
    print(f"{len(questions)} questions, part {chosen.split}", "", *table(found), sep="\n")


if __name__ == "__main__":
    main()
