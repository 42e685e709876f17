"""What a file claims to hold, looked at before a reader takes its word for it.

Pages of a PDF; the entries of an office file, how far they unpack and whether they define entities; the
entities of a page.  Runs in the child process that reads; says no or nothing, and reads no text.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from corpora.errors import HostileFileError, TooLargeError, UnreadableFileError
from corpora.sandbox import MB, Caps

_ENTRIES = 5_000
# Tables of an office file pack well, but no honest one unpacks to more than this many times its size.
_UNPACKED_PER_BYTE, _UNPACKED_FREE, _UNPACKED = 100, 8 * MB, 150 * MB
_HEAD = 64 * 1024
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def inspect(data: bytes, name: str, caps: Caps) -> None:
    """Return if nothing a file claims of itself is beyond the caps.

    Raises:
        TooLargeError: it claims more pages or unpacks to more than a document has.
        HostileFileError: it defines entities, or names places outside of itself.
        UnreadableFileError: it is a damaged archive.
    """
    if b"%PDF-" in data[:1024]:
        _inspect_pdf(data, name, caps)
    elif data.startswith(b"PK\x03\x04"):
        _inspect_archive(data, name)
    elif _MARKUP.match(data[:_HEAD]) and _ENTITY.search(data[:_HEAD].replace(b"\x00", b"")):
        raise HostileFileError(f"{name} defines entities of its own, which no document needs")


def _inspect_pdf(data: bytes, name: str, caps: Caps) -> None:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return                                # what is wrong with it is said by its reader
    pages = len(document)
    document.close()
    if pages > caps.pages:
        raise TooLargeError(f"{name} has {pages} pages; at most {caps.pages} are read")


def _inspect_archive(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries, name, len(data))
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _check_part(archive, entry, name)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError, RuntimeError,
            zlib.error) as error:
        raise UnreadableFileError(f"{name} is a damaged archive: {error}") from error


def _check_entries(entries: list[zipfile.ZipInfo], name: str, size: int) -> None:
    if len(entries) > _ENTRIES:
        raise TooLargeError(f"{name} has {len(entries)} parts; at most {_ENTRIES} are read")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > min(_UNPACKED, _UNPACKED_PER_BYTE * size + _UNPACKED_FREE):
        raise TooLargeError(f"{name} has {size} bytes and unpacks to {unpacked}, more than a document has")
    for entry in entries:
        path = entry.filename.replace("\\", "/")
        if path.startswith("/") or ".." in PurePosixPath(path).parts or path[1:2] == ":":
            raise HostileFileError(f"{name} has a part that names a place outside of it")
    if len({entry.filename for entry in entries}) < len(entries):
        raise HostileFileError(f"{name} has two parts of one name")


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> None:
    with archive.open(entry) as part:
        head = part.read(_HEAD).replace(b"\x00", b"")
    if _DECLARATION.search(head):
        raise HostileFileError(f"{name} defines entities of its own, which no office file needs")
