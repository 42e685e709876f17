"""A file becomes text: what kind it is by its content, then the reader of that kind.

The name of a file is only a hint: a PDF called .txt is read as a PDF, with a note.  Each reader
lives in its own module and is loaded when the first such file comes.  Letters of legacy fonts are repaired
here, for all kinds of files alike, and files of other kinds are refused with the next step.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpora.errors import EmptyFileError, UnreadableFileError, UnsupportedFileError
from corpora.extract.blocks import Extracted, Heading, PageSpan, WordBox
from corpora.extract.progress import Progress, unseen

if TYPE_CHECKING:
    from corpora.encodings import Repaired

__all__ = ["VERSION", "Extracted", "Heading", "PageSpan", "Progress", "WordBox", "extract", "extract_bytes"]

# Raised with every change that moves an offset, the pinned version of pypdfium2 included.
VERSION = "3"

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MEDIA_OF_SUFFIX = {".pdf": "application/pdf", ".html": "text/html", ".htm": "text/html",
                    ".md": "text/markdown", ".markdown": "text/markdown", ".txt": "text/plain",
                    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".tif": "image/tiff",
                    ".tiff": "image/tiff", ".docx": _DOCX}
_OLD_OFFICE = "an old office file, or one protected by a password"
_SAVE_ANEW = "Open it in Word or LibreOffice and save it as .docx or PDF, without a password."
_BINARY = (
    (b"PK\x03\x04", "an office file or archive"), (b"\xd0\xcf\x11\xe0", _OLD_OFFICE),
    (b"{\\rtf", "a rich text file"), (b"GIF8", "an animated image"), (b"\x1f\x8b", "an archive"),
    (b"7z\xbc\xaf", "an archive"), (b"Rar!", "an archive"), (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|main|article)\b",
    re.IGNORECASE | re.DOTALL)
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_HEAD = 4096
_NOTES_TOLD = 5
# The legacy fonts that put Latin letters into Cyrillic words.
_LATIN_FONTS = ("bracket", "xpart")


def extract(path: Path, progress: Progress = unseen) -> Extracted:
    """Return the text of one file, with its pages and headings.

    `progress` is called with the pages done and the pages in all, where a file has pages.

    Raises:
        UnreadableFileError, EncryptedFileError, EmptyFileError, UnsupportedFileError: as they say.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror or error}") from error
    return extract_bytes(data, path.name, progress)


def extract_bytes(data: bytes, name: str, progress: Progress = unseen) -> Extracted:
    """Return the text of a file's bytes; `name` serves messages and tells Markdown from plain text.

    Raises: as `extract` does.
    """
    if not data.strip():
        raise EmptyFileError(f"{name} is empty")
    extracted = _read(data, name, progress)
    if not extracted.text:
        raise EmptyFileError(f"{name} holds no text ({_shortened(extracted.notes)})", hint=_next_step(extracted.notes))
    expected = _MEDIA_OF_SUFFIX.get(Path(name).suffix.lower())
    if expected and expected != extracted.media_type:
        note = f"named {Path(name).suffix}, but the content is {extracted.media_type}"
        extracted = replace(extracted, notes=(note, *extracted.notes))
    return _repaired(extracted)


def _shortened(notes: tuple[str, ...]) -> str:
    more = f"; and {len(notes) - _NOTES_TOLD} pages more" if len(notes) > _NOTES_TOLD else ""
    return "; ".join(notes[:_NOTES_TOLD]) + more or "nothing but markup"


def _next_step(notes: tuple[str, ...]) -> str:
    """Return the command that installs text recognition where the notes ask for it."""
    return next((f"Run: {command}" for note in notes if (command := note.partition("; run: ")[2])), "")


def _repaired(extracted: Extracted) -> Extracted:
    """Return the document with the letters its publisher meant, place for place, and a warning of forged ones."""
    from corpora.encodings import describe, repair
    from corpora.quality import fraud_warning

    repaired = repair(extracted.text)
    warning = fraud_warning(_typed(extracted, repaired))
    notes = (*extracted.notes, *describe(repaired.repairs), *([warning] if warning else []))
    headings = tuple(replace(heading, text=repaired.text[heading.start:heading.end]) for heading in extracted.headings)
    return replace(extracted, text=repaired.text, headings=headings, notes=notes)


def _typed(extracted: Extracted, repaired: Repaired) -> str:
    """Return the paragraphs whose letters somebody chose: no recognised pages, legacy fonts repaired.

    Recognition and old fonts mix letters of two scripts without any ill will.
    """
    scanned = {box.page for box in extracted.boxes}
    spans = [(repair.start, repair.end, repaired.text[repair.start:repair.end]) for repair in repaired.repairs
             if repair.scheme in _LATIN_FONTS]
    spans += [(span.start, span.end, "") for span in extracted.spans if span.page in scanned]
    pieces, at = [], 0
    for start, end, meant in sorted(spans):
        if start >= at:
            pieces += [extracted.text[at:start], meant]
            at = end
    return "".join([*pieces, extracted.text[at:]])


def _read(data: bytes, name: str, progress: Progress) -> Extracted:
    if b"%PDF-" in data[:1024]:
        from corpora.extract.pdf import read_pdf
        return read_pdf(data, name, progress)
    if data.startswith(_IMAGES):
        from corpora.extract.image import read_image
        return read_image(data, name, progress)
    if data.startswith(b"PK\x03\x04") and b"word/document.xml" in data:
        from corpora.extract.docx import read_docx
        return read_docx(data, name)
    for magic, what in _BINARY:
        if data.startswith(magic):
            raise UnsupportedFileError(f"{name} is {what}, not a document that is read here",
                                       hint=_SAVE_ANEW if what == _OLD_OFFICE else "")
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
