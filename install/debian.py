"""Debian packages of a kit: those that a kiosk wants and all that they rest on, as a small repository of files.

They are for one release of Debian, that of the machine that gathers.  `install.sh` lets apt choose from them what its
machine lacks; their hashes are in the kit's manifest like those of all other files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from install.kit import KitError, sha256_of

# What answers and fetches; what shows a screen; what reads scans, for a desk.
PROGRAM = ("python3", "python3-venv", "adduser", "systemd", "systemd-sysv", "dbus", "libgomp1")
SCREEN = ("cage", "chromium", "cups-client", "fonts-noto-core", "libpam-systemd")
SCANS = ("tesseract-ocr", "tesseract-ocr-tgk", "tesseract-ocr-rus")
_FIELDS = ("Package", "Version", "Architecture", "Multi-Arch", "Essential", "Priority", "Pre-Depends", "Depends",
           "Conflicts", "Breaks", "Replaces", "Provides")


def release_of(root: Path = Path("/")) -> str:
    """Return the code name of the Debian release in this root, as bookworm; empty where there is none."""
    path = root / "etc/os-release"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return next((line.removeprefix("VERSION_CODENAME=") for line in lines if line.startswith("VERSION_CODENAME=")), "")


def gather(kit: Path) -> None:
    """Put the packages into the kit with all that they depend on, as if nothing were installed, and their list.

    Raises:
        KitError: this is no Debian, or apt cannot fetch them.
    """
    if not release_of() or not shutil.which("apt-get"):
        raise KitError("Debian's packages are gathered on a Debian machine alone",
                       "Leave DEBIAN=1 away, and install them on the kiosk by other means.")
    folder = kit / "debian"
    (folder / "partial").mkdir(parents=True)
    with TemporaryDirectory() as empty:
        status = Path(empty) / "status"
        status.touch()
        _apt("--download-only", "--yes", "--no-install-recommends", "-o", f"Dir::State::status={status}",
             "-o", f"Dir::Cache::archives={folder.resolve()}/", "-o", "APT::Sandbox::User=root", "install",
             *PROGRAM, *SCREEN, *SCANS)
    shutil.rmtree(folder / "partial")
    (folder / "lock").unlink(missing_ok=True)
    (folder / "Packages").write_text("\n".join(_entries(folder)), encoding="utf-8")


def _entries(folder: Path) -> Iterator[str]:
    """Yield what apt has to know of each package: the fields of its control file that decide, and its file."""
    for path in sorted(folder.glob("*.deb")):
        told = subprocess.run(["dpkg-deb", "--field", str(path), *_FIELDS], capture_output=True, text=True, check=True)
        yield (f"{told.stdout}Filename: ./{path.name}\nSize: {path.stat().st_size}\nSHA256: {sha256_of(path)}\n")


def _apt(*arguments: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    done = subprocess.run(["apt-get", *arguments], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise KitError(f"apt-get failed: {' '.join(errors[-2:])}", "Run: apt-get update; then make wheelhouse again.")
