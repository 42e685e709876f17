"""The power may go at any step of a restore: what starts next has the old state whole, or the new one.

Each flush is also left out once, to see that the disks it protects from are made and found.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from assistant.backup import back_up
from assistant.config import Config
from assistant.exchange import finish
from assistant.restore import restore
from tests.disk import everything
from tests.power import crashes, lay
from tests.recorder import Flushed, recording

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
OLD = {"config.toml": b"old", "drafts/a/old": b"old old"}
NEW = {"config.toml": b"new!", "drafts/a/new": b"new new", "lexicon.tsv": b"words"}
FLUSHES = {
    "a file that was read": lambda flushed: flushed.path.endswith("new/config.toml"),
    "the names in a folder that was read": lambda flushed: flushed.path == "data/restore.part/new/drafts/a",
    "the names at the top of what was read": lambda flushed: flushed.path == "data/restore.part/new",
    "the folder on its way": lambda flushed: flushed.path == "data/restore.part",
    "the journal": lambda flushed: flushed.name == "restore.json.part",
    "the names of the data directory": lambda flushed: flushed.path == "data",
}


def unseen(_done, _whole):
    """Progress that nobody watches."""


def written(root, files):
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def flush(root):
    """Let all that is there be on the disk."""
    for path in (root, *root.rglob("*")):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """A restore over a machine that has other files; what is said is whether the new state has to be found."""
    root, other = tmp_path_factory.mktemp("power"), tmp_path_factory.mktemp("other")
    written(other / "data", NEW)
    backup = back_up(Config(other / "data"), other / "backup", now=NOW, progress=unseen)
    written(root / "data", OLD)
    with recording(root) as recorder:
        flush(root)
        recorder.say("old")
        restore(root / "data", backup.path, as_new_machine=False, progress=unseen)
        recorder.say("new")
    return recorder.steps


def found(steps, folder):
    """Yield what was said last and what is found after the power came back, for each disk that it may leave."""
    for number, (said, left) in enumerate(crashes(steps)):
        if said:
            root = folder / f"{number}"
            lay(left, root)
            finish(root / "data")
            yield said, {name: content for name, content in everything(root / "data").items()
                         if not name.startswith("restore.")}


def lost(steps, folder):
    return [state for said, state in found(steps, folder)
            if state != NEW and (said == "new" or state != OLD)]


def test_whatever_the_power_leaves_the_old_or_the_new_state_is_found_whole(steps, tmp_path):
    states = [state for _, state in found(steps, tmp_path / "found")]
    assert OLD in states
    assert NEW in states
    assert len(states) > 50
    assert lost(steps, tmp_path / "lost") == []


@pytest.mark.parametrize("flushed", FLUSHES)
def test_without_any_one_of_the_flushes_a_state_would_be_lost(steps, tmp_path, flushed):
    weaker = [step for step in steps if not (isinstance(step, Flushed) and FLUSHES[flushed](step))]
    assert len(weaker) < len(steps)
    try:
        assert lost(weaker, tmp_path)
    except (OSError, ValueError):
        return                                     # the journal itself cannot be read
