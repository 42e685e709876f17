"""The letters of the old Tajik font encodings, and the letters that only look alike.

Tables, nothing else: each entry is one character for one.  `adlia` and `lj` contradict each other on
њ, љ and ї; who reads which is decided where the words are seen.  TransCyrillicSans is not here: its pairs
of characters stand for one letter and only the name of the font tells it from English.
"""

from __future__ import annotations

from enum import StrEnum


class Scheme(StrEnum):
    """In what way the characters of a paragraph were not the letters they showed."""

    ADLIA = "adlia"
    LJ = "lj"
    BRACKET = "bracket"
    XPART = "xpart"
    U_SHORT = "u-short"
    I_SHORT = "i-short"
    HOMOGLYPH = "homoglyph"
    ROMAN = "roman"


_MEANT = "ҚқҲҳҶҷӢӣҒғӮӯ"
CYRILLIC = {
    Scheme.LJ: dict(zip("ЌќЊњЉљЇїЃѓЎў", _MEANT, strict=True)),
    Scheme.ADLIA: dict(zip("ЅѕІіЇїЊњЉљЎў", _MEANT, strict=True)),
}
# Letters that one of the two has and the other has not.
ONLY = {Scheme.LJ: frozenset("ЌќЃѓ"), Scheme.ADLIA: frozenset("ЅѕІі")}

BRACKET = dict(zip("Rr{[XxBbUuEe", _MEANT, strict=True))
XPART = {seen: meant for seen, meant in BRACKET.items() if seen in "XxUuEe"}
ONLY_BRACKET = frozenset("Rr{[Bb")

LOOK_ALIKE = dict(zip("aceopxyABCEHKMOPTXY", "асеорхуАВСЕНКМОРТХУ", strict=True))
# Letters of other Cyrillic alphabets taken from the wrong place of a keyboard or a font.
NEIGHBOURS = dict(zip("һҺӽӼҝҜҹҸ", "ҳҲҳҲқҚҷҶ", strict=True))
# No Tajik or Russian text has these, nor any of the fonts: Ukrainian, Serbian, Macedonian, Kazakh, Kyrgyz, Turkmen.
FOREIGN = frozenset("єЄґҐђЂћЋџЏјЈәӘөӨұҰүҮңҢ")

ROMAN = dict(zip("ХІΧΙ", "XIXI", strict=True))
