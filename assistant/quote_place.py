"""Where a quote of a document's text stands among the characters of its printed page.

A page breaks lines and words, sets its own spaces and dashes; so the two are compared by letters and digits alone,
each of which knows which character of the page it came from.  Pure rules: no file, no PDF.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# A shorter piece of a quote may stand on a page by chance.
TELLING = 8
_PIECES = re.compile(r"\n+|(?:^|\s)[–—•*-]\s|[;:] ")


@dataclass(frozen=True, slots=True)
class Quote:
    """The words that are looked for; `before` are those that stand before them, which tell one place from another."""

    text: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters and digits of a text in one spelling; `places` are the characters they came from."""

    text: str
    places: tuple[int, ...]


Span = tuple[int, int]


def letters_of(text: str) -> Letters:
    """Return the letters and digits of a text; a letter with its marks is one, whichever way it is written."""
    found: list[str] = []
    places: list[int] = []
    for start, end in _clusters(text):
        for letter in unicodedata.normalize("NFC", text[start:end]).casefold():
            if letter.isalnum():
                found.append(letter)
                places.append(start)
    return Letters("".join(found), tuple(places))


def find(quote: Quote, page: Letters) -> tuple[Span, ...]:
    """Return the stretches of the page's characters that a quote takes, `end` exclusive; none where it is not there.

    A quote that is printed in pieces, as rows of a table are, is found when each of its pieces is.
    """
    wanted = letters_of(quote.text).text
    if not wanted:
        return ()
    if whole := _whole(wanted, letters_of(quote.before).text, page):
        return (whole,)
    return _in_pieces([letters for piece in _PIECES.split(quote.text) if (letters := letters_of(piece).text)], page)


def part(quote: Quote, page: Letters) -> tuple[Span | None, Quote]:
    """Return where a quote begins on a page, and what of it is left for the next; None where it does not begin here."""
    wanted = letters_of(quote.text)
    low, high = 0, len(wanted.text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if wanted.text[:middle] in page.text else (low, middle - 1)
    if low < TELLING or low == len(wanted.text):
        return None, quote
    here = _whole(wanted.text[:low], letters_of(quote.before).text, page)
    return here, Quote(quote.text[wanted.places[low]:])


def _clusters(text: str) -> Iterator[Span]:
    """Yield each character together with the marks that stand upon it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not unicodedata.combining(text[at]):
            yield start, at
            start = at


def _whole(wanted: str, before: str, page: Letters) -> Span | None:
    places = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", page.text)]
    if not places:
        return None
    at = max(places, key=lambda place: _common_end(before, page.text[:place]))
    return page.places[at], page.places[at + len(wanted) - 1] + 1


def _common_end(one: str, other: str) -> int:
    length = min(len(one), len(other))
    return next((at for at in range(length) if one[-1 - at] != other[-1 - at]), length)


def _in_pieces(pieces: list[str], page: Letters) -> tuple[Span, ...]:
    """Return where each piece stands, one after the other; the heads of columns stand once, before their rows."""
    longest = max(range(len(pieces)), key=lambda at: len(pieces[at]))
    cursor = max(0, page.text.find(pieces[longest]) - 2 * sum(map(len, pieces[:longest])))
    spans: dict[Span, None] = {}
    for piece in pieces:
        places = [match.start() for match in re.finditer(f"(?={re.escape(piece)})", page.text)
                  if len(piece) >= TELLING or _is_apart(page, match.start(), len(piece))]
        if not places:
            return ()
        at = next((place for place in places if place >= cursor), places[-1])
        cursor = max(cursor, at + len(piece) if at >= cursor else 0)
        spans[page.places[at], page.places[at + len(piece) - 1] + 1] = None
    return tuple(spans)


def _is_apart(page: Letters, at: int, length: int) -> bool:
    """Return whether what stands here is whole words: no letter touches it on the page."""
    ends = ((at - 1, at), (at + length - 1, at + length))
    return all(first < 0 or second >= len(page.places) or page.places[second] - page.places[first] > 1
               for first, second in ends)
