"""Text that was once decoded with the wrong table is decoded again with the right one, line by line.

A line changes only where the detour gives more known Tajik or Russian words, or, for UTF-8 read as single bytes,
where every byte fits.  Lengths change here, so it happens before any place in the text is counted.
"""

from __future__ import annotations

import re
from collections import Counter

from corpora.encodings import repair
from corpora.known_words import known_share

# Wrong reading, right one; UTF-8 first because it proves itself.
_DETOURS = (("cp1251", "utf-8"), ("cp1252", "utf-8"), ("cp1252", "cp1251"), ("cp1252", "koi8_t"),
            ("cp1251", "koi8_t"), ("koi8_t", "cp1251"))
_SUSPICIOUS = re.compile(
    "[РСТУÐÑÒÓ][\u0080-\u00bf\u0402-\u040f\u0451-\u045f\u0490\u0491\u2010-\u203a\u20ac\u2116\u2122\u0152-\u0178\u02c6\u02dc]"
    "|[\u00c0-\u00ff]{3}|[а-яё][\u0400-\u042f\u0490]|[\u2500-\u259f]")
# So many characters in place of one letter are no accident.
_PROOF = 3
_LEAST_SHARE = 0.3
_LONG_WORD = re.compile(r"[^\W\d_]{3,}")


def undo(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text with its wrongly decoded lines decoded anew, and a note for each kind of fault."""
    if text.isascii() or not _SUSPICIOUS.search(text):
        return text, ()
    lines = text.split("\n")
    found = {at: _detour(line) for at, line in enumerate(lines) if _SUSPICIOUS.search(line)}
    counts = Counter(detour for detour in found.values() if detour)
    if not counts:
        return text, ()
    usual, _ = counts.most_common(1)[0]
    for at, detour in found.items():
        # A line too short to tell goes the way of the others.
        if (again := _again(lines[at], *(detour or usual))) and (detour or _share(again) >= _share(lines[at])):
            lines[at] = again
    notes = tuple(f"{count} line{'s' * (count > 1)} of {_name(right)} read as {_name(wrong)} decoded again"
                  for (wrong, right), count in counts.items())
    return "\n".join(lines), notes


def _detour(line: str) -> tuple[str, str] | None:
    """Return the wrong and the right table of a line, None where it is well or cannot be told."""
    best, found = max(_share(line), _LEAST_SHARE), None
    for wrong, right in _DETOURS:
        again = _again(line, wrong, right)
        if again is None or again == line:
            continue
        if right == "utf-8" and len(line) - len(again) >= _PROOF and _share(again) >= _share(line):
            return wrong, right
        if (share := _share(again)) > best and len(_LONG_WORD.findall(again)) > 1:
            best, found = share, (wrong, right)
    return found


def _again(line: str, wrong: str, right: str) -> str | None:
    """Return the line decoded the right way, None where its characters were never such bytes."""
    try:
        return b"".join(_byte(letter, wrong) for letter in line).decode(right)
    except UnicodeError:
        return None


def _byte(letter: str, table: str) -> bytes:
    code = ord(letter)
    # Programs pass a byte that a table leaves out through as the control character of its number.
    return bytes([code]) if 0x7f < code < 0xa0 else letter.encode(table)


def _share(line: str) -> float:
    return known_share(repair(line).text)


def _name(codec: str) -> str:
    return codec.upper().replace("_", "-")
