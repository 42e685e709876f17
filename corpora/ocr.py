"""Text recognition: the one place that speaks to tesseract.

An image goes in through a pipe and its words come out with their places and confidence; no file is
written.  Tajik needs the language `tgk`: with `rus` alone every ғ ӣ қ ӯ ҳ ҷ would silently become
another letter, so nothing is recognised without both.  What the words mean is decided elsewhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING

from corpora.errors import UnreadableFileError
from corpora.normalise import one_line

if TYPE_CHECKING:
    from PIL.Image import Image

INSTALL = "apt-get install tesseract-ocr tesseract-ocr-tgk tesseract-ocr-rus"
LANGUAGES = ("tgk", "rus")
# Debian installs it with tesseract; it keeps web addresses and English pages from becoming Cyrillic.
_WELCOME = "eng"
_SIDES = "osd"
DPI = 300                              # of the images that are to be handed in
_PAGE_SECONDS = 180.0
# Specks and rules come out as marks of low confidence.
_DOUBTFUL_MARK = 60.0
_DOUBTFUL_WORD = 15.0
# A "word" so low, of the usual height of a word, is a speck, unless its signs are low.
_SPECK = 0.25
_FLAT = frozenset(".,-–—_…·•=")
_WORD_LEVEL = "5"
# What tesseract makes of "№" before a number; none of these is a word of Tajik or Russian there.
_NUMBER_SIGN = re.compile("[КЧЛМХ№][оe°]|Ме|Ле|Же|Nо|No|Ne")


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word.  Places are in pixels of the image, y downwards; confidence is 0 to 100."""

    text: str
    confidence: float
    left: int
    top: int
    right: int
    bottom: int
    line: tuple[int, int, int]         # number of its block, paragraph and line


def missing() -> str:
    """Return what text recognition lacks on this machine, or nothing where it is ready."""
    program = shutil.which("tesseract")
    if program is None:
        return "tesseract is not installed"
    lacking = [language for language in LANGUAGES
               if language not in _languages(program, _data_folder())]
    return f"tesseract lacks {' and '.join(lacking)}" if lacking else ""


def version() -> str:
    """Return the version of tesseract, e.g. "5.3.0".

    Raises:
        UnreadableFileError: it cannot be run.
    """
    return _first_line(_program())


def recognise(image: Image) -> tuple[Word, ...]:
    """Return the words of an upright grey image of 300 dpi, in reading order.

    Raises:
        UnreadableFileError: tesseract is missing, failed or took too long.
    """
    program = _program()
    extra = (_WELCOME,) if _WELCOME in _languages(program, _data_folder()) else ()
    command = [program, "-", "-", "-l", "+".join(LANGUAGES + extra), "--dpi", str(DPI), "tsv"]
    return _number_signs(_words(_run(command, _pixels(image))))


def turn(image: Image) -> float:
    """Return by how many degrees, 90, 180 or 270, a page is to be turned to stand upright; 0 where that is not seen.

    Anticlockwise, as Pillow turns.
    """
    program = _program()
    if _SIDES not in _languages(program, _data_folder()):
        return 0.0
    try:
        found = re.search(r"Rotate: (\d+)", _run([program, "-", "-", "-l", _SIDES, "--psm", "0"], _pixels(image)))
    except UnreadableFileError:        # tesseract fails on a page with few letters
        return 0.0
    return float(-int(found[1]) % 360) if found else 0.0


def confidence(words: tuple[Word, ...]) -> int:
    """Return the mean confidence of the words, 0 to 100; 0 without words."""
    return round(sum(word.confidence for word in words) / len(words)) if words else 0


def _pixels(image: Image) -> bytes:
    """Return a grey image as the plainest file there is (PGM): nothing is packed only to be unpacked."""
    return f"P5 {image.width} {image.height} 255\n".encode() + image.convert("L").tobytes()


def _data_folder() -> str:
    return os.environ.get("TESSDATA_PREFIX", "")


def _program() -> str:
    program = shutil.which("tesseract")
    if program is None:
        raise UnreadableFileError("text recognition is not installed", hint=f"Run: {INSTALL}")
    return program


@lru_cache(maxsize=4)
def _languages(program: str, data_folder: str) -> frozenset[str]:
    """Return the languages installed; `data_folder` only tells one answer from another."""
    try:
        return frozenset(_run([program, "--list-langs"]).split())
    except UnreadableFileError:
        return frozenset()


@lru_cache(maxsize=4)
def _first_line(program: str) -> str:
    return _run([program, "--version"]).split("\n", 1)[0].removeprefix("tesseract").strip()


def _run(command: list[str], data: bytes = b"") -> str:
    # Pages are read side by side; more threads within one page only wait for each other.
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_PAGE_SECONDS,  # noqa: S603
                              env=environment, check=True)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFileError(f"text recognition took more than {_PAGE_SECONDS:.0f} s") from error
    except subprocess.CalledProcessError as error:
        raise UnreadableFileError(f"text recognition failed with exit code {error.returncode}") from error
    except OSError as error:
        raise UnreadableFileError(f"text recognition cannot be started: {error.strerror or error}") from error
    return done.stdout.decode("utf-8", errors="replace")


def _words(table: str) -> tuple[Word, ...]:
    """Return the words of tesseract's table.  Columns: tesseract(1), "tsv"."""
    words = []
    for row in table.split("\n")[1:]:
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] != _WORD_LEVEL or not (text := one_line(cells[11])):
            continue
        block, paragraph, line, _, left, top, width, height = map(int, cells[2:10])
        sure = float(cells[10])
        if sure >= (_DOUBTFUL_WORD if any(map(str.isalnum, text)) else _DOUBTFUL_MARK):
            words.append(Word(text, sure, left, top, left + width, top + height, (block, paragraph, line)))
    usual = median(word.bottom - word.top for word in words) if words else 0.0
    return tuple(word for word in words if word.bottom - word.top > _SPECK * usual or _FLAT.issuperset(word.text))


def _number_signs(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the words with "№" where its look-alike stands before a number."""
    followed = zip(words, [*(word.text for word in words), ""][1:], strict=False)
    return tuple(replace(word, text="№") if _NUMBER_SIGN.fullmatch(word.text) and after[:1].isdigit() else word
                 for word, after in followed)
