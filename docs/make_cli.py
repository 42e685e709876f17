"""Write docs/cli.md from the command's own help: `python docs/make_cli.py`; a test compares the two."""

from __future__ import annotations

import os
from pathlib import Path

VERBS = ("ask", "search", "ingest", "build", "snapshots list", "snapshots activate", "snapshots rollback",
         "snapshots prune", "snapshots verify", "snapshots copy", "models list", "models add", "models verify", "forms list", "forms show",
         "forms fill", "summarise", "compare", "documents list", "documents show", "documents history",
         "documents remove", "collect", "release build", "release diff",
         "release sign", "release publish", "release export", "release verify", "release revoke", "release widen",
         "release refresh", "keys new", "keys show", "keys begin", "keys publisher", "keys rotate", "keys renew",
         "keys rehearse", "sync now", "sync watch", "sync status", "outbox list", "outbox export", "outbox import",
         "machines enrol", "machines list", "accounts new", "accounts list", "accounts password", "accounts lock",
         "accounts unlock", "accounts log", "accounts verify", "notes list", "notes show", "notes corrections",
         "notes export", "api-keys new", "api-keys list", "api-keys revoke", "mcp", "serve", "verify", "backup",
         "restore", "doctor", "evaluate")
HEAD = """# The command line

Written by `python docs/make_cli.py` from `rohnamo VERB --help`. Text is for people, `--json` for programs; progress and faults go to stderr. Exit 0: done (an abstention is done). 1: could not; with `--json` then `{"error": {"code", "message", "next_step"}}`. 2: wrong usage.
"""


def page() -> str:
    """Return the page as it should be."""
    os.environ |= {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
    from typer.testing import CliRunner

    from assistant.cli import app
    runner = CliRunner()
    parts = [HEAD]
    for verb in VERBS:
        shown = runner.invoke(app, [*verb.split(), "--help"], prog_name="rohnamo").stdout
        parts.append(f"## {verb}\n\n```\n{shown.strip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("cli.md").write_text(page(), encoding="utf-8")
