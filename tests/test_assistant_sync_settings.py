"""The table [sync]: what it may say, what a slip of the pen is told, and what a client is opened with."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from assistant import config as settings
from assistant.errors import ConfigError
from assistant.sync_settings import SyncSettings, open_client, read_table, settings_of
from sync.rollout import LAST_RING
from sync.traffic import Allowance, Window
from tests.disk import everything
from tests.repository_simulator import NOW, RepositorySimulator

ROOT = Path(__file__).parents[1]
WHOLE = """
generator = "extractive"

[sync]
source = "https://releases.example.tj/rohnamo"
ring = 1
every_minutes = 30
daily_bytes = 20_000_000
rate = 8_000
windows = ["02:00-06:00", "22:30-00:00"]
sticks = true
inbox = "https://releases.example.tj/inbox"
sealing = "inbox.pub"
unanswered = true
"""
HTTPS = "https://releases.example.tj/rohnamo"


@pytest.fixture
def data(tmp_path):
    (tmp_path / "root.json").write_bytes(RepositorySimulator().trusted_root)
    return tmp_path


def written(folder, text):
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return settings.load(folder)


def refusal(**table):
    with pytest.raises(ConfigError) as caught:
        read_table(table, Path("/data/config.toml"))
    return f"{caught.value.message}\n{caught.value.hint}"


def test_every_setting_is_read(data):
    found = settings_of(written(data, WHOLE))
    assert found == SyncSettings(
        HTTPS, 1, 30, 20_000_000, 8_000, ((time(2), time(6)), (time(22, 30), time(0))), True,
        "https://releases.example.tj/inbox", data / "inbox.pub", True)
    assert found.allowance() == Allowance(20_000_000, 8_000, True,
                                          (Window(time(2), time(6)), Window(time(22, 30), time(0))))


def test_a_machine_without_the_table_has_the_usual_settings_and_takes_sticks_when_told(data):
    found = settings_of(written(data, ""))
    assert (found.source, found.ring, found.every_minutes, found.sticks) == (None, LAST_RING, 60, False)
    assert found.unanswered is False
    assert found.allowance() == Allowance()


def test_an_unknown_setting_is_refused_with_the_one_that_was_meant():
    assert 'Is "every_minutes" meant?' in refusal(every_minute=5)
    assert "Known are source, ring," in refusal(xyz=1)


@pytest.mark.parametrize(("name", "value"), [
    ("ring", 10), ("ring", -1), ("ring", True), ("ring", "1"), ("every_minutes", 0), ("every_minutes", 99_999),
    ("every_minutes", 1.5), ("daily_bytes", 0), ("rate", -8), ("sticks", "yes"), ("sticks", 1), ("unanswered", 0),
    ("windows", "02:00-06:00"), ("windows", ["2-6"]), ("windows", ["02:00-24:00"]), ("windows", []), ("windows", [2]),
    ("source", ""), ("source", 7), ("source", "http://releases.example.tj/"), ("source", "ftp://releases.example.tj/"),
    ("source", "https://admin:secret@releases.example.tj/"), ("source", "https://"), ("source", f"{HTTPS}?a=1"),
    ("source", f"{HTTPS}#a"), ("source", "https://[::1"), ("source", "https://releases.example.tj:0/"),
    ("inbox", "releases.example.tj/inbox"), ("inbox", "http://releases.example.tj/inbox"), ("inbox", 1),
    ("sealing", " "), ("sealing", False)])
def test_a_value_that_cannot_be_is_refused_with_what_it_should_be(name, value):
    said = refusal(**{name: value})
    assert f"{name} in [sync] cannot be" in said
    assert "It is " in said


def test_a_source_is_an_address_or_a_folder_and_http_only_on_this_machine():
    def source(value):
        return read_table({"source": value}, Path("/data/config.toml")).source
    assert source(HTTPS) == HTTPS
    assert source("http://127.0.0.1:8080/r") == "http://127.0.0.1:8080/r"
    assert source("/srv/repository") == Path("/srv/repository")
    assert source("repository") == Path("/data/repository")


def test_another_table_stays_an_unknown_setting(data):
    with pytest.raises(ConfigError, match="unknown setting: synch"):
        written(data, "[synch]\n")


def test_without_a_root_of_trust_nothing_is_opened_and_the_next_step_names_the_file(tmp_path):
    config = written(tmp_path, f'[sync]\nsource = "{HTTPS}"\n')
    before = everything(tmp_path)
    with pytest.raises(ConfigError, match="no root of trust") as caught:
        open_client(config)
    assert str(tmp_path / "root.json") in caught.value.hint
    assert everything(tmp_path) == before


def test_without_a_source_nothing_is_opened(data):
    config = written(data, "[sync]\nring = 2\n")
    before = everything(data)
    with pytest.raises(ConfigError, match="no source"):
        open_client(config)
    assert everything(data) == before


def test_a_client_is_opened_with_the_settings_the_clock_and_the_root(data):
    with open_client(written(data, WHOLE), now=lambda: NOW) as client:
        assert client.settings.ring == 1
        assert client.settings.allowance.day_bytes == 20_000_000
        assert client.settings.allowance.metered
        assert client.guards.clock.read().moment == NOW
        assert client.state.path == data / "sync" / "state.db"
    with open_client(written(data, WHOLE)) as client:
        assert abs((client.guards.clock.read().moment - datetime.now(UTC)).total_seconds()) < 60


def test_a_stick_is_not_held_back_by_what_may_pass_over_the_line(data, tmp_path):
    with open_client(written(data, WHOLE), tmp_path / "stick", now=lambda: NOW) as client:
        assert client.settings.allowance == Allowance()
        assert client.settings.ring == 1


def test_a_machine_with_the_table_asks_without_loading_what_fetches(data):
    written(data, WHOLE)
    code = ("import sys; from pathlib import Path; from assistant import config; "
            f"config.load(Path({str(data)!r})); "
            "print([name for name in ('tuf', 'cryptography', 'apscheduler', 'httpx2') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
