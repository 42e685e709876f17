"""The key files of a ministry's people, and the verbs that use them, with passwords handed in and a clock that is set.

The files open with PASSWORD and hold the keys of `tests.repository_simulator.signer`.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import typer
from typer.testing import CliRunner

from assistant.cli_keys import keys
from assistant.cli_release import release
from sync.keys import new_keys
from sync.pkcs8 import Cost

PASSWORD = "панҷ калима, ки ҷумла нест"  # noqa: S105
CHEAP = Cost(n=2**4, p=1)
ROLES = {"root": 6, "targets": 4, "snapshot": 2, "timestamp": 2, "min-health": 3, "min-labour": 2}

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(keys, name="keys")
app.add_typer(release, name="release")


def write_keyring(folder: Path) -> Path:
    """Write the key files of everybody and return their folder."""
    for name in (f"{role}-{number + 1}" for role, count in ROLES.items() for number in range(count)):
        new_keys(folder, [name], lambda _: PASSWORD, random=lambda size, name=name: _drawn(name)[:size], cost=CHEAP)
    return folder


def run(*words, passwords=()):
    """Run a verb; each password is a line of standard input."""
    lines = "".join(f"{password}\n" for password in passwords)
    return CliRunner().invoke(app, [str(word) for word in words], input=lines)


def done(*words, passwords=()):
    """Return what a verb prints, after it went well."""
    outcome = run(*words, passwords=passwords)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def refused(*words, passwords=()):
    """Return the error object of a verb that could not do it, after the same was said in words for a person."""
    outcome = run(*words, passwords=passwords)
    assert outcome.exit_code == 1, outcome.output
    error = json.loads(run(*words, "--json", passwords=passwords).stdout.splitlines()[-1])["error"]
    assert f"rohnamo: {error['message']}\n  → {error['next_step']}\n" in outcome.stderr
    assert "Traceback" not in outcome.output
    return error


def _drawn(name: str) -> bytes:
    return sha256(name.encode()).digest()
