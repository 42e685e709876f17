"""How fast one kiosk server answers many people at once, beside its budget, and what several of its workers weigh:

    python -m benchmarks.load [--people 50] [--data-dir DIR] [--json]

The server is a process of its own (`rohnamo serve`) with composed answers.  *Readers* ask, read for 20 to 30 seconds
and ask again; *without a pause* each asks the next question as soon as the last one is answered, which no person
does.  A time goes from the question to the whole page of its answer; the askers run on the same machine.

Then processes open one snapshot of 30,000 passages, as workers do, and answer from it.  What they weigh together is
the sum of their shares (PSS): a page that several of them hold is counted once.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from threading import Event
from time import perf_counter
from typing import Any

import httpx2

from assistant.edge import today
from assistant.query import understand
from assistant.retrieve import retrieve
from benchmarks.kiosk import asked, memory, seeded, serving, wait_until_idle
from benchmarks.variations import varied
from corpora import Entry
from index import Snapshot, build_snapshot
from index.static_encoder import StaticEncoder

PEOPLE, QUESTIONS = 50, 4
READING_S = (20.0, 30.0)      # between an answer and the next question
P95_MS = 1000.0               # of readers
FAILED_MS = float("inf")
PASSAGES = 30_000             # beyond the size to which vectors are read into memory


def crowd(address: str, people: int, reading_s: tuple[float, float]) -> list[float]:
    """Return the milliseconds of each answer; infinite for one that did not come."""
    everything, pause = asked(), Event()

    def one(number: int) -> list[float]:
        chance = random.Random(number)  # noqa: S311  (a benchmark's people, the same each time)
        questions = [chance.choice(everything) for _ in range(QUESTIONS)]
        with httpx2.Client(base_url=address, headers={"origin": address}, follow_redirects=True, timeout=60) as person:
            pause.wait(chance.uniform(0, reading_s[1]))
            person.post("/language", data={"language": "tg"})
            times = []
            for question in questions:
                times.append(_timed(lambda question=question: person.post("/ask", data={"question": question})))
                pause.wait(chance.uniform(*reading_s))
            return times

    with ThreadPoolExecutor(people) as pool:
        return [time for times in pool.map(one, range(people)) for time in times]


def _timed(work: Callable[[], httpx2.Response]) -> float:
    started = perf_counter()
    try:
        answered = work().status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        answered = False
    return (perf_counter() - started) * 1000 if answered else FAILED_MS


def measured(times: Sequence[float]) -> dict[str, Any]:
    """Return the cuts of the answers' milliseconds, and how many did not come."""
    came = [time for time in times if time < FAILED_MS]
    cuts = quantiles(came, n=100)
    return {"answers": len(came), "failures": len(times) - len(came), "p50, ms": cuts[49], "p95, ms": cuts[94],
            "p99, ms": cuts[98]}


def measure(data: Path, people: int) -> list[dict[str, Any]]:
    """Return a row for readers and one for people without a pause."""
    rows = []
    with serving(data) as (address, process):
        crowd(address, people, (0, 0))             # the first after the start: files are read in
        for what, reading_s in ((f"{people} readers", READING_S), (f"{people} without a pause", (0.0, 0.0))):
            wait_until_idle(process)
            rows.append({"what": what} | measured(crowd(address, people, reading_s))
                        | {"memory of the server, MB": memory(process)})
    return rows


def weigh(data: Path, folder: Path, counts: Sequence[int] = (1, 2, 4)) -> list[dict[str, Any]]:
    """Return what so many processes over one snapshot, made of what a data directory holds, hold alone and together."""
    with Snapshot.open(next((data / "generations").glob("0*")), encoder=None) as held:
        entries = [Entry(document, tuple(held.passages(document.id))) for document in held.documents()]
    build_snapshot(sorted(varied(entries, PASSAGES), key=lambda entry: entry.document.id), folder / "snapshot",
                   encoder=StaticEncoder())
    return [_weighed(folder / "snapshot", count) for count in counts]


def _weighed(snapshot: Path, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.load", "--open", str(snapshot)]
    with ExitStack() as stack:
        workers = [stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
                   for _ in range(count)]
        for worker in workers:
            worker.stdout.readline()               # it has answered
        parts = [[_part_mb(worker.pid, part) for worker in workers] for part in ("Rss", "Pss", "Shared_Clean")]
        for worker in workers:
            worker.stdin.close()
    resident, share, shared = map(sum, parts)
    return {"what": f"{count} over one snapshot", "resident each, MB": resident / count, "all together, MB": share,
            "of each shared, MB": shared / count}


def _part_mb(process: int, part: str) -> float:
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return int(re.search(rf"^{part}:\s+(\d+)", rollup, re.M)[1]) / 1024  # type: ignore[index]


def hold(path: Path) -> None:
    """Answer questions from a snapshot, say so, and hold it until the input ends."""
    with Snapshot.open(path, encoder=StaticEncoder()) as snapshot:
        for question in asked():
            retrieve(snapshot, understand(question, today=today()))
        print("answered", flush=True)
        sys.stdin.read()


def main() -> int:
    """Print what was measured; 1 where the budget is not kept or an answer did not come."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--people", type=int, default=PEOPLE)
    given.add_argument("--data-dir", type=Path)
    given.add_argument("--json", action="store_true")
    given.add_argument("--open", type=Path, help=argparse.SUPPRESS)
    given = given.parse_args()
    if given.open:
        hold(given.open)
        return 0
    with ExitStack() as stack:
        data, beside = given.data_dir, Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not data:
            data = seeded(beside / "data").data_dir
        rows = [*measure(data, given.people), *weigh(data, beside)]
    over = rows[0]["p95, ms"] > P95_MS or any(row.get("failures") for row in rows)
    if given.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row.pop('what'):<24}" + "   ".join(f"{name} {value:,.0f}" for name, value in row.items()))
    print(f"budget: p95 of readers {P95_MS:.0f} ms, no failures" + ("   OVER" if over else "   within"))
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
