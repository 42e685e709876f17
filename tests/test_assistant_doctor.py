"""What `doctor` says of a machine of which one part is broken: that part by its name, and all the others as ever."""

from __future__ import annotations

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant import config as settings
from assistant.cli import app
from assistant.config import Config
from assistant.doctor import Check, closed, examination, examine, fetching, machine, network, program, worst
from assistant.models import Models, ModelState, State
from assistant.printer import PrinterState
from assistant.profile import Role
from assistant.server_settings import Server
from assistant.staff_pin import pin_path, set_pin
from assistant.web.settings import KioskSettings
from corpora import ocr
from sync.device import device_key
from sync.expiry import expiries
from sync.state import State as MachineState
from tests.disk import everything
from tests.repository_simulator import NOW, RepositorySimulator


@pytest.fixture
def config(tmp_path):
    root = tmp_path / "data"
    root.mkdir(mode=0o755)
    return Config(root, encoder="none")


def told(checks):
    return [(check.name, check.state) for check in checks]


def only(checks):
    [check] = checks
    return check


def test_a_machine_is_told_whole_and_nothing_is_changed(config):
    before = everything(config.data_dir)
    names = [check.name for check in examine(config)]
    assert {"program", "fonts", "data directory", "memory", "permissions", "drafts", "snapshot", "encoder", "models",
            "scans", "printer", "network", "sync", "clock"} <= set(names)
    assert everything(config.data_dir) == before


def test_words_and_json_say_the_same(seed_config):
    asked = ["doctor", "--data-dir", str(seed_config.data_dir)]
    plain = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    words = CliRunner().invoke(app, asked)
    assert plain["can_answer"] is (words.exit_code == 0) is True
    for check in plain["checks"]:
        assert set(check) == {"name", "state", "message", "next_step"}
        # What is free changes from one moment to the next.
        assert check["name"] in ("memory", "data directory") or f"{check['name']}: {check['message']}" in words.stdout


@pytest.mark.parametrize("broken", ["versions", "fonts", "scans"])
def test_a_check_that_breaks_hides_no_other(config, monkeypatch, broken):
    whole = told(examine(config))

    def breaks(_config):
        raise RuntimeError("it broke")

    checks = tuple((name, breaks if look is getattr(program, broken) else look)
                   for name, look in examination._CHECKS)
    monkeypatch.setattr(examination, "_CHECKS", checks)
    found = examine(config)
    assert [check.message for check in found if check.message == "it broke"] == ["it broke"]
    name = {"versions": "program"}.get(broken, broken)
    assert [one for one in told(found) if one[0] != name] == [one for one in whole if one[0] != name]


# The program.


def test_the_versions_are_named_and_a_library_that_is_missing_is_bad(config, monkeypatch):
    said = only(program.versions(config)).message
    assert all(name in said for name in ("rohnamo 0.", "Python 3.", "SQLite 3.", "faiss-cpu ", "tuf ", "cryptography "))
    monkeypatch.setattr(program, "LIBRARIES", (*program.LIBRARIES, "no-such-library"))
    fine, bad = program.versions(config)
    assert (fine.state, bad.state, bad.message) == ("ok", "bad", "not installed: no-such-library")


@pytest.mark.parametrize("fault", ["damaged", "missing"])
def test_a_font_that_is_not_as_it_shipped_is_bad(config, monkeypatch, tmp_path, fault):
    assert only(program.fonts(config)).state == "ok"
    copies = {}
    for at, (path, known) in enumerate(program.FONTS.items()):
        copies[tmp_path / f"{at}-{path.name}"] = known
        shutil.copy(path, tmp_path / f"{at}-{path.name}")
    monkeypatch.setattr(program, "FONTS", copies)
    assert only(program.fonts(config)).state == "ok"
    first = next(iter(copies))
    if fault == "damaged":
        first.write_bytes(first.read_bytes()[:-1] + b"!")
    else:
        first.unlink()
    bad = only(program.fonts(config))
    assert (bad.state, first.name in bad.message) == ("bad", True)
    assert worst([bad]) == 1


def test_every_font_that_ships_is_looked_at():
    root = Path(__file__).parents[1]
    shipped = [path for folder in ("corpora/fonts", "assistant/web/static/fonts")
               for path in (root / folder).iterdir() if path.suffix in (".ttf", ".woff2")]
    assert sorted(path.resolve() for path in program.FONTS) == sorted(path.resolve() for path in shipped)


def test_without_the_tajik_of_tesseract_scans_are_noted(config, monkeypatch):
    monkeypatch.setattr(ocr, "missing", lambda: "tesseract lacks tgk")
    noted = only(program.scans(config))
    assert (noted.state, noted.next_step) == ("note", ocr.INSTALL)
    assert "tgk" in noted.message


# The machine.


