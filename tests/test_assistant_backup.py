"""A backup holds what the machine says at one moment, and nothing but a whole one of ours is ever put in place."""

from __future__ import annotations

import json
import sqlite3
import stat
import tarfile
from contextlib import closing, suppress
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import pytest
from backports import zstd
from typer.testing import CliRunner

from assistant.access.audit import Deed
from assistant.access.store import opened_store
from assistant.backup import back_up
from assistant.backup_file import BackupError, Kept, Manifest, read_backup
from assistant.cli import app
from assistant.config import Config, load
from assistant.exchange import JOURNAL
from assistant.restore import restore
from corpora.draft import Draft
from corpora.errors import DraftLockedError
from index.parts import alone
from sync.clock import Clock, Issue
from sync.device import device_key
from sync.errors import LockedError
from sync.lock import only_one
from sync.marks import Mark, Marks
from sync.state import State
from tests.child import Child
from tests.disk import everything

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
WORDS = "Барои гирифтани шиноснома ариза лозим аст."


def unseen(_done, _whole):
    """Progress that nobody watches."""


@pytest.fixture
def data(tmp_path):
    """A small machine with settings, a draft, a state, accounts and a link."""
    root = tmp_path / "маълумот"
    (root / "drafts" / "local" / "files").mkdir(parents=True)
    (root / "drafts" / "local" / "files" / "a1").write_text(WORDS, "utf-8")
    (root / "config.toml").write_text('generator = "extractive"\n', "utf-8")
    (root / "prepared").symlink_to(tmp_path)
    (root / "sync" / "staging").mkdir(parents=True)
    (root / "sync" / "staging" / "half").write_bytes(b"half")
    (root / "vectors").mkdir()
    (root / "vectors" / "e.npz.part").write_bytes(b"half")
    (root / "generations" / "0001").mkdir(parents=True)
    (root / "generations" / "0001" / "manifest.json").write_bytes(b"{}")
    with State(root / "sync" / "state.db") as state:
        device_key(state.connection)
        Marks(state.connection).advance([Mark("timestamp", "k", 7)])
    with opened_store(Config(root)) as store:
        store.audit.record(NOW, "n.sharipova", Deed.ENTERED)
    return root


def backed_up(data, name="a.rohnamo", **named):
    return back_up(Config(data), data.parent / name, now=NOW, progress=unseen, **named)


def restored(root, backup, *, as_new_machine=False):
    return restore(root, backup.path, as_new_machine=as_new_machine, progress=unseen)


def without_databases(root):
    return {name: content for name, content in everything(root).items()
            if ".db" not in name and not name.endswith(".lock")}


