"""How the machines are, from what they signed: late, silent, in trouble, and how that went over time."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from typer.testing import CliRunner

from assistant import cli_fleet
from assistant.config import Config
from assistant.fleet_view import Standing, behind_days, error_words, read_fleet
from assistant.records import AnswerStatus
from assistant.report import machine_status
from assistant.sync_settings import SyncSettings, home_of
from assistant.tally import Tally, read_tally
from assistant.texts import LANGUAGES, text
from assistant.waiting import opened_inbox, opened_outbox
from sync.client import STATE
from sync.clock import Reading
from sync.errors import SyncError
from sync.state import Held, State
from tests.fleet_reports import machine, said

DAY = date(2026, 11, 26)


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path / "ministry")


@pytest.fixture
def fleet(config):
    """Four machines: one is up to date, one behind, one silent, one was never heard."""
    keys = {name: machine(config, name, DAY - timedelta(days=60)) for name in ("good", "late", "silent", "new")}
    said(config, keys["silent"], DAY - timedelta(days=40), {"min-health": 1}, asked=10, abstained=5)
    for back in (30, 20, 10, 0):
        held = 1 if back > 25 else 2
        said(config, keys["good"], DAY - timedelta(days=back), {"min-health": held}, asked=400 - 10 * back,
             abstained=100 - 2 * back)
        said(config, keys["late"], DAY - timedelta(days=back), {"min-health": 1}, asked=300, abstained=30)
    return keys


def rows(config):
    return {row.name: row for row in read_fleet(config, DAY).rows}


def test_each_machine_is_as_its_newest_report_says(config, fleet):
    found = rows(config)
    assert {name: row.standing for name, row in found.items()} == {
        "good": Standing.GOOD, "late": Standing.LATE, "silent": Standing.SILENT, "new": Standing.SILENT}
    assert (found["good"].behind_days, found["late"].behind_days) == (0, 20)
    assert (found["good"].age_days, found["late"].age_days) == (20, 40)
    assert (found["silent"].silent_days, found["new"].reported) == (40, None)
    assert (found["good"].asked, found["good"].abstained) == (400, 100)


def test_the_worst_stand_first(config, fleet):
    assert [row.name for row in read_fleet(config, DAY).rows] == ["silent", "new", "late", "good"]


@pytest.mark.parametrize("trouble", [{"clock_bad": True}, {"errors": ("no_space",)}, {"free_bytes": 100}])
def test_a_machine_that_reports_trouble_is_in_trouble(config, fleet, trouble):
    said(config, fleet["good"], DAY, {"min-health": 2}, counter=3 * 10**9, **trouble)
    assert rows(config)["good"].standing is Standing.TROUBLE
    assert rows(config)["late"].standing is Standing.LATE


def test_what_a_machine_claims_beyond_what_was_published_makes_no_other_late(config, fleet):
    said(config, fleet["good"], DAY - timedelta(days=5), {"min-health": 10_000}, counter=3 * 10**9)
    assert rows(config)["late"].behind_days == 20
    with State(home_of(config) / STATE) as state:
        state.hold("min-health", Held("a" * 64, 2, 2))
    said(config, fleet["silent"], DAY, {"min-health": 2}, counter=3 * 10**9)
    assert rows(config)["silent"].behind_days == 0


def test_a_release_that_came_today_makes_nobody_late_before_tomorrow():
    known = {"a": [(1, DAY - timedelta(days=9)), (2, DAY)], "b": [(7, DAY - timedelta(days=3))]}
    assert behind_days({"a": 1, "b": 7}, known, DAY) == 0
    assert behind_days({"a": 1, "b": 7}, known, DAY + timedelta(days=2)) == 2
    assert behind_days({"a": 2}, known, DAY) == 3


def test_the_days_show_how_many_had_the_newest_release_and_how_many_questions_had_no_answer(config, fleet):
    days = {one.day: one for one in read_fleet(config, DAY).days}
    assert len(days) == 90
    before = days[DAY - timedelta(days=50)]
    assert (before.machines, before.fresh, before.abstained) == (0, None, None)
    assert days[DAY - timedelta(days=25)].fresh == 1.0
    assert days[DAY].fresh == pytest.approx(1 / 3)
    assert (days[DAY].asked, days[DAY].abstained) == (100, 0.2)
    assert days[DAY - timedelta(days=1)].abstained is None


def test_a_machine_that_counts_from_nothing_again_counts_what_it_has(config, fleet):
    said(config, fleet["good"], DAY + timedelta(days=1), {"min-health": 2}, counter=3 * 10**9, asked=4, abstained=1)
    last = read_fleet(config, DAY + timedelta(days=1)).days[-1]
    assert (last.asked, last.abstained) == (4, 0.25)


def test_a_report_that_is_older_or_anothers_changes_neither_the_row_nor_the_past(config, fleet):
    before = read_fleet(config, DAY)
    said(config, fleet["good"], DAY, {"min-health": 1}, counter=1)
    after = read_fleet(config, DAY)
    assert (after.days, after.rows[-1].releases) == (before.days, before.rows[-1].releases)
    assert after.rows[-1].refused == 1


def test_the_past_is_forgotten_with_the_events(config, fleet):
    with opened_inbox(config) as inbox:
        inbox.forget(DAY - timedelta(days=15))
        assert {one.day for one in inbox.fleet.history.since(date(2026, 1, 1))} == \
            {DAY - timedelta(days=10), DAY}
    assert rows(config)["good"].standing is Standing.GOOD


def test_the_table_has_a_line_for_each_and_no_cell_that_an_office_program_works_out(config, fleet):
    machine(config, '=HYPERLINK("http://evil.example")', DAY)
    table = list(csv.DictReader(StringIO(read_fleet(config, DAY).to_csv())))
    assert "'=HYPERLINK(\"http://evil.example\")" in [one["name"] for one in table]
    assert not [cell for one in table for cell in one.values() if cell.startswith(("=", "+", "@"))]
    assert len(table) == 5


# The two numbers of a machine

def test_a_machine_that_reports_counts_questions_and_those_without_an_answer_and_nothing_else(tmp_path):
    config, tally = Config(tmp_path, sync=SyncSettings()), Tally()
    for status in (AnswerStatus.ANSWERED, AnswerStatus.ANSWERED_PARTLY, AnswerStatus.ABSTAINED_NO_EVIDENCE,
                   AnswerStatus.FAILED_INPUT):
        tally.count(status)
    tally.keep(config)
    tally.keep(config)
    tally.count(AnswerStatus.ABSTAINED_UNSAFE)
    tally.keep(config)
    with State(home_of(config) / STATE) as state, opened_outbox(config) as outbox:
        assert read_tally(state.connection) == {"abstained": 2, "asked": 4}
        counters = machine_status(config, state, outbox, Reading(datetime(2026, 11, 26, tzinfo=UTC))).counters
    assert (counters["asked"], counters["abstained"]) == (4, 2)


def test_a_machine_that_does_not_report_writes_nothing(tmp_path):
    tally = Tally()
    tally.count(AnswerStatus.ANSWERED)
    tally.keep(Config(tmp_path))
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_now_is_kept_later(tmp_path):
    config, tally = Config(tmp_path, sync=SyncSettings()), Tally()
    tally.count(AnswerStatus.ANSWERED)
    home_of(config).write_bytes(b"in the way")
    tally.keep(config)
    home_of(config).unlink()
    tally.keep(config)
    with State(home_of(config) / STATE) as state:
        assert read_tally(state.connection) == {"asked": 1}


def test_the_command_line_tells_who_is_behind_the_worst_first(config, fleet, monkeypatch):
    monkeypatch.setattr(cli_fleet, "today", lambda: DAY)
    told = CliRunner().invoke(cli_fleet.machines, ["list", "--data-dir", str(config.data_dir)]).stdout.splitlines()
    assert [line.partition(":")[0] for line in told] == ["silent", "new", "late", "good"]
    assert "holds min-health 1; 20 days behind" in told[2]
    assert "behind" not in told[3]
    plain = json.loads(CliRunner().invoke(cli_fleet.machines, ["list", "--json", "--data-dir",
                                                               str(config.data_dir)]).stdout)["machines"]
    assert [(row["standing"], row["behind_days"]) for row in plain[2:]] == [("late", 20), ("good", 0)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_are_said_in_words_and_those_of_a_newer_program_as_they_are(language):
    said_so = error_words("no_space", language)
    assert said_so == text(language, "machine_error", "no_space")
    assert "_" not in said_so
    assert error_words("from_later", language) == "from later"


def test_every_error_of_sync_that_stays_has_words():
    classes = [SyncError]
    for one in classes:
        classes += one.__subclasses__()
    attempts = {"unreachable", "no_repository", "foreign_directory", "untrusted_repository", "damaged_repository",
                "expired_repository", "future_repository", "older_repository", "postponed", "bad_state", "bad_release",
                "bad_pack", "locked", "no_space_for_sync"}
    assert attempts <= {one.code for one in classes}
    assert all(error_words(code, "tg") != code.replace("_", " ") for code in attempts)
