"""What a line of the log may hold, where lines go, and how much of the disk they take."""

from __future__ import annotations

import json
import logging
import stat
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from assistant import config as settings
from assistant.errors import ConfigError
from assistant.log import FIELDS, Event, opened, tell
from assistant.log_settings import LogSettings, log_settings_of
from assistant.openai_http import ServerError

ROOT = Path(__file__).parents[1]
CANARY = "Канарейкина"
LINE = {"at", "level", "event"}


@pytest.fixture
def stderr(capfd):
    """Return the lines that were written since the last look."""
    def lines():
        return [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    return lines


def written(folder, name="serve-kiosk.jsonl"):
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def test_a_line_is_an_event_with_numbers_codes_and_names(stderr):
    with opened(LogSettings(), "serve kiosk"):
        tell(Event.SYNC_DONE, activated=2, refused=0, waiting=31)
    first, done, last = stderr()
    assert (first["event"], first["program"], last["event"]) == ("started", "serve kiosk", "stopped")
    assert {name: value for name, value in done.items() if name != "at"} \
        == {"level": "info", "event": "sync_done", "activated": 2, "refused": 0, "waiting": 31}


@pytest.mark.parametrize("field", [*FIELDS, "question", "message"])
@pytest.mark.parametrize("value", [CANARY, f"17 {CANARY}", "нафақа", "how much is a passport", "1 a\nb", "<b>x</b>\n",
                                   ""])
def test_no_field_takes_the_words_of_a_person(field, value, stderr):
    with opened(LogSettings(), "serve kiosk"):
        tell(Event.PAGE_FAILED, **{field: value})
    _, line, _ = stderr()
    assert line[field] == "?"


def test_of_an_error_the_type_and_the_place_are_told_and_not_what_it_says(stderr):
    with opened(LogSettings(), "serve kiosk"):
        try:
            raise ServerError(f"{CANARY} was asked")
        except ServerError as error:
            tell(Event.PAGE_FAILED, error, status=503)
    _, line, _ = stderr()
    assert set(line) == LINE | {"type", "file", "line", "status"}
    assert (line["type"], line["file"]) == ("assistant.openai_http.ServerError", "tests/test_assistant_log.py")


def test_libraries_are_heard_without_their_messages(stderr):
    with opened(LogSettings(), "serve kiosk"):
        logging.getLogger("httpx2").warning("GET /ask?question=%s", CANARY)
        try:
            raise ValueError(CANARY)
        except ValueError:
            logging.getLogger("asyncio").exception("a task with %s failed", CANARY)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(f"{CANARY} is old", UserWarning, stacklevel=1)
    lines = stderr()[1:-1]
    assert [(line["event"], line["logger"]) for line in lines] \
        == [("library", "httpx2"), ("library", "asyncio"), ("library", "py.warnings")]
    assert [line.get("type") for line in lines] == [None, "ValueError", None]
    assert CANARY not in json.dumps(lines, ensure_ascii=False)


def test_files_rotate_within_their_caps_and_are_for_their_owner_alone(tmp_path, stderr):
    with opened(LogSettings(tmp_path / "logs", max_bytes=10_000, files=3), "serve kiosk"):
        for _ in range(1000):
            tell(Event.SYNC_DONE, activated=1)
    files = sorted((tmp_path / "logs").iterdir())
    assert [path.name for path in files] == ["serve-kiosk.jsonl", "serve-kiosk.jsonl.1", "serve-kiosk.jsonl.2"]
    assert all(path.stat().st_size <= 10_000 for path in files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stderr() == []


def test_only_what_is_as_grave_as_the_level_is_written(tmp_path):
    with opened(LogSettings(tmp_path, level="warning"), "serve kiosk"):
        tell(Event.SYNC_DONE)
        tell(Event.GENERATOR_FAILED, code="server_failed")
    assert [line["event"] for line in written(tmp_path)] == ["generator_failed"]


def test_where_the_folder_cannot_be_written_lines_go_to_stderr_and_say_so(tmp_path, stderr):
    (tmp_path / "logs").write_text("", encoding="utf-8")
    with opened(LogSettings(tmp_path / "logs"), "serve kiosk"):
        tell(Event.SYNC_DONE)
    assert [line["event"] for line in stderr()] == ["log_moved", "started", "sync_done", "stopped"]


def test_a_full_disk_costs_lines_and_quotes_none(tmp_path, stderr, monkeypatch):
    with opened(LogSettings(tmp_path), "serve kiosk"):
        monkeypatch.setattr("assistant.log.RotatingFileHandler.shouldRollover", lambda *_given: 1 / 0)
        tell(Event.SYNC_DONE)
        monkeypatch.undo()
    assert [line["event"] for line in written(tmp_path)] == ["started", "stopped"]
    assert stderr() == []


def test_nothing_is_written_before_a_log_is_open_or_after(stderr):
    tell(Event.CRASHED, ValueError(CANARY))
    with opened(LogSettings(), "serve kiosk"):
        stderr()
    stderr()
    tell(Event.CRASHED, ValueError(CANARY))
    assert stderr() == []


def test_the_settings_of_the_table_are_read_and_its_folder_is_relative_to_the_data(tmp_path):
    assert log_settings_of(settings.load(tmp_path)) == LogSettings(None, 1_000_000, 5, "info")
    (tmp_path / "config.toml").write_text('[logs]\nfolder = "logs"\nmax_bytes = 20_000\nfiles = 2\nlevel = "error"\n',
                                          encoding="utf-8")
    assert log_settings_of(settings.load(tmp_path)) == LogSettings(tmp_path / "logs", 20_000, 2, "error")


@pytest.mark.parametrize(("line", "said"), [("files = 1", "files"), ("max_bytes = 9", "max_bytes"),
                                            ('level = "debug"', "level"), ('folder = ""', "folder"),
                                            ("folder = 7", "folder"), ("sizes = 3", "sizes")])
def test_a_setting_that_cannot_be_is_refused_by_name(line, said, tmp_path):
    (tmp_path / "config.toml").write_text(f"[logs]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        settings.load(tmp_path)


def test_sync_watch_writes_its_log_to_the_folder_and_people_read_their_lines_as_before(tmp_path):
    (tmp_path / "config.toml").write_text('[logs]\nfolder = "logs"\n', encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "assistant", "sync", "watch", "--data-dir", str(tmp_path)],
                          capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 1
    assert "root of trust" in done.stderr
    assert [line["event"] for line in written(tmp_path / "logs", "sync-watch.jsonl")] == ["started"]
    assert not (tmp_path / "crashes").exists()