@pytest.mark.parametrize(("free", "state"), [(2_000_000, "ok"), (200_000, "note")])
def test_little_memory_is_noted(config, monkeypatch, tmp_path, free, state):
    told = tmp_path / "meminfo"
    told.write_text(f"MemTotal: 4000000 kB\nMemAvailable: {free} kB\nSwapTotal: 1000000 kB\n", "ascii")
    monkeypatch.setattr(machine, "_MEMORY", told)
    found = only(machine.memory(config))
    assert found.state == state
    assert "1,024 MB of swap" in found.message


def test_a_model_wants_its_memory_too(config, monkeypatch, tmp_path):
    soro = ModelState("soro", Role.ANSWER, State.READY, None, "00" * 32, 4_000_000_000, "", "")
    monkeypatch.setattr(Models, "list", lambda _self: [soro])
    told = tmp_path / "meminfo"
    told.write_text("MemAvailable: 2000000 kB\nSwapTotal: 0 kB\n", "ascii")
    monkeypatch.setattr(machine, "_MEMORY", told)
    assert only(machine.memory(config)).state == "note"


def test_a_printer_that_cannot_print_is_noted_and_the_other_one_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "state_of", lambda queue: PrinterState.READY if queue == "a4" else
                        PrinterState.PAPER_OUT)
    config = Config(tmp_path, kiosk=KioskSettings(printer="a4", receipt_printer="slip"))
    assert [(check.state, check.message) for check in machine.printers(config)] == [
        ("ok", "a4 can print"), ("note", "slip: it has no paper")]
    assert only(machine.printers(Config(tmp_path))).state == "ok"


# Permissions.


def test_a_data_directory_that_others_may_write_is_bad(config):
    assert only(closed.permissions(config)).state == "ok"
    config.data_dir.chmod(0o777)
    bad = only(closed.permissions(config))
    assert (bad.state, bad.next_step) == ("bad", f"Change that: chmod 700 {config.data_dir}")


def test_each_secret_that_others_can_read_is_named(config, tmp_path):
    root, elsewhere = config.data_dir, tmp_path / "server.key"
    set_pin(config, "481516")
    with MachineState(root / "sync" / "state.db") as state:
        device_key(state.connection)
    for path in (root / "desk.key", elsewhere):
        path.write_text("key", "utf-8")
        path.chmod(0o600)
    config = Config(root, server=Server("https://ai.example.tj/v1", "soro", key_file=elsewhere))
    assert told(closed.permissions(config)) == [("permissions", "ok")]
    secrets = [root / "sync" / "state.db", pin_path(config), root / "desk.key", elsewhere]
    for path in secrets:
        path.chmod(0o644)
    noted = [check.message for check in closed.permissions(config) if check.state == "note"]
    assert noted == [f"the group and others can read {path}" for path in secrets]
    root.chmod(0o700)                              # nobody else comes in to what lies in it
    assert [check.message for check in closed.permissions(config) if check.state == "note"] == noted[-1:]


def test_the_state_of_a_machine_is_made_for_its_owner_alone(config):
    path = config.data_dir / "sync" / "state.db"
    with MachineState(path) as state:
        device_key(state.connection)
        made = [one for one in path.parent.iterdir() if one.name.startswith("state.db")]
        assert len(made) > 1
        assert not [one for one in made if one.stat().st_mode & 0o077]


def test_a_key_that_cannot_be_read_is_bad(config, monkeypatch):
    key = config.data_dir / "desk.key"
    key.write_text("key", "utf-8")
    key.chmod(0o600)
    monkeypatch.setattr(os, "access", lambda path, _mode: path != key)
    ok, bad = closed.permissions(config)
    assert (ok.state, bad.state) == ("ok", "bad")
    assert str(key) in bad.message


