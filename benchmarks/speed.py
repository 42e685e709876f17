"""How fast the seed corpus is read, built and answered from, each beside its budget: `make benchmark`.

Everything runs in an empty data directory of its own, in one run; medians are of seven cold processes, the
95th percentile of every question of the golden set asked warm.  `--json` prints one object.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from assistant import config as settings
from assistant import edge
from assistant.answer import Assistant
from assistant.encoders import open_encoder
from assistant.evaluate import read_questions
from assistant.update import current_snapshot

ROOT = Path(__file__).parents[1]
QUESTION = "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"
COLD_RUNS = 7
BUDGETS_S = {"ingest and build of the seed": 60.0, "second ingest and build": 15.0, "cold ask, median": 2.5,
             "warm composed answer, p95": 0.3}


def timed(command: list[str]) -> float:
    """Return the seconds a command took."""
    started = perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return perf_counter() - started


def measure(data: Path) -> dict[str, float]:
    """Return seconds for each thing with a budget."""
    rohnamo = [sys.executable, "-m", "assistant"]
    at = ["--data-dir", str(data)]

    def prepare() -> float:
        return timed([*rohnamo, "ingest", "corpora/seed", *at]) + timed([*rohnamo, "build", "--wait", *at])

    first, second = prepare(), prepare()
    cold = median(timed([*rohnamo, "ask", QUESTION, *at]) for _ in range(COLD_RUNS))
    return dict(zip(BUDGETS_S, (first, second, cold, quantiles(warm(data), n=20)[-1]), strict=True))


def warm(data: Path) -> list[float]:
    """Return the seconds of each question of the golden set in a running process."""
    config = settings.load(data)
    snapshot, name = current_snapshot(config, encoder=open_encoder(config))
    times = []
    with snapshot:
        assistant = Assistant(snapshot, name, edge.today)
        assistant.ask(QUESTION)
        for asked in read_questions(ROOT / "tests" / "golden" / "questions.jsonl"):
            started = perf_counter()
            assistant.ask(asked.question)
            times.append(perf_counter() - started)
    return times


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder))
    if "--json" in sys.argv:
        print(json.dumps(found))
        return
    for name, seconds in found.items():
        verdict = "within" if seconds <= BUDGETS_S[name] else "OVER"
        print(f"{name:32} {seconds * 1000:9.0f} ms   budget {BUDGETS_S[name] * 1000:7.0f} ms   {verdict}")


if __name__ == "__main__":
    main()
