"""A fleet of machines to which all that can happen does, by a seed, while every one of them answers.

A machine is offline, reads a stick or a faulty line, is killed in the middle, has a wrong clock, is given an old stick,
a damaged one or a stranger's; it takes what arrives by the product's own way (`assistant.receive`), in a process of its
own, while a program that has been running since the beginning answers (`assistant.current`).  At every moment what is
answered must be one whole release of each publisher, as it was signed and admitted, none before the last one, and
without what is withdrawn; whatever is wrong is in `Fleet.faults`.

    fleet = Fleet(folder, Plan(seed=1, machines=20, releases=50))
    fleet.run()
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index import Generations
from tests.child import Child
from tests.editions import CITY, HEALTH, PUBLISHERS, Ministry, forged
from tests.machine import Line, Machine

# What happens to a machine in a round, and how often of a hundred times.
EVENTS = {"offline": 36, "stick": 14, "line": 8, "faulty line": 14, "killed": 14, "old stick": 5, "damaged stick": 4,
          "stranger's stick": 2, "wrong clock": 3}
HONEST = ("stick", "line")
FAULTS = ("Drop", "Reset", "Truncate", "Status", "Portal", "Redirect", "ShortLength", "LongLength", "Longer", "Flip",
          "Changed", "NoRange", "WrongRange", "Unasked", "Compressed", "Silent")
# The ends of the files that a faulty line has its faults in.
_ENDS = ("timestamp.json", "snapshot.json", "targets.json", "release.json", "revocations.json", ".pack.zst",
         ".delta.zst", ".jsonl")
CLOCKS = (datetime(1970, 1, 1, tzinfo=UTC), -timedelta(days=1), -timedelta(days=20), timedelta(days=730))
_MOST_CALLS = 70       # flushes, renames and removals after which a machine is killed, at most


@dataclass(frozen=True)
class Plan:
    """How much happens, and by which seed."""

    seed: int
    machines: int
    releases: int


class Fleet:
    """The ministry and its machines.  `faults` are sentences, `told` counts what happened and what came of it."""

    def __init__(self, folder: Path, plan: Plan):
        self._folder, self._plan, self._chance = folder, plan, random.Random(plan.seed)  # noqa: S311
        self.ministry = Ministry(self._chance)
        root = self.ministry.repository.trusted_root
        self.machines = [Machine(folder, f"kiosk-{number}", root) for number in range(plan.machines)]
        self.faults: list[str] = []
        self.told: Counter[str] = Counter()

    def run(self):
        """Let everything happen, then let every machine have one honest contact."""
        try:
            for number in range(self._plan.releases):
                self._publish(number)
                if number == 0:
                    self._warm_up()
                for machine in self.machines:
                    self._meet(machine, self._event())
            self._finish()
        finally:
            for machine in self.machines:
                machine.current.close()

    def _warm_up(self):
        """Let another machine receive in this process, so that what it imports is not imported in every child."""
        other = Machine(self._folder, "another", self.ministry.repository.trusted_root)
        for source in (self._folder / "stick", Line(self.ministry.repository.files, {})):
            other.now = self.ministry.repository.now
            other.receive(source)
            self.faults += other.faults(self.ministry)
        other.current.close()

    def _publish(self, number):
        chance, ministry = self._chance, self.ministry
        ministry.repository.now += timedelta(days=1)
        if number == 0:
            ministry.release(CITY)
            ministry.release(HEALTH)
        else:
            self._change()
        ministry.repository.refresh()
        ministry.history.append(dict(ministry.repository.files))
        if chance.random() < 0.02:
            ministry.repository.rotate("timestamp")
        self._lay(ministry.repository.files, self._folder / "stick")

    def _change(self):
        chance, ministry = self._chance, self.ministry
        publisher = chance.choice(PUBLISHERS)
        if chance.random() < 0.15:
            ministry.revoke(publisher)
            self.told["withdrawn documents"] += 1
        if not ministry.is_good(publisher) or chance.random() > 0.15:
            ministry.release(publisher)
        else:
            fault = chance.choice(("unanswered", "malformed"))
            ministry.release(publisher, fault)
            self.told[f"bad releases: {fault}"] += 1

    def _event(self):
        return self._chance.choices(list(EVENTS), list(EVENTS.values()))[0]

    def _meet(self, machine, event):
        """Let one thing happen to one machine, and look at what it answers meanwhile and after."""
        self.told[event] += 1
        machine.now = self.ministry.repository.now
        source = self._source(machine, event)
        kill_at = self._chance.randrange(_MOST_CALLS) if event == "killed" else None
        outcome = self._watched(machine, source, kill_at) if event != "offline" else {}
        for _ in range(2):
            self._look(machine, f"after {event}")
            machine.settle()
        if event != "offline":
            self._judge(machine, event, outcome)

    def _source(self, machine, event):
        chance, files = self._chance, self.ministry.repository.files
        match event:
            case "old stick":
                return self._lay(chance.choice(self.ministry.history), self._folder / "other")
            case "damaged stick":
                return self._lay(self._damaged(files), self._folder / "other")
            case "stranger's stick":
                return self._lay(forged(), self._folder / "other")
            case "line":
                return Line(files, {})
            case "faulty line":
                return Line(files, self._line())
            case "wrong clock":
                clock = chance.choice(CLOCKS)
                machine.now = clock if isinstance(clock, datetime) else machine.now + clock
            case "killed":
                return chance.choice((self._folder / "stick", Line(files, {})))
        return self._folder / "stick"

    def _line(self):
        return {end: [(self._chance.choice(FAULTS), self._chance.random()) for _ in range(self._chance.randrange(4))]
                for end in _ENDS}

    def _damaged(self, files):
        chance, damaged = self._chance, dict(files)
        for path in chance.sample(sorted(files), len(files) // 3):
            data = bytearray(files[path])
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            damaged[path] = bytes(data[:chance.randrange(len(data))]) if chance.random() < 0.3 else bytes(data)
        return damaged

    def _lay(self, files, folder):
        shutil.rmtree(folder, ignore_errors=True)
        for path, data in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return folder

    def _watched(self, machine, source, kill_at):
        """Have a machine receive in a process of its own, and ask it all the while; None where it was killed."""
        child = Child(lambda: machine.receive(source), kill_at)
        while not child.is_done():
            self._look(machine, "meanwhile")
        if child.fault:
            self.faults.append(f"{machine.name}: {child.fault}")
        return child.outcome

    def _look(self, machine, when):
        self.told["looks"] += 1
        self.faults += [f"{machine.name}, {when}: {fault}" for fault in machine.faults(self.ministry)]

    def _judge(self, machine, event, outcome):
        """See that an honest contact went well by itself, whatever happened to the machine before."""
        self.told["kills"] += outcome is None
        if outcome is None:
            return
        self.told[f"{event}: {outcome['error'] or 'done'}"] += 1
        self.told["releases activated"] += len(outcome.get("activated", ()))
        self.told["releases refused"] += len(outcome.get("refused", ()))
        if wrong := set(outcome.get("refused", ())) - self.ministry.bad:
            self.faults.append(f"{machine.name} refused {sorted(wrong)}")
        if event in HONEST:
            self._judge_honest(machine, outcome)

    def _judge_honest(self, machine, outcome):
        held = machine.held()
        wanted = {name: number for name, number in self.ministry.newest.items() if self.ministry.is_good(name)}
        if outcome["error"] or not wanted.items() <= held.items() or held != machine.last:
            self.faults.append(f"{machine.name} had an honest contact, {outcome}, holds {held} and answers from "
                               f"{machine.last} ({machine.current.problems}); published is {wanted}")

    def _finish(self):
        for publisher in PUBLISHERS:
            self.ministry.release(publisher)
        self._lay(self.ministry.repository.files, self._folder / "stick")
        for machine in self.machines:
            for _ in range(2):
                self._meet(machine, "stick")
            if machine.last != self.ministry.newest:
                self.faults.append(f"{machine.name} answers from {machine.last}, published is {self.ministry.newest}")
            for number in Generations(machine.config.generations).list():
                Generations(machine.config.generations).verify(number.number)
