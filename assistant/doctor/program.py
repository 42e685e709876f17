"""The program itself: its version and those of what it stands on, its fonts, and the reader of scans."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import assistant.web
from assistant.config import Config
from assistant.doctor.check import Check
from corpora import ocr, typeface

# Without these nothing is read, found, verified or shown; the rest is asked for where it is needed.
LIBRARIES = ("numpy", "faiss-cpu", "tuf", "cryptography", "backports.zstd", "pypdfium2", "starlette", "uvicorn",
             "fpdf2")
_OPTIONAL = ("llama-cpp-python", "sentence-transformers", "psycopg")
_PAGES = Path(assistant.web.__file__).parent / "static" / "fonts"
# Of the files as they ship; whoever makes a font anew changes its line (THIRD_PARTY.md).
FONTS = {
    typeface.FILE: "852f3effa796f004ff2b83b67fb4bc868392c60ef8b81d03213faca143e63891",
    _PAGES / "NotoSans-Regular.ttf": "3f4c6e1381b95cad87098087165c99a3a785f0fbcb79f54dd29de6cb9c8616bb",
    _PAGES / "NotoSans-Bold.ttf": "4a9feb698fd9c79ca463e4855868a57d95d18ac9592daed2b5b648dbc9bb8b19",
    _PAGES / "NotoSans-Regular.woff2": "df0484e4d63cdc1ff3882ab1a9b36b04d7cdb3f1509a42a5404841a8102c05bb",
    _PAGES / "NotoSans-Bold.woff2": "5f7d64794ef7ed402f0d16f77001b18afcd5c4ac36ed1c903bffdfaeb7b1a47b",
}
_AGAIN = "Install the program again from the wheel it came in."


def versions(_config: Config) -> Iterator[Check]:
    """Yield the version of the program, of Python, of SQLite and of the libraries."""
    found = {name: _version(name) for name in (*LIBRARIES, *_OPTIONAL)}
    listed = ", ".join(f"{name} {number}" for name, number in found.items() if number)
    yield Check("program", "ok", f"rohnamo {_version('rohnamo')}, Python {platform.python_version()}, "
                f"SQLite {sqlite3.sqlite_version}, {listed}")
    if lacking := [name for name in LIBRARIES if not found[name]]:
        yield Check("program", "bad", f"not installed: {', '.join(lacking)}", _AGAIN)


def fonts(_config: Config) -> Iterator[Check]:
    """Yield whether every font of pages and papers is as it shipped."""
    wrong = [path.name for path, known in FONTS.items() if _digest(path) != known]
    if wrong:
        yield Check("fonts", "bad", f"missing or damaged: {', '.join(wrong)}; pages and papers lack Tajik letters",
                    _AGAIN)
    else:
        yield Check("fonts", "ok", f"{len(FONTS)} files with the letters of Tajik, as they shipped")


def scans(_config: Config) -> Iterator[Check]:
    """Yield whether scanned pages can be read."""
    if lacking := ocr.missing():
        yield Check("scans", "note", f"{lacking}: scanned pages are refused when documents are read", ocr.INSTALL)
    else:
        yield Check("scans", "ok", "tesseract reads Tajik (tgk) and Russian (rus)")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "missing"
