"""How the machines of a ministry are: a row for each, and how fresh and how silent they were over time.

All of it is from signed reports, which say what a machine says of itself.  What is newest is known from the reports,
and from this machine's own verified sync where it has one: a machine that claims a release which nobody published
makes no other look late.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from io import StringIO
from typing import Any

from assistant.config import Config
from assistant.sync_settings import home_of
from assistant.tally import ABSTAINED, ASKED
from assistant.texts import text
from assistant.waiting import opened_inbox
from sync.client import STATE
from sync.fleet import Machine
from sync.fleet_history import Past
from sync.state import State

DAYS = 90
# After so many days without a word somebody should ring; below so many bytes the next release may find no room.
_SILENT_DAYS, _LEAST_FREE = 7, 500_000_000
# On the day of a release nearly all machines lack it: who takes it within a week is fresh.
_FRESH_DAYS = 7
FirstHeld = Mapping[str, Sequence[tuple[int, date]]]


class Standing(StrEnum):
    """What is most wrong with a machine, from the worst; a closed set."""

    SILENT = "silent"                  # not heard for a week
    TROUBLE = "trouble"                # clock, disk or errors
    LATE = "late"                      # it lacks a release that others hold
    NEW = "new"                        # enrolled, and never heard
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Row:
    """A machine.  `behind_days`: for how many days it has lacked a release that others hold, 0 where it lacks none.

    `age_days` is since its newest release was first held by any machine.  None where it never reported.
    """

    id: str
    name: str
    standing: Standing
    silent_days: int
    reported: date | None = None
    releases: Mapping[str, int] | None = None
    age_days: int | None = None
    behind_days: int | None = None
    errors: tuple[str, ...] = ()
    clock_bad: bool = False
    free_bytes: int | None = None
    asked: int | None = None
    abstained: int | None = None
    refused: int = 0
    version: str = ""

    @property
    def little_space(self) -> bool:
        """Return whether the next release may find no room."""
        return self.free_bytes is not None and self.free_bytes < _LEAST_FREE

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"id": self.id, "name": self.name, "standing": self.standing.value, "silent_days": self.silent_days,
                "reported": self.reported and self.reported.isoformat(), "releases": dict(self.releases or {}),
                "age_days": self.age_days, "behind_days": self.behind_days, "errors": list(self.errors),
                "clock_bad": self.clock_bad, "free_bytes": self.free_bytes, "asked": self.asked,
                "abstained": self.abstained, "refused_reports": self.refused, "version": self.version}


@dataclass(frozen=True, slots=True)
class Day:
    """The fleet on a day.  `fresh`: the share of the machines heard by then that were a week behind at most;
    `abstained`: the share of the questions of that day without an answer; None where there were none."""

    day: date
    machines: int
    fresh: float | None
    asked: int
    abstained: float | None


@dataclass(frozen=True, slots=True)
class FleetView:
    """The machines, the worst first, and the last days, the oldest first."""

    rows: tuple[Row, ...]
    days: tuple[Day, ...]

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"machines": [row.to_json() for row in self.rows],
                "days": [{"day": one.day.isoformat(), "machines": one.machines, "fresh": one.fresh,
                          "asked": one.asked, "abstained": one.abstained} for one in self.days]}

    def to_csv(self) -> str:
        """Return the machines as a table that office programs read."""
        out = StringIO()
        rows = [row.to_json() for row in self.rows]
        names = list(Row("", "", Standing.NEW, 0).to_json())
        writer = csv.writer(out)
        writer.writerow(names)
        writer.writerows([cell(row[name]) for name in names] for row in rows)
        return out.getvalue()


def read_fleet(config: Config, day: date, days: int = DAYS) -> FleetView:
    """Return how the machines are on a day.

    Raises:
        StateError: a database cannot be used.
    """
    with opened_inbox(config) as inbox:
        machines, history = inbox.fleet.machines(), inbox.fleet.history
        past, held = history.since(day - timedelta(days=days - 1)), history.first_held()
    known = _believed(held, _published(config))
    rows = sorted((_row(one, day, known) for one in machines),
                  key=lambda row: (list(Standing).index(row.standing), -(row.behind_days or 0), row.name))
    return FleetView(tuple(rows), tuple(_days(past, known, day, days)))


def _published(config: Config) -> dict[str, int]:
    """Return the newest release of each publisher that this machine itself verified; none where it does not sync."""
    path = home_of(config) / STATE
    if not path.is_file():
        return {}
    with State(path) as state:
        return {publisher: held.sequence for publisher, held in state.held().items()}


def _believed(held: FirstHeld, published: Mapping[str, int]) -> dict[str, list[tuple[int, date]]]:
    return {publisher: [(sequence, day) for sequence, day in releases
                        if sequence <= published.get(publisher, sequence)] for publisher, releases in held.items()}


def _row(machine: Machine, day: date, known: FirstHeld) -> Row:
    silent = machine.silent(day)
    if machine.report is None:
        return Row(machine.id, machine.name, Standing.SILENT if silent > _SILENT_DAYS else Standing.NEW, silent,
                   refused=machine.refused)
    status = machine.report.status
    behind = behind_days(status.sequences, known, day)
    trouble = status.clock_bad or bool(status.errors) or status.free_bytes < _LEAST_FREE
    standing = (Standing.SILENT if silent > _SILENT_DAYS else Standing.TROUBLE if trouble
                else Standing.LATE if behind else Standing.GOOD)
    return Row(machine.id, machine.name, standing, silent, machine.reported, status.sequences,
               _age_days(status.sequences, known, day), behind, status.errors, status.clock_bad, status.free_bytes,
               status.counters.get(ASKED), status.counters.get(ABSTAINED), machine.refused, status.app_version)


def error_words(code: str, language: str) -> str:
    """Return in words what a machine reports as a code; that of a newer program as it is, without its underscores."""
    try:
        return text(language, "machine_error", code)
    except KeyError:
        return code.replace("_", " ")


def behind_days(sequences: Mapping[str, int], known: FirstHeld, day: date) -> int:
    """Return for how many days a machine with these releases has lacked one that another held, 0 where it lacks none.

    A release that was first held on the day itself is not missed yet.
    """
    return max((_missed(releases, sequences.get(publisher, 0), day) for publisher, releases in known.items()),
               default=0)


def _missed(releases: Sequence[tuple[int, date]], held: int, day: date) -> int:
    later = bisect_right(releases, held, key=lambda one: one[0])
    return max((day - releases[later][1]).days, 0) if later < len(releases) else 0


def _age_days(sequences: Mapping[str, int], known: FirstHeld, day: date) -> int | None:
    held = [first for publisher, releases in known.items() for sequence, first in releases
            if sequences.get(publisher) == sequence]
    return (day - max(held)).days if held else None


def _days(past: Iterable[Past], known: FirstHeld, last: date, days: int) -> Iterable[Day]:
    """Yield the days in order; a machine that says nothing on a day is as it last said."""
    by_day: dict[date, list[Past]] = {}
    for one in past:
        by_day.setdefault(one.day, []).append(one)
    latest: dict[str, Past] = {}
    for back in range(days - 1, -1, -1):
        day = last - timedelta(days=back)
        asked = abstained = 0
        for one in by_day.get(day, ()):
            before = latest.get(one.machine)
            asked += _since(before, one, ASKED)
            abstained += _since(before, one, ABSTAINED)
            latest[one.machine] = one
        yield Day(day, len(latest), _share_fresh(latest.values(), known, day), asked,
                  min(abstained / asked, 1.0) if asked else None)


def _share_fresh(latest: Iterable[Past], known: FirstHeld, day: date) -> float | None:
    # Machines with the same releases are equally fresh: each set of releases is looked at once.
    kinds: dict[int, tuple[Mapping[str, int], int]] = {}
    for one in latest:
        sequences, count = kinds.get(id(one.sequences), (one.sequences, 0))
        kinds[id(one.sequences)] = sequences, count + 1
    whole = sum(count for _, count in kinds.values())
    fresh = sum(count for sequences, count in kinds.values() if behind_days(sequences, known, day) <= _FRESH_DAYS)
    return fresh / whole if whole else None


def _since(before: Past | None, now: Past, name: str) -> int:
    """Return by how much a counter grew; one that begins anew counts from nothing."""
    earlier, later = before.counters.get(name, 0) if before else 0, now.counters.get(name, 0)
    return (later - earlier if later >= earlier else later) if before else 0


def cell(value: object) -> object:
    """Return what stands in a cell of a table: none begins like a formula."""
    text = ("; ".join(f"{name} {number}" for name, number in value.items()) if isinstance(value, dict)
            else "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value))
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
