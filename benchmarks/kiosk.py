"""How fast a kiosk's pages answer, what they weigh and what they hold in memory, beside budgets: `make benchmark`.

The server is a process of its own (`rohnamo serve`), as at an office; its askers are programs and one real browser.
`--data-dir DIR` takes a corpus that is built already, `--json` prints one object.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from threading import Event, Thread
from time import perf_counter
from types import SimpleNamespace

import httpx2

from assistant import config as settings
from assistant import update
from assistant.config import Config
from assistant.intake import take_in
from assistant.topics import topics
from tests.browser import CHROMIUM, Person, chromium, standing_at

ROOT = Path(__file__).parents[1]
# Hundredths of a second of processor time within a second.
_IDLE_TICKS = 3
ASKERS, ROUNDS, TAPS = 20, 3, 30
# Unit, budget; None where it is only printed.
BUDGETS = {"answer among 20 askers, p95": ("ms", 1000.0), "health meanwhile, longest": ("ms", 200.0),
           "sources and answer on the screen after a tap, p95": ("ms", 500.0), "weight of a first page": ("kB", 300.0),
           "first paint, the worst of the screens": ("ms", 300.0), "memory of the server at rest": ("MB", None),
           "memory of the server after it all": ("MB", None)}


def seeded(data: Path) -> Config:
    """Return the configuration of a data directory with the seed corpus built in it."""
    config = settings.load(data)
    take_in(config, [ROOT / "corpora" / "seed"], None, lambda _done, _whole: None)
    update.build(config, wait=True)
    return config


@contextmanager
def serving(data: Path) -> Iterator[tuple[str, int]]:
    """Serve a data directory; give the address and the number of the process."""
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0", "--data-dir", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as server:
        try:
            line = server.stdout.readline() if server.stdout else ""
            yield re.search(r"http://\S+[^/\s]", line)[0], server.pid  # type: ignore[index]
        finally:
            server.terminate()


def asked() -> list[str]:
    """Return questions, each once."""
    return [question for topic in topics() for question in topic.questions("tg")]


def crowd(address: str) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each answer of many who ask at once, and of each look at the health meanwhile."""
    done, health = Event(), list[float]()
    watch = Thread(target=_watch, args=(address, done, health))
    watch.start()
    questions = asked()
    with ThreadPoolExecutor(ASKERS) as pool:
        rows = [questions[number::ASKERS] * ROUNDS for number in range(ASKERS)]
        times = [one for row in pool.map(lambda row: _ask(address, row[:ROUNDS]), rows) for one in row]
    done.set()
    watch.join()
    return times, health


def _ask(address: str, questions: list[str]) -> list[float]:
    """Return the milliseconds from each question to its answer's page, for one person."""
    times = []
    with httpx2.Client(base_url=address, headers={"origin": address}, follow_redirects=True, timeout=60) as person:
        person.post("/language", data={"language": "tg"})
        for question in questions:
            times.append(_timed(lambda question=question: person.post("/ask", data={"question": question})))
    return times


def _watch(address: str, done: Event, times: list[float]) -> None:
    with httpx2.Client(base_url=address, timeout=60) as staff:
        while not done.is_set():
            times.append(_timed(lambda: staff.get("/health")))
            done.wait(0.05)


def _timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000


def taps(person: Person) -> list[float]:
    """Return the milliseconds from the touch of a question to its answer and sources on the screen."""
    times, questions = [], iter((topic, question) for topic in topics() for question in topic.questions("tg"))
    for topic, question in list(questions)[:TAPS]:
        person.go(f"/topic/{topic.id}")
        button = person.page.locator(f'button[name=question][value="{question}"]')
        button.evaluate("one => { one.scrollIntoView(); window.name = String(Date.now()); one.click(); }")
        person.page.locator(".source, .verdict--none, .list").first.wait_for()
        person.answered()
        times.append(person.page.evaluate("""() => new Promise((seen) => requestAnimationFrame(() =>
            seen(performance.timeOrigin + performance.getEntriesByType("paint").at(-1).startTime - Number(name))))"""))
    return times


def weight(person: Person) -> float:
    """Return how many kB a browser that has nothing yet loads with the heaviest of the screens."""
    heaviest = 0.0
    for path in ("/", "/home", "/topic/papers", "/forms"):
        loaded = list[int]()
        session = person.context.new_cdp_session(person.page)
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")
        session.on("Network.loadingFinished", lambda one, loaded=loaded: loaded.append(one["encodedDataLength"]))
        person.go(path)
        person.page.wait_for_load_state("networkidle")
        session.detach()
        heaviest = max(heaviest, sum(loaded) / 1000)
    return heaviest


def paint(person: Person) -> float:
    """Return the milliseconds until something is painted, the worst of some screens."""
    times = []
    for path in ("/", "/home", "/topic/papers", "/forms"):
        person.go(path)
        person.page.wait_for_load_state("networkidle")
        times.append(person.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    return max(times)


def memory(process: int) -> float:
    """Return the MB that a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def wait_until_idle(process: int) -> None:
    """Wait until a process has stopped working, for a minute at most."""
    used, quiet = -1, Event()
    for _ in range(60):
        before, used = used, sum(map(int, Path(f"/proc/{process}/stat").read_text(encoding="ascii").split()[13:15]))
        if used - before <= _IDLE_TICKS and before >= 0:
            return
        quiet.wait(1)


def measure(data: Path) -> dict[str, float]:
    """Return what was measured, by the names of the budgets."""
    with ExitStack() as stack:
        address, process = stack.enter_context(serving(data))
        rest = memory(process)
        crowd(address)                             # the first after the start: files are read, suggestions looked over
        wait_until_idle(process)
        times, health = crowd(address)
        found = [quantiles(times, n=20)[-1], max(health)]
        if CHROMIUM:
            browser = stack.enter_context(chromium())
            person = stack.enter_context(standing_at(browser, SimpleNamespace(address=address, said=[])))
            person.begin()
            found += [quantiles(taps(person), n=20)[-1], weight(person), paint(person)]
        else:
            found += [float("nan")] * 3
        return dict(zip(BUDGETS, (*found, rest, memory(process)), strict=True))


def main() -> int:
    """Print what was measured beside its budget; 1 where a budget is not kept."""
    given = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    given.add_argument("--data-dir", type=Path)
    given.add_argument("--json", action="store_true")
    given = given.parse_args()
    with ExitStack() as stack:
        data = given.data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not given.data_dir:
            seeded(data)
        measured = measure(data)
    if given.json:
        print(json.dumps(measured))
        return 0
    late = False
    for name, value in measured.items():
        unit, budget = BUDGETS[name]
        over = budget is not None and value > budget
        late |= over
        print(f"{name:<52}{value:>9.0f} {unit}" + (f"  of {budget:.0f}" if budget else "") + ("  OVER" if over else ""))
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
