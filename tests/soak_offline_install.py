"""A kit is gathered from the registries, then installed in a bare Debian whose network is cut: `make trial`.

Wants root, debootstrap, unshare, three gigabytes and about ten minutes.  What is new is always in a folder of the
test's own; this machine is not changed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from install.debian import release_of
from install.kit import fingerprint

ROHNAMO = Path(sys.executable).with_name("rohnamo")
PASSWORD = "пул об сипар дарахт кӯҳ"  # noqa: S105
KEYS = [f"root-{n}" for n in range(1, 6)] + [f"targets-{n}" for n in range(1, 4)] + ["snapshot-1", "timestamp-1"]
TABLE = ("root-1", "root-2", "root-3", "targets-1", "targets-2", "snapshot-1", "timestamp-1")
DOCUMENTS = {"fishing": "Барои иҷозатномаи моҳигирӣ 55 сомонӣ гирифта мешавад.",
             "bees": "Хоҷагии занбӯрпарварӣ дар ҷамоат ба қайд гирифта мешавад."}
QUESTION = "барои ичозатномаи мохигири чанд сомони мегиранд"
# A machine of its own: nothing of the network, of the processes and of the mounts of this one.
ALONE = ["unshare", "--mount", "--net", "--pid", "--fork"]
ENTER = """set -eu
mount --bind "$2" "$1/media/stick" && mount -o remount,bind,ro "$1/media/stick"
mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp"
root=$1; shift 2
exec chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb "$@"
"""

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a machine within this one"),
    pytest.mark.skipif(not shutil.which("debootstrap"), reason="debootstrap is not installed"),
    pytest.mark.skipif(not release_of(), reason="this is no Debian")]


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    """Return the folder of a real ministry's first days: keys, root.json, an exported release of two documents."""
    home = tmp_path_factory.mktemp("ministry")
    (home / "texts").mkdir()
    for name, text in DOCUMENTS.items():
        (home / f"texts/{name}.md").write_text(f"# {name}\n\n{text}\n", encoding="utf-8")
        (home / f"texts/{name}.toml").write_text(
            f'id = "{name}"\ntitle = "{name}"\npublisher = "Вазорати санҷиш"\nlanguage = "tg"\n', encoding="utf-8")
    for name in [*KEYS, "test-1"]:
        run(home, "keys", "new", name, "--into", "keys", passwords=2)
    publics = home / "publics"
    publics.mkdir()
    for name in KEYS:
        shutil.copy(home / f"keys/{name}.pub", publics)
    run(home, "keys", "begin", "repo", "--publics", "publics", *keyed(*TABLE), passwords=len(TABLE))
    run(home, "keys", "publisher", "repo", "test", "--public", "keys/test-1.pub", "--threshold", "1", "--into", "add")
    published(home, "add", "test-1", "targets-1", "targets-2")
    run(home, "ingest", "texts", "--into", "test")
    run(home, "release", "build", "test", "--repository", "repo", "--number", "1", "--into", "first")
    published(home, "first", "test-1")
    run(home, "release", "export", "repo", "export")
    return home


def published(home, prepared, *signers):
    for name in signers:
        run(home, "release", "sign", prepared, *keyed(name), passwords=1)
    run(home, "release", "publish", prepared, "repo", *keyed("snapshot-1", "timestamp-1"), passwords=2)


def keyed(*names):
    return [part for name in names for part in ("--key", f"keys/{name}.key")]


def run(home, *arguments, passwords=0):
    done = subprocess.run([ROHNAMO, *arguments], cwd=home, input=f"{PASSWORD}\n" * passwords, text=True,
                          capture_output=True, check=False,
                          env=os.environ | {"ROHNAMO_DATA_DIR": str(home / "data")})
    assert done.returncode == 0, f"{arguments}: {done.stderr}"


@pytest.fixture(scope="session")
def kit(release, tmp_path_factory):
    """Return a kit with all that a kiosk wants."""
    into = tmp_path_factory.mktemp("stick") / "kit"
    subprocess.run([sys.executable, "-m", "install.wheelhouse", "--into", str(into), "--profile", "light", "--debian",
                    "--release", str(release / "export"), "--root", str(release / "root.json")], check=True)
    return into


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    """Return the root of a bare Debian of the release that this machine has."""
    root = tmp_path_factory.mktemp("machine")
    subprocess.run(["debootstrap", "--variant=minbase", release_of(), str(root)], check=True,
                   stdout=subprocess.DEVNULL)
    root.chmod(0o755)             # it is "/" for those within, and pytest's folders are closed
    (root / "media/stick").mkdir(parents=True)
    return root


@pytest.fixture(scope="session")
def inside(kit, machine):
    """Return what runs a command within the bare machine, its network cut; the outcome has text."""
    def entered(*command):
        return subprocess.run([*ALONE, "bash", "-c", ENTER, "enter", str(machine), str(kit), *command],
                              capture_output=True, text=True, check=False)

    return entered


