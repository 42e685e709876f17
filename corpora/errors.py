"""What can go wrong between a file and a release.

    CorpusError
    ├── UnreadableFileError     missing, not permitted, truncated or damaged
    ├── EncryptedFileError      needs a password
    ├── EmptyFileError          nothing to read in it
    ├── UnsupportedFileError    a kind of file we do not read
    ├── TooLargeError           more bytes, pages, text or memory than a document may take
    ├── TooSlowError            more time to read than a document may take
    ├── HostileFileError        made to harm its reader, or harmful to it by accident
    ├── MetadataError           the .toml beside a document
    ├── DuplicateDocumentError  two files claim one document id
    ├── FormatError             a written format of another version
    ├── DamagedReleaseError     bytes differ from what release.json says
    ├── ExistingReleaseError    the place of a release is taken
    ├── DraftLockedError        another process writes this draft
    └── NoSpaceError            the disk is full

Each message names what happened and to what; `hint` is the next step; `code` never changes.
"""

from __future__ import annotations

from typing import ClassVar


class CorpusError(Exception):
    """A document, draft or release cannot be used.  `hint` is what a person should do next."""

    code: ClassVar[str] = "corpus_error"
    next_step: ClassVar[str] = "Read the message and try again."

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or self.next_step


class UnreadableFileError(CorpusError):
    """The file is missing, not permitted, truncated or damaged."""

    code = "unreadable_file"
    next_step = "Fetch the file again from its publisher, or open it and save it anew."


class EncryptedFileError(CorpusError):
    """The file needs a password."""

    code = "encrypted_file"
    next_step = "Ask the publisher for a copy without a password."


class EmptyFileError(CorpusError):
    """There is nothing to read in the file or folder."""

    code = "empty_file"
    next_step = "Check that the right file was given."


class UnsupportedFileError(CorpusError):
    """The content is a kind of file that is not read here."""

    code = "unsupported_file"
    next_step = "Save it as PDF, HTML, Markdown or plain text."


class MetadataError(CorpusError):
    """The metadata file beside a document breaks its rules."""

    code = "bad_metadata"
    next_step = "Correct the .toml file beside the document."


class DuplicateDocumentError(CorpusError):
    """Another file already stands under this document id."""

    code = "duplicate_document"
    next_step = "Remove one of the two files, or give one of them another id in its .toml file."


class FormatError(CorpusError):
    """A draft or release was written in a format or version this program does not know."""

    code = "unknown_format"
    next_step = "Update the program, or write the files again with this one."


class DamagedReleaseError(CorpusError):
    """The bytes of a release differ from what its manifest says."""

    code = "damaged_release"
    next_step = "Do not use it; fetch or write the release again."


class ExistingReleaseError(CorpusError):
    """A release is never written over another one."""

    code = "existing_release"
    next_step = "Name a folder that does not exist yet."


class DraftLockedError(CorpusError):
    """Another process is writing this draft."""

    code = "draft_locked"
    next_step = "Wait until the other ingest ends, then run this one again."


class NoSpaceError(CorpusError):
    """The disk is full; what was written before is whole."""

    code = "no_space"
    next_step = "Free some space and run the same command again; finished files are not read twice."


class TooLargeError(CorpusError):
    """The file, its pages, its text or the memory it takes are more than a document may have."""

    code = "too_large"
    next_step = "Ask the publisher for a smaller file, or cut it into parts of fewer pages."


class TooSlowError(CorpusError):
    """Reading the file takes more time than a document may take."""

    code = "too_slow"
    next_step = "Open the file, save it anew and give it again; cut a long one into parts."


class HostileFileError(CorpusError):
    """The file is built to harm what reads it, or breaks its reader whoever built it."""

    code = "hostile_file"
    next_step = "Do not use this file; ask its publisher for another copy."
