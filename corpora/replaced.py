"""Which document's act another act ended or replaced, over all documents of a corpus.

Acts are one where kind, issuer, number and full date agree.  A reading that contradicts itself (an act that
ends itself, a circle, a successor older than what it ends) is left out; two successors leave the end and
name none.  What a person said of a document is never changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from corpora.acts import own_act, read_changes
from corpora.changes import Change, ChangeKind
from corpora.records import Act, Document, DocumentId, DocumentStatus
from corpora.references import family

_STRENGTH = (DocumentStatus.UNKNOWN, DocumentStatus.NOT_YET_IN_FORCE, DocumentStatus.IN_FORCE,
             DocumentStatus.SUPERSEDED, DocumentStatus.VOID)
_FULL_DATE = 10


@dataclass(frozen=True, slots=True)
class Replacement:
    """What became of a document's act: by which act (None: not named, or two), in which document, from which day."""

    by_act: Act | None = None
    by_document: DocumentId | None = None
    since: str | None = None
    status: DocumentStatus = DocumentStatus.VOID


@dataclass(frozen=True, slots=True)
class _End:
    """One statement that the act `old` ended."""

    old: Act
    new: Act | None
    since: str
    status: DocumentStatus


def same_act(one: Act, other: Act) -> bool:
    """Return whether two spellings, in any language, name one act; never true without number and full date.

    A type without an issuer ("қарор") agrees with any issuer of its kind.
    """
    if not one.number or len(one.date) != _FULL_DATE or one.date != other.date \
            or one.number.casefold() != other.number.casefold():
        return False
    (kind, issuer), (other_kind, other_issuer) = family(one.type), family(other.type)
    return kind == other_kind and (issuer == other_issuer or bool(kind and not (issuer and other_issuer)))


def replacements(documents: Iterable[Document], texts: Mapping[DocumentId, str]) -> dict[DocumentId, Replacement]:
    """Return what the texts say became of the documents' acts; documents of which nothing is said are left out.

    texts: the text of each document by its id; a document without one only is spoken of.
    """
    known = list(documents)
    acts = {document.id: act for document in known
            if (act := document.act or own_act(texts.get(document.id, ""))) and act.number and act.date}
    by_number: dict[str, list[DocumentId]] = defaultdict(list)
    for document_id, act in acts.items():
        by_number[act.number.casefold()].append(document_id)
    ends: dict[DocumentId, list[_End]] = defaultdict(list)
    for document in known:
        for end in _ends(texts.get(document.id, ""), acts.get(document.id)):
            for old in _holders(end.old, acts, by_number):
                ends[old].append(end)
    languages = {document.id: document.language for document in known}
    found = {old: _agreed(old, said, acts, by_number, languages) for old, said in ends.items()}
    return {old: one for old, one in found.items() if not _in_circle(old, acts, found)}


def mark(documents: Iterable[Document], found: Mapping[DocumentId, Replacement], *,
         read: Collection[DocumentId] = ()) -> tuple[Document, ...]:
    """Return the documents in their order, those that ended marked so, with successor and last day.

    A status that is not unknown is a person's word and stays, unless the document is among `read`: those whose
    status was read from their text, where the stronger of the two holds.  A successor or a last day that is
    given stays.
    """
    return tuple(_marked(document, found[document.id], document.id in read) if document.id in found else document
                 for document in documents)


def _marked(document: Document, end: Replacement, was_read: bool) -> Document:
    weaker = _STRENGTH.index(document.status) < _STRENGTH.index(end.status)
    if document.status != end.status and not (weaker and (was_read or document.status == DocumentStatus.UNKNOWN)):
        return document
    until = document.valid_until or (_day_before(end.since) if end.since else None)
    return replace(document, status=end.status, superseded_by=document.superseded_by or end.by_document,
                   valid_until=until)


def _day_before(iso: str) -> str | None:
    return (date.fromisoformat(iso) - timedelta(days=1)).isoformat() if len(iso) == _FULL_DATE else None


def _ends(text: str, own: Act | None) -> Iterator[_End]:
    """Yield the ends of acts that a text tells, its own act put in where it is spoken of as "this"."""
    for change in read_changes(text) if text else ():
        new = own if change.by_this else change.new.act if change.new else None
        olds = [one.act for one in change.olds] or ([own] if change.of_this and own else [])
        if change.kind is not ChangeKind.AMEND and not (change.by_this and own is None):
            yield from (_End(old, new, change.since, _status(change)) for old in olds if _plausible(old, new))


def _status(change: Change) -> DocumentStatus:
    return DocumentStatus.SUPERSEDED if change.kind is ChangeKind.REPLACE else DocumentStatus.VOID


def _plausible(old: Act, new: Act | None) -> bool:
    """Return whether an act can have been ended by another: not by itself, nor by an older one."""
    if new is None:
        return True
    shorter = min(len(old.date), len(new.date))
    return not _agrees(old, new) and new.date[:shorter] >= old.date[:shorter]


def _agrees(one: Act, other: Act) -> bool:
    """Return whether two acts may be one, the less complete naming nothing else."""
    known = all(not first or not second or first.casefold() == second.casefold()
                for first, second in ((one.number, other.number), (one.date, other.date)))
    (kind, issuer), (other_kind, other_issuer) = family(one.type), family(other.type)
    return known and kind == other_kind and (not issuer or not other_issuer or issuer == other_issuer)


def _holders(act: Act, acts: Mapping[DocumentId, Act], by_number: Mapping[str, list[DocumentId]]) -> list[DocumentId]:
    """Return the documents whose act this is; none where it could be more than one act."""
    found = [one for one in by_number.get(act.number.casefold(), ()) if same_act(act, acts[one])]
    return found if len({family(acts[one].type) for one in found}) <= 1 else []


def _agreed(old: DocumentId, said: Sequence[_End], acts: Mapping[DocumentId, Act],
            by_number: Mapping[str, list[DocumentId]], languages: Mapping[DocumentId, str]) -> Replacement:
    """Return what all statements about one act agree on; the strongest status, no successor where two are named."""
    named = sorted({end.new for end in said if end.new}, key=lambda act: -len(act.number + act.date))
    by_act = named[0] if named and all(_agrees(named[0], other) for other in named) else None
    holders = _holders(by_act, acts, by_number) if by_act else []
    spoken = [one for one in holders if languages[one] == languages[old]]
    chosen = next((one[0] for one in (holders, spoken) if len(one) == 1), None)
    days = {end.since for end in said if end.since}
    status = max((end.status for end in said), key=_STRENGTH.index)
    return Replacement(by_act, chosen, days.pop() if len(days) == 1 else None, status)


def _in_circle(old: DocumentId, acts: Mapping[DocumentId, Act], found: Mapping[DocumentId, Replacement]) -> bool:
    """Return whether following the successors from a document's act leads back to that act."""
    seen, place = {old}, found[old].by_document
    while place and place not in seen:
        if same_act(acts[place], acts[old]):
            return True
        seen.add(place)
        place = found[place].by_document if place in found else None
    return place == old
