"""From documents and passages to a snapshot on the disk: complete, or absent.

    entries ─ tables ─ vectors ─ manifest ─ one rename

The same entries and encoder give the same bytes.  Which generation is in use is decided elsewhere.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpora import errors as corpora_errors
from corpora.durable import write_whole
from index.earlier import earlier as earlier_words
from index.encoder import Encoder
from index.errors import NoSpaceError
from index.faiss_store import write_store
from index.manifest import MANIFEST, TABLES, VECTORS, EncoderMark, Manifest, described
from index.parts import whole_folder
from index.tables import Entry, write_tables
from index.vectors import vectors_of

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


def build_snapshot(entries: Iterable[Entry], target: Path, *, encoder: Encoder | None,
                   known_vectors: Mapping[str, Any] | None = None, lexicon_file: Path | None = None,
                   earlier: Path | None = None) -> Manifest:
    """Write a snapshot of the entries, in any order, and return its manifest.

    With an encoder it is full, without one lexical.  known_vectors: vectors of this encoder by text key
    (`tables.text_key`), which are not made again.  lexicon_file: an admin's words, merged over ours.
    earlier: the folder of a snapshot whose words are taken for the passages that are the same; that changes how long
    it takes, and no byte.

    Raises:
        ExistingSnapshotError: the target is there already, or another process is writing it.
        DuplicateDocumentError: two documents or two passages share an id.
        EncoderError: the encoder cannot be loaded or gave something unusable.
        NoSpaceError: the disk is full.  There is no target then, nor after any other error.
    """
    ordered = sorted(entries, key=lambda entry: entry.document.id)
    with _space(target), whole_folder(target) as part:
        written = write_tables(part / TABLES, ordered, lexicon_file, earlier_words(earlier))
        _flush(part / TABLES)
        counts = {"documents": written.documents, "passages": len(written.texts), "vectors": 0}
        mark = plan = None
        if encoder:
            mark = EncoderMark(encoder.id, encoder.sha256, encoder.dimension)
            plan = write_store(part / VECTORS, vectors_of(written.texts, encoder, known_vectors or {}))
            counts["vectors"] = len(written.texts)
        names = (TABLES, VECTORS) if encoder else (TABLES,)
        manifest = Manifest(counts, {name: described(part / name) for name in names}, mark, plan)
        write_whole(part / MANIFEST, manifest.to_bytes())
    return manifest


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _space(target: Path) -> Iterator[None]:
    """Tell a full disk, whoever met it, from other troubles."""
    try:
        yield
    except (OSError, RuntimeError, sqlite3.OperationalError, corpora_errors.NoSpaceError) as error:
        if _is_full(error):
            raise NoSpaceError(f"no space left while building {target.name}") from error
        raise


def _is_full(error: Exception) -> bool:
    if isinstance(error, corpora_errors.NoSpaceError):
        return True
    if isinstance(error, OSError):
        return error.errno in _FULL_DISK
    return "disk is full" in str(error) or "No space left" in str(error)
