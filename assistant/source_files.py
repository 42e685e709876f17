"""The files that documents were read from, kept by their hash: what a page's picture is made of.

    files/SHA256

Only what some release in use names is kept.  Every file is written whole and is the one its name says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from assistant.holdings import Pack
from corpora.durable import make_folder, write_whole
from corpora.release import FILES, unpacked_files


def keep_files(folder: Path, arrived: Mapping[str, bytes], others: Iterable[Pack]) -> int:
    """Keep the files that arrived, remove what neither these nor the other releases name; return how many are new.

    Raises:
        corpora.errors.CorpusError: what arrived is not well made; nothing was changed.
        corpora.errors.NoSpaceError: the disk is full; the files that are there are whole.
    """
    files = unpacked_files(arrived)
    make_folder(folder)
    there = {path.name for path in folder.iterdir()}
    for digest in sorted(set(files) - there):
        write_whole(folder / digest, files[digest])
    named = {path.removeprefix(f"{FILES}/") for pack in others if pack.of_files for path in pack.contents()}
    for digest in there - set(files) - named:
        (folder / digest).unlink()
    return len(set(files) - there)
