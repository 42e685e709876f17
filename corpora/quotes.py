"""Where a quote stands in a text, word for word.

Both are normalised and spaces are even; nothing else may differ.  A quote that was changed by one
letter stands nowhere.
"""

from __future__ import annotations

import re

from corpora.normalise import normalise


def place(quote: str, text: str) -> tuple[int, int] | None:
    """Return the span of the first place of a quote in a normalised text, or None; `end` is exclusive.

    A line end in the one may be a space in the other, and a place that does not begin or end inside
    a word or number is taken before one that does: none that cuts a number counts.
    """
    words = normalise(quote).split()
    if not words:
        return None
    pattern = r"\s+".join(map(re.escape, words))
    before = r"(?<!\w)" if words[0][0].isalnum() else ""
    after = r"(?!\w)" if words[-1][-1].isalnum() else ""
    match = re.search(before + pattern + after, text)
    return match.span() if match else None
