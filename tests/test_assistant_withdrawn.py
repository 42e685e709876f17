"""What is withdrawn stays so, whatever becomes of the machine's database."""

from __future__ import annotations

import json
from datetime import date

import pytest

from assistant.withdrawn import hiding, keep_copy, withdrawn
from index import Generations
from sync.errors import StateError
from sync.state import Withdrawn
from tests.receiving import HEALTH, LABOUR, Receiver, bees, fishing

GONE = Withdrawn("fishing", "", "the fee was wrong", date(2026, 11, 25))


@pytest.fixture
def machine(tmp_path):
    machine = Receiver(tmp_path)
    machine.release(1, fishing(40), bees())
    machine.release(2, fishing(50), bees())
    machine.repository.revoke("fishing", "the fee was wrong")
    machine.receive()
    yield machine
    machine.close()


@pytest.fixture
def home(machine):
    return machine.config.data_dir / "sync"


def lose(machine, home, data):
    machine.close()
    for path in home.glob("state.db*"):
        path.unlink()
    if data:
        (home / "state.db").write_bytes(data)


@pytest.mark.parametrize("data", [b"", b"no database" * 100], ids=["missing", "damaged"])
def test_a_database_that_is_lost_brings_nothing_back(machine, home, data):
    lose(machine, home, data)
    Generations(machine.config.generations).roll_back()
    assert machine.documents() == {"bees": "min-health/1"}


def test_a_copy_that_is_lost_or_damaged_is_made_up_for_by_the_database(machine, home):
    for data in (b"{}", b"\xff", b'{"format":"rohnamo-withdrawn","version":1,"withdrawn":[{"document":1}]}'):
        (home / "withdrawn.json").write_bytes(data)
        assert [one.document for one in withdrawn(machine.config)] == ["fishing"]
    machine.receive()
    assert json.loads((home / "withdrawn.json").read_bytes())["withdrawn"][0]["document"] == "fishing"


def test_without_either_it_is_said_that_nothing_is_known(machine, home):
    lose(machine, home, b"no database" * 100)
    (home / "withdrawn.json").unlink()
    with pytest.raises(StateError):
        withdrawn(machine.config)


def test_a_copy_only_grows_and_is_written_where_there_is_something_new(machine, home):
    before = (home / "withdrawn.json").stat().st_mtime_ns
    keep_copy(machine.config, ())
    assert (home / "withdrawn.json").stat().st_mtime_ns == before
    keep_copy(machine.config, [Withdrawn("other", LABOUR, "x", date(2026, 11, 26))])
    assert [one.document for one in withdrawn(machine.config)] == ["fishing", "other"]


def test_a_publishers_withdrawal_is_about_its_own_documents():
    asked = hiding([GONE, Withdrawn("bees", HEALTH, "x", date(2026, 11, 25))])
    assert asked("fishing", "min-labour/3")
    assert asked("bees", "min-health/3")
    assert not asked("bees", "min-labour/3")
    assert not asked("bees", "min-health.files/3")
    assert hiding(()) is None
