"""Today's state of what an admin looks after, in a few numbers: each part has a page of its own, where the rest is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata

from assistant.access.store import opened_store
from assistant.config import Config
from assistant.content_health import ContentHealth
from assistant.fleet_view import Standing, read_fleet
from assistant.prepared_view import Waiting, read_waiting
from assistant.status import Known, read_status
from assistant.sync_settings import home_of
from assistant.unanswered import read_unanswered
from assistant.web.audit_page import Log, read_log
from assistant.web.desk import Desk
from assistant.web.questions_page import check_tasks

WEEK_DAYS = 7
# A signature that is over so soon is worth a look: people have to be gathered for it.
_SOON_DAYS = 7


class State(StrEnum):
    """Whether somebody should look, a closed set; the worst last."""

    GOOD, LOOK, BAD = "good", "look", "bad"


@dataclass(frozen=True, slots=True)
class Glance:
    """The numbers of a day.  `until`: until when machines accept what this machine knows to be published."""

    day: date
    machines: Mapping[Standing, int]
    published: tuple[Known, ...]
    until: date | None
    waiting: tuple[Waiting, ...]
    questions: int
    tasks: int
    log: Log
    content: ContentHealth | None

    @property
    def troubled(self) -> int:
        """Return how many machines need somebody."""
        return sum(count for standing, count in self.machines.items() if standing not in (Standing.GOOD, Standing.NEW))

    @property
    def due(self) -> dict[str, int]:
        """Return how many documents are past their day, how many will be soon, and what else was found."""
        counts = self.content.counts if self.content else {}
        dated = [counts[kind] for kind in ("expiring", "review") if kind in counts]
        over = sum(past for _, past in dated)
        return {"over": over, "soon": sum(count for count, _ in dated) - over,
                "other": sum(count for kind, (count, _) in counts.items() if kind not in ("expiring", "review"))}

    @property
    def states(self) -> dict[str, State]:
        """Return for each page whether somebody should look."""
        grave = self.machines.get(Standing.SILENT, 0) or self.machines.get(Standing.TROUBLE, 0)
        wrong = any(one.broken or one.wrong_diff for one in self.waiting)
        near = self.until is not None and self.until <= self.day + timedelta(days=_SOON_DAYS)
        over = self.until is not None and self.until < self.day
        return {"machines": _state(bad=grave, look=self.troubled),
                "releases": _state(bad=wrong or over, look=near or any(one.waits for one in self.waiting)),
                "questions": _state(look=self.questions or self.tasks),
                "content": _state(bad=self.due["over"], look=not self.content or any(self.due.values())),
                "audit": _state(bad=self.log.faults)}


def read_glance(desk: Desk, content: ContentHealth | None) -> Glance:
    """Return the numbers of today.

    Raises:
        StateError: a database cannot be used.
    """
    config, now = desk.config, desk.now()
    day = now.date()
    asked = sum(day - timedelta(days=WEEK_DAYS) < one.day <= day for one in read_unanswered(config))
    with opened_store(config) as store:
        check_tasks(desk, store.tasks.check)
        tasks = sum(not one.done for one in store.tasks.all())
    published = tuple(one for one in read_status(config, now).releases if one.held)
    return Glance(day, Counter(row.standing for row in read_fleet(config, day, days=1).rows), published,
                  accepted_until(config), read_waiting(config), asked, tasks, read_log(config, entries=False), content)


def accepted_until(config: Config) -> date | None:
    """Return until when the newest metadata that this machine verified is accepted, None where it has none."""
    found: list[datetime] = []
    for path in (home_of(config) / "tuf").glob("*.json"):
        with suppress(OSError, RepositoryError):
            found.append(Metadata.from_bytes(path.read_bytes()).signed.expires)
    return min(found).date() if found else None


def _state(*, bad: object = False, look: object = False) -> State:
    return State.BAD if bad else State.LOOK if look else State.GOOD
