"""Bytes of a text file become characters.

UTF-8 and UTF-16 are certain; among the one-byte encodings of Tajik and Russian (CP1251, KOI8-T, CP866) the
one whose text has the letters and the words of real prose wins.  Text that was decoded wrongly before it was
saved is decoded again; letters of old fonts are not repaired here, though they do not mislead the choice.
"""

from __future__ import annotations

import codecs
import re

from corpora.encodings import known_share, repair
from corpora.errors import UnsupportedFileError
from corpora.extract.mojibake import undo

# Letters of running Tajik text (news, 35 k letters counted), most frequent first; Russian's own last.
_BY_FREQUENCY = "аиорднметбкусҳлзвшгхфҷқяӯпӣйъёчғэюжыьцщ"
_WEIGHT = {letter: 2.0 - rank / 20 for rank, letter in enumerate(_BY_FREQUENCY)}
_ONE_BYTE = ("cp1251", "koi8_t", "cp866")
# A wholly known text outweighs any difference in letters.
_KNOWN_WEIGHT = 4.0
_SAMPLE = 20_000
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# Real text has a stray control character; a binary has them all over.
_BINARY_SHARE = 0.1
_BROKEN_SHARE = 0.01


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text without control characters, and notes on what was guessed or removed.

    Raises:
        UnsupportedFileError: the bytes are no text.
    """
    text, notes = _characters(data)
    text, undone = undo(text)
    notes = (*notes, *undone)
    controls = len(_CONTROL.findall(text))
    if controls > _BINARY_SHARE * len(text):
        raise UnsupportedFileError("the content is binary, not text")
    if controls:
        text = _CONTROL.sub("", text)
        notes = (*notes, f"{controls} control characters removed")
    return text, notes


def _characters(data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _replacing(data, name)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    text, notes = _replacing(data, "utf-8")
    if text.count("\ufffd") <= _BROKEN_SHARE * len(text) and not text.isascii():
        return text, notes
    return _best_one_byte(data)


def _replacing(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    text = data.decode(name, errors="replace")
    broken = text.count("\ufffd")
    return text, (f"{broken} broken characters",) if broken else ()


def _best_one_byte(data: bytes) -> tuple[str, tuple[str, ...]]:
    scores = {name: _score_with_words(data.decode(name, errors="replace")[:_SAMPLE]) for name in _ONE_BYTE}
    name = max(_ONE_BYTE, key=lambda name: scores[name])
    text, notes = _replacing(data, name)
    return text, (f"decoded as {name.upper().replace('_', '-')}", *notes)


def _score_with_words(text: str) -> float:
    meant = repair(text).text
    return score(meant) + _KNOWN_WEIGHT * known_share(meant)


def score(text: str) -> float:
    """Return how much a text looks like Tajik or Russian prose, a mean per character outside ASCII.

    A small letter counts by its frequency, a capital only at the start of a word or among capitals;
    anything else counts against.
    """
    total, count, before = 0.0, 0, " "
    for letter in text[:_SAMPLE]:
        if letter > "\x7f":
            count += 1
            odd_capital = letter.isupper() and before.islower()
            total += -1.0 if odd_capital else _WEIGHT.get(letter.lower(), -1.0 if letter.isalpha() else -0.5)
        before = letter
    # Wrong one-byte decodings swap the case of every letter.
    return total / count + _small_share(text) if count else 0.0


def _small_share(text: str) -> float:
    letters = [letter for letter in text[:_SAMPLE] if letter > "\x7f" and letter.isalpha()]
    return sum(letter.islower() for letter in letters) / len(letters) if letters else 0.0
