"""Whether what answers can reach a network: it must not, and only the system can keep it from it.

Nothing is tried: no name is looked up and no connection opened, but for a model server that is configured.  Asked are
the units of systemd, where they are here, and the routes that a process sees.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from assistant.config import Config
from assistant.doctor.check import Check
from assistant.errors import AssistantError

UNITS = ("rohnamo-serve", "rohnamo-clerk", "rohnamo-admin")
_ASKED = ("LoadState", "MainPID", "PrivateNetwork", "IPAddressDeny", "RestrictAddressFamilies")
_SYSTEMD, _PROC = Path("/run/systemd/system"), Path("/proc")
_GUIDE = "docs/set-up-a-kiosk.md, 3, shows the unit."
_ASK_S = 5.0
_UP = 0x1                              # RTF_UP, linux/route.h
_NOWHERE = "0" * 32


def reach(config: Config) -> Iterator[Check]:
    """Yield which connections the program opens by itself, and whether the system would let it open others."""
    yield _configured(config)
    units = list(_units())
    yield from units
    if not units:
        yield _alone()


def _configured(config: Config) -> Check:
    if not config.server:
        return Check("network", "ok", "answering opens no connection; no remote generator is configured")
    from assistant.openai_http import check_reach
    try:
        check_reach(config.server)
    except AssistantError as error:
        return Check("network", "note", error.message, "docs/use-a-model-server.md")
    return Check("network", "ok", f"questions are sent to {config.server.url} for wording; nothing else is")


def _units() -> Iterator[Check]:
    """Yield what systemd says of each unit of ours that answers; nothing where it does not run, or has none."""
    if not _SYSTEMD.is_dir() or not shutil.which("systemctl"):
        return
    for unit in UNITS:
        told = subprocess.run(["systemctl", "show", f"{unit}.service", f"--property={','.join(_ASKED)}"],  # noqa: S603, S607
                              capture_output=True, text=True, timeout=_ASK_S, check=False).stdout
        found = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        if found.get("LoadState") == "loaded":
            yield _unit(unit, found)


def _unit(unit: str, found: dict[str, str]) -> Check:
    pid = int(found.get("MainPID") or 0)
    families = set(found.get("RestrictAddressFamilies", "").split())
    if pid and _has_way(_PROC / str(pid) / "net"):
        return Check("network", "note", f"{unit} runs and has a way to a network", _GUIDE)
    if found.get("PrivateNetwork") == "yes":
        return Check("network", "ok", f"{unit} has no network: one of its own without any way out")
    if families and not families & {"AF_INET", "AF_INET6"} and not any(name.startswith("~") for name in families):
        return Check("network", "ok", f"{unit} may open no connection: sockets of this machine alone")
    if found.get("IPAddressDeny") in ("::/0 0.0.0.0/0", "0.0.0.0/0 ::/0"):
        return Check("network", "ok", f"{unit} may speak to no address but those that its unit allows")
    return Check("network", "note", f"nothing keeps {unit} from reaching a network", _GUIDE)


def _alone() -> Check:
    """Say what is known where no unit of ours is here: whether this process would find a way."""
    if _has_way(_PROC / "self" / "net"):
        return Check("network", "note", "this machine has a way to a network, and no unit keeps what answers from it",
                     _GUIDE)
    return Check("network", "ok", "this machine has no way to a network: no route leads out")


def _has_way(tables: Path) -> bool:
    """Return whether a process sees a default route, by IPv4 or IPv6; False where its tables cannot be read."""
    return any(fields[1] == "00000000" and int(fields[3], 16) & _UP for fields in _rows(tables / "route", 4)) or any(
        fields[0] == _NOWHERE and fields[1] == "00" and fields[9] != "lo" and int(fields[8], 16) & _UP
        for fields in _rows(tables / "ipv6_route", 10))


def _rows(path: Path, least: int) -> list[list[str]]:
    try:
        lines = path.read_text("ascii").splitlines()
    except OSError:
        return []
    return [fields for line in lines if len(fields := line.split()) >= least and fields[0] != "Iface"]
