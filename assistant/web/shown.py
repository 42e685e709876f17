"""An answer as a page shows it: what warns before what is said, sentences with the numbers of their sources.

Rules only: no template, no request, no clock.  Every claim and every quote of an answer is shown, in its order and
word by word; nothing is added to what a document says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from assistant.account import EXTRACTIVE
from assistant.cited import Cited, cited, nearest
from assistant.records import Answer, AnswerStatus, Citation, Claim, ClaimKind
from assistant.texts import date_words, text
from assistant.web.session import Kept
from corpora.records import Document, PassageId

_ITEM = re.compile(r"\s*[–—•*-]\s+")


class Verdict(StrEnum):
    """How much an answer may be relied on, in four words."""

    WHOLE = "whole"
    PARTLY = "partly"
    PAST = "past"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or the items of a list."""

    lines: tuple[str, ...]
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One claim: its words in blocks, the numbers of the sources behind it."""

    blocks: tuple[Block, ...]
    marks: tuple[int, ...]
    generated: bool = False
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Sources that disagree, the later act first."""

    why: str
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the template of an answer is given besides the answer itself.  `office` is where its card was read."""

    verdict: Verdict
    warnings: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]
    said: tuple[Said, ...]
    sources: tuple[Cited, ...]
    office: Cited | None
    nearest: tuple[Document, ...]


def shown(kept: Kept, *, stale_days: int) -> Shown:
    """Return an answer as it is shown; what is older than `stale_days` says so."""
    answer = kept.account.answer
    every = cited(answer, kept.numbered)
    numbers = {source.passage.id: source.number for source in every}
    found = _of_what_is_said(answer, every)
    office = next((one for one in every if answer.office and one.passage.id == answer.office.citation.passage.id), None)
    return Shown(verdict(answer), _warnings(kept, found, stale_days),
                 tuple(Disagreement(one.why, marks(one.citations, numbers, in_order=True)) for one in answer.conflicts),
                 tuple(said(claim, numbers) for claim in answer.claims), found, office,
                 () if answer.claims else nearest(answer))


def verdict(answer: Answer) -> Verdict:
    """Return how much an answer may be relied on."""
    match answer.status:
        case AnswerStatus.ANSWERED:
            return Verdict.PARTLY if answer.conflicts else Verdict.WHOLE
        case AnswerStatus.ANSWERED_PARTLY:
            return Verdict.PARTLY
        case AnswerStatus.ANSWERED_SUPERSEDED:
            return Verdict.PAST
    return Verdict.NONE


def _of_what_is_said(answer: Answer, every: Sequence[Cited]) -> tuple[Cited, ...]:
    """Return the sources of claims and disagreements; that of the office alone stands at its card."""
    passages = {citation.passage.id for claim in answer.claims for citation in claim.citations}
    passages |= {citation.passage.id for conflict in answer.conflicts for citation in conflict.citations}
    return tuple(source for source in every if source.passage.id in passages)


def said(claim: Claim, numbers: dict[PassageId, int]) -> Said:
    """Return a claim in blocks, with the numbers of its sources."""
    rows = [row for row in claim.text.split("\n") if row.strip()]
    blocks = tuple(block for listed, some in groupby(rows, key=lambda row: bool(_ITEM.match(row)))
                   for block in _blocks(tuple(some), listed=listed))
    return Said(blocks, marks(claim.citations, numbers), claim.kind is ClaimKind.GENERATED, bool(claim.computation))


def _blocks(rows: tuple[str, ...], *, listed: bool) -> Iterator[Block]:
    if listed:
        yield Block(tuple(_ITEM.sub("", row, count=1) for row in rows), is_list=True)
    else:
        yield from (Block((row,)) for row in rows)


def marks(citations: Iterable[Citation], numbers: dict[PassageId, int], *, in_order: bool = False) -> tuple[int, ...]:
    """Return the numbers of the sources of citations, each once; from the smallest, or in the order of citing."""
    found = dict.fromkeys(numbers[citation.passage.id] for citation in citations)
    return tuple(found if in_order else sorted(found))


def _warnings(kept: Kept, found: Sequence[Cited], stale_days: int) -> tuple[str, ...]:
    """Return what warns a citizen: all of the answer's warnings but what only staff can mend, then what is old."""
    answer, lacking = kept.account.answer, kept.account.work.lacking_model
    for_staff = text(answer.language, "warning", "model_missing", model=lacking) if lacking else None
    warnings = [warning for warning in answer.warnings if warning != for_staff]
    old = _oldest(found, kept.account.work.today - timedelta(days=stale_days), warnings)
    said_so = [text(answer.language, "kiosk", "old", date=date_words(old, answer.language))] if old else []
    return (*warnings, *said_so)


def _oldest(found: Sequence[Cited], limit: date, warnings: Sequence[str]) -> str | None:
    """Return the day of the oldest source from before a day, of those that nothing warns of yet."""
    unwarned = (source.document for source in found if not any(source.document.title in said for said in warnings))
    return min((one.as_of for one in unwarned if one.as_of and one.as_of < limit.isoformat()[:len(one.as_of)]),
               default=None)


def worded_by(answer: Answer) -> str:
    """Return who put an answer into words, empty where it is made of stretches of documents."""
    return "" if answer.generator == EXTRACTIVE else answer.generator
