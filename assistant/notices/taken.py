"""A card as it is taken away, before it becomes a file of some kind: what stands on it, in order, in one language.

Everything the page of a card shows is here, and where the notice is given its whole text too, with the quoted words
told apart and numbered.  Records and rules only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.notices.card import Card, CardStatus
from assistant.notices.page import quote_words, remarks
from assistant.notices.plain import PlainText, Say, plain_text
from assistant.notices.rows import Row, plain_texts, rows
from assistant.texts import text
from corpora.records import Passage
from corpora.suspicion import visible


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the notice; `numbers` are those of the quotes that it belongs to, none where it is not quoted."""

    text: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What stands on a card that is taken away.  standing: who approved it and when, empty for a draft."""

    language: str
    title: str
    origin: str
    standing: str
    remarks: tuple[str, ...]
    rows: tuple[Row, ...]
    figures: str
    left_over: tuple[str, ...]
    plain: tuple[PlainText, ...]
    sources: tuple[str, ...]
    notice: tuple[tuple[Part, ...], ...] = ()


def taken(card: Card, language: str, standing: str = "", passages: Sequence[Passage] = (), *,
          say: Say = plain_text) -> Taken:
    """Return what stands on a card.  passages: of the whole notice, for its text beside the card."""
    document, out = card.document, card.figures_left_over
    figures = text(language, "card", "figures", in_notice=card.figures, in_card=card.figures - out, left_over=out)
    is_act = card.status is CardStatus.ACT
    return Taken(language, visible(card.title), f"{visible(document.file)} · SHA-256 {document.sha256}", standing,
                 tuple(remarks(card, language)), () if is_act else rows(card, language), figures,
                 tuple(quote_words(one, card, language) for one in card.left_over), plain_texts(card, language, say),
                 tuple(quote_words(one, card, language) for one in card.citations), marked(card, passages))


def marked(card: Card, passages: Sequence[Passage]) -> tuple[tuple[Part, ...], ...]:
    """Return the lines of a notice, each cut where a quote begins or ends."""
    spans = [(one.passage.start + one.span[0], one.passage.start + one.span[1], number)
             for number, one in enumerate(card.citations, 1) if one.document.id == card.document.id]
    lines: list[tuple[Part, ...]] = []
    for passage in passages:
        at = passage.start
        for line in passage.text.split("\n"):
            if line.strip():
                lines.append(_cut(line, at, spans))
            at += len(line) + 1
    return tuple(lines)


def _cut(line: str, at: int, spans: Sequence[tuple[int, int, int]]) -> tuple[Part, ...]:
    end = at + len(line)
    cuts = sorted({at, end, *(min(max(side, at), end) for start, stop, _ in spans for side in (start, stop))})
    return tuple(Part(visible(line[first - at:last - at]),
                      tuple(number for start, stop, number in spans if start <= first and last <= stop))
                 for first, last in pairwise(cuts))
