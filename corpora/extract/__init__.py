"""A file becomes text: what kind it is by its content, then the reader of that kind.

The name of a file is only a hint: a PDF called .txt is read as a PDF, with a note.  Each reader
lives in its own module and is loaded when the first such file comes.  Scans and office files are
refused here with the next step.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from corpora.errors import EmptyFileError, UnreadableFileError, UnsupportedFileError
from corpora.extract.blocks import Extracted, Heading, PageSpan

__all__ = ["VERSION", "Extracted", "Heading", "PageSpan", "extract", "extract_bytes"]

# Raised with every change that moves an offset, the pinned version of pypdfium2 included.
VERSION = "1"

_MEDIA_OF_SUFFIX = {".pdf": "application/pdf", ".html": "text/html", ".htm": "text/html",
                    ".md": "text/markdown", ".markdown": "text/markdown", ".txt": "text/plain"}
_BINARY = (
    (b"PK\x03\x04", "an office file or archive"), (b"\xd0\xcf\x11\xe0", "an old office file"),
    (b"{\\rtf", "a rich text file"), (b"\x89PNG", "an image"), (b"\xff\xd8\xff", "an image"),
    (b"II*\x00", "an image"), (b"MM\x00*", "an image"), (b"GIF8", "an image"), (b"\x1f\x8b", "an archive"),
    (b"7z\xbc\xaf", "an archive"), (b"Rar!", "an archive"), (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|main|article)\b",
    re.IGNORECASE | re.DOTALL)
_HEAD = 4096


def extract(path: Path) -> Extracted:
    """Return the text of one file, with its pages and headings.

    Raises:
        UnreadableFileError, EncryptedFileError, EmptyFileError, UnsupportedFileError: as they say.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror or error}") from error
    return extract_bytes(data, path.name)


def extract_bytes(data: bytes, name: str) -> Extracted:
    """Return the text of a file's bytes; `name` serves messages and tells Markdown from plain text.

    Raises: as `extract` does.
    """
    if not data.strip():
        raise EmptyFileError(f"{name} is empty")
    extracted = _read(data, name)
    if not extracted.text:
        raise EmptyFileError(f"{name} holds no text ({'; '.join(extracted.notes) or 'nothing but markup'})")
    expected = _MEDIA_OF_SUFFIX.get(Path(name).suffix.lower())
    if expected and expected != extracted.media_type:
        note = f"named {Path(name).suffix}, but the content is {extracted.media_type}"
        return replace(extracted, notes=(note, *extracted.notes))
    return extracted


def _read(data: bytes, name: str) -> Extracted:
    if b"%PDF-" in data[:1024]:
        from corpora.extract.pdf import read_pdf
        return read_pdf(data, name)
    for magic, what in _BINARY:
        if data.startswith(magic):
            raise UnsupportedFileError(f"{name} is {what}, not a document that is read here")
    return _read_text(data, name)


def _read_text(data: bytes, name: str) -> Extracted:
    from corpora.extract.decode import decode
    from corpora.extract.markdown import read_markdown
    from corpora.extract.text import read_text

    declared = _declared_html(data)
    try:
        text, notes = (declared, ()) if declared is not None else decode(data)
    except UnsupportedFileError as error:
        raise UnsupportedFileError(f"{name}: {error}") from error
    if _HTML.match(text[:_HEAD].lstrip("\ufeff")):
        from corpora.extract.html import read_html
        return read_html(text, notes)
    markdown = _MEDIA_OF_SUFFIX.get(Path(name).suffix.lower()) == "text/markdown"
    return read_markdown(text, notes) if markdown else read_text(text, notes)


def _declared_html(data: bytes) -> str | None:
    """Return a page decoded as its own meta tag says, where it says so and the bytes agree.

    Bytes that are valid UTF-8 are left to `decode`: old pages often declare what they no longer are.
    """
    head = data[:_HEAD].decode("ascii", errors="ignore")
    charset = re.search(r"<meta[^>]+charset=[\"']?([\w-]+)", head, re.IGNORECASE)
    if not charset or not _HTML.match(head):
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        with suppress(LookupError, UnicodeDecodeError):
            return data.decode(charset[1])
    return None
