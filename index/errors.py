"""What can go wrong between passages and an answered search.

    SnapshotError
    ├── UnknownFormatError      written in a format or version this program does not know
    ├── DamagedSnapshotError    a file is missing, or differs from what the manifest says
    ├── EncoderMismatchError    the vectors were made by another encoder
    ├── EncoderError            the encoder cannot be loaded or gave something unusable
    ├── LexiconError            the lexicon's table cannot be read
    ├── DuplicateDocumentError  two documents or passages share an id
    ├── ExistingSnapshotError   the place of a snapshot is taken
    ├── ServerError             the PostgreSQL server of snapshots does not answer, or not with what was opened
    ├── GenerationError         no such generation, or none to go back to
    └── NoSpaceError            the disk is full

Each message names what happened and to what; `hint` is the next step; `code` never changes.
"""

from __future__ import annotations

from typing import ClassVar


class SnapshotError(Exception):
    """The search snapshot cannot be used.  `hint` is what an operator should do next."""

    code: ClassVar[str] = "snapshot_error"
    next_step: ClassVar[str] = "Read the message and build the snapshot again."

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or self.next_step


class UnknownFormatError(SnapshotError):
    """The snapshot or vectors file was written in a format or version this program does not know."""

    code = "unknown_snapshot_format"
    next_step = "Build the snapshot again with this program: rohnamo build."


class DamagedSnapshotError(SnapshotError):
    """A file is missing, cannot be read, or differs from what the manifest says."""

    code = "damaged_snapshot"
    next_step = "Go back to the last whole snapshot (rohnamo snapshots rollback), then build again."


class EncoderMismatchError(SnapshotError):
    """The vectors were made by another encoder; mixing the two would be silently wrong."""

    code = "encoder_mismatch"
    next_step = "Use the encoder that is named, or build again with this one: rohnamo build --wait."


class EncoderError(SnapshotError):
    """The encoder cannot be loaded, or gave vectors of another shape than it promised."""

    code = "encoder"
    next_step = "Run rohnamo doctor; search by words alone works meanwhile."


class LexiconError(SnapshotError):
    """The lexicon's table cannot be read."""

    code = "lexicon"
    next_step = "Correct the named line: ru, tg, en, domain, weight, evidence, note, separated by tabs."


class DuplicateDocumentError(SnapshotError):
    """Two documents, or two passages, were given with one id."""

    code = "duplicate_document_in_snapshot"
    next_step = "Give one edition of each document: the release's or the draft's."


class ExistingSnapshotError(SnapshotError):
    """A snapshot is never written over another one."""

    code = "existing_snapshot"
    next_step = "Name a folder that does not exist yet."


class GenerationError(SnapshotError):
    """There is no such generation, or none to go back to."""

    code = "generation"
    next_step = "List what there is with rohnamo snapshots list."


class ServerError(SnapshotError):
    """The PostgreSQL server of snapshots does not answer, or answers with something else than was opened."""

    code = "snapshot_server"
    next_step = "See that the server runs and its address is right (docs/serve-from-postgresql.md), then ask again."


class NoSpaceError(SnapshotError):
    """The disk is full; what was there before is whole and in use."""

    code = "no_space_for_snapshot"
    next_step = "Free some space, for example with older generations, and build again."
