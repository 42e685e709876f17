"""The verbs `backup` and `restore`: the data directory of a machine in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, counter, edge, put, put_json

BACKUP_EXAMPLE = "Example: rohnamo backup /media/ADMIN/kiosk-12.rohnamo"
RESTORE_EXAMPLE = "Example: rohnamo restore /media/ADMIN/kiosk-12.rohnamo"


def backup(out: Annotated[Path, typer.Argument(help="The file to write; it holds the secrets of this machine.")],
           without_generations: Annotated[bool, typer.Option("--without-generations", help="Leave out the snapshots: "
                                          "smaller, and built again after a restore.")] = False,
           as_json: Json = False, data_dir: DataDir = None) -> None:
    """Write everything that this machine keeps into one file, also while it answers."""
    with edge(as_json=as_json):
        from assistant.backup import back_up
        from assistant.sync_settings import utc_now
        config = settings.Config(settings.data_dir(data_dir))    # settings that cannot be read are kept as well
        done = back_up(config, out, now=utc_now(), progress=counter("MB kept"), generations=not without_generations)
        if as_json:
            put_json({"file": str(done.path), "length": done.length, "sha256": done.sha256,
                      "files": len(done.manifest.files), "left_out": list(done.left_out)})
            return
        put(f"{done.path}: {len(done.manifest.files)} files, {done.length:,} bytes")
        put(f"SHA-256 {done.sha256}")
        for name in done.left_out:
            put(f"Left out, because it is a link: {name}")
        put("It holds keys and accounts: keep it where nobody else can read it.")


def restore(file: Annotated[Path, typer.Argument(help="A file that rohnamo backup wrote.")],
            as_new_machine: Annotated[bool, typer.Option("--as-new-machine", help="Leave out the key of the machine "
                                      "that the backup is of: for a second machine beside it.")] = False,
            as_json: Json = False, data_dir: DataDir = None) -> None:
    """Put a backup in the place of this machine's data; it is verified whole before anything is changed."""
    with edge(as_json=as_json):
        from assistant.restore import restore as put_in_place
        done = put_in_place(settings.data_dir(data_dir), file, as_new_machine=as_new_machine,
                            progress=counter("MB read"))
        manifest = done.manifest
        if as_json:
            put_json({"made": manifest.made.isoformat(), "program": manifest.program, "files": len(manifest.files),
                      "kept": done.kept})
            return
        put(f"Restored: {len(manifest.files)} files as of {manifest.made:%Y-%m-%d %H:%M} UTC, by {manifest.program}")
        for sentence in done.kept:
            put(sentence[0].upper() + sentence[1:] + ".")
        put("Next: rohnamo doctor")
