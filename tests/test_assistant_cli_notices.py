"""`rohnamo summarise`: what it prints, how it ends, and a batch that goes on where it was killed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from tests.test_assistant_notices import NOTICE

runner = CliRunner()
ASSETS = Path(__file__).parent / "assets"
BATCH = 100


def summarise(data, *words):
    return runner.invoke(app, ["summarise", *map(str, words), "--data-dir", str(data)])


@pytest.fixture
def notice(tmp_path):
    path = tmp_path / "notice.md"
    path.write_text(NOTICE, encoding="utf-8")
    return path


def test_a_card_is_printed_in_plain_tajik_with_russian_beside_it(tmp_path, notice):
    done = summarise(tmp_path / "data", notice)
    assert done.exit_code == 0
    assert "Муҳлати охирин: то 31 марти соли 2026." in done.stdout
    assert "Последний срок: до 31 марта 2026 года." in done.stdout
    assert "Рақаму санаҳо: дар огоҳинома 8, дар корт 6, берун аз корт 2." in done.stdout


def test_json_is_one_object_a_notice(tmp_path, notice):
    lines = summarise(tmp_path / "data", notice, "--json").stdout.splitlines()
    card, = map(json.loads, lines)
    assert (card["file"], card["status"], card["of"]) == ("notice.md", "notice", 1)
    assert all(one["quote"] for field in card["fields"] for one in field["citations"])


def test_a_file_that_cannot_be_read_says_why_and_what_to_do(tmp_path):
    done = summarise(tmp_path / "data", ASSETS / "encrypted.pdf")
    assert done.exit_code == 1
    assert "protected by a password" in done.stderr
    assert "Ask the publisher for a copy without a password." in done.stderr
    told = json.loads(summarise(tmp_path / "data", ASSETS / "encrypted.pdf", "--json").stdout)
    assert told["error"]["code"] == "encrypted_file"


def test_one_bad_file_does_not_stop_the_others(tmp_path, notice):
    done = summarise(tmp_path / "data", ASSETS / "encrypted.pdf", tmp_path / "gone.pdf", notice, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [line.get("error", {}).get("code") for line in lines] == ["encrypted_file", "unreadable_file", None]


def test_resume_without_a_batch_is_wrong_usage(tmp_path, notice):
    done = summarise(tmp_path / "data", notice, "--resume")
    assert done.exit_code == 2
    assert not (tmp_path / "data").exists()


def test_a_folder_with_outcomes_is_not_written_over(tmp_path, notice):
    kept = tmp_path / "cards"
    assert summarise(tmp_path / "data", notice, "--batch", kept).exit_code == 0
    before = {path: path.read_bytes() for path in kept.iterdir()}
    done = summarise(tmp_path / "data", notice, "--batch", kept)
    assert done.exit_code == 1
    assert "Add --resume" in done.stderr
    assert {path: path.read_bytes() for path in kept.iterdir()} == before


def test_a_changed_file_is_read_again_and_a_bad_one_has_its_outcome(tmp_path, notice):
    kept = tmp_path / "cards"
    shutil.copy(ASSETS / "encrypted.pdf", tmp_path / "locked.pdf")
    files = (notice, tmp_path / "locked.pdf")
    first = json.loads(summarise(tmp_path / "data", *files, "--batch", kept, "--json").stdout)
    assert {name: first[name] for name in ("files", "cards", "kept", "failed")} \
        == {"files": 2, "cards": 1, "kept": 0, "failed": 1}
    notice.write_text(NOTICE.replace("31 март", "30 апрел"), encoding="utf-8")
    second = json.loads(summarise(tmp_path / "data", *files, "--batch", kept, "--resume", "--json").stdout)
    assert (second["kept"], second["cards"]) == (1, 1)
    assert len(list(kept.glob("notice.md.*.json"))) == 2


def test_a_batch_of_a_hundred_goes_on_where_it_was_killed(tmp_path):
    folder, kept = tmp_path / "notices", tmp_path / "cards"
    folder.mkdir()
    for number in range(BATCH):
        words = NOTICE.replace("300 оила", f"{300 + number} оила")
        (folder / f"{number:03}.md").write_text(words, encoding="utf-8")
    command = [sys.executable, "-m", "assistant", "summarise", str(folder), "--batch", str(kept), "--data-dir",
               str(tmp_path / "data")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as batch:
        for line in batch.stderr:
            if "20/100" in line:
                batch.send_signal(signal.SIGKILL)
                break
    whole = {path.name: path.read_bytes() for path in kept.glob("*.json")}
    assert 20 <= len(whole) < BATCH
    assert all(json.loads(data)["cards"] for data in whole.values())
    told = json.loads(summarise(tmp_path / "data", folder, "--batch", kept, "--resume", "--json").stdout)
    assert (told["cards"], told["kept"], told["failed"]) == (BATCH, len(whole), 0)
    now = {path.name: path.read_bytes() for path in kept.glob("*.json")}
    assert len(now) == BATCH
    assert whole.items() <= now.items()


@pytest.mark.parametrize(("kind", "begins"), [("docx", b"PK"), ("pdf", b"%PDF"), ("json", b"{")])
def test_a_card_is_written_as_the_ending_says_and_never_over_a_file_that_is_there(tmp_path, notice, kind, begins):
    target = tmp_path / f"корт.{kind}"
    done = summarise(tmp_path / "data", notice, "--export", target)
    assert (done.exit_code, done.stdout.strip()) == (0, str(target))
    assert target.read_bytes().startswith(begins)
    target.write_bytes(b"mine")
    assert summarise(tmp_path / "data", notice, "--export", target).exit_code == 1
    assert target.read_bytes() == b"mine"


def test_the_cards_of_two_notices_in_one_file_are_numbered(tmp_path, notice):
    notice.write_text(f"{NOTICE}\n\n{NOTICE}", encoding="utf-8")
    done = summarise(tmp_path / "data", notice, "--export", tmp_path / "корт.json", "--json")
    names = [tmp_path / f"корт-{number}.json" for number in (1, 2)]
    assert json.loads(done.stdout) == {"files": list(map(str, names))}
    assert [json.loads(name.read_bytes())["number"] for name in names] == [1, 2]


@pytest.mark.parametrize("target", ["корт.xls", "корт"])
def test_an_ending_that_is_not_known_is_refused_by_name(tmp_path, notice, target):
    done = summarise(tmp_path / "data", notice, "--export", tmp_path / target)
    assert done.exit_code == 1
    assert ".docx, .pdf, .json" in done.stderr
    assert not (tmp_path / target).exists()


def test_many_notices_are_exported_by_a_batch(tmp_path, notice):
    done = summarise(tmp_path / "data", notice, notice, "--export", tmp_path / "корт.pdf")
    assert done.exit_code == 1
    assert "--batch" in done.stderr
