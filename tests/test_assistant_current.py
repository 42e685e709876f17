"""What answers now: one snapshot at a time, exchanged under load, never half, never from before a withdrawal."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from assistant import config as settings
from assistant.current import Current
from assistant.errors import NoSnapshotError
from index import Generations, Snapshot
from index.errors import DamagedSnapshotError, GenerationError
from index.parts import in_use, remove_folder
from sync.state import Withdrawn
from tests.readers import Readers, activate, build, nothing_withdrawn, open_marked, read

ROOT = Path(__file__).parents[1]
REVOKED = Withdrawn("шиноснома", "", "хато", date(2026, 11, 25))


@pytest.fixture(autouse=True)
def _small_lexicon(monkeypatch):
    """Snapshots without the words of the lexicon: they are built in a fortieth of the time."""
    monkeypatch.setattr("index.tables.lexicon.lexicon_rows", lambda *_paths: [])


@pytest.fixture
def config(tmp_path):
    """A machine with one generation in use."""
    config = settings.load(tmp_path / "data")
    activate(config)
    return config


class Machine:
    """A holder whose opening can be slowed or made to fail; `opened` are the assistants it was given, in order."""

    def __init__(self, config):
        self.config, self.opened, self.closed = config, [], []
        self.fault: Exception | None = None
        self.may_open, self.opening = Event(), Event()
        self.may_open.set()
        self.withdrawn: tuple[Withdrawn, ...] | Exception = ()
        self.time = 0.0
        self.current = Current(config, self._open, self._withdrawals, clock=lambda: self.time)

    def _open(self, config):
        self.opening.set()
        assert self.may_open.wait(30)
        if self.fault:
            raise self.fault
        assistant = open_marked(config)
        assistant.snapshot.close = self._closing(assistant)
        self.opened.append(assistant)
        return assistant

    def _closing(self, assistant):
        honest = assistant.snapshot.close

        def close():
            self.closed.append(assistant.snapshot_id)
            honest()

        return close

    def _withdrawals(self, _config):
        if isinstance(self.withdrawn, Exception):
            raise self.withdrawn
        return self.withdrawn

    def asked(self) -> str:
        """Return which generation answers a request."""
        with self.current.assistant() as assistant:
            assert read(assistant) == {int(assistant.snapshot_id)}
            return assistant.snapshot_id

    def settled(self) -> str:
        """Return which generation answers when what was being opened is done."""
        self.asked()
        if behind := self.current._behind:
            behind.join()
        return self.asked()


@pytest.fixture
def machine(config):
    machine = Machine(config)
    yield machine
    machine.current.close()
    assert len(machine.closed) == len(machine.opened)


def folders(config):
    return sorted(path.name for path in config.generations.iterdir() if path.is_dir())


def test_one_snapshot_answers_every_request_until_another_is_in_force(machine):
    assert [machine.asked() for _ in range(3)] == ["1", "1", "1"]
    assert len(machine.opened) == 1
    activate(machine.config)
    assert machine.settled() == "2"
    assert (len(machine.opened), machine.closed, machine.current.problems) == (2, ["1"], ())


def test_a_request_keeps_its_snapshot_whatever_is_activated_and_removed_meanwhile(machine):
    with machine.current.assistant() as assistant:
        for _ in range(3):
            activate(machine.config)
            machine.settled()
        assert read(assistant) == {1}
        assert machine.closed == ["2", "3"]
        assert folders(machine.config) == ["0001", "0003", "0004"]
    assert machine.closed == ["2", "3", "1"]
    assert Generations(machine.config.generations).prune() == (1,)


def test_work_that_can_wait_goes_on_when_everybody_else_was_answered(machine):
    waiting = Event()

    def wait():
        with machine.current.assistant():
            waiting.set()
            machine.current.give_way()

    with machine.current.assistant():
        behind = Thread(target=wait)
        behind.start()
        assert waiting.wait(30)
        behind.join(0.02)
        assert behind.is_alive()
    behind.join(30)
    assert not behind.is_alive()
    machine.current.give_way()
    assert machine.asked() == "1"


def test_the_old_one_answers_while_the_new_one_is_being_opened(machine):
    machine.asked()
    activate(machine.config)
    machine.may_open.clear()
    machine.opening.clear()
    assert machine.asked() == "1"
    assert machine.opening.wait(30)
    assert [machine.asked() for _ in range(5)] == ["1"] * 5
    machine.may_open.set()
    assert machine.settled() == "2"
    assert len(machine.opened) == 2


def test_going_back_to_the_generation_before_is_a_swap_too(machine):
    activate(machine.config)
    assert machine.settled() == "2"
    Generations(machine.config.generations).roll_back()
    assert machine.settled() == "1"


def test_a_generation_that_cannot_be_opened_leaves_the_old_one_answering_and_is_tried_again_later(machine):
    machine.asked()
    activate(machine.config)
    machine.fault = DamagedSnapshotError("0002 cannot be read")
    assert machine.settled() == "1"
    assert "0002 cannot be read" in machine.current.problems[0]
    machine.fault = None
    assert machine.settled() == "1"
    machine.time = 10.0
    assert machine.settled() == "2"
    assert machine.current.problems == ()


def test_the_next_activation_after_one_that_could_not_be_opened_is_tried_at_once(machine):
    machine.asked()
    activate(machine.config)
    machine.fault = DamagedSnapshotError("0002 cannot be read")
    assert machine.settled() == "1"
    machine.fault = None
    activate(machine.config)
    assert machine.settled() == "3"
    assert machine.current.problems == ()


def test_a_generation_that_was_damaged_after_its_activation_leaves_the_old_one_answering(machine):
    machine.asked()
    (machine.config.generations / f"{activate(machine.config):04d}" / "manifest.json").write_bytes(b"{}")
    assert machine.settled() == "1"
    assert "generation 2" in machine.current.problems[0]
    assert len(machine.opened) == 1


def test_a_generation_that_opens_and_cannot_be_searched_leaves_the_old_one_answering(machine, monkeypatch):
    machine.asked()
    activate(machine.config)
    honest = Snapshot.search

    def search(snapshot, *values):
        if snapshot.path.name == "0002":
            raise DamagedSnapshotError("0002 cannot be read")
        return honest(snapshot, *values)

    monkeypatch.setattr(Snapshot, "search", search)
    assert machine.settled() == "1"
    assert "0002 cannot be read" in machine.current.problems[0]
    assert machine.closed == ["2"]


def test_one_byte_that_differs_in_what_was_activated_leaves_the_old_one_answering(machine):
    machine.asked()
    vectors = next((machine.config.generations / f"{activate(machine.config):04d}").glob("*.faiss"))
    data = bytearray(vectors.read_bytes())
    data[-1] ^= 1
    vectors.write_bytes(data)
    assert machine.settled() == "1"
    assert "generation 2" in machine.current.problems[0]
    assert len(machine.opened) == 1


def test_a_machine_that_starts_over_a_damaged_generation_answers_from_the_one_before_and_says_so(machine):
    (machine.config.generations / f"{activate(machine.config):04d}" / "manifest.json").write_bytes(b"{}")
    assert machine.asked() == "1"
    assert "generation 1 is used" in machine.current.problems[0]


def test_a_machine_without_any_snapshot_says_so_and_answers_as_soon_as_there_is_one(tmp_path):
    from assistant.answer import Assistant
    from assistant.update import current_snapshot

    def open_words(config):
        return Assistant(*current_snapshot(config, encoder=None), lambda: REVOKED.day)

    config = settings.load(tmp_path / "data")
    with Current(config, open_words, nothing_withdrawn) as current:
        with pytest.raises(NoSnapshotError), current.assistant():
            pass
        activate(config)
        with current.assistant() as assistant:
            assert assistant.snapshot_id.startswith("1:")


def test_what_is_withdrawn_is_gone_from_the_very_next_request(machine):
    machine.asked()
    machine.withdrawn = (REVOKED,)
    with machine.current.assistant():
        assert len(machine.opened) == 2
    assert machine.closed == ["1"]


def test_a_withdrawal_waits_for_no_snapshot_that_is_still_being_opened(machine):
    machine.asked()
    activate(machine.config)
    machine.may_open.clear()
    machine.opening.clear()
    machine.asked()
    assert machine.opening.wait(30)
    machine.withdrawn = (REVOKED,)
    answered = []
    asking = Thread(target=lambda: answered.append(machine.asked()))
    asking.start()
    machine.may_open.set()
    asking.join()
    assert answered == ["2"]
    assert machine.current._serving.force.withdrawn == (REVOKED,)


def test_nobody_is_answered_from_before_a_withdrawal_that_cannot_be_applied(machine):
    machine.asked()
    machine.withdrawn = (REVOKED,)
    machine.fault = DamagedSnapshotError("0001 cannot be read")
    for _ in range(2):
        with pytest.raises(DamagedSnapshotError, match="0001"):
            machine.asked()
    machine.fault = None
    assert machine.asked() == "1"


def test_withdrawals_that_cannot_be_read_leave_in_force_what_was_known(machine):
    machine.withdrawn = (REVOKED,)
    machine.asked()
    machine.withdrawn = OSError("state.db is busy")
    assert machine.asked() == "1"
    assert "state.db is busy" in machine.current.problems[0]
    assert machine.current._serving.force.withdrawn == (REVOKED,)
    machine.withdrawn = (REVOKED,)
    assert (machine.asked(), machine.current.problems, len(machine.opened)) == ("1", (), 1)


def test_no_generation_is_taken_into_use_while_it_is_not_known_what_is_withdrawn_from_it(machine):
    machine.withdrawn = (REVOKED,)
    machine.asked()
    machine.withdrawn = OSError("state.db is damaged")
    activate(machine.config)
    assert machine.settled() == "1"
    assert "state.db is damaged" in machine.current.problems[0]
    assert len(machine.opened) == 1


def test_a_machine_that_never_could_read_its_withdrawals_answers_and_says_so_until_it_can(machine):
    machine.withdrawn = OSError("state.db is damaged")
    assert machine.asked() == "1"
    assert "state.db is damaged" in machine.current.problems[0]
    machine.withdrawn = ()
    with machine.current.assistant():
        assert len(machine.opened) == 2
    assert machine.current.problems == ()


def test_many_first_requests_open_one_snapshot(machine):
    barrier, answered = Barrier(8), []

    def ask():
        barrier.wait(30)
        answered.append(machine.asked())

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answered == ["1"] * 8
    assert len(machine.opened) == 1


def test_a_snapshot_that_is_removed_while_it_is_opened_is_let_go_and_the_next_one_taken(config):
    opened = []

    def open_late(config):
        assistant = open_marked(config)
        opened.append(assistant)
        if len(opened) == 1:
            activate(config)
            assert remove_folder(assistant.snapshot.path)
        return assistant

    with Current(config, open_late, nothing_withdrawn) as current, current.assistant() as assistant:
        assert read(assistant) == {2}
    assert [one.snapshot_id for one in opened[:2]] == ["1", "2"]


def test_a_snapshot_that_is_gone_each_time_it_is_opened_is_said_and_leaves_no_file_open(config):
    def open_and_lose(config):
        assistant = open_marked(config)
        assistant.snapshot.path.rename(assistant.snapshot.path.with_name("гумшуда"))
        activate(config)
        assistant.snapshot.path.with_name("гумшуда").rename(assistant.snapshot.path.with_name(f"x{len(config_seen)}"))
        config_seen.append(assistant)
        return assistant

    config_seen = []
    with Current(config, open_and_lose, nothing_withdrawn) as current, \
            pytest.raises(GenerationError, match="removed"), current.assistant():
        pass
    assert len(config_seen) == 3


def test_a_folder_in_use_is_left_and_one_that_goes_is_not_taken_into_use(tmp_path):
    folder = tmp_path / "0001"
    folder.mkdir()
    with in_use(folder) as first, in_use(folder) as second:
        assert first
        assert second
        assert not remove_folder(folder)
        assert folder.is_dir()
    assert remove_folder(folder)
    with in_use(folder) as held:
        assert not held
    assert not remove_folder(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_goes_just_before_it_is_locked_is_neither_taken_into_use_nor_removed_again(tmp_path, monkeypatch):
    honest = fcntl.flock

    def late(*values):
        folder.rename(tmp_path / "0001.part")
        honest(*values)

    folder = tmp_path / "0001"
    folder.mkdir()
    monkeypatch.setattr(fcntl, "flock", late)
    with in_use(folder) as held:
        assert not held
    (tmp_path / "0001.part").rename(folder)
    assert not remove_folder(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["0001.part"]


def test_sixty_swaps_under_load_give_no_mixed_answer_and_no_step_back(config):
    numbers = build(config, 60)
    with Current(config, open_marked, nothing_withdrawn) as current, Readers(current) as readers:
        assert readers.wait_for(1)
        for number in numbers:
            activate(config, number)
            assert readers.wait_for(number)
    assert readers.faults == []
    assert readers.seen == {1, *numbers}
    assert readers.queries > len(numbers)
    Generations(config.generations).prune()
    assert folders(config) == ["0060", "0061"]


def test_another_process_that_reads_gets_whole_answers_while_generations_come_and_go(config):
    numbers = build(config, 30)
    with subprocess.Popen([sys.executable, "-m", "tests.readers", config.data_dir], text=True, cwd=ROOT,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == "reading\n"
        for number in numbers:
            activate(config, number)
        activate(config)
        told = json.loads(child.communicate()[0])
    assert told["faults"] == []
    assert len(told["seen"]) > 1
    Generations(config.generations).prune()
    assert folders(config) == ["0031", "0032"]
