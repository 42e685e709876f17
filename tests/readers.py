"""Snapshots that say in every passage which generation they are, and threads that read them while they are exchanged.

A reader looks at all that an answer is made of (hits by words and vectors, documents, passages) within one request: one
that saw two generations, or none whole, or an earlier one than before, is a fault.

    python -m tests.readers DATA_DIR       reads in a process of its own until its standard input ends
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Condition, Event, Thread

from assistant import config as settings
from assistant.answer import Assistant
from assistant.current import Current
from index import Generations, SearchQuery, Snapshot, build_snapshot
from tests.encoders import HashingEncoder
from tests.entries import entry

TODAY = date(2026, 11, 25)
SUBJECTS = ("шиноснома", "нафақа", "никоҳ")
_MARK = re.compile(r"Насли (\d+)\.")
# Threads take turns ten times as often as usual: more orders are tried in less time.
_INTERVAL_S = 0.0005
_ENCODER = HashingEncoder()


def nothing_withdrawn(_config):
    return ()


def build(config, count=1) -> tuple[int, ...]:
    """Build the next generations, every passage of which says its number; none is put in use."""
    generations, numbers = Generations(config.generations), []
    for _ in range(count):
        path = generations.new_path()
        numbers.append(int(path.name))
        build_snapshot([entry(name, f"Насли {numbers[-1]}. Барои {name} ҳуҷҷат лозим аст.",
                              f"Насли {numbers[-1]}. Боҷи {name}.") for name in SUBJECTS], path, encoder=_ENCODER)
    return tuple(numbers)


def activate(config, number=0) -> int:
    """Put a generation in use, a new one by default, and remove what is left over; return its number."""
    generations, number = Generations(config.generations), number or build(config)[0]
    generations.activate(number)
    generations.prune()
    return number


def open_marked(config) -> Assistant:
    """Return an assistant over the generation in use."""
    generations = Generations(config.generations)
    number = generations.current()
    snapshot = Snapshot.open(generations.path(number), encoder=_ENCODER)
    snapshot.problems += generations.problems
    return Assistant(snapshot, str(number), lambda: TODAY)


def read(assistant) -> set[int]:
    """Return which generations speak from all that an answer may be made of."""
    snapshot = assistant.snapshot
    hits = snapshot.search(SearchQuery(f"ҳуҷҷат барои {SUBJECTS[0]}", "tg"), 9)
    passages = [one for document in snapshot.documents() for one in snapshot.passages(document.id)]
    assert len(passages) == 2 * len(SUBJECTS)
    assert len(hits) == len(passages)
    assert any(hit.scores["dense"] for hit in hits)
    texts = [hit.passage.text for hit in hits] + [passage.text for passage in passages]
    return {int(_MARK.search(text)[1]) for text in texts} | {int(assistant.snapshot_id)}


@dataclass
class Readers:
    """Threads that read without pause until they are stopped.  `faults` says what was wrong, in sentences.

    slow: how many of them keep their snapshot for many readings; the others take it anew for each.
    """

    current: Current
    count: int = 6
    slow: int = 2
    queries: int = 0
    seen: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def __enter__(self):
        self._stop, self._read, self._interval = Event(), Condition(), sys.getswitchinterval()
        sys.setswitchinterval(_INTERVAL_S)
        self._threads = [Thread(target=self._read_on, args=(20 if number < self.slow else 1,))
                         for number in range(self.count)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        sys.setswitchinterval(self._interval)

    def wait_for(self, number) -> bool:
        """Return when one of them has read a generation, or after half a minute without."""
        with self._read:
            return self._read.wait_for(lambda: number in self.seen or self.faults, 30)

    def _read_on(self, readings):
        last = 0
        try:
            while not self._stop.is_set():
                with self.current.assistant() as assistant:
                    for _ in range(readings):
                        last = self._checked(read(assistant), last)
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {error}")

    def _checked(self, generations, last):
        if len(generations) != 1:
            self.faults.append(f"an answer from generations {sorted(generations)}")
        if min(generations) < last:
            self.faults.append(f"generation {min(generations)} after {last}")
        with self._read:
            self.queries += 1
            if not generations <= self.seen:
                self.seen |= generations
                self._read.notify_all()
        return max(generations)


def _main(data_dir):
    with Current(settings.load(data_dir), open_marked, nothing_withdrawn) as current, \
            Readers(current, count=3, slow=1) as readers:
        sys.stdout.write("reading\n")
        sys.stdout.flush()
        sys.stdin.read()
    sys.stdout.write(json.dumps({"queries": readers.queries, "seen": sorted(readers.seen), "faults": readers.faults}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
