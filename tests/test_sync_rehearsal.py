"""The rehearsal of everything that is done with keys: ten steps, each of which can fail."""

from __future__ import annotations

import stat

import pytest

from sync import rehearsal
from sync.errors import ForeignDirectoryError, SigningError, WrongPasswordError
from sync.keys import open_key, show
from sync.rehearsal import Step, rehearse
from sync.verify import verify
from tests.ministry import contents, drawn
from tests.repository_simulator import NOW

STEPS = [
    "a ceremony: root 3 of 5, targets 2 of 3", "a publisher 2 of 2, and its first release",
    "one signature of two is refused", "a new key for a publisher", "a new key for the targets role",
    "a new key for the snapshot role", "a new key for the timestamp role", "a new key for the root",
    "a root key is lost and replaced", "online keys are stolen and versions run ahead"]


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory):
    """Return the folder of a rehearsal and its steps by name."""
    folder = tmp_path_factory.mktemp("rehearsal") / "new"
    return folder, {step.name: step for step in rehearse(folder, NOW, drawn(1))}


@pytest.mark.parametrize("name", STEPS)
def test_each_step_of_a_rehearsal_goes_well(rehearsed, name):
    assert rehearsed[1][name] == Step(name)


def test_a_rehearsal_leaves_a_repository_that_machines_accept_and_keys_that_open(rehearsed):
    folder, steps = rehearsed
    assert list(steps) == STEPS
    found = verify(folder / "repository", NOW)
    assert (found.roles[0].name, found.roles[0].version) == ("root", 8)
    assert [release.number for release in found.releases] == [1]
    key = folder / "keys" / "root-7.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert show(key).name == "root-7"
    with pytest.raises(WrongPasswordError):
        open_key(key, "the password of a real key")


def test_a_rehearsal_is_the_same_each_time(tmp_path):
    for name in ("one", "other"):
        list(rehearse(tmp_path / name, NOW, drawn(2)))
    assert contents(tmp_path / "one" / "repository") == contents(tmp_path / "other" / "repository")


def test_a_rehearsal_begins_in_a_new_folder(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"a photo")
    with pytest.raises(ForeignDirectoryError, match="not empty"):
        list(rehearse(tmp_path, NOW, drawn(1)))
    assert contents(tmp_path) == {"photo.jpg": b"a photo"}


def test_a_rehearsal_stops_at_the_first_step_that_does_not_go_well_and_says_why(tmp_path, monkeypatch):
    def refused(*_args, **_kwargs):
        raise SigningError("the new key is not there")

    monkeypatch.setattr(rehearsal, "rotate", refused)
    assert list(rehearse(tmp_path / "new", NOW, drawn(1))) \
        == [*map(Step, STEPS[:3]), Step(STEPS[3], "the new key is not there")]


def test_a_rehearsal_tells_when_new_online_keys_are_not_enough(tmp_path, monkeypatch):
    """Where the keys of the snapshot role stay the thief's, the machine must be seen to refuse."""
    replace = rehearsal._Stage.replace

    def forget(stage, role, old, new, signers):
        if new == "snapshot-3":
            stage.online[0] = old
        else:
            replace(stage, role, old, new, signers)

    monkeypatch.setattr(rehearsal._Stage, "replace", forget)
    *well, last = rehearse(tmp_path / "new", NOW, drawn(1))
    assert [step.name for step in well] == STEPS[:-1]
    assert last.name == STEPS[-1]
    assert "targets" in last.problem


def test_a_rehearsal_tells_when_one_signature_is_enough(tmp_path, monkeypatch):
    monkeypatch.setattr("sync.publish.check_ready", lambda *_: None)
    monkeypatch.setattr("sync.publish.verify", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(rehearsal._Stage, "visit", lambda stage: _Everything())
    *_, last = rehearse(tmp_path / "new", NOW, drawn(1))
    assert last == Step(STEPS[2], "one signature of two was enough")


class _Everything:
    def get_targetinfo(self, _name):
        return True
