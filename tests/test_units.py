"""The units of docs/: systemd takes them, and what they promise of the network and the disk stands in them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

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


def test_what_answers_has_no_network_and_writes_the_outbox_alone():
    service = unit("rohnamo-serve.service")["Service"]
    assert (service["PrivateNetwork"], service["IPAddressDeny"], service["RestrictAddressFamilies"]) \
        == ("yes", "any", "AF_UNIX")
    assert (service["ProtectSystem"], service["ReadWritePaths"]) == ("strict", "/var/lib/rohnamo/sync")
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


@pytest.mark.parametrize("name", ["rohnamo-serve.socket", "rohnamo-kiosk.service"])
def test_what_is_reached_is_this_machine_alone(name):
    section = unit(name)["Socket" if name.endswith("socket") else "Service"]
    assert (section["IPAddressDeny"], section["IPAddressAllow"]) == ("any", "localhost")


def test_address_policy_and_browser_name_the_same_place():
    address = f"http://{unit('rohnamo-serve.socket')['Socket']['ListenStream']}"
    policy = json.loads((UNITS / "chromium-policy.json").read_text(encoding="utf-8"))
    assert policy["URLAllowlist"] == [address]
    assert policy["URLBlocklist"] == ["*"]
    assert unit("rohnamo-kiosk.service")["Service"]["ExecStart"].endswith(f" {address}/")


def test_every_unit_is_in_the_runbook():
    runbook = (UNITS.parent / "set-up-a-kiosk.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if name.removesuffix(".service") not in runbook] == []
