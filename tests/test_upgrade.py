"""Data that earlier programs wrote is read or converted by this one; data of a later program is refused untouched."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from backports import zstd
from typer.testing import CliRunner

from assistant import config as settings
from assistant import update
from assistant.access.audit import faults
from assistant.access.store import VERSION as DESKS
from assistant.access.store import opened_store
from assistant.answer import Assistant
from assistant.backup import back_up
from assistant.cli import app
from assistant.config import Config
from assistant.doctor import examine
from assistant.restore import restore
from corpora.draft import VERSION as DRAFT
from corpora.draft import Draft
from corpora.errors import CorpusError, FormatError
from corpora.release import VERSION as RELEASE
from corpora.release import read_release
from index import Generations
from index.errors import UnknownFormatError
from index.held import held_entries
from index.manifest import VERSION as SNAPSHOT
from index.vectors import VERSION as VECTORS
from index.vectors import load_vectors
from sync.audit import AuditLog, verify_chain
from sync.batch import Kind
from sync.clock import Clock
from sync.errors import StateError
from sync.marks import Marks
from sync.outbox import Outbox
from sync.state import VERSION as STATE
from sync.state import State
from tests.disk import everything
from tests.encoders import HashingEncoder

FORMATS = Path(__file__).parent / "assets" / "formats"
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
QUESTION, WORDS = "Барои гирифтани шиноснома чӣ лозим аст?", "ариза ва шаҳодатномаи таваллуд"
IDS = ["namuna-khona", "namuna-shinosnoma"]


def laid(root, *names):
    """Lay data as it was written then into a data directory."""
    for name in names:
        data = zstd.decompress((FORMATS / f"{name}.tar.zst").read_bytes())
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            tar.extractall(root, filter="data")
    (root / "config.toml").write_text('encoder = "none"\ngenerator = "extractive"\n', "utf-8")
    return settings.load(root)


def unseen(_done, _whole):
    """Progress that nobody watches."""


def answered(config):
    snapshot, name = update.current_snapshot(config, encoder=None)
    with snapshot:
        answer = Assistant(snapshot, name, lambda: date(2026, 11, 27)).ask(QUESTION)
        return "\n".join(claim.text for claim in answer.claims)


def test_every_version_of_every_format_has_its_data():
    versions = {"draft": DRAFT, "release": RELEASE, "snapshot": SNAPSHOT, "vectors": VECTORS, "state": STATE,
                "desks": DESKS}
    assert {path.name.removesuffix(".tar.zst") for path in FORMATS.glob("*.zst")} \
        == {f"{name}-{number}" for name, version in versions.items() for number in range(1, version + 1)}
    assert all(path.stat().st_size < 8_000 for path in FORMATS.iterdir())


@pytest.mark.parametrize("name", ["draft-1", "draft-2"])
def test_a_draft_is_read_built_and_answered_from_without_its_files(tmp_path, name):
    config = laid(tmp_path, name)
    [draft] = update.drafts(config)
    before = everything(draft.root)
    assert [entry.document.id for entry in draft.documents()] == IDS
    assert everything(draft.root) == before
    assert update.build(config, wait=True).counts["documents"] == 2
    assert WORDS in answered(config)


def test_an_old_draft_is_of_this_version_from_its_first_writing_on(tmp_path):
    config = laid(tmp_path, "draft-1")
    [draft] = update.drafts(config)
    first, second = draft.documents()
    draft.put(first, first.file.read_bytes())
    assert json.loads((draft.root / "draft.json").read_bytes()) == {"format": "rohnamo-draft", "version": DRAFT}
    assert list(Draft(draft.root).documents()) == [first, second]


@pytest.mark.parametrize("name", ["snapshot-1", "snapshot-2"])
def test_an_old_snapshot_says_so_and_is_built_again_from_its_own_passages(tmp_path, name):
    config = laid(tmp_path, name)
    generations, before = Generations(config.generations), everything(tmp_path)
    assert generations.current() is None
    assert "another version of this program" in generations.problems[0]
    [bad] = [check for check in examine(config) if check.name == "snapshot"]
    assert (bad.state, bad.next_step) == ("bad", "Run: rohnamo build --wait, to build it again.")
    assert everything(tmp_path) == before
    done = CliRunner().invoke(app, ["build", "--wait", "--data-dir", str(tmp_path), "--json"])
    assert (done.exit_code, json.loads(done.stdout)["counts"]["documents"]) == (0, 2)
    assert WORDS in answered(config)


def test_a_snapshot_of_this_version_is_opened_as_it_is(tmp_path):
    config = laid(tmp_path, "snapshot-3")
    before = everything(tmp_path)
    assert WORDS in answered(config)
    assert everything(tmp_path) == before


def test_a_snapshot_whose_words_were_cut_otherwise_is_built_again_too(tmp_path):
    config = laid(tmp_path, "snapshot-3")
    path = config.generations / "0001" / "manifest.json"
    path.write_bytes(json.dumps(json.loads(path.read_bytes()) | {"normaliser": "0"}).encode())
    assert update.build(config, wait=True).generation == 2
    assert WORDS in answered(config)


def test_drafts_come_before_what_an_old_snapshot_held(tmp_path):
    config = laid(tmp_path, "draft-2", "snapshot-1")
    [draft] = update.drafts(config)
    draft.remove(IDS[0])
    assert update.build(config, wait=True).counts["documents"] == 1


def test_a_damaged_old_snapshot_is_not_built_from(tmp_path):
    config = laid(tmp_path, "snapshot-2")
    tables = config.generations / "0001" / "passages.sqlite"
    tables.write_bytes(tables.read_bytes().replace(WORDS.encode(), WORDS.upper().encode()))
    assert held_entries(config.generations) == []
    failed = CliRunner().invoke(app, ["build", "--wait", "--data-dir", str(tmp_path), "--json"])
    assert json.loads(failed.stdout)["error"]["code"] == "no_snapshot"
    assert Generations(config.generations).current() is None


@pytest.mark.parametrize("name", ["vectors-1", "vectors-2"])
def test_vectors_are_read(tmp_path, name):
    laid(tmp_path, name)
    vectors = load_vectors(tmp_path / "vectors.npz", HashingEncoder(dimension=16))
    assert len(vectors) == 2


def test_a_release_of_this_version_is_read(tmp_path):
    laid(tmp_path, "release-2")
    assert [entry.document.id for entry in read_release(tmp_path / "release")] == IDS


def test_a_release_from_before_any_was_published_is_refused_with_the_next_step(tmp_path):
    laid(tmp_path, "release-1")
    before = everything(tmp_path)
    with pytest.raises(FormatError, match="rohnamo-release 1, not rohnamo-release 2") as caught:
        list(read_release(tmp_path / "release"))
    assert "write the files again" in caught.value.hint
    assert everything(tmp_path) == before


@pytest.mark.parametrize("name", ["state-1", "state-2"])
def test_the_state_of_a_machine_keeps_all_that_it_must_not_forget(tmp_path, name):
    laid(tmp_path, name)
    with State(tmp_path / "sync" / "state.db") as state:
        assert [(mark.role, mark.version) for mark in Marks(state.connection).all()] == [("root", 1), ("timestamp", 7)]
        assert Clock(state.connection, lambda: NOW).floor() == NOW
        assert state.held()["namuna"].sequence == 5
        assert [one.document for one in state.withdrawn()] == ["namuna-khona"]
        assert state.last_success().at == NOW
        outbox = Outbox(state.connection)
        assert [one.kind for one in outbox.waiting()] == [Kind.FEEDBACK, Kind.AUDIT]
        records = [body for (body,) in state.connection.execute("SELECT record FROM audit ORDER BY number")]
        assert verify_chain(records, outbox.key.id, AuditLog(outbox).head()) == ()
        assert state.connection.execute("PRAGMA user_version").fetchone() == (STATE,)


@pytest.mark.parametrize("name", ["desks-1", "desks-2"])
def test_the_database_of_the_desks_keeps_accounts_and_log_and_takes_cards(tmp_path, name):
    config = laid(tmp_path, name)
    with opened_store(config) as store:
        assert [one.name for one in store.accounts.all()] == ["n.namuna"]
        assert faults(store.audit.rows()) == ()
        assert store.audit.head().number == 1
        assert store.connection.execute("SELECT count(*) FROM reviews").fetchone() == (0,)
        assert store.connection.execute("PRAGMA user_version").fetchone() == (DESKS,)


# A program of before meets data of after: it changes nothing, and says what to do.


def later(root):
    """Raise the version of everything by one, as a newer program would."""
    for path in root.rglob("*.json"):
        plain = json.loads(path.read_bytes())
        if "version" in plain and path.name != "CURRENT":
            path.write_bytes(json.dumps(plain | {"version": plain["version"] + 1}).encode())
    for path in root.rglob("*.db"):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {STATE + 1}")


@pytest.mark.parametrize(("name", "opens", "error"), [
    ("draft-2", lambda root: list(Draft(root / "drafts" / "namuna").documents()), CorpusError),
    ("release-2", lambda root: list(read_release(root / "release")), CorpusError),
    ("snapshot-3", lambda root: Generations(root / "generations").verify(1), UnknownFormatError),
    ("state-2", lambda root: State(root / "sync" / "state.db"), StateError),
    ("desks-2", lambda root: opened_store(Config(root)).__enter__(), StateError)])
def test_data_of_a_newer_program_is_refused_with_the_next_step_and_not_touched(tmp_path, name, opens, error):
    laid(tmp_path, name)
    later(tmp_path)
    before = {path: data for path, data in everything(tmp_path).items() if not path.endswith(("-shm", "-wal"))}
    with pytest.raises(error) as caught:
        opens(tmp_path)
    assert "program" in caught.value.hint
    assert {path: data for path, data in everything(tmp_path).items() if not path.endswith(("-shm", "-wal"))} == before


def test_a_program_that_is_put_back_answers_again_from_the_backup_made_before(tmp_path):
    config = laid(tmp_path / "data", "draft-2", "snapshot-3", "state-2", "desks-2")
    backup = back_up(config, tmp_path / "before", now=NOW, progress=unseen)
    with State(config.data_dir / "sync" / "state.db") as state:
        state.drop(["namuna"])
    later(config.data_dir)
    with pytest.raises((StateError, CorpusError)):
        update.build(config, wait=True)
    restore(config.data_dir, backup.path, as_new_machine=False, progress=unseen)
    assert WORDS in answered(config)
    with State(config.data_dir / "sync" / "state.db") as state, opened_store(config) as store:
        assert Marks(state.connection).of("timestamp", "k") == 7
        assert [one.document for one in state.withdrawn()] == ["namuna-khona"]
        assert store.audit.head().number == 1
