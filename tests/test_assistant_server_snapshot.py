"""Questions answered from a snapshot on a PostgreSQL server: as from the folder it was copied from."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from assistant import config as settings
from assistant.answer import Assistant
from assistant.cli import app
from assistant.current import Current
from assistant.doctor import examine
from assistant.errors import ConfigError
from assistant.status import read_status
from assistant.update import current_snapshot
from index import Generations, SearchQuery, build_snapshot
from index.server_generations import ServerGenerations
from tests.entries import entry
from tests.postgres import Nodes

QUESTIONS = ("Барои гирифтани шиносномаи хориҷӣ чӣ лозим аст?", "shinosnomai khoriji chand somoni",
             "Сколько стоит загранпаспорт?", "нафақаи пиронсолӣ аз чандсолагӣ", "How do I register a marriage?",
             "Кай борон меборад?")


@pytest.fixture(scope="module")
def address(seed_config):
    """A server to which the seed was copied by the command, and which answers from it."""
    with Nodes() as nodes:
        node = nodes.new().fresh()
        done = CliRunner().invoke(app, ["snapshots", "copy", "--to", node.address, "--activate", "--json",
                                        "--data-dir", str(seed_config.data_dir)])
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout) == {"number": 1, "copied": True, "current": 1}
        yield node.address


@pytest.fixture
def elsewhere(tmp_path, address):
    """A machine that has nothing of its own but the address."""
    (tmp_path / "config.toml").write_text(f'[index]\nserver = "{address}"\n', encoding="utf-8")
    return tmp_path


def asked(data_dir, question):
    done = CliRunner().invoke(app, ["ask", question, "--json", "--data-dir", str(data_dir)])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_is_the_one_of_the_folder(seed_config, elsewhere, question):
    mine, theirs = asked(seed_config.data_dir, question), asked(elsewhere, question)
    for one, other in zip(mine["hits"], theirs["hits"], strict=True):
        # A cosine is summed in another order by pgvector: the seventh place may differ, what is found may not.
        assert one.pop("scores") == pytest.approx(other.pop("scores"), abs=1e-4)
    differs = {key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)}
    assert differs <= {"timings_ms", "today"}
    assert not (elsewhere / "generations").exists()


def test_all_hits_are_those_of_the_folder(seed_config, elsewhere):
    encoder = None
    with current_snapshot(seed_config, encoder=encoder)[0] as mine, \
            current_snapshot(settings.load(elsewhere), encoder=encoder)[0] as theirs:
        for question in QUESTIONS:
            query = SearchQuery(question, "tg")
            assert [hit.passage for hit in mine.search(query, 30)] == [hit.passage for hit in theirs.search(query, 30)]


def test_a_running_program_answers_from_the_server(elsewhere):
    def opened(config):
        snapshot, name = current_snapshot(config, encoder=None)
        return Assistant(snapshot, name, lambda: date(2026, 11, 27))

    with Current(settings.load(elsewhere), opened, lambda _: ()) as current:
        with current.assistant() as assistant:
            assert assistant.snapshot.search(SearchQuery(QUESTIONS[0], "tg"))
        assert current.problems == ()


def test_the_verbs_about_snapshots_speak_of_the_server_that_answers(seed_config, elsewhere):
    done = CliRunner().invoke(app, ["snapshots", "list", "--json", "--data-dir", str(elsewhere)])
    assert json.loads(done.stdout)["current"] == 1
    again = CliRunner().invoke(app, ["snapshots", "rollback", "--json", "--data-dir", str(elsewhere)])
    assert (again.exit_code, json.loads(again.stdout)["error"]["code"]) == (1, "generation")
    assert Generations(seed_config.generations).current() == 1


@pytest.mark.parametrize("table", ['server = "db.example"', 'server = 5', 'server = "postgresql:///a"\nother = 1', ""])
def test_a_table_that_is_not_an_address_is_refused(tmp_path, table):
    (tmp_path / "config.toml").write_text(f"[index]\n{table}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\[index\]"):
        settings.load(tmp_path)


def test_a_running_program_changes_over_to_what_is_activated_on_the_server_and_back(tmp_path):
    def opened(config):
        snapshot, name = current_snapshot(config, encoder=None)
        return Assistant(snapshot, name, lambda: date(2026, 11, 27))

    def answers(current):
        """Return which generation answers after the change, and which answered the request that noticed it."""
        with current.assistant() as assistant:
            first, found = assistant.snapshot_id, assistant.snapshot.search(SearchQuery("боҷ", "tg"))
        if behind := current._behind:
            behind.join()
        with current.assistant() as assistant:
            return first.split(":")[0], assistant.snapshot_id.split(":")[0], found[0].passage.text

    with Nodes() as nodes:
        node = nodes.new().fresh()
        (tmp_path / "config.toml").write_text(f'[index]\nserver = "{node.address}"\n', encoding="utf-8")
        with ServerGenerations(node.address) as server:
            for number in (1, 2):
                build_snapshot([entry("боҷ", f"Боҷ {number}00 сомонӣ аст.")], tmp_path / f"{number:04d}", encoder=None)
                server.copy(tmp_path / f"{number:04d}", number)
            server.activate(1)
            with Current(settings.load(tmp_path), opened, lambda _: ()) as current:
                assert answers(current) == ("1", "1", "Боҷ 100 сомонӣ аст.")
                server.activate(2)
                assert answers(current) == ("1", "2", "Боҷ 100 сомонӣ аст.")
                assert answers(current) == ("2", "2", "Боҷ 200 сомонӣ аст.")
                assert server.roll_back() == 1
                assert answers(current) == ("2", "1", "Боҷ 200 сомонӣ аст.")
                assert current.problems == ()


def test_old_generations_are_pruned_where_they_answer_and_at_least_two_stay(seed_config, elsewhere):
    done = CliRunner().invoke(app, ["snapshots", "prune", "--json", "--data-dir", str(elsewhere)])
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"removed": []})
    assert CliRunner().invoke(app, ["snapshots", "prune", "--keep", "1", "--data-dir", str(elsewhere)]).exit_code == 2
    listed = CliRunner().invoke(app, ["snapshots", "list", "--json", "--data-dir", str(elsewhere)])
    assert json.loads(listed.stdout)["current"] == 1
    assert Generations(seed_config.generations).current() == 1


def test_the_doctor_and_the_status_speak_of_the_server(elsewhere):
    config = settings.load(elsewhere)
    found = [check for check in examine(config) if check.name == "snapshot"]
    assert [check.state for check in found] == ["ok", "ok"]
    assert "generations there: 1 (full" in found[0].message
    assert read_status(config, datetime(2026, 11, 27, tzinfo=UTC)).generation == 1
    assert not (elsewhere / "generations").exists()
