"""The font that ships with the program, and how it stands in a PDF.

It holds Latin, Cyrillic with every letter of Tajik, digits and punctuation, so that a form is filled alike on
every machine.  A letter it lacks is named, never replaced.  Lines are not laid out here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from corpora.pdf_objects import add

if TYPE_CHECKING:
    from pypdf import PdfWriter
    from pypdf.generic import IndirectObject

FILE = Path(__file__).parent / "fonts" / "NotoSans-Regular.ttf"
_BASE = "/NotoSans-Regular"
_EM = 1000                             # units of an em in a PDF
_WINDOWS_UNICODE = (3, 1)
# The most entries one bfchar list of a ToUnicode map may have (PDF 32000-1, 9.10.3).
_LIST = 100


@dataclass(frozen=True, slots=True)
class Typeface:
    """A TrueType font.  Widths, `ascent`, `descent` (negative) and `box` in thousandths of an em."""

    program: bytes
    glyphs: dict[int, int]             # code point to glyph
    widths: tuple[int, ...]            # by glyph
    ascent: int
    descent: int
    box: tuple[int, int, int, int]

    @property
    def name(self) -> str:
        """Return the name as a PDF resource; it changes with the font's bytes, since glyph numbers do."""
        return "/Noto" + sha256(self.program).hexdigest()[:8]

    def lacking(self, text: str) -> str:
        """Return the letters of a text that the font cannot draw, each once, in order."""
        return "".join(dict.fromkeys(letter for letter in text if ord(letter) not in self.glyphs))

    def width(self, text: str) -> int:
        """Return the width of a text in thousandths of an em."""
        return sum(self.widths[self.glyphs[ord(letter)]] for letter in text)

    def shown(self, text: str) -> str:
        """Return a text as the hexadecimal string of a Tj operator."""
        return "<" + "".join(f"{self.glyphs[ord(letter)]:04X}" for letter in text) + ">"


@cache
def shipped() -> Typeface:
    """Return the font that ships with the program."""
    return read_typeface(FILE.read_bytes())


def read_typeface(program: bytes) -> Typeface:
    """Return the font of a TrueType file (OpenType specification: head, hhea, hmtx, cmap format 4)."""
    count = struct.unpack_from(">H", program, 4)[0]
    entries = (struct.unpack_from(">4sIII", program, 12 + 16 * number) for number in range(count))
    tables = {tag.decode(): program[offset:offset + size] for tag, _, offset, size in entries}
    per_em = struct.unpack_from(">H", tables["head"], 18)[0]

    def scaled(table: str, offset: int, form: str) -> tuple[int, ...]:
        return tuple(round(value * _EM / per_em) for value in struct.unpack_from(form, tables[table], offset))

    metrics = struct.unpack_from(">H", tables["hhea"], 34)[0]
    widths = scaled("hmtx", 0, ">" + "Hh" * metrics)[::2]
    glyphs = struct.unpack_from(">H", tables["maxp"], 4)[0]
    ascent, descent = scaled("hhea", 4, ">2h")
    left, low, right, high = scaled("head", 36, ">4h")
    return Typeface(program, _character_map(tables["cmap"]), widths + widths[-1:] * (glyphs - metrics), ascent, descent,
                    (left, low, right, high))


def _character_map(table: bytes) -> dict[int, int]:
    count = struct.unpack_from(">H", table, 2)[0]
    places = {(platform, encoding): offset for platform, encoding, offset
              in (struct.unpack_from(">HHI", table, 4 + 8 * number) for number in range(count))}
    part = table[places[_WINDOWS_UNICODE]:]
    size = struct.unpack_from(">H", part, 6)[0] // 2
    ends, starts, deltas, ranges = (struct.unpack_from(f">{size}H", part, at)
                                    for at in (14, 16 + 2 * size, 16 + 4 * size, 16 + 6 * size))
    glyphs = {}
    for number, (start, end, delta, where) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        for point in range(start, min(end, 0xFFFE) + 1):
            glyph = point
            if where:
                glyph = struct.unpack_from(">H", part, 16 + 6 * size + 2 * number + where + 2 * (point - start))[0]
            glyphs[point] = (glyph + delta) % 0x10000 if glyph or not where else 0
    return {point: glyph for point, glyph in glyphs.items() if glyph}


def embed(typeface: Typeface, writer: PdfWriter) -> IndirectObject:
    """Put the font into a PDF as a Type 0 font of glyph numbers, whose text can be read back (9.7)."""
    descriptor = {"/Type": "/FontDescriptor", "/FontName": _BASE, "/Flags": 4, "/FontBBox": typeface.box,
                  "/ItalicAngle": 0, "/Ascent": typeface.ascent, "/Descent": typeface.descent,
                  "/CapHeight": typeface.ascent, "/StemV": 80, "/FontFile2": add(writer, {}, typeface.program)}
    descendant = {"/Type": "/Font", "/Subtype": "/CIDFontType2", "/BaseFont": _BASE, "/CIDToGIDMap": "/Identity",
                  "/CIDSystemInfo": {"/Registry": "Adobe", "/Ordering": "Identity", "/Supplement": 0},
                  "/W": [0, typeface.widths], "/FontDescriptor": add(writer, descriptor)}
    return add(writer, {"/Type": "/Font", "/Subtype": "/Type0", "/BaseFont": _BASE, "/Encoding": "/Identity-H",
                        "/DescendantFonts": [add(writer, descendant)],
                        "/ToUnicode": add(writer, {}, _to_unicode(typeface))})


def _to_unicode(typeface: Typeface) -> bytes:
    """Return the map from glyph to letter (9.10.3); of letters that share a glyph the first counts."""
    letters: dict[int, int] = {}
    for point in sorted(typeface.glyphs):
        letters.setdefault(typeface.glyphs[point], point)
    rows = [f"<{glyph:04X}> <{point:04X}>" for glyph, point in sorted(letters.items())]
    lists = [rows[at:at + _LIST] for at in range(0, len(rows), _LIST)]
    body = "\n".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in lists)
    return ("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Rohnamo def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{body}\nendcmap\nend\nend\n").encode()
