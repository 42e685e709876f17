"""What may not be released, and what those who sign should know before they do.

Offences stop a release and are told all at once; warnings go into what is signed.  Documents only: whether answers
became worse is asked in `assistant.release_questions`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assistant.errors import AssistantError
from assistant.orders import speaks_to_program
from corpora.draft import Entry
from corpora.metadata import APPROVED
from corpora.records import Document, Passage
from corpora.sentences import sentences
from corpora.suspicion import instructions, visible

# What `corpora.extract` reads; a file of another kind did not come by way of ingest.
MEDIA_TYPES = frozenset({
    "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "image/jpeg",
    "image/png", "image/tiff", "text/html", "text/markdown", "text/plain"})
# The kind of an explanation by the office, which is released only as somebody approved it.
NOTE = "note"
_LANGUAGES = frozenset({"tg", "ru", "en"})
_VERIFIED = frozenset({"A", "B"})      # official text, reputable secondary; C is weak or single
_HOLDS = "holds "                      # how the notes of `corpora.suspicion` begin
_QUOTE_LETTERS = 120
_NUMBER = re.compile(r"\d+(?:[.,\u00a0 ]\d+)*")
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be released, in bytes: text of a document, a file of a pack or of a document, a pack."""

    text: int = 4 * _MB
    file: int = 48 * _MB
    pack: int = 64 * _MB


@dataclass(frozen=True, slots=True)
class Offence:
    """Why something cannot be released; `what` names a document, a file of the pack or the pack."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{visible(self.what)}: {self.why}"


class RefusedReleaseError(AssistantError):
    """Documents break a rule of releases; all that do are named."""

    code = "refused_release"

    def __init__(self, offences: Sequence[Offence]) -> None:
        listed = "\n".join(f"  {offence}" for offence in offences)
        super().__init__(f"nothing was released, because of:\n{listed}",
                         "Mend their metadata or take them out (rohnamo documents remove ID), ingest, and build again.")
        self.offences = tuple(offences)


class WarningKind(StrEnum):
    """What a warning is about."""

    HIDDEN = "hidden or instruction-like text"
    LETTERS = "letters that nobody sees"
    NUMBERS = "numbers changed, the date did not"
    WITHDRAWN = "withdrawn"
    REVIEW = "review date has passed"
    CONFIDENCE = "not verified"
    QUESTIONS = "questions"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing to look at.  `document` is empty where it is about the whole release."""

    kind: WarningKind
    document: str
    text: str

    def to_json(self) -> dict[str, str]:
        """Return a plain object."""
        return {"kind": self.kind, "document": self.document, "text": self.text}


def text_offences(entries: Sequence[Entry], taken: Mapping[str, str], limits: Limits) -> Iterator[Offence]:
    """Yield what stands against documents as texts.  `taken`: the publisher of each id released by another."""
    for name, count in sorted(Counter(entry.document.id for entry in entries).items()):
        if count > 1:
            yield Offence(name, f"{count} documents have this id")
        if name in taken:
            yield Offence(name, f"{taken[name]} has released a document of this id")
    for entry in entries:
        length = sum(len(passage.text.encode()) for passage in entry.passages)
        if length > limits.text:
            yield Offence(entry.document.id, f"its text has {length:,} bytes; at most {limits.text:,} are carried")
        if lacking := list(_lacking(entry.document)):
            yield Offence(entry.document.id, f"it has no {' and no '.join(lacking)}")
        if entry.document.kind == NOTE and not is_approved(entry.document):
            yield Offence(entry.document.id, "it is a note that nobody approved, or that was changed afterwards")


def file_offences(entries: Sequence[Entry], limits: Limits, *, needed: bool = False) -> Iterator[Offence]:
    """Yield what stands against the files of documents; `needed` where the files themselves are released."""
    for document, file in ((entry.document, entry.file) for entry in entries):
        if document.media_type not in MEDIA_TYPES:
            yield Offence(document.id, f"files of the kind {visible(document.media_type)!r} are not released")
        length = file.stat().st_size if file and file.is_file() else None
        if length is None and needed:
            yield Offence(document.id, "its file is missing")
        if length and length > limits.file:
            yield Offence(document.id, f"its file has {length:,} bytes; at most {limits.file:,} are carried")