def test_the_directory_of_another_user_is_noted_with_how_to_run_it(config, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    noted = only(closed.permissions(config))
    assert (noted.state, "sudo -u" in noted.next_step) == ("note", True)


# What was signed.


@pytest.fixture
def signed(config):
    """The metadata that TUF's client keeps, as the ministry signed it."""
    folder = config.data_dir / "sync" / "tuf"
    folder.mkdir(parents=True)
    repository = RepositorySimulator()
    for name in ("root", "targets", "snapshot", "timestamp"):
        (folder / f"{name}.json").write_bytes(repository.roles[name].to_bytes())
    (config.data_dir / "root.json").write_bytes(repository.trusted_root)
    return folder


def test_what_holds_for_long_is_told_and_what_ends_soon_or_is_over_is_noted(config, signed):
    ends = dict(expiries(signed))
    assert set(ends) == {"root", "targets", "snapshot", "timestamp"}
    soon = min(end for role, end in ends.items() if role != "timestamp")
    found = {check.message.split()[0]: check for check in fetching.signatures(config, soon - timedelta(days=29))}
    assert [role for role, check in found.items() if check.state == "note" and "over" not in check.message] \
        == [role for role, end in sorted(ends.items()) if role != "timestamp" and end == soon]
    over = list(fetching.signatures(config, max(ends.values())))
    assert {check.state for check in over} == {"note"}
    assert all("is over since" in check.message and "answers on" in check.message for check in over)
    assert worst(over) == 0                        # it limits what is accepted, never what is served


def test_a_timestamp_is_noted_only_shortly_before_its_end(config, signed):
    end = dict(expiries(signed))["timestamp"]
    for days, state in ((4, "ok"), (2, "note")):
        [check] = [check for check in fetching.signatures(config, end - timedelta(days=days))
                   if check.message.startswith("timestamp")]
        assert check.state == state


def test_metadata_that_cannot_be_read_hides_none_beside_it(config, signed):
    (signed / "snapshot.json").write_bytes(b"{")
    found = list(fetching.signatures(config, NOW))
    assert len(found) == 4
    assert [check.state for check in found if "snapshot.json cannot be read" in check.message] == ["note"]


def test_a_clock_is_compared_only_where_something_was_signed(config):
    assert "nothing was signed here" in only(fetching.clock(config, NOW)).message


# The network.

ROUTES = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
OUT4 = ROUTES + "eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
NEAR4 = ROUTES + "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
OUT6 = f"{'0' * 32} 00 {'0' * 32} 00 fe80{'0' * 28} 00000400 00000001 00000000 00000003     eth0\n"
LO6 = f"{'0' * 32} 00 {'0' * 32} 00 {'0' * 32} ffffffff 00000001 00000000 00200200       lo\n"


@pytest.fixture
def proc(tmp_path, monkeypatch):
    """Tables of routes as the kernel shows them, of this process and of one with the number 7; no systemd."""
    folder = tmp_path / "proc"
    for process in ("self", "7"):
        (folder / process / "net").mkdir(parents=True)
        (folder / process / "net" / "route").write_text(NEAR4, "ascii")
        (folder / process / "net" / "ipv6_route").write_text(LO6, "ascii")
    monkeypatch.setattr(network, "_PROC", folder)
    monkeypatch.setattr(network, "_SYSTEMD", tmp_path / "no-systemd")
    return folder


@pytest.mark.parametrize(("table", "rows", "state"), [("route", OUT4, "note"), ("ipv6_route", OUT6, "note"),
                                                      ("route", NEAR4, "ok"), ("ipv6_route", LO6, "ok")])
def test_without_our_units_it_is_told_whether_a_way_leads_out(config, proc, table, rows, state):
    (proc / "self" / "net" / table).write_text(rows, "ascii")
    assert [check.state for check in network.reach(config)] == ["ok", state]


def units(monkeypatch, tmp_path, **found):
    """Let systemd run here and say this of rohnamo-serve."""
    monkeypatch.setattr(network, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")

    def show(command, **_named):
        loaded = command[2] == "rohnamo-serve.service"
        lines = {"LoadState": "loaded", **found} if loaded else {"LoadState": "not-found"}
        return type("Told", (), {"stdout": "".join(f"{name}={value}\n" for name, value in lines.items())})

    monkeypatch.setattr(network.subprocess, "run", show)


@pytest.mark.parametrize(("found", "state"), [
    ({"PrivateNetwork": "yes"}, "ok"), ({"RestrictAddressFamilies": "AF_UNIX"}, "ok"),
    ({"RestrictAddressFamilies": "AF_UNIX AF_INET"}, "note"), ({"RestrictAddressFamilies": "~AF_PACKET"}, "note"),
    ({"IPAddressDeny": "0.0.0.0/0 ::/0"}, "ok"), ({"IPAddressDeny": "10.0.0.0/8"}, "note"), ({}, "note")])
def test_what_a_unit_forbids_is_told(config, proc, monkeypatch, tmp_path, found, state):
    units(monkeypatch, tmp_path, **found)
    assert [check.state for check in network.reach(config)] == ["ok", state]


def test_a_unit_that_runs_with_a_way_out_is_noted_whatever_its_file_says(config, proc, monkeypatch, tmp_path):
    units(monkeypatch, tmp_path, PrivateNetwork="yes", MainPID="7")
    assert [check.state for check in network.reach(config)] == ["ok", "ok"]
    (proc / "7" / "net" / "route").write_text(OUT4, "ascii")
    assert [check.state for check in network.reach(config)] == ["ok", "note"]


def test_a_check_reads_for_a_person():
    assert Check("fonts", "bad", "missing", "Install.").lines() == ["bad   fonts: missing", "      → Install."]


def test_a_server_of_snapshots_that_does_not_answer_is_bad_and_hides_nothing(tmp_path):
    pytest.importorskip("psycopg")
    (tmp_path / "config.toml").write_text(
        f'encoder = "none"\n[index]\nserver = "postgresql:///rohnamo?host={tmp_path}"\n', "utf-8")
    found = examine(settings.load(tmp_path))
    assert [check.state for check in found if check.name == "snapshot"] == ["bad"]
    assert {"sync", "clock", "network"} <= {check.name for check in found}