@pytest.fixture(scope="session")
def installed(inside, kit):
    """Return what the installation said."""
    done = inside("bash", "/media/stick/install.sh", "--fingerprint", fingerprint(kit))
    print(done.stderr)  # noqa: T201
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stderr


def as_rohnamo(*arguments):
    return ["runuser", "-u", "rohnamo", "--", "env", "-C", "/", "ROHNAMO_DATA_DIR=/var/lib/rohnamo",
            "/opt/rohnamo/bin/rohnamo", *arguments]


def test_the_machine_has_no_way_out(inside):
    done = inside("cat", "/proc/net/dev")
    assert [line.split(":")[0].strip() for line in done.stdout.splitlines()[2:]] == ["lo"]


def test_a_bare_machine_answers_from_the_kit_alone(installed, inside):
    assert "release 1 is in use now" in installed
    done = inside(*as_rohnamo("ask", QUESTION, "--json"))
    answer = json.loads(done.stdout)
    assert (answer["status"], "55 сомонӣ" in answer["claims"][0]["text"]) == ("answered", True)


def test_the_program_is_roots_and_the_data_are_its_own(installed, machine):
    assert installed
    place = (machine / "opt" / (machine / "opt/rohnamo").readlink()).stat()
    data = (machine / "var/lib/rohnamo").stat()
    assert (place.st_uid, place.st_mode & 0o022) == (0, 0)
    assert (data.st_uid != 0, data.st_mode & 0o777) == (True, 0o700)


def test_systemd_takes_the_units_as_they_were_installed(installed, inside):
    assert installed
    done = inside("bash", "-c", "systemd-analyze verify --man=no /etc/systemd/system/rohnamo-*")
    assert (done.returncode, done.stderr) == (0, "")
    enabled = inside("bash", "-c", "find /etc/systemd/system -path '*.wants/rohnamo-*' -printf '%f\n'").stdout.split()
    assert {"rohnamo-serve.socket", "rohnamo-serve.service", "rohnamo-sync.service", "rohnamo-kiosk.service",
            "rohnamo-night.timer"} == set(enabled)


def test_installing_again_changes_nothing_that_is_there(installed, inside, kit, machine):
    assert installed
    (machine / "var/lib/rohnamo/config.toml").write_text('encoder = "none"\n', encoding="utf-8")
    before = (machine / "opt/rohnamo").readlink()
    done = inside("bash", "/media/stick/install.sh", "--fingerprint", fingerprint(kit))
    assert "installing the program" not in done.stderr
    assert (machine / "opt/rohnamo").readlink() == before
    assert (machine / "var/lib/rohnamo/config.toml").read_text(encoding="utf-8") == 'encoder = "none"\n'


def test_an_installation_that_was_broken_off_goes_on(installed, inside, kit, machine):
    assert installed
    place = machine / "opt" / (machine / "opt/rohnamo").readlink()
    (place / ".complete").unlink()
    shutil.rmtree(place / "lib")
    done = inside("bash", "/media/stick/install.sh", "--fingerprint", fingerprint(kit))
    assert "installing the program" in done.stderr
    assert inside(*as_rohnamo("doctor")).returncode == 0


def test_another_version_keeps_the_data_first_and_reads_them(installed, inside, kit, machine):
    assert installed
    link = machine / "opt/rohnamo"
    now = link.readlink()
    shutil.copytree(machine / "opt" / now, machine / "opt/rohnamo-0.0.8-00000000-light", symlinks=True)
    link.unlink()
    link.symlink_to("rohnamo-0.0.8-00000000-light")
    done = inside("bash", "/media/stick/install.sh", "--fingerprint", fingerprint(kit))
    assert done.returncode == 0, done.stderr
    [backup] = (machine / "var/backups/rohnamo").iterdir()
    assert (backup.name.startswith("rohnamo-0.0.8-00000000-light-"), backup.stat().st_mode & 0o777) == (True, 0o600)
    assert (link.readlink(), (machine / "opt/rohnamo.before").readlink()) == (now, Path("rohnamo-0.0.8-00000000-light"))
    assert json.loads(inside(*as_rohnamo("ask", QUESTION, "--json")).stdout)["status"] == "answered"


def test_the_program_before_comes_back_with_the_data_as_they_are(installed, inside, kit, machine):
    assert installed
    now = (machine / "opt/rohnamo").readlink()
    shutil.copytree(machine / "opt" / now, machine / "opt/rohnamo-0.0.9-00000000-light", symlinks=True)
    (machine / "opt/rohnamo.before").symlink_to("rohnamo-0.0.9-00000000-light")
    done = inside("bash", "/media/stick/install.sh", "--rollback")
    assert done.returncode == 0, done.stderr
    assert (machine / "opt/rohnamo").readlink() == Path("rohnamo-0.0.9-00000000-light")
    assert inside("bash", "/media/stick/install.sh", "--rollback").returncode == 0
    assert (machine / "opt/rohnamo").readlink() == now
