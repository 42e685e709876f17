"""The cards of a notice written as files for people or programs: the ending of the name says which kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assistant.errors import AssistantError
from assistant.notices.card import Card
from assistant.notices.docx import docx_bytes
from assistant.notices.object import card_object
from assistant.notices.pdf import pdf_bytes
from assistant.notices.plain import Say, plain_text
from corpora.durable import write_whole
from corpora.records import Passage

Maker = Callable[[Card, str, Sequence[Passage], Say], bytes]


def write_cards(cards: Sequence[Card], passages: Sequence[Passage], target: Path, language: str,
                say: Say = plain_text) -> tuple[Path, ...]:
    """Write each card beside its notice's text and return the files; several are numbered: `card-1.pdf`, `card-2.pdf`.

    passages: of the whole notice.  say: how it is put in plain sentences.

    Raises:
        AssistantError: the ending is none of ours, or a file is there already; nothing is written then.
        NoSpaceError: the disk is full.
    """
    maker = MAKERS.get(target.suffix.lower())
    if maker is None:
        raise AssistantError(f"a card cannot be written as {target.name}", f"End the name in {', '.join(MAKERS)}.")
    names = [target] if len(cards) == 1 else [target.with_stem(f"{target.stem}-{card.number}") for card in cards]
    if there := next((name for name in names if name.exists()), None):
        raise AssistantError(f"{there} is there already", "Name another file, or remove it.")
    for name, card in zip(names, cards, strict=True):
        write_whole(name, maker(card, language, passages, say))
    return tuple(names)


def _docx(card: Card, language: str, passages: Sequence[Passage], say: Say) -> bytes:
    return docx_bytes(card, language, "", passages, say=say)


def _pdf(card: Card, language: str, passages: Sequence[Passage], say: Say) -> bytes:
    return pdf_bytes(card, language, "", passages, say=say)


def _json(card: Card, language: str, passages: Sequence[Passage], say: Say) -> bytes:
    return json.dumps(card_object(card, say), ensure_ascii=False, indent=2).encode() + b"\n"


MAKERS: Mapping[str, Maker] = {".docx": _docx, ".pdf": _pdf, ".json": _json}
