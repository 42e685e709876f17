"""The command line that TUF's public conformance suite drives, over the very client that a machine uses.

    python -m tests.conformance_client --metadata-dir DIR init TRUSTED_ROOT
    python -m tests.conformance_client --metadata-dir DIR --metadata-url URL refresh
    python -m tests.conformance_client --metadata-dir DIR --metadata-url URL --target-name NAME \
        --target-base-url URL --target-dir DIR download

What the machine remembers itself lies beside the folder of metadata, not in it: the suite looks into that one.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sync.clock import Clock
from sync.errors import SyncError
from sync.fetch import Fetcher
from sync.line import Line
from sync.marks import Marks
from sync.settings import Settings
from sync.state import State
from sync.traffic import Patience, Traffic
from sync.trust import Guards, Places, Trust

PATIENCE = Patience(tries=1, pause=0.0)


def main(words: list[str]) -> int:
    """Do one command; return 0 where it succeeded and 1 where it was refused."""
    given = parser().parse_args(words)
    try:
        {"init": init, "refresh": refresh, "download": download}[given.command](given)
    except SyncError as error:
        sys.stderr.write(f"{error.code}: {error.message}\n")
        return 1
    return 0


def parser() -> ArgumentParser:
    found = ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("metadata-dir", "metadata-url", "target-name", "target-base-url", "target-dir"):
        found.add_argument(f"--{name}", required=name == "metadata-dir")
    commands = found.add_subparsers(dest="command", required=True)
    commands.add_parser("init").add_argument("trusted_root", type=Path)
    commands.add_parser("refresh")
    commands.add_parser("download")
    return found


def init(given: Namespace) -> None:
    """Keep the root that is trusted from now on, where the machine's program would hold it."""
    root = given.trusted_root.read_bytes()
    for folder in (home(given), Path(given.metadata_dir)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "root.json").write_bytes(root)


def refresh(given: Namespace) -> None:
    look(given)


def download(given: Namespace) -> None:
    look(given, given.target_name)


def look(given: Namespace, name: str = "") -> None:
    """Refresh, and download a target where one is named."""
    settings, root = Settings(), (home(given) / "root.json").read_bytes()
    with State(home(given) / "state.db") as state:
        guards = Guards(Marks(state.connection), Clock(state.connection, lambda: datetime.now(UTC)))
        reading = guards.clock.read()
        traffic = Traffic(state, settings.allowance, reading.moment)
        with closing(Line(traffic, PATIENCE, settings.ticking)) as line:
            fetcher = Fetcher(line, home(given) / "parts", traffic, patience=PATIENCE)
            trust = Trust(places(given), root, fetcher, guards, reading)
            trust.refresh()
            if name:
                target = trust.target(name)
                if target is None:
                    raise SyncError(f"nobody has signed {name}")
                trust.download(target)


def places(given: Namespace) -> Places:
    return Places(given.metadata_url, given.target_base_url or given.metadata_url, Path(given.metadata_dir),
                  Path(given.target_dir or home(given) / "downloads"))


def home(given: Namespace) -> Path:
    folder = Path(given.metadata_dir)
    return folder.with_name(f"{folder.name}.machine")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