def pack_offences(contents: Mapping[str, bytes], limits: Limits) -> Iterator[Offence]:
    """Yield what is too large in the files of a pack, or of the pack itself."""
    for path, data in contents.items():
        if len(data) > limits.file:
            yield Offence(path, f"it has {len(data):,} bytes; at most {limits.file:,} are carried in one file")
    whole = sum(len(path) + 12 + len(data) for path, data in contents.items())
    if whole > limits.pack:
        yield Offence("the pack", f"it has {whole:,} bytes; at most {limits.pack:,} are carried: make two of it")


def warnings(before: Mapping[str, Entry], after: Sequence[Entry], day: date,
             withdrawn: Collection[str]) -> Iterator[Warned]:
    """Yield what to know of documents.  Texts that were released as they stand are not looked into again."""
    if before and _documents(before.values()) == _documents(after):
        yield Warned(WarningKind.RELEASE, "", "no document differs from the release before")
    for entry in after:
        name, old = entry.document.id, before.get(entry.document.id)
        if name in withdrawn:
            yield Warned(WarningKind.WITHDRAWN, name, "it was withdrawn: no machine will answer from it; a corrected "
                                                      "edition needs another id")
        if old is None or _text(old) != _text(entry) or old.document.title != entry.document.title:
            yield from _looked_into(entry)
        if old is not None:
            yield from _silently_changed(old, entry)
        yield from _doubts(entry.document, day)


def is_approved(document: Document) -> bool:
    """Return whether somebody approved a document as it stands."""
    return any(note.startswith(f"{APPROVED} by ") for note in document.notes)


def _lacking(document: Document) -> Iterator[str]:
    if not document.title.strip():
        yield "title"
    if not document.publisher.strip():
        yield "publisher"
    if document.language not in _LANGUAGES:
        yield "language"


def _looked_into(entry: Entry) -> Iterator[Warned]:
    name, texts = entry.document.id, [entry.document.title, *(passage.text for passage in entry.passages)]
    notes = [note for note in entry.document.notes if note.startswith(_HOLDS)]
    told = " ".join(notes)
    notes += [f"speaks to a program: «{_short(order)}»" for order in _orders(texts)
              if not any(quote.rstrip("…") in told for quote in instructions(order))]
    for note in notes:
        yield Warned(WarningKind.HIDDEN, name, visible(note))
    if unseen := Counter(letter for text in texts for letter in text if _is_unseen(letter)):
        listed = ", ".join(f"U+{ord(letter):04X} ({count})" for letter, count in sorted(unseen.items()))
        yield Warned(WarningKind.LETTERS, name, listed)


def _orders(texts: Sequence[str]) -> Iterator[str]:
    """Yield the sentences that speak to a program; the text itself where none does alone."""
    for text in filter(speaks_to_program, texts):
        pieces = [text[start:end] for start, end in sentences(text)]
        yield from list(filter(speaks_to_program, pieces)) or [text]


def _is_unseen(letter: str) -> bool:
    """Return whether a letter is private, takes no room or turns the line: what is read is not what is stored."""
    return unicodedata.category(letter) in ("Co", "Cf", "Cn") or (letter < " " and letter not in "\n\t")


def _silently_changed(old: Entry, new: Entry) -> Iterator[Warned]:
    gone, come = _numbers(old), _numbers(new)
    if gone == come or _dates(old.document) != _dates(new.document):
        return
    lost, added = sorted((gone - come).elements()), sorted((come - gone).elements())
    yield Warned(WarningKind.NUMBERS, new.document.id,
                 f"{', '.join(lost) or 'none'} went, {', '.join(added) or 'none'} came; its dates are as they were")


def _numbers(entry: Entry) -> Counter[str]:
    return Counter(_NUMBER.findall(_text(entry)))


def _dates(document: Document) -> tuple[str | None, ...]:
    return (document.as_of, document.valid_from, document.valid_until, document.act.date if document.act else "")


def _doubts(document: Document, day: date) -> Iterator[Warned]:
    if document.review_by and document.review_by < day.isoformat():
        yield Warned(WarningKind.REVIEW, document.id, f"it was to be looked at again by {document.review_by}")
    if document.confidence not in _VERIFIED:
        yield Warned(WarningKind.CONFIDENCE, document.id, f"its confidence is {document.confidence or 'not stated'}")


def _documents(entries: Iterable[Entry]) -> dict[str, tuple[Document, tuple[Passage, ...]]]:
    return {entry.document.id: (entry.document, entry.passages) for entry in entries}


def _text(entry: Entry) -> str:
    return "\n".join(passage.text for passage in entry.passages)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTE_LETTERS else line[:_QUOTE_LETTERS].rstrip() + "…"
