"""The units of docs/: systemd takes them, and what they promise of the network and the disk stands in them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from assistant.prepared_view import FOLDER
from tests.receiving import Receiver, fishing

UNITS = Path(__file__).parents[1] / "docs" / "units"
NAMES = sorted(path.name for path in UNITS.iterdir() if path.suffix in (".service", ".socket", ".timer"))


def unit(name):
    """Return the sections of a unit; of a name that is there several times, the last."""
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str
    read.read_string((UNITS / name).read_text(encoding="utf-8"))
    return read


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_takes_every_unit(tmp_path):
    for name in NAMES:
        text = (UNITS / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(re.sub(r"(?m)^(Exec\w+=)\S+", r"\1/bin/true", text), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in NAMES)],
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["rohnamo-serve.service", "rohnamo-api.service"])
def test_what_answers_has_no_network_and_writes_the_outbox_its_crashes_and_its_log_alone(name):
    service = unit(name)["Service"]
    assert (service["PrivateNetwork"], service["IPAddressDeny"], service["RestrictAddressFamilies"]) \
        == ("yes", "any", "AF_UNIX")
    assert service["ProtectSystem"] == "strict"
    assert [path.removeprefix("-") for path in service["ReadWritePaths"].split()] == [
        f"/var/lib/rohnamo/{folder}" for folder in ("sync", "crashes", "logs")]
    assert (service["MemorySwapMax"], service["LimitCORE"]) == ("0", "0")


def test_what_came_from_the_ministry_is_closed_to_what_answers(tmp_path):
    machine = Receiver(tmp_path)
    machine.release(1, fishing(40))
    machine.close()
    home = machine.config.data_dir / "sync"
    closed = unit("rohnamo-serve.service")["Service"]["ReadOnlyPaths"].split()
    folders = {path.name for path in home.iterdir() if path.is_dir()}
    assert folders
    assert {f"-/var/lib/rohnamo/sync/{name}" for name in folders} == set(closed)
    runbook = (UNITS.parent / "set-up-a-kiosk.md").read_text(encoding="utf-8")
    [made] = re.findall(r"/var/lib/rohnamo/sync/{,(\S+?)}", runbook)
    assert set(made.split(",")) == folders


@pytest.mark.parametrize("role", ["clerk", "admin"])
def test_a_desk_has_no_network_and_writes_nothing_that_answers_or_waits_for_signatures(role):
    service = unit(f"rohnamo-{role}.service")["Service"]
    assert (service["PrivateNetwork"], service["IPAddressDeny"], service["RestrictAddressFamilies"]) \
        == ("yes", "any", "AF_UNIX")
    assert (service["MemorySwapMax"], service["LimitCORE"]) == ("0", "0")
    assert service["ExecStart"].endswith(f" serve --role {role}")
    closed = {path.removeprefix("-/var/lib/rohnamo/") for path in service["ReadOnlyPaths"].split()}
    assert {"generations", "drafts", "models", FOLDER, "config.toml", "desk.key"} <= closed


@pytest.mark.parametrize(("role", "port", "runbook"), [
    ("clerk", 8081, "open-a-desk.md"), ("admin", 8082, "open-a-desk.md"), ("api", 8083, "use-the-api.md")])
def test_what_is_served_is_at_the_address_that_its_runbook_names(role, port, runbook):
    assert unit(f"rohnamo-{role}.socket")["Socket"]["ListenStream"] == f"127.0.0.1:{port}"
    assert f"127.0.0.1:{port}" in (UNITS.parent / runbook).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["rohnamo-serve.socket", "rohnamo-kiosk.service", "rohnamo-clerk.socket",
                                  "rohnamo-admin.socket", "rohnamo-api.socket"])
def test_what_is_reached_is_this_machine_alone(name):
    section = unit(name)["Socket" if name.endswith("socket") else "Service"]
    assert (section["IPAddressDeny"], section["IPAddressAllow"]) == ("any", "localhost")


def test_address_policy_and_browser_name_the_same_place():
    address = f"http://{unit('rohnamo-serve.socket')['Socket']['ListenStream']}"
    policy = json.loads((UNITS / "chromium-policy.json").read_text(encoding="utf-8"))
    assert policy["URLAllowlist"] == [address]
    assert policy["URLBlocklist"] == ["*"]
    assert unit("rohnamo-kiosk.service")["Service"]["ExecStart"].endswith(f" {address}/")


def test_every_unit_is_in_a_runbook():
    runbooks = "".join((UNITS.parent / name).read_text(encoding="utf-8")
                       for name in ("set-up-a-kiosk.md", "open-a-desk.md", "use-the-api.md"))
    assert [name for name in NAMES if name.removesuffix(".service") not in runbooks] == []
