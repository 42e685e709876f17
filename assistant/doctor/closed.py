"""Whether the data directory and the secrets in it are closed to other users of the machine.

The database of the desks has a check of its own (`assistant.desk_checks`).
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from assistant import staff_pin
from assistant.config import Config
from assistant.doctor.check import Check
from assistant.waiting import INBOX
from assistant.withdrawn import STATE, SYNC

# Who else there is, with the bits that let them read a file and enter a folder.
_OTHERS = (("the group", 0o040, 0o010), ("others", 0o004, 0o001))


def permissions(config: Config) -> Iterator[Check]:
    """Yield who owns the data directory, and each secret that others can read."""
    root = config.data_dir
    if not root.is_dir():
        return
    found = root.stat()
    mode, owner = stat.S_IMODE(found.st_mode), _name(found.st_uid)
    if mode & 0o022:
        yield Check("permissions", "bad", f"others can write {root} (mode {mode:04o}): they may set what is answered",
                    f"Change that: chmod 700 {root}")
    elif found.st_uid != os.getuid():
        yield Check("permissions", "note", f"{root} is owned by {owner}, and this is {_name(os.getuid())}",
                    f"Run it as that user: sudo -u {owner} rohnamo doctor")
    else:
        yield Check("permissions", "ok", f"{root} is owned by {owner}, mode {mode:04o}")
    for path in _secrets(config):
        if open_to := _open_to(path, mode if path.is_relative_to(root) else 0o777):
            yield Check("permissions", "note", f"{open_to} can read {path}", f"Change that: chmod 600 {path}")
        elif not os.access(path, os.R_OK):
            yield Check("permissions", "bad", f"{path} cannot be read by {_name(os.getuid())}",
                        f"Give it to the user that runs the program: chown {owner} {path}")


def _secrets(config: Config) -> Iterator[Path]:
    root = config.data_dir
    named = [root / SYNC / STATE, root / INBOX, root / staff_pin.FILE,
             *sorted(root.glob("*.key")), *sorted(root.glob("*keys.json"))]
    if config.server and config.server.key_file:
        named.append(config.server.key_file)
    if config.desk and config.desk.key:
        named.append(config.desk.key)
    yield from (path for path in dict.fromkeys(named) if path.is_file())


def _open_to(path: Path, folder: int) -> str:
    """Return who else can read a file, empty where nobody can; `folder` is the mode of the folder over it."""
    mode = path.stat().st_mode
    return " and ".join(name for name, read, enter in _OTHERS if mode & read and folder & enter)


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"uid {user}"
