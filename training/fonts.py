"""Make the fonts of the pages and of what is printed from them: `python training/fonts.py [SOURCE] [OUT]`.

Cuts Noto Sans (Debian's fonts-noto-core) down to the letters that our texts can hold: woff2 for the browser, TrueType
for PDFs.  The same source gives the same bytes.  It needs fontTools and brotli (extra `training`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/truetype/noto")
OUT = Path(__file__).parents[1] / "assistant" / "web" / "static" / "fonts"
FACES = ("Regular", "Bold")
# Latin, Latin-1, Russian and its neighbours (documents in old fonts hold Serbian and Ukrainian letters), Tajik and the
# mark that is put over и and у, dashes, quotes, dots, per mille, primes, euro, №.
TEXT = ((0x20, 0x7E), (0xA0, 0xFF), (0x400, 0x45F), (0x304, 0x304), (0x492, 0x493), (0x49A, 0x49B), (0x4B2, 0x4B3),
        (0x4B6, 0x4B7), (0x4E2, 0x4E3), (0x4EE, 0x4EF), (0x2010, 0x2015), (0x2018, 0x201E), (0x2022, 0x2022),
        (0x2026, 0x2026), (0x202F, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A), (0x20AC, 0x20AC), (0x2116, 0x2116))
# Arrows and signs of comparison stand in Noto Sans Math, drawn to the same measure.
SIGNS = ((0x2190, 0x2195), (0x2212, 0x2212), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265))
# What the letters need of a font's features: kerning, and marks in their places. The digits have one width as they are.
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl"]
# Name, licence and where the licence stands.
NAMES = [0, 1, 2, 4, 6, 13, 14]
Ranges = tuple[tuple[int, int], ...]


def points(ranges: Ranges) -> frozenset[int]:
    """Return the code points of ranges whose both ends count."""
    return frozenset(point for first, last in ranges for point in range(first, last + 1))


def cut(source: Path, kept: frozenset[int], features: list[str], out: Path) -> None:
    """Write a TrueType font that holds only the code points that are kept."""
    font = TTFont(source, recalcTimestamp=False)
    if missing := kept - font.getBestCmap().keys():
        raise SystemExit(f"{source} lacks " + " ".join(f"U+{point:04X}" for point in sorted(missing)))
    subsetter = Subsetter(Options(layout_features=features, name_IDs=NAMES, hinting=False, notdef_outline=True))
    subsetter.populate(unicodes=kept)
    subsetter.subset(font)
    font.save(out)


def face(source: Path, name: str, work: Path) -> TTFont:
    """Return one face with the letters of Noto Sans and the signs of Noto Sans Math."""
    parts = [work / "text.ttf", work / "signs.ttf"]
    cut(source / f"NotoSans-{name}.ttf", points(TEXT), FEATURES, parts[0])
    cut(source / "NotoSansMath-Regular.ttf", points(SIGNS), [], parts[1])
    merged = Merger().merge([str(part) for part in parts])
    merged["head"].modified = merged["head"].created = TTFont(parts[0])["head"].created
    merged.recalcTimestamp = False
    return merged


def main(source: Path = SOURCE, out: Path = OUT) -> None:
    """Write both faces in both formats and say how large they are, in bytes."""
    with TemporaryDirectory() as work:
        for name in FACES:
            font = face(source, name, Path(work))
            for flavour in (None, "woff2"):
                font.flavor, made = flavour, out / f"NotoSans-{name}.{flavour or 'ttf'}"
                font.save(made)
                print(f"{made.name}: {made.stat().st_size}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
