"""A file becomes the cards of the notices in it.

Files are read in the sandbox, as documents are.  A law, or a text that is no notice, gives one card that says so, with
the parts that could be read; two notices in one file give two cards.  Which words fill which field is told in
`placement`; nothing here opens the network or a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import pairwise

from assistant.notices import words
from assistant.notices.card import Card, CardStatus, Field, FieldName, Part, State
from assistant.notices.filling import fill
from assistant.notices.indicator import indicators
from corpora.draft import Entry
from corpora.metadata import Metadata
from corpora.numerals import lowered
from corpora.records import Document, DocumentId, Passage, PassageId
from corpora.sandbox import Sandbox
from corpora.structure import article, title_like
from index import Snapshot

# A text with so many articles is an act; a notice names articles, it has none.
_ARTICLES = 8
# So many fields, of eleven, make a notice of a text about a benefit.
_FEW_FIELDS = 3
_TITLE_LETTERS = 200


def read_notice(name: str, data: bytes, sandbox: Sandbox) -> Entry:
    """Return a file's bytes as a document with its passages.

    Raises:
        CorpusError: it cannot be read; the message says why and `hint` what to do.
    """
    return sandbox.read(name, data, Metadata(DocumentId(name)))


def cards_of(read: Entry, today: date, snapshot: Snapshot | None = None) -> tuple[Card, ...]:
    """Return the card of each notice in a text, in order; never none.

    today: for the value of the indicator where the notice names no day.  snapshot: the documents on this machine.
    """
    document, passages = read.document, read.passages
    if sum(article(line) is not None for line in _lines(passages)) >= _ARTICLES:
        nothing = tuple(Field(name) for name in FieldName)
        return (Card(document, document.title, CardStatus.ACT, nothing, parts=_parts(passages)),)
    known = indicators(document, passages, snapshot)
    plain = document.media_type == "text/plain" or bool(read.boxes)
    found = [(part, fill(document, part, known, today, plain=plain)) for part in _notices(passages)]
    if len(found) > 1 and not all(_is_notice(*one) for one in found):
        found = [(passages, fill(document, passages, known, today, plain=plain))]
    if not _is_notice(*found[0]):
        return (replace(found[0][1], status=CardStatus.NO_NOTICE, parts=_parts(passages)),)
    return tuple(replace(card, title=_title(part, document), number=number, of=len(found))
                 for number, (part, card) in enumerate(found, 1))


def _is_notice(passages: Sequence[Passage], card: Card) -> bool:
    filled = sum(field.state is not State.NOT_STATED for field in card.fields)
    return filled >= _FEW_FIELDS and any(words.BENEFIT.search(lowered(passage.text)) for passage in passages)


def _notices(passages: Sequence[Passage]) -> list[Sequence[Passage]]:
    """Return the passages of each notice: one begins where a passage opens with the name of a notice."""
    cut = [piece for passage in passages for piece in _cut(passage)]
    opened = [at for at, passage in enumerate(cut) if _opens(_first_line(passage))]
    if len(opened) < 2:
        return [passages]
    return [cut[first:last] for first, last in pairwise([0, *opened[1:], len(cut)])]


def _opens(line: str) -> bool:
    """Return whether a line is the name of a notice: "Эълон …"."""
    return title_like(line) and bool(words.KIND.search(lowered(line)))


def _cut(passage: Passage) -> Iterator[Passage]:
    """Yield a passage in pieces, each but the first of which begins with the name of a notice."""
    places = [0]
    for match in re.finditer(r"\n(?=([^\n]+))", passage.text):
        places += [match.end()] if _opens(match[1]) else []
    if len(places) == 1:
        yield passage
        return
    for first, last in pairwise([*places, len(passage.text)]):
        text = passage.text[first:last].rstrip()
        if text:
            name = PassageId(f"{passage.document}:{sha256(text.encode()).hexdigest()[:10]}")
            yield replace(passage, id=name, text=text, start=passage.start + first,
                          end=passage.start + first + len(text))


def _parts(passages: Sequence[Passage]) -> tuple[Part, ...]:
    """Return the headings of a text, each once, with the page where it begins."""
    parts = {_heading(passage): Part(_heading(passage), passage.locator.page) for passage in reversed(passages)}
    return tuple(reversed(parts.values()))


def _heading(passage: Passage) -> str:
    return (passage.locator.heading or passage.locator.article or _first_line(passage))[:_TITLE_LETTERS]


def _title(passages: Sequence[Passage], document: Document) -> str:
    """Return the first heading of a notice, the document's title where it is the only one."""
    first = _first_line(passages[0])
    own = _opens(first) and first not in document.title
    return first[:_TITLE_LETTERS] if own else document.title


def _first_line(passage: Passage) -> str:
    return passage.text.split("\n", 1)[0]


def _lines(passages: Sequence[Passage]) -> Iterator[str]:
    return (line for passage in passages for line in passage.text.split("\n"))
