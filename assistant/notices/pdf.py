"""A card as a PDF on A4: in words that can be read back exactly, with the font that ships with the program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.notices.card import Card
from assistant.notices.plain import Say, plain_text
from assistant.notices.rows import Row
from assistant.notices.taken import Part, Taken, taken
from assistant.paper import Block, Kind, Paper
from assistant.sheet import Size, sheet
from assistant.texts import date_words, text
from corpora.records import Passage


def pdf_bytes(card: Card, language: str, standing: str = "", passages: Sequence[Passage] = (), *,
              say: Say = plain_text) -> bytes:
    """Return a card as the bytes of a PDF, the same for the same card.

    standing: who approved it and when; without it every page says that it is a draft.  passages: of the notice, whose
    text then stands behind the card with the quoted words marked.
    """
    found = taken(card, language, standing, passages, say=say)
    draft = "" if standing else text(language, "clerk", "draft")
    return sheet(Paper(language, tuple(_blocks(found)), found.title, draft), Size.A4)


def _blocks(found: Taken) -> Iterator[Block]:
    language = found.language
    yield Block(Kind.NAME, found.title)
    yield Block(Kind.LEAD, found.standing or text(language, "clerk", "draft"))
    yield Block(Kind.SMALL, found.origin)
    yield from (Block(Kind.WARNING, line) for line in found.remarks)
    for said in found.plain:
        yield Block(Kind.HEAD, text(said.language, "card", "plain"))
        yield from (Block(Kind.SAID, sentence.marked) for sentence in said.sentences)
        yield from [Block(Kind.WARNING, said.remark)] if said.remark else []
        yield from (Block(Kind.SMALL, term) for term in said.terms)
    if found.rows:
        yield Block(Kind.HEAD, text(language, "clerk", "card_title"))
    for row in found.rows:
        yield from _row(row, language)
    yield Block(Kind.HEAD, text(language, "card", "left_over"))
    yield Block(Kind.SAID, found.figures)
    yield from (Block(Kind.ITEM, line) for line in found.left_over)
    yield Block(Kind.HEAD, text(language, "card", "sources"))
    yield from (Block(Kind.ITEM, f"[{number}] {line}") for number, line in enumerate(found.sources, 1))
    if found.notice:
        yield Block(Kind.HEAD, text(language, "taken", "notice"))
        yield from (Block(Kind.ITEM, "".join(map(_part, line))) for line in found.notice)


def _row(row: Row, language: str) -> Iterator[Block]:
    name, state = text(language, "card", f"name_{row.name}"), text(language, "clerk", f"state_{row.state}")
    yield Block(Kind.SAID, f"{name} ({state})")
    if row.edit:
        yield from (Block(Kind.ITEM, f"– {value}") for value in row.values)
        yield Block(Kind.SMALL, edit_words(row, language))
        return
    yield from (Block(Kind.ITEM, f"– {line.words} {numbers(line.numbers)}") for line in row.lines)


def edit_words(row: Row, language: str) -> str:
    """Return who corrected a field, when and why; empty where nobody did."""
    if row.edit is None:
        return ""
    said = text(language, "clerk", "edited_by", name=row.edit.by, date=date_words(row.edit.day, language))
    return f"{said} {text(language, 'clerk', 'reason')}: {row.edit.reason}"


def numbers(found: Sequence[int]) -> str:
    """Return the numbers of quotes as they stand behind words: "[1][3]"."""
    return "".join(f"[{number}]" for number in found)


def _part(part: Part) -> str:
    return f"‹{part.text}›{numbers(part.numbers)}" if part.numbers else part.text
