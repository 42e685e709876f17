"""How soon an admin sees 500 machines, their last ninety days and 20,000 questions: `python -m benchmarks.fleet`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from assistant.access.audit import Deed, faults
from assistant.access.store import opened_store
from assistant.config import Config
from assistant.fleet_view import DAYS, read_fleet
from assistant.unanswered import Asked, gathered
from assistant.waiting import opened_inbox
from assistant.web.glance import read_glance
from index.static_encoder import shipped
from sync.transaction import transaction
from tests.desk import NOW, desk
from tests.fleet_reports import key_of, report

MACHINES, QUESTIONS, ENTRIES = 500, 20_000, 20_000
# Seconds, on two cores: a page is waited for.
BUDGETS = {"machines": 1.0, "questions": 3.0, "audit log": 2.0, "glance": 3.0}
_DAY = NOW.date()
_GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "questions.jsonl"


def main() -> None:
    """Print each time beside its budget."""
    with TemporaryDirectory() as folder:
        config = Config(Path(folder))
        _report(config)
        _show("machines", lambda: read_fleet(config, _DAY))
        asked, encoder = _asked(), shipped()
        _show("questions", lambda: gathered(asked, encoder, _DAY))
        with opened_store(config) as store, transaction(store.connection):
            for number in range(ENTRIES):
                store.audit.record(NOW, "anisa", Deed.EXPORTED, table=str(number))
        with opened_store(config) as store:
            _show("audit log", lambda: faults(store.audit.rows()))
        here = desk(config)
        with here.current:
            _show("glance", lambda: read_glance(here, None))


def _show(name: str, work: Callable[[], object]) -> None:
    started = perf_counter()
    work()
    print(f"{name:10} {perf_counter() - started:6.2f} s   budget {BUDGETS[name]:.1f} s")


def _report(config: Config) -> None:
    """Let every machine report on seven days of ten, and hold what came out each week, sometimes late."""
    chance = random.Random(1)  # noqa: S311
    with opened_inbox(config) as inbox, transaction(inbox.fleet._connection):
        for number in range(MACHINES):
            key = key_of(f"kiosk {number}")
            inbox.fleet.enrol(key.public, f"Хуҷанд, {number}", _ago(DAYS + 10))
            for back in range(DAYS, -1, -1):
                if back == 0 or chance.random() < 0.7:
                    held = {name: max(1, (DAYS - back) // 7 - chance.choice((0, 0, 0, 1)))
                            for name in ("min-health", "min-labour", "min-interior")}
                    data = report(key, _ago(back), held, asked=(DAYS - back) * 20, abstained=(DAYS - back) * 3)
                    inbox.fleet.receive(key.public, data, _ago(back))


def _asked() -> list[Asked]:
    chance = random.Random(1)  # noqa: S311
    texts = [json.loads(line)["question"] for line in _GOLDEN.read_text(encoding="utf-8").splitlines()]
    return [Asked(" ".join(chance.choices(texts, k=chance.choice((1, 2)))), _ago(chance.randrange(60)),
                  f"kiosk-{chance.randrange(MACHINES)}") for _ in range(QUESTIONS)]


def _ago(days: int) -> date:
    return _DAY - timedelta(days=days)


if __name__ == "__main__":
    main()