def rows(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_a_backup_is_the_data_directory_again_in_an_empty_place(data, tmp_path):
    before = everything(data)
    backup = backed_up(data)
    assert {name: text for name, text in everything(data).items() if not name.endswith("lock")} == \
        {name: text for name, text in before.items() if not name.endswith("lock")}
    restored(tmp_path / "other", backup)
    found = without_databases(tmp_path / "other")
    left_out = {"sync/staging/half", "vectors/e.npz.part", "drafts/local/lock"}
    assert found == {name: text for name, text in without_databases(data).items() if name not in left_out}
    assert backup.left_out == ("prepared",)
    assert load(tmp_path / "other").generator == "extractive"
    for name, query in (("sync/state.db", "SELECT * FROM hwm"), ("sync/state.db", "SELECT seed FROM device"),
                        ("desks.db", "SELECT * FROM audit")):
        assert rows(tmp_path / "other" / name, query) == rows(data / name, query) != []


def test_a_backup_and_what_is_restored_are_for_their_owner_alone(data, tmp_path):
    backup = backed_up(data)
    restored(tmp_path / "other", backup)
    assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
    assert not [path for path in (tmp_path / "other").rglob("*.*")
                if path.is_file() and path.stat().st_mode & 0o077]
    assert not (tmp_path / "other").stat().st_mode & 0o077


def test_the_same_data_gives_the_same_bytes_and_any_tar_reads_them(data):
    first, second = backed_up(data), backed_up(data, "b.rohnamo")
    assert (first.sha256, first.length) == (second.sha256, second.length)
    assert sha256(first.path.read_bytes()).hexdigest() == first.sha256
    with tarfile.open(fileobj=BytesIO(zstd.decompress(first.path.read_bytes()))) as tar:
        names = tar.getnames()
        listed = json.load(tar.extractfile("backup.json"))["files"]
    assert names == ["backup.json", *(f"data/{one['sha256']}" for one in listed)]
    assert [one["path"] for one in listed] == sorted(one["path"] for one in listed)


def test_snapshots_can_be_left_out_and_those_of_the_machine_stay_then(data, tmp_path):
    backup = backed_up(data, generations=False)
    assert not [one.path for one in backup.manifest.files if one.path.startswith("generations")]
    other = tmp_path / "other"
    (other / "generations" / "0009").mkdir(parents=True)
    (other / "generations" / "0009" / "manifest.json").write_bytes(b"9")
    restored(other, backup)
    assert (other / "generations" / "0009" / "manifest.json").read_bytes() == b"9"
    with State(other / "sync" / "state.db") as state:
        assert state.is_unbuilt()


def test_a_backup_is_taken_while_the_databases_are_open_and_being_written(data, tmp_path):
    with State(data / "sync" / "state.db") as state:
        Marks(state.connection).advance([Mark("timestamp", "k", 8)])     # lies in the log beside the database
        backup = backed_up(data)
        Marks(state.connection).advance([Mark("timestamp", "k", 9)])
    restored(tmp_path / "other", backup)
    assert rows(tmp_path / "other" / "sync" / "state.db", "SELECT version FROM hwm") == [(8,)]


@pytest.mark.parametrize("who", ["fetching", "building", "reading documents"])
def test_a_backup_waits_for_nobody_and_says_who_is_at_work(data, who):
    holds = {"fetching": lambda: only_one(data / "sync" / "receive.lock"),
             "building": lambda: alone(data / "generations"),
             "reading documents": lambda: Draft(data / "drafts" / "local").unchanged()}[who]
    with holds(), pytest.raises((LockedError, BackupError, DraftLockedError)):
        backed_up(data)
    assert sorted(path.name for path in data.parent.iterdir()) == [data.name]
    assert not (data / "backup.part").exists()


def test_a_machine_whose_settings_cannot_be_read_is_backed_up_and_restored_all_the_same(data, tmp_path):
    (data / "config.toml").write_text("genrator = ", "utf-8")
    place = tmp_path / "other"
    for words in (["backup", str(tmp_path / "a"), "--data-dir", str(data)],
                  ["restore", str(tmp_path / "a"), "--data-dir", str(place)]):
        assert CliRunner().invoke(app, words).exit_code == 0
    assert (place / "config.toml").read_text("utf-8") == "genrator = "


def test_a_backup_is_never_written_over_another_nor_into_what_it_is_of(data):
    backup = backed_up(data)
    before = backup.path.read_bytes()
    for place in (backup.path, data / "a.rohnamo", data.parent / "нест" / "a"):
        with pytest.raises(BackupError):
            back_up(Config(data), place, now=NOW, progress=unseen)
    assert backup.path.read_bytes() == before
    assert not (data / "a.rohnamo").exists()


def test_a_backup_whose_power_goes_is_whole_or_not_there(data):
    out, before = data.parent / "a.rohnamo", without_databases(data)
    for at in range(60):
        assert not Child(lambda: backed_up(data).sha256, at).ended().fault
        if out.exists():
            break
    assert at > 3
    assert read_backup(out, data.parent / "read", unseen).files
    backed_up(data, "b.rohnamo")                   # what the power left is swept away
    assert without_databases(data).items() - before.items() <= {("drafts/local/lock", b"")}


# What is hostile, each named for the fault, made from the parts of a good one.


def header(name, length, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.type = length, 0o600, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def padded(data):
    return data + bytes(-len(data) % 512)


def packed(path="config.toml", content=b"a = 1\n", *, length=None, digest=None, name=None, kind=tarfile.REGTYPE,
           end=bytes(1024), **manifest):
    digest = digest or sha256(content).hexdigest()
    files = path if isinstance(path, tuple) else (path,)
    listed = Manifest(NOW, "0.1.0", tuple(Kept(one, len(content) if length is None else length, digest)
                                          for one in files)).to_bytes()
    for old, new in manifest.items():
        listed = listed.replace(*{"version": (b'"version":1', new), "format": (b"rohnamo-backup", new)}[old])
    body = header(name or f"data/{digest}", len(content), kind) + padded(content)
    return zstd.compress(header("backup.json", len(listed)) + padded(listed) + body * len(files) + end)


HOSTILE = {
    "a path out of the folder": packed("../config.toml"), "an absolute path": packed("/tmp/a"),   # noqa: S108
    "a path with a full stop": packed("./a"), "a path of nothing": packed(""),
    "a path that breaks a line": packed("a\nb"), "a journal": packed("restore.json"),
    "a place": packed("restore.part/new/a"),
    "a path with a step back within": packed("a/../../b"), "a long name": packed("a" * 300),
    "a file that is also a folder": packed(("a", "a/b")), "a path twice": packed(("a", "a")),
    "a list that is not sorted": packed(("b", "a")), "another hash": packed(digest="00" * 32),
    "a hash that is none": packed(digest="../../../a"), "a shorter file": packed(length=99),
    "a length below nothing": packed(length=-5), "a length that fills the disk": packed(length=1 << 60),
    "a link": packed(name="data/a", kind=tarfile.SYMTYPE), "a link of the right name": packed(kind=tarfile.SYMTYPE),
    "a device": packed(kind=tarfile.BLKTYPE), "another name": packed(name="config.toml"),
    "something after the end": packed(end=bytes(1024) + b"a"), "a cut end": packed(end=bytes(512)),
    "a later version": packed(version=b'"version":2'), "another format": packed(format=b"rohnamo-basket"),
    "no list": zstd.compress(header("data/a", 1) + padded(b"a")),
    "a huge list": zstd.compress(header("backup.json", 1 << 40)),
    "a list that is no JSON": zstd.compress(header("backup.json", 3) + padded(b"[[[") + bytes(1024)),
    "nested lists": zstd.compress(header("backup.json", 200_000) + padded(b"[" * 200_000) + bytes(1024)),
    "no tar": zstd.compress(b"a" * 2000), "nothing in it": zstd.compress(b""), "nothing": b"",
    "no zstd": b"PK" + bytes(600),
    "a cut file": packed()[:-9], "zeros at the end": packed() + bytes(9)}


@pytest.mark.parametrize("fault", HOSTILE)
def test_a_hostile_backup_is_refused_and_nothing_changes(data, fault):
    path = data.parent / "hostile"
    path.write_bytes(HOSTILE[fault])
    outside, before = sorted(data.parent.iterdir()), everything(data)
    for root in (data, data.parent / "empty"):
        with pytest.raises(BackupError) as caught:
            restore(root, path, as_new_machine=False, progress=unseen)
        assert caught.value.hint
    assert {name: text for name, text in everything(data).items() if not name.endswith(".lock")} \
        == {name: text for name, text in before.items() if not name.endswith(".lock")}
    assert sorted(data.parent.iterdir()) == outside


def test_a_bit_that_fell_over_anywhere_in_a_backup_is_seen(data):
    backup = backed_up(data)
    good, before = backup.path.read_bytes(), without_databases(data)
    for at in range(0, len(good), 97):
        backup.path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        with suppress(BackupError):                # zstd has bits that say nothing: then all is as it was
            root = data.parent / f"other{at}"
            restored(root, backup)
            assert without_databases(root).items() <= before.items()
    assert without_databases(data) == before


def newer(data):
    """Let the machine go on after its backup: settings, marks, a withdrawal, the clock, accounts."""
    (data / "config.toml").write_text('generator = "server"\n', "utf-8")
    (data / "drafts" / "local" / "files" / "b2").write_bytes(b"later")
    with State(data / "sync" / "state.db") as state:
        Marks(state.connection).advance([Mark("timestamp", "k", 12), Mark("root", "", 2)])
        clock = Clock(state.connection, lambda: NOW)
        clock.accept([Issue("timestamp", "k", NOW)], clock.read())


def test_a_restore_killed_at_any_step_leaves_the_old_or_the_new_state_whole(data, tmp_path):
    backup = backed_up(data)
    newer(data)
    old = without_databases(data)
    seen = set()
    for at in range(200):
        root = tmp_path / f"try{at}"
        _copy(data, root)
        child = Child(lambda root=root: len(restored(root, backup).kept), at).ended()
        assert not child.fault
        committed = (root / JOURNAL).exists() or child.outcome is not None
        load(root)                                 # what starts next finishes it
        found = {name: text for name, text in without_databases(root).items() if not name.startswith("restore.")}
        assert not (root / JOURNAL).exists()
        state = "new" if b"extractive" in found["config.toml"] else "old"
        assert state == "new" or not committed
        assert "drafts/local/files/b2" in found if state == "old" else "drafts/local/files/b2" not in found
        if state == "old":
            assert found == old
        assert rows(root / "sync" / "state.db", "SELECT version FROM hwm ORDER BY role") == [(2,), (12,)]
        seen.add(state)
        if child.outcome is not None:
            break
    assert seen == {"old", "new"}
    assert at > 20


def _copy(data, root):
    for name, content in everything(data).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def test_the_verbs_tell_what_was_done_in_words_and_in_json(data, tmp_path):
    out, place = tmp_path / "a.rohnamo", tmp_path / "other"
    told = CliRunner().invoke(app, ["backup", str(out), "--data-dir", str(data), "--json"])
    plain = json.loads(told.stdout)
    assert plain == {"file": str(out), "length": out.stat().st_size, "left_out": ["prepared"], "files": 5,
                     "sha256": sha256(out.read_bytes()).hexdigest()}
    assert "MB kept" in told.stderr or not told.stderr
    again = CliRunner().invoke(app, ["backup", str(out), "--data-dir", str(data), "--json"])
    assert (again.exit_code, json.loads(again.stdout)["error"]["code"]) == (1, "backup")
    done = CliRunner().invoke(app, ["restore", str(out), "--data-dir", str(place)])
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "Next: rohnamo doctor")
    assert "Restored: 5 files" in done.stdout
    kept = CliRunner().invoke(app, ["restore", str(out), "--data-dir", str(place), "--json"])
    assert len(json.loads(kept.stdout)["kept"]) == 2
