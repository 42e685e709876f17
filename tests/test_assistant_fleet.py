"""Machines to which everything happens: none answers wrongly at any moment, all converge; `make soak` has more."""

from __future__ import annotations

import os
import random
import signal

import pytest

from tests.child import Child
from tests.editions import CITY, HEALTH, Ministry
from tests.fleet import Fleet, Plan
from tests.machine import Machine


@pytest.fixture(autouse=True)
def _small_lexicon(monkeypatch):
    """Snapshots without the words of the lexicon: they are built in a fortieth of the time."""
    monkeypatch.setattr("index.tables.lexicon.lexicon_rows", lambda *_paths: [])


@pytest.fixture
def ministry():
    ministry = Ministry(random.Random(1))  # noqa: S311
    for publisher in (CITY, HEALTH):
        ministry.release(publisher)
    return ministry


@pytest.fixture
def machine(ministry, tmp_path):
    machine = Machine(tmp_path, "kiosk", ministry.repository.trusted_root)
    yield machine
    machine.current.close()


def given(machine, ministry, tmp_path):
    """Let a machine receive what is published now; return what came of it."""
    return machine.receive(ministry.repository.write_to(tmp_path / "stick"))


def killed_at(call, machine, ministry, tmp_path, monkeypatch):
    """Let a machine be killed as soon as something is called while it receives what is published now."""
    def killed(*_values, **_named):
        os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(call, killed)
        assert Child(lambda: given(machine, ministry, tmp_path)).ended().outcome is None


def answering(machine, ministry):
    """Return what a machine answers from when all that is in force is open, by publisher."""
    for _ in range(2):
        assert list(machine.faults(ministry)) == []
        machine.settle()
    return machine.last


def test_three_machines_and_six_releases_never_answer_wrongly_and_converge(tmp_path):
    fleet = Fleet(tmp_path, Plan(seed=3, machines=3, releases=6))
    fleet.run()
    assert fleet.faults == []
    assert fleet.told["kills"] > 0
    assert fleet.told["faulty line"] > 0
    assert fleet.told["releases refused"] > 0


# The steps from a snapshot that was looked at to a release that is noted, in whichever order they come.
STEPS = ("index.Generations.activate", "index.Generations.prune", "sync.client.Client.activated",
         "sync.staging.Staging.use", "sync.staging.Staging.sweep", "sync.state.State.hold",
         "sync.audit.AuditLog.record")


@pytest.mark.parametrize("step", STEPS)
def test_a_machine_that_was_killed_at_any_step_of_taking_a_release_goes_on_by_itself(step, machine, ministry, tmp_path,
                                                                                     monkeypatch):
    given(machine, ministry, tmp_path)
    ministry.release(CITY)
    killed_at(step, machine, ministry, tmp_path, monkeypatch)
    assert given(machine, ministry, tmp_path)["error"] == ""
    assert answering(machine, ministry) == machine.held() == {CITY: 2, HEALTH: 1}


@pytest.mark.parametrize("others", [1, 2], ids=["alone", "beside another"])
@pytest.mark.parametrize("step", STEPS)
def test_a_machine_that_was_killed_at_any_step_never_goes_back_when_a_bad_release_follows(
        step, others, machine, ministry, tmp_path, monkeypatch):
    given(machine, ministry, tmp_path)
    ministry.release(CITY)
    killed_at(step, machine, ministry, tmp_path, monkeypatch)
    before = dict(answering(machine, ministry))
    ministry.release(CITY, "unanswered")
    if others == 2:
        ministry.release(HEALTH)
    assert given(machine, ministry, tmp_path)["refused"] == [f"{CITY}/3"]
    after = answering(machine, ministry)
    assert after == machine.held()
    assert (after[HEALTH], after[CITY] >= before[CITY]) == (others, True)


def test_a_clash_leaves_what_the_other_publisher_released_answering(machine, ministry, tmp_path):
    given(machine, ministry, tmp_path)
    ministry.release(HEALTH, "clash")
    assert given(machine, ministry, tmp_path)["refused"] == [f"{HEALTH}/2"]
    assert answering(machine, ministry) == machine.held() == {CITY: 1, HEALTH: 1}
