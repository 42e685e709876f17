"""A kiosk that serves for a long time: questions through its pages, releases by sync, a model that is killed.

All of it in this process, but the model: what leaks anywhere is seen here.  Whatever is wrong is in `faults`.

    run = LongRun(folder, Plan(questions=20_000, syncs=50, kills=200), drafts=folder_of_the_seed)
    with run.opened():
        run.run()
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from starlette.testclient import TestClient

from assistant.answer import Assistant
from assistant.attempt import attempt
from assistant.config import Config
from assistant.current import Current
from assistant.drafting import Drafting
from assistant.encoders import open_encoder
from assistant.llama import LlamaGenerator
from assistant.profile import profiles
from assistant.texts import text
from assistant.update import current_snapshot
from assistant.web.app import kiosk
from assistant.web.desk import Desk
from assistant.web.events import TYPE
from assistant.web.session import Sessions
from assistant.web.settings import KioskSettings
from assistant.withdrawn import withdrawn
from tests.asked_for_long import asked
from tests.desk import ADDRESS
from tests.editions import HEALTH, QUESTION, SUBJECTS, Ministry
from tests.footprint import Handles, handles, memory_mb
from tests.machine import Hands, Line
from tests.repository_simulator import NOW

WORKER = Path(__file__).parent / "assets" / "steady_worker.py"
DEADLY = "бимир"                       # a question with this word kills the model while it writes
_OF_THE_SEED = "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"      # its source is shown as a picture
_VISIT = 20                            # questions of one visit
# One visit of so many is in a browser with scripts, where the model writes; and sees the first page, which has all
# questions of the life events asked anew after each release.
_HAS_SCRIPTS, _SEES_HOME = 6, 50
_EVENT = re.compile(r"event: (\w+)\ndata: (.*)\n\n")
_BROKEN = {text("tg", "kiosk", key) for key in ("problem_ours", "problem_no_documents")}


@dataclass(frozen=True)
class Plan:
    """How much happens."""

    questions: int
    syncs: int
    kills: int
    seed: int = 1


class Minutes:
    """Seconds that go forward, and by a minute more after each death, so that the model may be started again."""

    def __init__(self):
        self.more = 0.0

    def __call__(self):
        return time.monotonic() + self.more


class LongRun:
    """`told` counts what came of it, `before` and `after` are what was held.

    `samples` are of the memory (MB), whenever somebody has gone and nobody has asked yet, after the first eighth.
    """

    def __init__(self, folder: Path, plan: Plan, drafts: Path | None = None):
        self.plan, self._chance, self._folder = plan, random.Random(plan.seed), folder  # noqa: S311
        self.ministry = Ministry(self._chance)
        self.config = Config(folder / "kiosk", encoder="static" if drafts else "none")
        self.config.data_dir.mkdir()
        (self.config.data_dir / "root.json").write_bytes(self.ministry.repository.trusted_root)
        if drafts:
            (self.config.data_dir / "drafts").symlink_to(drafts)
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.faults: list[str] = []
        self.told: Counter[str] = Counter()
        self.samples: list[float] = []
        self._scripts, self._address = False, ""
        self.before: Handles | None = None
        self.after: Handles | None = None

    @contextmanager
    def opened(self):
        """Open the pages; temporary files go to a folder of their own."""
        tempfile.tempdir, usual = str(self.temporary), tempfile.tempdir
        with ExitStack() as stack:
            stack.callback(setattr, tempfile, "tempdir", usual)
            self._sync()
            self.minutes, profile = Minutes(), profiles()["soro"]
            command = [sys.executable, "-I", "-S", str(WORKER), DEADLY, str(int(signal.SIGKILL))]
            self.model = LlamaGenerator("soro", Path("soro.gguf"), profile, command=command, clock=self.minutes)
            drafting = Drafting((self.model,))
            stack.callback(drafting.close)
            encoder = open_encoder(self.config)
            self.current = stack.enter_context(Current(
                self.config, lambda config: Assistant(*current_snapshot(config, encoder=encoder), NOW.date, drafting),
                withdrawn))
            self.desk = Desk(self.config, self.current, Sessions(time.monotonic, 600), KioskSettings(),
                             lambda: self.ministry.repository.now)
            self.app = kiosk(self.desk)
            self.person = stack.enter_context(TestClient(self.app, base_url=ADDRESS, headers={"origin": ADDRESS}))
            yield self

    def run(self):
        """Ask, sync and kill by turns, evenly over the whole."""
        plan, started = self.plan, time.monotonic()
        with self.current.assistant() as assistant:
            titles = sorted({document.title for document in assistant.snapshot.documents()})
        own = [QUESTION.format(subject) for subjects in SUBJECTS.values() for subject in subjects]
        questions = asked(self._chance, titles, own)
        warm = plan.questions // 8
        for number in range(plan.questions):
            if number % _VISIT == 0:
                self._come()
                if number > warm:      # what words a build has just read stays until the next visit ends
                    self.samples.append(memory_mb())
            self._ask(*next(questions))
            if _due(number, plan.questions, plan.kills):
                self._kill(self.kills)
            if _due(number, plan.questions, plan.syncs):
                self._sync()
                self._see_newest()
            if number == warm:
                self.before = self._held()
            if number % 1000 == 999:
                self._say(number + 1, time.monotonic() - started)
        self.after = self._held()

    @property
    def kills(self):
        return self.told["killed at rest"] + self.told["killed while writing"]

    def _come(self):
        """Let the one before go and another one come, some with a browser without scripts; a few see the first page."""
        self.person.post("/end", follow_redirects=False)
        self.person.post("/language", data={"language": "tg"}, follow_redirects=False)
        if self._chance.randrange(_SEES_HOME) == 0:
            self.person.get("/home")
        self._scripts = self._chance.randrange(_HAS_SCRIPTS) == 0
        self.told["visits"] += 1

    def _ask(self, question, is_one):
        """Ask as a browser without scripts does: composed, and the way to the answer."""
        if self._scripts:
            self._ask_for_events(question, is_one)
            return
        response = self.person.post("/ask", data={"question": question}, follow_redirects=False)
        self.told[f"status {response.status_code}"] += 1
        if response.status_code == 303:
            self._look_at(response.headers["location"], cited=False)
        elif response.status_code != 400 or is_one:
            self.faults.append(f"{question!r} ended in {response.status_code}")

    def _ask_for_events(self, question, is_one):
        """Ask as the pages do: the composed answer first, then what the model writes."""
        response = self.person.post("/ask", data={"question": question}, headers={"accept": TYPE})
        events = [(name, json.loads(data)) for name, data in _EVENT.findall(response.text)]
        last, data = events[-1] if events else ("nothing", {})
        self.told[last] += 1
        self.told["written by the model"] += any(event == ("status", {"step": "write"}) for event in events)
        if last == "error" and (is_one or data["said"] in _BROKEN):
            self.faults.append(f"{question!r} ended in {data['said']!r}")
        elif last == "done":
            self._address = data["address"]
            self._look_at(self._address, cited=any(name == "claim" for name, _ in events))
        elif last != "error":
            self.faults.append(f"{question!r} ended in {response.status_code}, {last}")

    def _look_at(self, address, *, cited):
        """Read some of the answers as pages, with a source of theirs."""
        if self._chance.randrange(10):
            return
        if self.person.get(address).status_code != 200:
            self.faults.append("an answer could not be shown")
        if cited:
            self.told["sources"] += self.person.get(f"{address}/source/1").status_code == 200

    def _kill(self, number):
        """Kill the model: while nobody asks, or in the middle of a draft."""
        self.minutes.more += 60
        if number % 2:
            self._ask_for_events(QUESTION.format(SUBJECTS[HEALTH][0]), True)
            os.kill(self.model.pid, signal.SIGKILL)
            self.told["killed at rest"] += 1
        else:
            self._ask_for_events(f"{QUESTION.format(SUBJECTS[HEALTH][0])} {DEADLY}", True)
            self.told["killed while writing"] += 1

    def _sync(self):
        """Publish a release, sometimes withdraw a document, and take it from a stick or over a line."""
        ministry = self.ministry
        ministry.repository.now += timedelta(hours=12)
        for publisher in ministry.newest or SUBJECTS:
            ministry.release(publisher)
        if self._chance.random() < 0.2:
            ministry.revoke(HEALTH)
            ministry.release(HEALTH)
        ministry.repository.refresh()
        if self.told["syncs"] % 2:
            with Line(ministry.repository.files, {}).served() as address:
                self._attempt(address)
        else:
            stick = self._folder / "stick"
            shutil.rmtree(stick, ignore_errors=True)
            ministry.repository.write_to(stick / "rohnamo")
            self._attempt(stick)

    def _attempt(self, source):
        done = attempt(self.config, source, progress=lambda _done, _whole: None, ticking=Hands(),
                       now=lambda: self.ministry.repository.now)
        self.told["syncs"] += 1
        self.told["activated"] += len(done.received.activated)
        if done.received.refused or done.received.report.failure:
            self.faults.append(f"sync {self.told['syncs']}: {done.received.lines()}")

    def _see_newest(self):
        """See that what was released last answers."""
        wanted = self.ministry.good[f"{HEALTH}/{self.ministry.newest[HEALTH]}"][f"{HEALTH}-0"][0]
        for _ in range(2):             # the first who asks has it opened, and is answered by the one before
            with self.current.assistant() as assistant:
                answer = assistant.account(QUESTION.format(SUBJECTS[HEALTH][0]), language="tg").answer
            self._settle()
        if not any(claim.text in wanted or wanted in claim.text for claim in answer.claims):
            self.faults.append(f"after sync {self.told['syncs']}: {[claim.text for claim in answer.claims]}")

    def _settle(self):
        if behind := self.current._behind:
            behind.join()
        if hasattr(self.app.state, "suggestions"):
            self.app.state.suggestions.wait()

    def _held(self):
        """Return what is held while nobody is there, and the model has just answered."""
        self._come()
        for question in (_OF_THE_SEED, QUESTION.format(SUBJECTS[HEALTH][0])):
            self._ask_for_events(question, True)
            self.person.get(f"{self._address}/source/1")
        self._settle()
        return handles(self.temporary)

    def _say(self, number, seconds):
        memory = f"{self.samples[-1]:.0f} MB" if self.samples else "warming up"
        sys.stderr.write(f"{number} questions, {self.told['syncs']} syncs, {seconds:.0f} s, {memory}, "
                         f"{len(self.faults)} faults\n")


def _due(number, whole, times):
    """Return whether one of so many things, spread evenly, falls on this question."""
    return number * times // whole != (number + 1) * times // whole
