"""Whether the adapter knows better than the program: `python -m training.mini.signals --data-dir FOLDER --out FILE`.

Two signals of one number, how likely "[0]" comes first: over all evidence given, that it does not answer; over each
sentence that was considered, alone, which one answers.  Printed is what answers would be worth if one of them decided;
the numbers of each question are kept in the file, and a run that was cut off goes on.  Nothing of this is in the
program unless it gains here.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from assistant import config as settings
from assistant import edge, grading
from assistant.account import Account
from assistant.answer import Assistant
from assistant.encoders import open_encoder
from assistant.evaluate import Asked, expected_of, read_questions
from assistant.llama_worker import Engine
from assistant.models import Models
from assistant.profile import profiles
from assistant.prompt import plain
from assistant.records import Citation, Claim, ClaimKind
from assistant.templates import unmarked
from assistant.update import current_snapshot
from training.mini.facts import HOUSE
from training.mini.tokens import prompt_of

CONSIDERED = 5                         # sentences, the best first
_THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.975, 0.99)


def judged(assistant: Assistant, engine: Engine, asked: Asked) -> dict[str, Any]:
    """Return what composed and signals make of one question; no likelihoods where nothing was found."""
    account, wanted = assistant.account(asked.question), expected_of(assistant, asked)
    near = dict.fromkeys(citation for unit in account.evidence.considered for citation in unit.citations)
    given = [one for one in account.evidence.citations if plain(one.quote)][:CONSIDERED]
    alone = [one for one in near if plain(one.quote)][:CONSIDERED]

    def grade(claims: Sequence[Claim]) -> str:
        return grading.grade(replace(account.answer, claims=tuple(claims)), wanted)

    return {"qid": asked.qid, "answerable": asked.answerable, "composed": grade(account.answer.claims),
            "given": _silent(engine, account, given) if given else None,
            "alone": [[_silent(engine, account, [one]), grade([Claim(one.quote, ClaimKind.EXTRACT, (one,))]),
                       one in given] for one in alone]}


def _silent(engine: Engine, account: Account, citations: Sequence[Citation]) -> float:
    """Return how likely the adapter holds that these do not answer, 0..1."""
    prompt = prompt_of(account.query.text, [unmarked(one.quote) for one in citations], account.query.language)
    engine.read(engine.tokens_of([[part.text, part.template] for part in prompt.parts]), Event())
    return engine.likelihood("[")


def told(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield what declining above a threshold, and choosing the likeliest sentence, would come to."""
    shown = [row for row in rows if row["composed"] in ("right", "wrong") and row["given"] is not None]
    right = sum(row["composed"] == "right" for row in shown)
    yield f"shown {len(shown)}, right {right / max(1, len(shown)):.3f}"
    for least in _THRESHOLDS:
        left = [row for row in shown if row["given"] < least]
        lost = right - sum(row["composed"] == "right" for row in left)
        spared = len(shown) - len(left) - lost
        yield (f"declined where \"[0]\" is {least} likely: right answers lost {lost}, wrong ones spared {spared}; "
               f"right among shown {(right - lost) / max(1, len(left)):.3f}")
    chosen = [row for row in shown if row["alone"]]
    mine = [min(row["alone"])[1] == "right" for row in chosen]
    theirs = [row["composed"] == "right" for row in chosen]
    first = [row["alone"][0][1] == "right" for row in chosen]
    yield (f"the sentence least likely not to answer, of {CONSIDERED}: right {sum(mine)} of {len(chosen)}; "
           f"the best one of the program {sum(first)}, its whole answer {sum(theirs)}")
    for least in _THRESHOLDS:
        moved = [row for row in chosen if row["given"] >= least and min(row["alone"])[0] < 1 - least]
        gained = sum(row["composed"] == "wrong" and min(row["alone"])[1] == "right" for row in moved)
        lost = sum(row["composed"] == "right" and min(row["alone"])[1] != "right" for row in moved)
        yield f"another sentence where the given are {least} unlikely and it is as likely: gained {gained}, lost {lost}"


def main() -> None:
    """Ask what has not been asked, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="where the seed corpus is built")
    parser.add_argument("--out", type=Path, required=True, help="one JSON object a line")
    parser.add_argument("--split", default="dev")
    chosen = parser.parse_args()
    config, mini = settings.load(chosen.data_dir), profiles()["mini"]
    snapshot, name = current_snapshot(config, encoder=open_encoder(config))
    engine = Engine(str(Models(config.data_dir).resolve("mini")), {
        "n_ctx": mini.n_ctx, "n_batch": mini.n_batch, "threads": 2, "adapter": str(mini.adapter_file)})
    rows = [json.loads(line) for line in chosen.out.read_text("utf-8").splitlines()] if chosen.out.is_file() else []
    done, step = {row["qid"] for row in rows}, edge.counter("asked")
    questions = [one for one in read_questions(HOUSE / "tests" / "golden" / "questions.jsonl", chosen.split)
                 if one.language in mini.languages]
    with snapshot, chosen.out.open("a", encoding="utf-8") as out:
        assistant = Assistant(snapshot, name, edge.today)
        for number, asked in enumerate(questions, 1):
            if asked.qid not in done:
                rows.append(judged(assistant, engine, asked))
                out.write(json.dumps(rows[-1]) + "\n")
            step(number, len(questions))
    print(*told(rows), sep="\n")


if __name__ == "__main__":
    main()
