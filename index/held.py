"""The documents and passages of a snapshot that an earlier program built, so that a new one is made without the files.

Its words were cut in another way and are not looked at.  What every version keeps alike is read: the record of each
document and of each passage, after the file was compared with its hash.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import file_digest
from pathlib import Path

from corpora.draft import Entry
from corpora.records import Document, Passage
from index.contents import connected
from index.errors import DamagedSnapshotError
from index.generations import Generations
from index.manifest import FORMAT, MANIFEST, TABLES


def held_entries(root: Path) -> list[Entry]:
    """Return what the newest snapshot in a folder of generations holds that can still be read; nothing where none can.

    Files and boxes are not in a snapshot: entries have none.
    """
    for folder in reversed(Generations(root).folders()):
        try:
            return list(_entries(folder))
        except DamagedSnapshotError:
            continue
    return []


def _entries(folder: Path) -> Iterator[Entry]:
    _check(folder)
    try:
        with closing(connected(folder / TABLES)) as tables:
            known = {name for _, name, *_ in tables.execute("PRAGMA table_info(documents)")}
            release = "release" if "release" in known else "''"   # before version 3 it was not kept
            for number, text, name in tables.execute(f"SELECT number, json, {release} FROM documents ORDER BY number"):
                passages = tables.execute("SELECT json FROM passages WHERE document = ? ORDER BY number", (number,))
                yield Entry(Document.from_json(json.loads(text)),
                            tuple(Passage.from_json(json.loads(one)) for (one,) in passages), release=name)
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise DamagedSnapshotError(f"{folder.name} cannot be read: {error}") from error


def _check(folder: Path) -> None:
    """See that the tables are those that were built, whatever the version of the manifest is."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
        with (folder / TABLES).open("rb") as file:
            same = file_digest(file, "sha256").hexdigest() == found["files"][TABLES]["sha256"]
        if found["format"] != FORMAT or not same:
            raise DamagedSnapshotError(f"{folder.name} is not what was built")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedSnapshotError(f"{folder.name} cannot be read: {error}") from error
