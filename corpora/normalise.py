"""One spelling of the same characters, for display.

Keeps every letter of Tajik, Russian and English as it is: ғ ӣ қ ӯ ҳ ҷ й ё are never folded here.
It joins composed letters (NFC), drops what cannot be seen and evens out spaces; it does not repair
fonts, look-alike letters or spelling.  `normalise(normalise(x)) == normalise(x)`.
"""

from __future__ import annotations

import re
import unicodedata

VERSION = "1"

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc\ufffe\uffff\ud800-\udfff]"
)
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_AROUND_LINE_END = re.compile(" ?\n ?")
_BLANK_LINES = re.compile("\n{3,}")


def normalise(text: str) -> str:
    """Return the text in NFC without invisible or control characters, spaces evened, at most one blank line.

    Line ends become "\\n"; no line begins or ends with a space, nor does the text with a line end.
    """
    text = _CONTROL.sub("", _LINE_END.sub("\n", _INVISIBLE.sub("", text)))
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    return _BLANK_LINES.sub("\n\n", _AROUND_LINE_END.sub("\n", text)).strip(" \n")


def one_line(text: str) -> str:
    """Return the text normalised, its line ends as spaces."""
    return normalise(text).replace("\n", " ").replace("  ", " ")
